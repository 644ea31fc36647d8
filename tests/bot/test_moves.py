"""Ends whose message cannot be changed any more: told once, elsewhere."""

from __future__ import annotations

import pytest

from bot import target
from core.jobs.models import Delivery
from playground.discord import Message, Permission, Rate
from tests.bot.conftest import Stage, done, failed
from tests.bot.test_desk import many, no_grace, results, running

pytestmark = pytest.mark.integration
__all__ = ["no_grace"]


async def worn(stage: Stage) -> Message:
    """Have a job's message grow old, and take no more edits; that message, whose job goes on."""
    stage.refusals = 2  # of an edit that shows progress, and of the one that was to be the result
    reply, gate = await running(stage)
    stage.discord.ratelimits.edits = Rate(100, 5.0)  # it is another limit that is reached here
    stage.discord.clock.advance(2 * 3600)
    assert reply.message is not None
    own = stage.bot.get_partial_messageable(stage.channel.id).get_partial_message(reply.message.id)
    for number in range(3):
        await own.edit(content=str(number))
    gate.release()
    return reply.message


async def test_a_result_that_an_old_message_does_not_take_is_a_reply_to_it(stage: Stage) -> None:
    old = await worn(stage)
    message = await stage.channel.until(done)
    assert message.reference is not None
    assert message.reference.id == old.id
    job = await stage.told()
    assert job.delivery is Delivery.DONE
    assert job.origin is not None
    assert (job.origin.message_id, job.origin.guild_id) == (message.id, stage.discord.guild.id)


@pytest.mark.usefixtures("no_grace")
async def test_a_reply_that_was_on_its_way_when_the_bot_ended_is_the_result(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = stage.discord.faults.hold("POST", "/channels/*", times=1, after_effect=True)
    await worn(stage)
    await hold.reached()
    await stage.stop()
    monkeypatch.setattr(target.JobMessage, "old", True)  # the bot's own clock has not moved on
    hold.release()
    stage.discord.clock.advance(3600)
    await stage.start()
    job = await stage.told()
    (message,) = results(stage)
    assert job.delivery is Delivery.DONE
    assert job.origin is not None
    assert job.origin.message_id == message.id


async def test_an_end_that_is_owed_in_a_channel_that_was_closed_is_a_direct_message(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, gate = await running(stage)
    await stage.stop()
    stage.channel.set_bot_permissions(Permission.SEND_MESSAGES)
    stage.discord.clock.advance(16 * 60)
    gate.release()
    monkeypatch.setattr(target.JobMessage, "old", True)
    await stage.start()
    await stage.ada.dm.until(done)
    assert (await stage.told()).delivery is Delivery.DONE


@pytest.mark.usefixtures("no_grace")
@pytest.mark.parametrize("fails", [False, True])
async def test_a_direct_message_that_was_on_its_way_when_the_bot_ended_is_there_once(stage: Stage, fails: bool) -> None:
    if fails:
        stage.comfyui.faults.fail_node("VAEDecode")
    reply, gate = await running(stage)
    assert reply.message is not None
    stage.discord.world.delete(reply.message)
    hold = stage.discord.faults.hold("POST", f"/channels/{stage.ada.dm.id}/*", times=1, after_effect=True)
    gate.release()
    await hold.reached()
    await stage.stop()
    hold.release()
    stage.discord.clock.advance(3600)
    await stage.start()
    assert (await stage.told()).delivery is Delivery.DONE
    (message,) = stage.ada.dm.messages
    assert failed(message) is fails
    assert done(message) is not fails


@pytest.mark.parametrize("settings", [many], indirect=True)
@pytest.mark.usefixtures("no_grace")
async def test_a_direct_message_that_lacks_its_rest_gets_that_alone(stage: Stage) -> None:
    reply, gate = await running(stage, workflow="many", batch_size=23)
    assert reply.message is not None
    stage.discord.world.delete(reply.message)
    first = stage.discord.faults.hold("POST", f"/channels/{stage.ada.dm.id}/*", times=1)
    gate.release()
    await first.reached()
    second = stage.discord.faults.hold("POST", f"/channels/{stage.ada.dm.id}/*", times=1)
    first.release()
    await second.reached()
    await stage.stop()
    second.release()
    before = stage.ada.dm.messages[0]
    await stage.start()
    assert (await stage.told()).delivery is Delivery.DONE
    assert [len(message.attachments) for message in stage.ada.dm.messages] == [10, 10, 3]
    assert stage.ada.dm.messages[0] == before  # with a word about where it was asked for


@pytest.mark.parametrize("settings", [many], indirect=True)
async def test_all_of_a_result_is_in_the_direct_messages(stage: Stage) -> None:
    reply, gate = await running(stage, workflow="many", batch_size=12)
    assert reply.message is not None
    stage.discord.world.delete(reply.message)
    gate.release()
    await stage.ada.dm.until(done)
    await stage.told()
    assert [len(message.attachments) for message in stage.ada.dm.messages] == [10, 2]
    assert stage.channel.messages == ()


async def test_what_is_in_a_direct_message_has_its_buttons_and_no_link_to_what_is_gone(stage: Stage) -> None:
    reply, gate = await running(stage)
    assert reply.message is not None
    stage.discord.world.delete(reply.message)
    gate.release()
    message = await stage.ada.dm.until(done)
    assert "https://" not in message.text
    assert "<#" not in message.text
    assert "Seed" in message.text


async def test_a_job_asked_for_in_a_direct_message_that_was_deleted_comes_there_again(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress")
    reply = await stage.ada.slash(stage.ada.dm, "generate", prompt="a fox", workflow="flux_lora")
    await gate.reached()
    await reply.until(lambda m: "%" in m.text)
    assert reply.message is not None
    stage.discord.world.delete(reply.message)
    gate.release()
    await stage.ada.dm.until(done)
    await stage.told()
    assert len(stage.ada.dm.messages) == 1
