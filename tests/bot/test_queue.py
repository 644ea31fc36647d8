"""/queue: true places, times, and nothing of what others asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.commands.queue import PAGE
from bot.ui import embeds
from core.progress.tracker import ProgressMetrics
from playground.discord import Channel, Message, User
from tests.bot.conftest import Stage, done
from tests.conftest import Graph

pytestmark = pytest.mark.integration

Until = Callable[[Callable[[], object]], Awaitable[None]]

ONE_AT_A_TIME = pytest.mark.parametrize(
    "settings", [{"comfyui": {"concurrency": 1}, "security": {"per_user": 20}}], indirect=True
)


async def queue(user: User, channel: Channel) -> Message:
    return await (await user.slash(channel, "queue")).until(lambda m: bool(m.embed))


def rows(message: Message) -> list[str]:
    assert message.embed is not None
    return [field["value"] for field in message.embed.get("fields", ())]


@ONE_AT_A_TIME
async def test_own_jobs_have_their_true_places_and_others_only_a_number(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress", skip=1)
    bob = stage.discord.user("bob")
    replies = [await stage.generate(prompt="a fox", workflow="flux_lora", steps=4)]
    await gate.reached()
    replies.append(await bob.slash(stage.channel, "generate", prompt="bob's secret", workflow="hidream_lora"))
    await replies[-1].until(lambda m: "1 before this one" in m.text)
    replies.append(await stage.generate(prompt="an owl", workflow="hidream_lora"))
    await replies[-1].until(lambda m: "2 before this one" in m.text)
    shown = await queue(stage.ada, stage.channel)
    assert shown.ephemeral
    assert "1 runs or waits on ComfyUI. 2 wait in the bot." in shown.text
    assert "2 of yours" in shown.text
    first, second = rows(shown)
    for part in ("a fox", "% · ", "step 1 of 4", stage.comfyui.accepted[0][:8]):
        assert part in first
    assert "an owl" in second
    assert "Waiting: 2 before this one" in second
    assert "secret" not in shown.text
    assert "Waiting: 1 before this one" in (await queue(bob, stage.channel)).text
    gate.release()
    await asyncio.gather(*(reply.until(done) for reply in replies))


async def test_a_job_leads_to_its_message(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress")
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    await gate.reached()
    (row,) = rows(await queue(stage.ada, stage.channel))
    assert reply.message is not None
    address = f"https://discord.com/channels/{stage.discord.guild.id}/{stage.channel.id}/{reply.message.id}"
    assert f"[message]({address})" in row
    gate.release()
    await reply.until(done)


async def test_what_other_programs_wait_for_is_counted(stage: Stage, picture: Callable[..., Graph]) -> None:
    gate = stage.comfyui.pause("progress")
    for seed in (5, 6):
        await stage.bot.engine.client.queue_prompt(picture(seed=seed))
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    await reply.until(lambda m: "2 before this one" in m.text)
    shown = await queue(stage.ada, stage.channel)
    assert "3 run or wait on ComfyUI, 2 of them from other programs." in shown.text
    gate.release()
    await reply.until(done)


async def test_it_says_when_a_job_should_be_done(stage: Stage) -> None:
    await stage.picture(seed=1)
    gate = stage.comfyui.pause("progress")
    reply = await stage.generate(prompt="a fox", workflow="flux_lora", seed=2)
    await gate.reached()
    assert "due <t:" in rows(await queue(stage.ada, stage.channel))[0]
    gate.release()
    await reply.until(done)


async def test_without_a_job(stage: Stage) -> None:
    shown = await queue(stage.ada, stage.ada.dm)
    assert shown.text == "Queue\nNothing runs or waits."
    assert not shown.buttons


async def test_a_job_that_is_being_fetched_is_not_nothing() -> None:
    row = embeds.QueueRow("Flux", "a fox", "ab12", None, ProgressMetrics())
    shown = embeds.queue([row], embeds.Crowd(0, 0, 0), now=0.0, page=0, pages=1, total=1)
    assert (shown.description, shown.footer.text) == (None, "1 of yours")


async def test_a_comfyui_that_is_away_is_told_of(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress")
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    await gate.reached()
    await stage.comfyui.kill()
    shown = await queue(stage.ada, stage.channel)
    assert "ComfyUI cannot be reached; jobs go on when it is back." in shown.text
    assert "cannot be heard" in rows(shown)[0]
    await stage.comfyui.revive()
    await reply.until(done)


@ONE_AT_A_TIME
async def test_a_long_queue_has_pages_that_show_the_state_of_now(stage: Stage, until: Until) -> None:
    gate = stage.comfyui.pause("progress")
    replies = [await stage.generate(prompt=f"fox {n}", workflow="flux_lora", steps=2) for n in range(PAGE + 2)]
    await until(lambda: len(stage.bot.engine.jobs.handles()) == PAGE + 2)
    first = await queue(stage.ada, stage.channel)
    assert len(rows(first)) == PAGE
    assert f"{PAGE + 2} of yours · page 1 of 2" in first.text
    gate.release()
    await asyncio.gather(*(reply.until(done) for reply in replies))
    second = await (await stage.ada.click(first, label="Next")).until(lambda m: "page 2 of 2" in m.text)
    assert len(rows(second)) == 2
    assert "Completed" in second.text
