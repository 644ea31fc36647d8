"""Whoever waits for an answer hears of it when the bot died before there was a job."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.jobs.models import Ask
from core.jobs.store import StoreError
from playground.discord import Interaction, Message, Permission, Upload
from playground.discord.faults import Fault
from tests.bot.conftest import Logged, Stage, TestBot, done, failed, full_disk, settled
from tests.bot.graphs import paint

pytestmark = pytest.mark.integration

HANDLERS = ("CommandTree", "discord-ui", "discord.py: on_interaction")
RESTARTED = "The bot was restarted before it had your request; type the command again."


async def asks(stage: Stage) -> list[Ask]:
    """Those that the store keeps."""
    return await stage.bot.engine.jobs.store.asks()


async def end_handlers() -> None:
    handlers = [task for task in asyncio.all_tasks() if task.get_name().startswith(HANDLERS)]
    for task in handlers:
        task.cancel()
    await asyncio.gather(*handlers, return_exceptions=True)


async def kill(stage: Stage) -> None:
    """The bot is gone, in the middle of whatever it does."""
    await end_handlers()
    await stage.stop()


async def looked_after(stage: Stage) -> None:
    """Wait until the bot has done what it can about those of before."""
    async with asyncio.timeout(30):
        while tasks := list(stage.bot.asks._tasks):
            await asyncio.wait(tasks)


async def restart(stage: Stage) -> None:
    await stage.start()
    await looked_after(stage)


async def fetching(stage: Stage, png: bytes, **options: Any) -> tuple[Interaction, Fault]:
    """Ada has sent a file, which the bot is about to fetch."""
    held = stage.discord.faults.hold("GET", "/attachments/*")
    reply = await stage.generate(prompt="a fox", workflow="flux_lora", image=Upload("a.png", png), **options)
    await held.reached()
    return reply, held


async def died(stage: Stage, png: bytes, **options: Any) -> Interaction:
    """The bot was killed while it fetched a file of Ada's."""
    reply, held = await fetching(stage, png, **options)
    await kill(stage)
    held.release()
    assert shown(reply).thinking
    return reply


def shown(reply: Interaction) -> Message:
    assert reply.message is not None
    return reply.message


@pytest.mark.parametrize("private", [False, True])
async def test_one_that_the_bot_died_over_is_told(stage: Stage, png: bytes, private: bool) -> None:
    reply, held = await fetching(stage, png, private=private)
    (ask,) = await asks(stage)
    assert (ask.token, ask.application_id) == (reply.token, stage.bot.application_id)
    assert timedelta(minutes=14) < ask.expires - datetime.now(UTC) <= timedelta(minutes=15)
    await kill(stage)
    held.release()
    await restart(stage)
    message = shown(reply)
    assert failed(message)
    assert (message.text, message.ephemeral, message.thinking) == (RESTARTED, private, False)
    assert await asks(stage) == []
    assert stage.comfyui.accepted == []


async def test_what_a_click_begins_is_told_as_well(stage: Stage, png: bytes) -> None:
    result = await stage.picture()
    await stage.told()
    held = stage.comfyui.pause_request("POST", "/upload/image")
    click = await stage.ada.click(result, label="Use as start")
    await held.reached()
    await kill(stage)
    held.release()
    await restart(stage)
    assert shown(click).text == RESTARTED
    assert stage.discord.message(result.id) == result


@pytest.mark.usefixtures("pseudo")
async def test_it_is_told_in_the_language_of_whoever_asked(stage: Stage, png: bytes) -> None:
    stage.ada.speak("de")
    reply = await died(stage, png)
    await restart(stage)
    assert shown(reply).text == f"⟦{RESTARTED}⟧"


async def test_it_is_told_before_the_gateway_is_there(stage: Stage, png: bytes) -> None:
    reply = await died(stage, png)
    stage.bot = TestBot(stage.config, guild_ready_timeout=0)
    await stage.bot.login(stage.discord.token)
    await reply.until(failed)
    stage.connection = asyncio.create_task(stage.bot.connect())
    await stage.bot.wait_until_ready()


async def test_it_is_told_once_however_often_the_bot_is_started(stage: Stage, png: bytes) -> None:
    reply = await died(stage, png)
    for _ in range(3):
        await restart(stage)
        await stage.stop()
    assert [state.thinking for state in reply.edits] == [True, False]
    await stage.start()


@pytest.mark.parametrize("after_effect", [False, True])
async def test_a_bot_that_dies_over_telling_leaves_it_to_the_next(stage: Stage, png: bytes, after_effect: bool) -> None:
    reply = await died(stage, png)
    held = stage.discord.faults.hold("PATCH", "/webhooks/*", after_effect=after_effect)
    await stage.start()
    await held.reached()
    await kill(stage)
    stage.discord.faults.clear()
    await restart(stage)
    assert [state.thinking for state in reply.edits] == [True, False]
    assert shown(reply).text == RESTARTED
    assert await asks(stage) == []


@pytest.mark.usefixtures("no_backoff")
@pytest.mark.parametrize("method", ["GET", "PATCH"])
@pytest.mark.parametrize("after_effect", [False, True])
async def test_a_fault_of_the_moment_does_not_keep_it_from_being_told(
    stage: Stage, png: bytes, method: str, after_effect: bool
) -> None:
    reply = await died(stage, png)
    fault = stage.discord.faults.reset(method, "/webhooks/*", times=3, after_effect=after_effect)
    await restart(stage)
    assert fault.hits
    assert [state.text for state in reply.edits] == ["", RESTARTED]


async def test_one_whose_token_has_ended_is_dropped(stage: Stage, png: bytes, logged: Logged) -> None:
    reply = await died(stage, png)
    stage.discord.clock.advance(16 * 60)
    await restart(stage)
    assert shown(reply).thinking
    assert len(logged("not told that the bot was restarted")) == 1
    assert await asks(stage) == []


async def test_one_that_has_expired_is_dropped_without_a_word_to_discord(stage: Stage, png: bytes) -> None:
    reply, held = await fetching(stage, png)
    (ask,) = await asks(stage)
    store = stage.bot.engine.jobs.store
    await store.drop_ask(ask.token)
    await store.keep_ask(replace(ask, expires=datetime.now(UTC)))
    await kill(stage)
    held.release()
    asked = len(stage.discord.requests_to("*", "/webhooks/*"))
    await restart(stage)
    assert shown(reply).thinking
    assert len(stage.discord.requests_to("*", "/webhooks/*")) == asked
    assert await asks(stage) == []


async def test_one_that_was_never_acknowledged_is_dropped(stage: Stage) -> None:
    held = stage.discord.faults.hold("POST", "/interactions/*")
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    await held.reached()
    await kill(stage)
    stage.discord.faults.clear()
    await stage.start()
    await looked_after(stage)
    assert await asks(stage) == []
    assert reply.message is None


async def test_one_that_was_deleted_meanwhile_is_dropped(stage: Stage, png: bytes) -> None:
    reply = await died(stage, png)
    moderator = stage.discord.user("mona")
    moderator.permissions |= Permission.MANAGE_MESSAGES
    await moderator.delete(shown(reply))
    await restart(stage)
    assert reply.message is None
    assert await asks(stage) == []


async def test_a_job_is_no_ask_any_more(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.progress._LAST_EDIT", 0.0)
    gate = stage.comfyui.pause("progress")
    held = stage.discord.faults.hold("PATCH", "/webhooks/*", times=None)  # its message is thinking still
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    await gate.reached()
    assert await asks(stage) == []
    await kill(stage)
    stage.discord.faults.clear()
    held.release()
    assert shown(reply).thinking
    await restart(stage)
    gate.release()
    await reply.until(done)
    await stage.told()
    assert not any(failed(state) for state in reply.edits)
    assert len(stage.comfyui.accepted) == 1


@pytest.mark.parametrize("settings", [{"graphs": {"many": paint()}}], indirect=True)
async def test_nothing_is_left_of_what_was_answered(stage: Stage) -> None:
    await stage.picture()
    await stage.form(prompt="a fox")
    await (await stage.generate(prompt="a fox", workflow="nothing of the kind")).until(failed)
    for command in ("queue", "history", "status", "help", "workflows", "loras"):
        await (await stage.ada.slash(stage.channel, command)).until(lambda message: bool(message.embeds))
    await settled()
    await looked_after(stage)
    assert await asks(stage) == []


async def test_an_answer_that_the_bot_gave_while_it_left_stays(stage: Stage, png: bytes) -> None:
    reply, held = await fetching(stage, png)
    stopping = asyncio.create_task(stage.stop())
    await asyncio.sleep(0)
    held.release()
    told = await reply.until(failed)
    await stopping
    await restart(stage)
    assert shown(reply) == told
    assert "is restarting" in told.text
    assert await asks(stage) == []


async def test_one_that_the_bot_did_not_wait_for_when_it_left_is_told_by_the_next(
    stage: Stage, png: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.connection._TO_ANSWER", 0.0)
    reply, held = await fetching(stage, png)
    await stage.stop()
    await end_handlers()  # as the process does
    held.release()
    await restart(stage)
    assert shown(reply).text == RESTARTED


async def test_a_store_that_takes_nothing_hurts_nobody(
    stage: Stage, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage.bot.engine.jobs.store, "keep_ask", full_disk)
    await stage.picture()
    await settled()
    assert logged("ask not kept") == [{"detail": "SQLITE_FULL"}]
    assert logged("ask not forgotten") == []


async def test_a_store_that_hangs_hurts_nobody(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(stage.bot.engine.jobs.store, "keep_ask", hang)
    await stage.picture()
    await stage.form(prompt="a fox")


async def test_one_that_could_not_be_forgotten_is_left_as_it_was_answered(
    stage: Stage, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage.bot.engine.jobs.store, "drop_ask", full_disk)
    form = await stage.form(prompt="a fox")
    await settled()
    await looked_after(stage)
    assert logged("ask not forgotten") == [{"detail": "SQLITE_FULL"}]
    assert len(await asks(stage)) == 1
    await stage.stop()
    await restart(stage)
    assert stage.discord.message(form.id) == form
    assert await asks(stage) == []


async def test_a_store_that_cannot_be_read_does_not_keep_the_bot_from_starting(
    stage: Stage, png: bytes, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.jobs.sql.store import SqlJobStore

    async def away(_: SqlJobStore) -> list[Ask]:
        raise StoreError("No.", detail="gone")

    reply = await died(stage, png)
    with monkeypatch.context() as patch:
        patch.setattr(SqlJobStore, "asks", away)
        await restart(stage)
    assert logged("asks of before not told") == [{"detail": "gone"}]
    await stage.stop()
    await restart(stage)
    assert shown(reply).text == RESTARTED


async def test_its_token_is_in_no_log(stage: Stage, png: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "bot")
    caplog.set_level("DEBUG", "core")
    reply = await died(stage, png)
    await restart(stage)
    assert caplog.records
    assert reply.token not in caplog.text
