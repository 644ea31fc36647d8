"""The page in a real browser: with a bot by hand, or with the whole bot behind it.

Everything runs in one event loop, as the browser is one for all.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import orjson
import pytest
import pytest_asyncio
import stamina

from config.models import BotConfig
from playground.comfyui import ComfyUIServer
from playground.demo.script.chromium import ARGUMENTS, NAMES, installed
from playground.discord import DiscordServer, Permission
from playground.discord.clock import Clock
from playground.page import Backend, Page
from tests.bot.conftest import ROOT, Stage, wait_longer_for_answers
from tests.page.scenery import COMMANDS, Hand
from tests.page.window import PATIENCE, Window
from tests.playground.discord.puppet import pointed_at

if TYPE_CHECKING:
    from playwright.async_api import Browser

Open = Callable[..., Awaitable[Window]]

SETTINGS = (*ARGUMENTS, "--no-sandbox", "--autoplay-policy=no-user-gesture-required")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One browser for all tests."""
    driver = pytest.importorskip("playwright.async_api", reason="Playwright is not installed", exc_type=ImportError)
    pytest.importorskip("axe_playwright_python", reason="axe-core is not installed", exc_type=ImportError)
    found = installed()
    if found is None:
        pytest.skip(f"there is no Chromium here: none of {', '.join(NAMES)}")
    async with driver.async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=list(SETTINGS), timeout=2 * PATIENCE)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def discord() -> AsyncIterator[DiscordServer]:
    """A Discord with the page, three users, and nobody who answers. Its time passes only where a test moves it on."""
    now = time.time()
    server = DiscordServer(clock=Clock(lambda: now))
    Page(server, Backend("demo ComfyUI", demo=True))
    furnish(server)
    async with server:
        yield server


def furnish(server: DiscordServer) -> None:
    """People and places."""
    server.channel("general").topic = "Pictures for everybody"
    server.channel("pictures")
    server.thread("foxes", server.channel("general"))
    for name in ("ada", "bob", "cleo"):
        server.user(name)
    server.user("bob").permissions |= Permission.MANAGE_MESSAGES


@pytest_asyncio.fixture(loop_scope="session")
async def hand(discord: DiscordServer) -> AsyncIterator[Hand]:
    """A bot by hand, whose commands are registered."""
    async with aiohttp.ClientSession() as session:
        hand = Hand(discord, session)
        await hand.raw.register(*COMMANDS)
        yield hand


@pytest_asyncio.fixture(loop_scope="session")
async def open_window(chromium: Browser) -> AsyncIterator[Open]:
    """Opens windows on a server's page, each with a storage of its own; none may have a console error."""
    async with AsyncExitStack() as stack:
        windows: list[Window] = []

        async def open_one(server: DiscordServer, **options: Any) -> Window:
            settings = {"viewport": {"width": 1200, "height": 800}, "reduced_motion": "reduce", **options}
            context = await chromium.new_context(**settings)
            stack.push_async_callback(context.close)
            page = await context.new_page()
            page.set_default_timeout(PATIENCE)
            windows.append(Window(page, server.cdn_url))
            await windows[-1].open()
            return windows[-1]

        yield open_one
        assert [window.problems for window in windows] == [[] for _ in windows]


@pytest_asyncio.fixture(loop_scope="session")
async def window(hand: Hand, open_window: Open) -> Window:
    """Ada's window, with the bot by hand."""
    return await open_window(hand.server)


@pytest_asyncio.fixture(loop_scope="session")
async def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """The whole bot, between the page and a ComfyUI that draws."""
    monkeypatch.chdir(tmp_path)
    wait_longer_for_answers(monkeypatch)
    async with AsyncExitStack() as stack:
        stack.enter_context(stamina.set_testing(True, attempts=5, cap=True))
        server = DiscordServer()
        Page(server, Backend("demo ComfyUI", demo=True))
        furnish(server)
        await stack.enter_async_context(server)
        comfyui = await stack.enter_async_context(ComfyUIServer())
        config = BotConfig.model_validate(
            {
                "discord": {"token": server.token, "api_url": server.api_url},
                "comfyui": {"url": comfyui.url, "silence_timeout": 5},
                "workflows": orjson.loads((ROOT / "config.json").read_bytes())["workflows"],
                "storage": {
                    "outputs": str(tmp_path / "outputs"),
                    "workflows": str(ROOT / "workflows"),
                    "data": str(tmp_path / "data"),
                },
            }
        )
        stack.enter_context(pointed_at(server))
        stage = Stage(server, comfyui, config, tmp_path / "outputs")
        await stage.start()
        stack.push_async_callback(stage.stop)
        yield stage
