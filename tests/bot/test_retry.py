"""The Retry button: the same once more, in the same message, once."""

from __future__ import annotations

import discord
import pytest

from bot.ui.buttons import RetryButton
from core.jobs.models import Delivery, JobState
from playground.discord import Interaction, Message
from tests.bot.conftest import Stage, done, failed, graph_of, settled

pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize("settings", [{"comfyui": {"retries": 0}}], indirect=True),
]


async def lost(stage: Stage) -> Message:
    """The message of a job of Ada's that was lost with its server."""
    gate = stage.comfyui.pause("progress")
    reply = await stage.generate(prompt="a fox", workflow="flux_lora", seed=7)
    await gate.reached()
    await stage.comfyui.kill()
    await stage.comfyui.revive()
    message = await reply.until(failed)
    await stage.told()
    return message


async def told(click: Interaction) -> str:
    """What only the one who clicked reads."""
    await click.world.pulse.until(lambda: click.followups, 5, lambda: "no follow-up")
    (message,) = click.followups
    assert message.ephemeral
    return message.text


async def test_it_makes_the_same_again_in_the_same_message(stage: Stage) -> None:
    message = await lost(stage)
    again = await (await stage.ada.click(message, label="Retry")).until(done)
    assert again.id == message.id
    assert "Retry" not in [button["label"] for button in again.buttons]
    first, second = await stage.job(0), await stage.told()
    assert (first.state, first.retried_as) == (JobState.LOST, second.id)
    assert (second.state, second.delivery) == (JobState.FINISHED, Delivery.DONE)
    assert graph_of(stage, 0) == graph_of(stage, 1)
    assert "a fox" in again.text
    assert len(stage.channel.messages) == 1


async def test_two_clicks_make_one_job(stage: Stage) -> None:
    message = await lost(stage)
    gate = stage.comfyui.pause("progress")
    clicks = [await stage.ada.click(message, label="Retry") for _ in range(2)]
    await gate.reached()
    gate.release()
    await stage.channel.until(done)
    await settled()
    assert len(stage.comfyui.accepted) == 2
    (refused,) = [click for click in clicks if click.followups]
    assert "again already" in await told(refused)


async def test_it_works_after_a_restart_and_once_only(stage: Stage) -> None:
    message = await lost(stage)
    await stage.stop()
    await stage.start()
    await (await stage.ada.click(message, label="Retry")).until(done)
    await stage.told()
    assert len(stage.comfyui.accepted) == 2


async def test_a_lost_job_that_was_retried_is_not_told_again(stage: Stage) -> None:
    message = await lost(stage)
    job = await stage.job()
    job.delivery = Delivery.OWED  # as if the bot had been killed before it wrote that down
    await stage.bot.engine.jobs.store.save(job)
    gate = stage.comfyui.pause("progress")
    click = await stage.ada.click(message, label="Retry")
    await gate.reached()
    await stage.stop()
    await stage.start()
    gate.release()
    again = await click.until(done)
    await stage.told()
    assert again.id == message.id
    assert not failed(stage.channel.messages[0])
    assert (await stage.job(0)).delivery is Delivery.DONE


async def test_it_is_its_owners(stage: Stage) -> None:
    message = await lost(stage)
    click = await stage.discord.user("bob").click(message, label="Retry")
    assert "somebody else's" in await told(click)
    assert stage.channel.messages == (message,)
    assert len(stage.comfyui.accepted) == 1


async def test_a_job_that_nobody_knows_is_a_sentence(stage: Stage) -> None:
    message = await lost(stage)
    own = stage.bot.get_partial_messageable(stage.channel.id).get_partial_message(message.id)
    await own.edit(view=discord.ui.View(timeout=None).add_item(RetryButton("00000000-0000-4000-8000-000000000000")))
    click = await stage.ada.click(stage.channel.messages[0], label="Retry")
    assert "no longer known" in await told(click)


async def test_what_cannot_be_retried_now_can_be_later(stage: Stage) -> None:
    message = await lost(stage)
    await stage.comfyui.kill()
    click = await stage.ada.click(message, label="Retry")
    assert "ComfyUI" in await told(click)
    assert stage.channel.messages == (message,)
    await stage.comfyui.revive()
    await (await stage.ada.click(message, label="Retry")).until(done)


async def test_it_is_offered_where_the_server_failed_and_not_where_it_refused(stage: Stage) -> None:
    stage.comfyui.faults.fail_node("VAEDecode")
    broken = await (await stage.generate(prompt="a fox", workflow="flux_lora")).until(failed)
    assert [button["label"] for button in broken.buttons] == ["Retry"]
    stage.comfyui.faults.fail_next_prompt(400)
    refused = await (await stage.generate(prompt="a fox", workflow="flux_lora")).until(failed)
    assert [button["label"] for button in refused.buttons] == []
