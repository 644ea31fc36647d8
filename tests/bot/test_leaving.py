"""The bot goes: what is on its way arrives, nothing new is taken, and nothing that hangs keeps it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from bot import connection, desk
from core.exceptions import ComfyUIError
from core.jobs.models import Delivery
from playground.comfyui import ComfyUIServer
from playground.discord import DiscordServer
from tests.bot.conftest import ROOT, Logged, Stage, done, failed
from tests.bot.graphs import ACTIONS
from tests.bot.test_desk import running

pytestmark = pytest.mark.integration


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What can still be said on leaving is said, on a busy machine too."""
    for module, name in ((desk, "_GRACE"), (connection, "_TO_GIVE_BACK"), (connection, "_TO_ANSWER")):
        monkeypatch.setattr(module, name, 30.0)


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("settings", [{"graphs": ACTIONS}], indirect=True)
async def test_an_upload_arrives_and_who_asks_meanwhile_is_told(stage: Stage, logged: Logged) -> None:
    parent, form = await stage.picture(), await stage.form(prompt="an owl")
    opened = await (await stage.ada.click(parent, label="Flux edit")).answered()
    hold = stage.discord.faults.hold("PATCH", "/webhooks/*", files=True)
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    await hold.reached()
    leaving = asyncio.create_task(stage.bot.close())
    asked = [
        await stage.generate(prompt="another", workflow="flux_lora"),
        await stage.ada.click(parent, label="Upscale"),
        await stage.ada.click(form, label="Generate"),
        await stage.ada.submit(opened, {"Prompt": "blue"}),
    ]
    for interaction in asked:
        message = (await interaction.answered()).message
        assert message is not None
        assert "restarting; try again" in message.text
        assert message.ephemeral
    hold.release()
    await leaving
    await reply.until(done)
    assert len(stage.comfyui.accepted) == 2
    assert logged("unforeseen error") == []
    await stage.start()
    assert (await stage.told()).delivery is Delivery.DONE


@pytest.mark.usefixtures("patient")
async def test_whoever_was_about_to_begin_is_told_before_the_connection_is_gone(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    begun, closed = asyncio.Event(), asyncio.Event()

    async def submit(*_: object, **__: object) -> None:
        begun.set()
        await closed.wait()
        raise ComfyUIError("The client is closed.")

    monkeypatch.setattr(stage.bot.engine.jobs, "submit", submit)
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    await begun.wait()
    stage.discord.faults.delay(0.3, "PATCH", "/webhooks/*")
    stage.bot._resources.callback(closed.set)
    await stage.bot.close()
    assert reply.message is not None
    assert "restarting; try again" in reply.message.text
    assert logged("unforeseen error") == []


async def test_an_upload_that_does_not_end_is_left_to_the_next_start(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "_GRACE", 0.05)
    hold = stage.discord.faults.hold("PATCH", "/webhooks/*", files=True)
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    await hold.reached()
    async with asyncio.timeout(30):
        await stage.stop()
    hold.stop()
    await stage.start()
    await reply.until(done)
    assert (await stage.told()).delivery is Delivery.DONE


async def test_being_cancelled_is_being_closed(stage: Stage) -> None:
    stage.connection.cancel("SIGTERM")
    with pytest.raises(asyncio.CancelledError) as ended:
        await stage.connection
    assert ended.value.args == ("SIGTERM",)
    assert stage.bot.is_closed()
    await stage.start()


def test_the_limits_of_what_hangs_add_up_to_less_than_five_seconds() -> None:
    assert desk._GRACE < connection._TO_GIVE_BACK
    assert connection._TO_GIVE_BACK + connection._TO_SAY_GOODBYE < 5


async def test_nothing_that_hangs_keeps_it(stage: Stage) -> None:
    _, gate = await running(stage)
    stage.comfyui.go_silent(new_sockets=True)
    held = stage.comfyui.pause_request("*", "/", every=True)
    stage.discord.go_silent()
    away = stage.discord.faults.hold("*", "/*", times=None)
    async with asyncio.timeout(15):
        await stage.bot.close()
    assert stage.comfyui.count("POST", "/interrupt") == 0
    for each in (gate, held, away):
        each.release()


async def test_what_cannot_be_given_back_is_left(stage: Stage, monkeypatch: pytest.MonkeyPatch, logged: Logged) -> None:
    monkeypatch.setattr(connection, "_TO_GIVE_BACK", 0.05)
    stage.bot._resources.push_async_callback(asyncio.Event().wait)
    async with asyncio.timeout(30):
        await stage.bot.close()
    assert stage.bot.is_closed()
    assert len(logged("left before everything was given back")) == 1


async def test_work_that_fails_because_the_bot_goes_is_no_mistake(stage: Stage, logged: Logged) -> None:
    held = stage.comfyui.pause_request("GET", "/queue")
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    await held.reached()
    await stage.bot.close()
    held.release()
    assert reply.message is not None
    assert not failed(reply.message) or "restarting" in reply.message.text
    assert logged("unforeseen error") == []


async def test_the_process_is_gone_in_time_and_the_next_one_carries_on(tmp_path: Path) -> None:
    async with ComfyUIServer(draw=False) as comfyui, DiscordServer() as server:
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "DISCORD_TOKEN": server.token,
            "DISCORD_API_URL": server.api_url,
            "COMFYUI_URL": comfyui.url,
        }

        async def start() -> asyncio.subprocess.Process:
            process = await asyncio.create_subprocess_exec(
                sys.executable, ROOT / "main.py", cwd=tmp_path, env=environment
            )
            await server.until_connected(timeout=60)
            return process

        process = await start()
        try:
            hold = server.faults.hold("PATCH", "/webhooks/*", files=True)
            reply = await server.user("ada").slash(
                server.channel("general"), "generate", prompt="a fox", workflow="flux_lora"
            )
            await hold.reached()
            server.go_silent()
            everything = comfyui.pause_request("*", "/", every=True)
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(15):
                assert await process.wait() == 0
            everything.release()
            hold.stop()
            process = await start()
            message = await reply.until(done)
            assert len(message.attachments) == 1
            assert len(comfyui.accepted) == 1
        finally:
            process.kill()
            await process.wait()
