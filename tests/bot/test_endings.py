"""The last word on a job when the way to it is broken: deleted messages, dead tokens, missing permissions."""

from __future__ import annotations

import asyncio

import pytest

from core.jobs.models import Delivery, JobState
from playground.comfyui import Gate
from playground.discord import Interaction, Permission, Upload
from tests.bot.conftest import Logged, Stage, done, failed, settled
from tests.bot.graphs import ACTIONS

pytestmark = pytest.mark.integration


async def held(stage: Stage, **options: object) -> tuple[Interaction, Gate]:
    """A job of Ada's that stands still at its first step, and the gate that lets it go on."""
    gate = stage.comfyui.pause("progress", skip=1)
    reply = await stage.generate(**{"prompt": "a fox", "workflow": "flux_lora", "steps": 3, **options})
    await gate.reached()
    await reply.until(lambda m: "step 1 of 3" in m.text)
    return reply, gate


async def delete(stage: Stage, reply: Interaction) -> None:
    """A moderator deletes the message."""
    moderator = stage.discord.user("mod")
    moderator.permissions |= Permission.MANAGE_MESSAGES
    assert reply.message is not None
    await moderator.delete(reply.message)


async def test_a_result_whose_message_was_deleted_comes_as_a_direct_message(stage: Stage, logged: Logged) -> None:
    reply, gate = await held(stage)
    await delete(stage, reply)
    gate.release()
    message = await stage.ada.dm.until(done)
    assert "Asked for in #general in Playground" in message.text
    job = await stage.told()
    assert job.delivery is Delivery.DONE
    assert job.origin is not None
    assert (job.origin.channel_id, job.origin.message_id) == (stage.ada.dm.id, message.id)
    assert stage.channel.messages == ()
    assert logged("unforeseen error") == []


async def test_progress_does_not_go_on_knocking_where_no_message_is(stage: Stage) -> None:
    reply, gate = await held(stage)
    await delete(stage, reply)
    second = stage.comfyui.pause("progress")
    gate.release()
    await second.reached()
    second.release()
    await stage.comfyui.wait_for(lambda: stage.comfyui.count("GET", "/view"))
    await settled()
    assert len([request for request in stage.discord.refused if request.status == 404]) <= 3


async def test_a_failure_without_a_message_to_say_it_in_comes_as_a_direct_message(stage: Stage) -> None:
    stage.comfyui.faults.fail_node("VAEDecode")
    reply, gate = await held(stage)
    await delete(stage, reply)
    gate.release()
    await stage.ada.dm.until(failed)
    assert (await stage.told()).delivery is Delivery.DONE


async def test_a_job_that_was_cancelled_and_whose_message_is_gone_is_over_quietly(stage: Stage) -> None:
    reply, gate = await held(stage)
    await delete(stage, reply)
    cancelling = asyncio.create_task(stage.bot.engine.jobs.cancel((await stage.job()).id))
    await stage.comfyui.wait_for(lambda: stage.comfyui.count("POST", "/interrupt"))
    gate.release()
    await cancelling
    job = await stage.told()
    assert (job.state, job.delivery) == (JobState.CANCELLED, Delivery.KEPT)
    assert stage.ada.dm.messages == ()


async def test_a_result_whose_channel_was_deleted_comes_as_a_direct_message(stage: Stage) -> None:
    _, gate = await held(stage)
    stage.discord.delete_channel(stage.channel)
    gate.release()
    message = await stage.ada.dm.until(done)
    assert "Asked for in Playground" in message.text
    assert "general" not in message.text
    assert (await stage.told()).delivery is Delivery.DONE


async def test_where_direct_messages_are_closed_too_the_result_is_kept_with_a_reason(
    stage: Stage, logged: Logged
) -> None:
    reply, gate = await held(stage)
    stage.ada.accepts_dms = False
    await delete(stage, reply)
    gate.release()
    job = await stage.told()
    assert job.delivery is Delivery.KEPT
    assert job.delivery_note is not None
    assert "direct messages" in job.delivery_note
    (line,) = logged("end not told")
    assert (line["job"], line["files"]) == (job.id, [str(path) for path in stage.outputs.iterdir()])


async def test_a_result_that_discord_refuses_is_said_and_kept(stage: Stage, logged: Logged) -> None:
    stage.bot.progress_budget.interval = 600.0  # one edit, then none but the result's
    gate = stage.comfyui.pause("progress")
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    await gate.reached()
    await reply.until(lambda m: "Asked for" in m.text)
    fault = stage.discord.faults.status(413, "PATCH", "/webhooks/*", times=1)
    gate.release()
    await fault.reached()
    message = await reply.until(failed)
    assert "kept by the bot's owner" in message.text
    assert "reference" not in message.text
    assert len(logged("end not told")) == 1
    job = await stage.told()
    assert (job.delivery, job.delivery_note) == (
        Delivery.KEPT,
        message.text.rpartition("\n> a fox\n")[2].split("\n")[0],
    )


async def test_a_dead_token_is_knocked_on_once(stage: Stage) -> None:
    reply, gate = await held(stage)
    next_step = stage.comfyui.pause("progress")
    stage.discord.clock.advance(16 * 60)
    gate.release()
    await stage.channel.until(lambda m: "step 2 of 3" in m.text)
    next_step.release()
    message = await stage.channel.until(done)
    assert reply.message is not None
    assert message.id == reply.message.id
    assert len([request for request in stage.discord.refused if request.status in (401, 404)]) == 1


async def test_a_failure_after_the_token_died_is_told_in_the_same_message(stage: Stage) -> None:
    stage.comfyui.faults.fail_node("VAEDecode")
    reply, gate = await held(stage)
    stage.discord.clock.advance(16 * 60)
    gate.release()
    message = await stage.channel.until(failed)
    assert reply.message is not None
    assert message.id == reply.message.id


@pytest.mark.parametrize("settings", [{"graphs": ACTIONS}], indirect=True)
async def test_the_message_with_the_button_is_never_taken_for_the_answer(stage: Stage) -> None:
    parent = await stage.picture()
    await settled()
    gate = stage.comfyui.pause("executing")
    fault = stage.discord.faults.status(400, "PATCH", "/webhooks/*", times=None)  # no progress is shown
    await stage.ada.click(parent, label="Upscale")
    await gate.reached()
    await fault.reached()
    fault.stop()
    stage.discord.clock.advance(16 * 60)
    gate.release()
    message = await stage.channel.until(lambda m: done(m) and m.id != parent.id)
    assert "Upscale" in message.text
    unchanged = stage.discord.message(parent.id)
    assert unchanged is not None
    assert (unchanged.embeds, unchanged.buttons) == (parent.embeds, parent.buttons)


async def test_a_result_for_a_channel_that_was_closed_to_the_bot_comes_as_a_direct_message(stage: Stage) -> None:
    _, gate = await held(stage)
    stage.channel.set_bot_permissions(Permission.READ_MESSAGE_HISTORY)
    stage.discord.clock.advance(16 * 60)
    gate.release()
    await stage.ada.dm.until(done)
    assert (await stage.told()).delivery is Delivery.DONE


async def test_an_edit_that_was_sent_while_the_result_came_does_not_cover_it(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress", skip=1)
    reply = await stage.generate(prompt="a fox", workflow="flux_lora", steps=3)
    await gate.reached()
    await reply.until(lambda m: "step 1 of 3" in m.text)
    late = stage.discord.faults.hold("PATCH", "/webhooks/*", times=1)
    gate.release()
    await late.reached()
    await stage.comfyui.wait_for(lambda: stage.comfyui.history)
    late.release()
    await reply.until(done)
    await settled()
    assert reply.message is not None
    assert done(reply.message)


async def test_an_acknowledgement_whose_reply_is_lost_is_none_the_worse(stage: Stage) -> None:
    fault = stage.discord.faults.reset("POST", "/interactions/*", times=1, after_effect=True)
    await (await stage.generate(prompt="a fox", workflow="flux_lora")).until(done)
    assert fault.hits == 1
    assert len(stage.comfyui.accepted) == 1


async def test_an_acknowledgement_that_is_cut_off_is_sent_again(stage: Stage) -> None:
    stage.discord.faults.reset("POST", "/interactions/*", times=2)
    await (await stage.generate(prompt="a fox", workflow="flux_lora")).until(done)


@pytest.mark.usefixtures("no_backoff")
async def test_a_form_whose_generate_is_acknowledged_twice_runs_once(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    stage.discord.faults.status(504, "POST", "/interactions/*", times=1, after_effect=True)
    await (await stage.ada.click(form, label="Generate")).until(done)
    assert len(stage.comfyui.accepted) == 1


async def test_a_refusal_after_a_lost_reply_takes_the_place_of_the_thinking(stage: Stage) -> None:
    stage.discord.faults.reset("POST", "/interactions/*", times=1, after_effect=True)
    reply = await stage.generate(prompt="a fox", workflow="nothing of the kind")
    message = await reply.until(failed)
    assert "There is no workflow" in message.text
    assert not message.thinking


async def test_an_interaction_that_came_too_late_makes_no_job(stage: Stage, logged: Logged) -> None:
    hold = stage.discord.faults.hold("POST", "/interactions/*", times=1)
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    await hold.reached()
    stage.discord.clock.advance(10)
    hold.release()
    await stage.discord.until(lambda: any(request.status == 404 for request in stage.discord.requests))
    await settled()
    assert reply.failed
    assert stage.comfyui.accepted == []
    assert len(logged("nowhere to answer")) == 1
    assert logged("unforeseen error") == []


async def test_everything_is_acknowledged_before_anything_is_asked_or_fetched(stage: Stage, png: bytes) -> None:
    held_back = [stage.comfyui.pause_request("*", "/", every=True), stage.discord.faults.hold("GET", "/attachments/*")]
    await (await stage.generate(prompt="a fox", lora="x", image=Upload("a.png", png))).answered()
    for command in ("loras", "status", "help"):
        await (await stage.ada.slash(stage.channel, command)).answered()
    for each in held_back:
        each.release()
    await settled()
