"""Where the bot can be used: on servers, in direct messages, and with whoever installed it for themselves."""

from __future__ import annotations

from typing import Any

import pytest

from core.jobs.models import Delivery
from playground.comfyui import Gate
from playground.discord import Channel, Interaction
from tests.bot.conftest import Stage, done, failed
from tests.bot.graphs import paint

pytestmark = pytest.mark.integration

INSTALLED = {"discord": {"user_install": True}}
MANY = {
    **INSTALLED,
    "graphs": {"many": paint()},
    "workflows": {"many": {"file": "many.json", "limits": {"batch_size": {"max": 90}}}},
}
installed = pytest.mark.parametrize("settings", [INSTALLED], indirect=True)


def group(stage: Stage) -> Channel:
    return stage.discord.private_channel("friends")


async def ask(stage: Stage, where: Channel, **options: Any) -> Interaction:
    return await stage.ada.slash(where, "generate", **{"prompt": "a fox", "workflow": "flux_lora", **options})


async def running(stage: Stage, where: Channel, **options: Any) -> tuple[Interaction, Gate]:
    gate = stage.comfyui.pause("progress")
    reply = await ask(stage, where, **options)
    await gate.reached()
    return reply, gate


def by_the_bot_itself(stage: Stage, where: Channel) -> list[str]:
    return [request.path for request in stage.discord.requests if f"/channels/{where.id}/" in request.path]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, ([0, 1], [0])),
        (INSTALLED, ([0, 1, 2], [0, 1])),
    ],
    indirect=["settings"],
)
async def test_discord_is_told_where_the_commands_are_for(stage: Stage, told: tuple[list[int], list[int]]) -> None:
    commands = stage.discord.commands
    assert len(commands) > 5
    assert all((command["contexts"], command["integration_types"]) == told for command in commands)


async def test_a_direct_message_is_edited_for_as_long_as_it_takes(stage: Stage) -> None:
    reply, gate = await running(stage, stage.ada.dm)
    stage.discord.clock.advance(16 * 60)
    gate.release()
    message = await reply.until(done)
    assert [shown.id for shown in stage.ada.sees(stage.ada.dm)] == [message.id]


@installed
async def test_in_a_group_chat_the_bot_answers_and_does_nothing_else(stage: Stage) -> None:
    where = group(stage)
    message = await (await ask(stage, where)).until(done)
    await (await stage.ada.click(message, "Reroll")).until(done)
    job = await stage.told()
    assert job.origin is not None
    assert (job.origin.fleeting, job.origin.private, job.delivery) == (True, False, Delivery.DONE)
    assert by_the_bot_itself(stage, where) == []


@installed
async def test_a_failure_there_can_be_tried_again(stage: Stage) -> None:
    stage.comfyui.faults.fail_node("VAEDecode")
    message = await (await ask(stage, group(stage))).until(failed)
    stage.comfyui.faults.clear()
    await (await stage.ada.click(message, "Retry")).until(done)
    assert by_the_bot_itself(stage, group(stage)) == []


@installed
@pytest.mark.parametrize("restarted", [False, True])
async def test_after_15_minutes_its_end_is_a_direct_message(stage: Stage, restarted: bool) -> None:
    _, gate = await running(stage, group(stage))
    if restarted:
        await stage.stop()
    stage.discord.clock.advance(16 * 60)
    if restarted:
        await stage.start()
    gate.release()
    await stage.ada.dm.until(done)
    assert (await stage.told()).delivery is Delivery.DONE
    assert by_the_bot_itself(stage, group(stage)) == []


@pytest.mark.parametrize("settings", [MANY], indirect=True)
async def test_what_more_than_five_messages_would_take_comes_as_direct_messages(stage: Stage) -> None:
    reply = await ask(stage, group(stage), workflow="many", batch_size=75)
    await reply.until(done)
    job = await stage.told()
    assert [len(message.attachments) for message in reply.followups] == [10] * 5
    private = stage.ada.sees(stage.ada.dm)
    assert [len(message.attachments) for message in private] == [10, 5]
    assert "The rest of what was asked for" in private[0].text
    assert len(job.messages) == 7
    assert by_the_bot_itself(stage, group(stage)) == []
