"""The demo ComfyUI as a process, and the switches of the page that reach it and the bot."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from playground.demo.bots import DemoBot
from playground.demo.comfyui import DemoComfyUI
from playground.demo.keeping import Keeper, kept
from playground.demo.plan import Addresses, BotSetup
from playground.demo.switches import bot_switches, comfyui_switches
from playground.discord import PlaygroundError
from playground.page import Switch

WITHIN = 60.0


@pytest.fixture
async def keeper(tmp_path: Path) -> AsyncIterator[Keeper]:
    async with kept(tmp_path) as keeper:
        yield keeper


@pytest.fixture
async def comfyui(keeper: Keeper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DemoComfyUI]:
    monkeypatch.setattr("playground.demo.comfyui._ANSWERS_WITHIN", WITHIN)
    comfyui = DemoComfyUI(tmp_path / "comfyui", keeper, lambda sentence: None)
    await comfyui.service.start()
    assert comfyui.service.child is not None
    await comfyui.service.child.hear(lambda line: line.endswith(comfyui.url), WITHIN)
    yield comfyui
    await comfyui.service.stop()


@pytest.fixture
def switches(comfyui: DemoComfyUI) -> dict[str, Switch]:
    return {switch.name: switch for switch in comfyui_switches(comfyui)}


async def test_speed_and_failure_are_told_to_the_process(comfyui: DemoComfyUI, switches: dict[str, Switch]) -> None:
    assert switches["comfyui_pace"].read() == "usual"
    assert not switches["comfyui_failing"].read()
    await switches["comfyui_pace"].flip("slow")
    await switches["comfyui_failing"].flip(True)
    assert switches["comfyui_pace"].read() == "slow"
    assert switches["comfyui_failing"].read()
    await comfyui.tell()
    assert (comfyui.state["step_seconds"], comfyui.state["failing"]) == (1.5, True)


async def test_an_answer_that_came_late_is_not_taken_for_the_next_one(comfyui: DemoComfyUI) -> None:
    assert comfyui.service.child is not None
    comfyui.service.child.write('{"failing": true}')
    await comfyui.tell(failing=False)
    assert comfyui.state["failing"] is False


async def test_away_it_refuses_and_back_it_is_where_it_was(comfyui: DemoComfyUI, switches: dict[str, Switch]) -> None:
    away = switches["comfyui_away"]
    async with aiohttp.ClientSession() as session:
        await away.flip(True)
        assert away.read()
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(f"{comfyui.url}/queue")
        await away.flip(False)
        assert not away.read()
        async with session.get(f"{comfyui.url}/queue") as answer:
            assert answer.status == 200


async def test_one_that_died_begins_with_every_switch_as_usual(
    comfyui: DemoComfyUI, switches: dict[str, Switch]
) -> None:
    changed = asyncio.Event()
    comfyui.changed = changed.set
    await switches["comfyui_failing"].flip(True)
    await comfyui.service.kill()
    with pytest.raises(PlaygroundError, match="the demo ComfyUI is just being started"):
        await switches["comfyui_failing"].flip(False)
    async with asyncio.timeout(WITHIN):
        await changed.wait()
    assert not switches["comfyui_failing"].read()


BOT = "import os, sys; print(*sorted(os.environ), flush=True); sys.stdin.read()"


def setup(code: str, **files: str) -> BotSetup:
    named = {f"{name}.json": content for name, content in files.items()}
    return BotSetup((sys.executable, "-c", code), lambda addresses: {"TOKEN": addresses.token}, named)


class Bots:
    """A bot of its own for each test, and what was said of it."""

    def __init__(self, keeper: Keeper, home: Path) -> None:
        self.said: asyncio.Queue[str] = asyncio.Queue()
        self._keeper = keeper
        self.addresses = Addresses("t", "http://discord", "http://comfyui", home, home / "outputs")
        self._stack = AsyncExitStack()

    async def start(self, bot: BotSetup, plain: BotSetup | None = None) -> DemoBot:
        made = DemoBot(bot, plain or bot, self.addresses, self._keeper, self.said.put_nowait)
        await made.service.start()
        self._stack.push_async_callback(made.service.stop)
        return made

    async def close(self) -> None:
        await self._stack.aclose()


@pytest.fixture
async def bots(keeper: Keeper, tmp_path: Path) -> AsyncIterator[Bots]:
    bots = Bots(keeper, tmp_path)
    yield bots
    await bots.close()


async def test_a_bot_has_the_variables_and_files_that_it_was_set_up_with(
    bots: Bots, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OWN_SECRET", "x")
    bot = await bots.start(setup(BOT, config='{"a": 1}'))
    assert bot.service.child is not None
    said = await bot.service.child.hear(lambda line: "TOKEN" in line, WITHIN)
    assert set(said.split()) <= {"TOKEN", "LC_CTYPE", "__CF_USER_TEXT_ENCODING"}
    assert (bots.addresses.home / "config.json").read_text("utf-8") == '{"a": 1}'


async def test_a_bot_that_does_not_take_what_it_is_lent_does_without(bots: Bots) -> None:
    wrong = setup("print('config.json: steps: is wrong; mend it'); raise SystemExit(2)", config='{"steps": "x"}')
    await bots.start(wrong, setup(BOT, config="{}"))
    async with asyncio.timeout(WITHIN):
        said = await bots.said.get()
    assert said == (
        "The bot does without your own workflow settings, since they have a mistake "
        "(config.json: steps: is wrong; mend it)."
    )
    config = bots.addresses.home / "config.json"
    async with asyncio.timeout(WITHIN):
        while config.read_text("utf-8") != "{}":  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(("name", "words"), [("bot_restart", []), ("bot_kill", ["The bot was ended by SIGKILL"])])
async def test_a_bot_is_restarted_or_dies_and_is_back(bots: Bots, name: str, words: list[str]) -> None:
    bot = await bots.start(setup(BOT))
    first: Any = bot.service.child
    await next(switch for switch in bot_switches(bot) if switch.name == name).flip(None)
    async with asyncio.timeout(WITHIN):
        while bot.service.child in (None, first):  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0.01)
    assert [bots.said.get_nowait().partition(";")[0] for _ in range(bots.said.qsize())] == words
