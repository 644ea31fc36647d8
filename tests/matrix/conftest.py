"""The scenes: both servers, a folder, and the bot that a fault needs."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
import pytest_asyncio
import stamina

from playground.comfyui import ComfyUIServer
from playground.discord import DiscordServer, Rate
from tests.bot.conftest import wait_longer_for_answers
from tests.bot.graphs import paint, save
from tests.matrix.bots import BotInside, BotProcess
from tests.matrix.scene import FILES, Scene

OpenScene = Callable[..., AbstractAsyncContextManager[Scene]]

OPENAPI = Path(__file__).parents[3] / "shared" / "discord" / "openapi.json"
NO_PROCESSES = pytest.mark.skipif(
    sys.platform == "win32", reason="processes are neither forked nor ended by signals there"
)
#: Modules that wait before they try again, and the part of that time which a bot in this process waits.
_PATIENCE = {
    "bot.connection": 0.0,
    "core.comfyui.execution": 0.05,
    "core.comfyui.outage": 0.05,
    "core.comfyui.posting": 0.05,
    "discord.client": 0.0,
    "discord.http": 0.05,
    "discord.webhook.async_": 0.05,
}


@pytest.fixture(scope="module", autouse=True)
def patience() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        wait_longer_for_answers(patch)
        yield


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory) -> OpenScene:
    """Opens a scene with a bot that is started.

    ``process``: as a process. ``before``: what is done to Discord first. Whatever else is named are sections of the
    configuration.
    """

    @asynccontextmanager
    async def opened(
        *, process: bool, before: Callable[[DiscordServer], object] = lambda _: None, **settings: dict[str, Any]
    ) -> AsyncIterator[Scene]:
        home = tmp_path_factory.mktemp("bot")
        openapi = OPENAPI if OPENAPI.exists() else None
        async with AsyncExitStack() as stack:
            comfyui = await stack.enter_async_context(ComfyUIServer(draw=False))
            discord = await stack.enter_async_context(DiscordServer(openapi=openapi))
            discord.ratelimits.edits = discord.ratelimits.interactions = Rate(1000, 1.0)
            sections = _sections(home, discord, comfyui)
            for section, values in settings.items():
                sections[section] |= values
            bot = BotProcess(discord, home, sections) if process else BotInside(discord, sections)
            if not process:
                stack.enter_context(_hurried())
            scene = Scene(discord, comfyui, bot)
            stack.push_async_callback(bot.kill)
            stack.callback(scene.clear)
            before(discord)
            await bot.start()
            yield scene

    return opened


def _sections(home: Path, discord: DiscordServer, comfyui: ComfyUIServer) -> dict[str, dict[str, Any]]:
    """The configuration, and the folder that it speaks of."""
    (home / "workflows").mkdir()
    for name, files in FILES.items():
        graph = paint() | {f"9{number}": save(["5", 0], f"picture{number}") for number in range(1, files)}
        (home / "workflows" / f"{name}.json").write_bytes(orjson.dumps(graph))
    return {
        "discord": {"token": discord.token, "api_url": discord.api_url},
        "comfyui": {"url": comfyui.url, "silence_timeout": 0.5, "concurrency": 1},
        "generation": {"default_workflow": "paint", "progress_interval": 1.25},
        "workflows": {name: {"file": f"{name}.json"} for name in FILES},
        "storage": {name: str(home / name) for name in ("outputs", "data", "workflows")},
        "security": {"global_limit": 10_000},
    }


@contextmanager
def _hurried() -> Iterator[None]:
    """A bot in this process tries again soon, or at once."""

    def sleep(part: float) -> Callable[[float], Awaitable[None]]:
        return lambda seconds: asyncio.sleep(seconds * part)

    with pytest.MonkeyPatch.context() as patch, stamina.set_testing(True, attempts=5, cap=True):
        for module, part in _PATIENCE.items():
            patch.setattr(f"{module}.asyncio", SimpleNamespace(**{**vars(asyncio), "sleep": sleep(part)}))
        yield


class Shared:
    """One bot in this process, which lives through everything that does not kill it; a new one after a failure."""

    def __init__(self, opened: OpenScene) -> None:
        self._opened = opened
        self._stack = AsyncExitStack()
        self._first: Scene | None = None
        self._number = 0

    @asynccontextmanager
    async def scene(self) -> AsyncIterator[Scene]:
        if self._first is None:
            self._first = await self._stack.enter_async_context(self._opened(process=False))
        self._number += 1
        first = self._first
        scene = Scene(first.discord, first.comfyui, first.bot, self._number)
        try:
            yield scene
        except BaseException:
            await self.close()
            raise
        scene.clear()

    async def close(self) -> None:
        self._first = None
        await self._stack.aclose()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(opened: OpenScene) -> AsyncIterator[Shared]:
    shared = Shared(opened)
    yield shared
    await shared.close()
