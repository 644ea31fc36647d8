"""/history: what there was, for those who may know of it."""

from __future__ import annotations

import asyncio
from io import BytesIO
from unittest.mock import patch

import pytest
from PIL import Image

from bot.commands.history import PAGE
from playground.discord import Channel, Message, Permission, User
from tests.bot.conftest import Stage, done, failed, untold

pytestmark = pytest.mark.integration

MANY = pytest.mark.parametrize("settings", [{"security": {"per_user": 50}}], indirect=True)
NOTHING = "There is nothing here."


async def history(user: User, channel: Channel, of: User | None = None) -> Message:
    return await (await user.slash(channel, "history", user=of)).until(lambda m: bool(m.embed))


async def made(stage: Stage, user: User, channel: Channel, prompt: str) -> Message:
    reply = await user.slash(channel, "generate", prompt=prompt, workflow="flux_lora", steps=1)
    message = await reply.until(done)
    await stage.told()
    return message


def rows(message: Message) -> list[str]:
    return [embed["description"] for embed in message.embeds]


@MANY
async def test_the_newest_first_with_thumbnails_and_links(stage: Stage) -> None:
    older = await made(stage, stage.ada, stage.channel, "a fox")
    newer = await made(stage, stage.ada, stage.ada.dm, "an owl")
    shown = await history(stage.ada, stage.channel)
    assert shown.ephemeral
    assert "2 jobs" in shown.text
    assert not shown.buttons
    first, second = rows(shown)
    assert "an owl" in first
    assert "Done" in first
    assert f"[message](https://discord.com/channels/@me/{stage.ada.dm.id}/{newer.id})" in first
    assert f"[message](https://discord.com/channels/{stage.discord.guild.id}/{stage.channel.id}/{older.id})" in second
    assert [embed["thumbnail"]["url"] for embed in shown.embeds] == [
        f"attachment://{file.filename}" for file in shown.attachments
    ]
    for file in shown.attachments:
        with Image.open(BytesIO(file.data)) as image:
            assert image.format == "WEBP"


@MANY
async def test_pages_are_read_when_they_are_turned_to(stage: Stage) -> None:
    for n in range(PAGE + 2):
        await made(stage, stage.ada, stage.channel, f"fox {n}")
    store = stage.bot.engine.jobs.store
    with patch.object(store, "find", wraps=store.find) as find:
        first = await history(stage.ada, stage.channel)
        assert len(rows(first)) == len(first.attachments) == PAGE
        assert f"{PAGE + 2} jobs · page 1 of 2" in first.text
        second = await (await stage.ada.click(first, label="Next")).until(lambda m: "page 2 of 2" in m.text)
        assert ["fox 1" in rows(second)[0], "fox 0" in rows(second)[1]] == [True, True]
        assert len(second.attachments) == 2
        assert second.component("Next")["disabled"]
        await (await stage.ada.click(second, label="Previous")).until(lambda m: len(m.attachments) == PAGE)
    assert [call.kwargs["limit"] for call in find.call_args_list] == [PAGE] * 3


async def test_a_page_is_turned_twice_at_once(stage: Stage) -> None:
    for n in range(2):
        await made(stage, stage.ada, stage.channel, f"fox {n}")
    with patch("bot.commands.history.PAGE", 1):
        first = await history(stage.ada, stage.channel)
        clicks = [await stage.ada.click(first, label="Next") for _ in range(2)]
        for click in clicks:
            await click.until(lambda m: "page 2 of 2" in m.text)
    assert len(first.channel.messages) == 2


async def test_without_anything(stage: Stage) -> None:
    assert rows(await history(stage.ada, stage.channel)) == [NOTHING]


async def test_what_failed_says_why_and_what_runs_where_to_look(stage: Stage) -> None:
    stage.comfyui.faults.fail_node("VAEDecode", times=1)
    await (await stage.generate(prompt="a fox", workflow="flux_lora")).until(failed)
    gate = stage.comfyui.pause("progress")
    reply = await stage.generate(prompt="an owl", workflow="flux_lora")
    await gate.reached()
    running, broken = rows(await history(stage.ada, stage.channel))
    assert "/queue says where it stands" in running
    assert "Failed: " in broken
    gate.release()
    await reply.until(done)


async def test_what_could_not_be_told_says_why_and_how_to_have_it(stage: Stage) -> None:
    job = await untold(stage)
    (row,) = rows(await history(stage.ada, stage.channel))
    assert f"Not told: {job.delivery_note}" in row
    assert f"`/show {job.id[:8]}` brings it." in row
    assert "[message]" not in row


@MANY
async def test_of_others_only_what_was_asked_for_where_one_can_read(stage: Stage) -> None:
    bob, hidden = stage.discord.user("bob"), stage.discord.channel("hidden")
    places = {
        "in general": stage.channel,
        "in other": stage.discord.channel("other"),
        "in a thread": stage.discord.thread("work", parent=stage.channel),
        "in a hidden thread": stage.discord.thread("secret work", parent=hidden),
        "in hidden": hidden,
        "in private": bob.dm,
    }
    for prompt, place in places.items():
        await made(stage, bob, place, prompt)
    await made(stage, stage.ada, stage.channel, "ada's own")
    hidden.close_to(stage.ada)
    shown = await history(stage.ada, stage.channel, bob)
    assert [prompt for prompt in places if prompt in shown.text] == ["in general", "in other", "in a thread"]
    assert "3 jobs" in shown.text
    assert len(shown.attachments) == 3
    assert "ada's own" not in shown.text
    assert "6 jobs" in (await history(bob, stage.channel, bob)).text


async def test_what_was_said_before_is_closed_to_those_without_message_history(stage: Stage) -> None:
    await made(stage, stage.discord.user("bob"), stage.channel, "bob's")
    stage.ada.permissions &= ~Permission.READ_MESSAGE_HISTORY
    assert rows(await history(stage.ada, stage.channel, stage.discord.user("bob"))) == [NOTHING]


async def test_others_are_not_shown_in_private(stage: Stage) -> None:
    await made(stage, stage.discord.user("bob"), stage.channel, "bob's")
    shown = await history(stage.ada, stage.ada.dm, stage.discord.user("bob"))
    assert "on the server where they were made" in shown.text


async def test_files_that_are_gone_have_no_thumbnail(stage: Stage) -> None:
    await made(stage, stage.ada, stage.channel, "a fox")
    for path in await asyncio.to_thread(lambda: list(stage.outputs.iterdir())):
        path.unlink()
    shown = await history(stage.ada, stage.channel)
    assert "thumbnail" not in shown.embeds[0]
    assert shown.attachments == ()


async def test_it_is_there_after_a_restart(stage: Stage) -> None:
    await made(stage, stage.ada, stage.channel, "a fox")
    before = await history(stage.ada, stage.channel)
    await stage.stop()
    await stage.start()
    after = await history(stage.ada, stage.channel)
    assert rows(after) == rows(before)
    assert [file.data for file in after.attachments] == [file.data for file in before.attachments]
