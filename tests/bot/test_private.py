"""What is asked for in private: nobody else sees anything of it, whatever happens meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from core.jobs.models import Delivery
from playground.comfyui import Gate
from playground.discord import Interaction, Message, Permission, Upload, User
from tests.bot.conftest import Stage, done, failed
from tests.bot.graphs import ACTIONS, paint

pytestmark = pytest.mark.integration

MANY_FILES = pytest.mark.parametrize(
    "settings",
    [
        {
            "graphs": {"many": paint()},
            "workflows": {"many": {"file": "many.json", "limits": {"batch_size": {"max": 30}}}},
        }
    ],
    indirect=True,
)


def bob(stage: Stage) -> User:
    return stage.discord.user("bob")


def seen_by_others(stage: Stage) -> list[Message]:
    return [message for message in bob(stage).sees(stage.channel) if message.author.bot]


async def ask(stage: Stage, **options: Any) -> Interaction:
    return await stage.generate(**{"prompt": "a fox", "workflow": "flux_lora", "private": True, **options})


async def running(stage: Stage) -> tuple[Interaction, Gate]:
    gate = stage.comfyui.pause("progress")
    reply = await ask(stage)
    await gate.reached()
    return reply, gate


async def test_nobody_else_sees_the_job_or_hears_of_it(stage: Stage) -> None:
    message = await (await ask(stage)).until(done)
    assert message.ephemeral
    job = await stage.told()
    assert job.origin is not None
    assert (job.origin.private, job.delivery) == (True, Delivery.DONE)
    assert seen_by_others(stage) == []
    others = bob(stage)
    others.permissions |= Permission.MANAGE_MESSAGES
    for command, options in (("show", {"job": job.id}), ("cancel", {"job": job.id})):
        told = await (await others.slash(stage.channel, command, **options)).until(lambda m: bool(m.embed))
        assert "There is no such job" in told.text
    listed = await (await others.slash(stage.channel, "history", user=stage.ada)).until(lambda m: bool(m.embed))
    assert "There is nothing here." in listed.text
    own = await (await stage.ada.slash(stage.channel, "history")).until(lambda m: bool(m.embed))
    assert "a fox" in own.text
    assert "[message]" not in own.text  # where it was cannot be linked


async def test_what_is_made_of_it_is_private(stage: Stage) -> None:
    message = await (await ask(stage)).until(done)
    await (await stage.ada.click(message, "Reroll")).until(done)
    job = await stage.told()
    assert job.parent is not None
    assert job.origin is not None
    assert job.origin.private
    assert seen_by_others(stage) == []


async def test_a_form_is_private_as_well(stage: Stage) -> None:
    message = await (await stage.generate(prompt="a fox", private=True)).until(lambda m: bool(m.selects))
    await (await stage.ada.click(message, "Generate")).until(done)
    assert (await stage.told()).origin.private  # type: ignore[union-attr] - it has one
    assert seen_by_others(stage) == []


async def test_another_try_is_private(stage: Stage) -> None:
    stage.comfyui.faults.fail_node("VAEDecode")
    message = await (await ask(stage)).until(failed)
    stage.comfyui.faults.clear()
    await (await stage.ada.click(message, "Retry")).until(done)
    job = await stage.told()
    assert job.origin is not None
    assert job.origin.private
    assert seen_by_others(stage) == []


@pytest.mark.parametrize("settings", [{"graphs": ACTIONS}], indirect=True)
@pytest.mark.parametrize("command", ["upscale", "editflux", "editqwen", "animate"])
async def test_every_command_on_pictures_has_the_option(stage: Stage, command: str, png: bytes) -> None:
    words = {} if command == "upscale" else {"prompt": "make it blue"}
    reply = await stage.ada.slash(stage.channel, command, image=Upload("a.png", png), private=True, **words)
    assert (await reply.until(done)).ephemeral
    assert seen_by_others(stage) == []


async def test_after_15_minutes_the_result_is_a_direct_message(stage: Stage) -> None:
    _, gate = await running(stage)
    stage.discord.clock.advance(16 * 60)
    gate.release()
    message = await stage.ada.dm.until(done)
    assert "general" in message.text
    job = await stage.told()
    assert job.origin is not None
    assert (job.origin.channel_id, job.origin.private, job.delivery) == (stage.ada.dm.id, True, Delivery.DONE)
    assert seen_by_others(stage) == []
    await (await stage.ada.click(message, "Reroll")).until(done)
    child = await stage.told()
    assert child.origin is not None
    assert child.origin.private


@MANY_FILES
async def test_what_does_not_go_into_the_message_is_private(stage: Stage) -> None:
    reply = await ask(stage, workflow="many", batch_size=12)
    message = await reply.until(done)
    job = await stage.told()
    (more,) = reply.followups
    assert (len(message.attachments), len(more.attachments), more.ephemeral) == (10, 2, True)
    assert job.messages == (more.id,)
    assert seen_by_others(stage) == []


@MANY_FILES
async def test_nor_is_any_of_it_posted_in_the_channel_later(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress")
    await ask(stage, workflow="many", batch_size=12)
    await gate.reached()
    stage.discord.clock.advance(16 * 60)
    gate.release()
    await stage.told()
    assert [len(message.attachments) for message in stage.ada.sees(stage.ada.dm)] == [10, 2]
    assert seen_by_others(stage) == []


async def test_show_has_it_in_private_only(stage: Stage) -> None:
    await (await ask(stage)).until(done)
    job = await stage.told()
    refused = await (await stage.ada.slash(stage.channel, "show", job=job.id)).until(lambda m: bool(m.embed))
    assert "private" in refused.text
    assert refused.attachments == ()
    shown = await (await stage.ada.slash(stage.channel, "show", job=job.id, private=True)).until(done)
    assert shown.ephemeral
    await (await stage.ada.slash(stage.ada.dm, "show", job=job.id)).until(done)


@pytest.mark.parametrize("minutes", [1, 16])
async def test_after_a_restart(stage: Stage, minutes: int) -> None:
    reply, gate = await running(stage)
    await stage.stop()
    stage.discord.clock.advance(minutes * 60)
    await stage.start()
    gate.release()
    message = await (reply if minutes == 1 else stage.ada.dm).until(done)
    assert message.ephemeral is (minutes == 1)
    assert (await stage.told()).delivery is Delivery.DONE
    assert seen_by_others(stage) == []
