"""The bot, as a process that can be killed or inside the test's own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection
from contextlib import AsyncExitStack
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, Protocol

import orjson

from bot.client import ComfyUIBot
from bot.progress import ProgressBudget
from config.models import BotConfig
from core.jobs.models import Job
from core.jobs.sql import open_store
from playground.discord import DiscordServer
from tests.matrix.birth import born
from tests.playground.discord.puppet import pointed_at

#: Seconds within which a bot must have left after SIGTERM, and be there after its start, on a busy machine too.
LEAVES_WITHIN = 15.0
_STARTS_WITHIN = 60.0


class Bot(Protocol):
    """A bot that can be started and stopped any number of times on the same folder."""

    async def start(self) -> None:
        """Return when it is connected to Discord."""
        ...

    async def stop(self) -> None:
        """End it in good order; it must leave in time. Without effect when it is not there."""
        ...

    async def kill(self) -> None:
        """End it at once, if it is there."""
        ...

    async def records(self, owners: Collection[int]) -> list[Job]:
        """What is written down of these users' jobs in the end, the newest first."""
        ...


class BotProcess:
    """``main.py`` as a process of its own.

    Args:
        home: the folder that it runs in.
        sections: the configuration.
    """

    def __init__(self, discord: DiscordServer, home: Path, sections: dict[str, Any]) -> None:
        self._discord = discord
        self._home = home
        self._config = BotConfig.model_validate(sections)
        self._process: ForkServerProcess | None = None
        # Of Discord it is told by the environment.
        rest = {name: values for name, values in sections.items() if name != "discord"}
        (home / "config.json").write_bytes(orjson.dumps(rest))
        self._environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "DISCORD_TOKEN": discord.token,
            "DISCORD_API_URL": discord.api_url,
        }

    async def start(self) -> None:
        before = self._discord.identifies
        self._process = born(self._home, self._environment, self._home / "said.txt")
        there = asyncio.create_task(
            self._discord.until(lambda: self._discord.identifies > before, _STARTS_WITHIN), name="matrix-start"
        )
        gone = asyncio.create_task(_ended(self._process), name="matrix-end")
        try:
            await asyncio.wait({there, gone}, return_when=asyncio.FIRST_COMPLETED)
            assert not gone.done(), (self._home / "said.txt").read_text("utf-8")
            await there
        finally:
            there.cancel()
            gone.cancel()
            await asyncio.gather(there, gone, return_exceptions=True)

    async def stop(self) -> None:
        """SIGTERM."""
        if self._process is not None:
            self._process.terminate()
            assert await self._over() == 0

    async def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            await self._over()

    async def records(self, owners: Collection[int]) -> list[Job]:
        """Ends it first; nothing may be left to do or to tell then, nor may its log say what is nobody's business."""
        await self.stop()
        for log in (self._home / "said.txt", self._home / "logs" / "bot.log"):
            said = log.read_text("utf-8")
            assert self._discord.token not in said
            # discord.py says so by itself when the gateway refuses
            errors = [line for line in said.splitlines() if "[error" in line and "[discord.client]" not in line]
            assert errors == []
        async with open_store(self._config) as store:
            assert await store.unfinished() == []
            assert await store.owed() == []
            return [job for job in await store.find(limit=100) if job.owner in owners]

    async def _over(self) -> int | None:
        process, self._process = self._process, None
        assert process is not None
        try:
            async with asyncio.timeout(LEAVES_WITHIN):
                await _ended(process)
        except TimeoutError:
            process.kill()
            raise
        finally:
            process.join()
        return process.exitcode


async def _ended(process: ForkServerProcess) -> None:
    """Return when it is gone."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(process.sentinel, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(process.sentinel)


class _ImpatientBot(ComfyUIBot):
    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """discord.py waits 5 s before it identifies anew."""


class BotInside:
    """The bot in this process: for faults that it lives through."""

    def __init__(self, discord: DiscordServer, sections: dict[str, Any]) -> None:
        self._discord = discord
        self._config = BotConfig.model_validate(sections)
        self._running = AsyncExitStack()

    async def start(self) -> None:
        async with AsyncExitStack() as stack:
            stack.enter_context(pointed_at(self._discord))
            self._bot = bot = _ImpatientBot(self._config, guild_ready_timeout=0)
            bot.progress_budget = ProgressBudget(0.0)
            await bot.login(self._discord.token)
            stack.push_async_callback(bot.close)
            connection = asyncio.create_task(bot.connect())
            stack.push_async_callback(asyncio.wait_for, connection, LEAVES_WITHIN)
            stack.push_async_callback(bot.close)
            async with asyncio.timeout(_STARTS_WITHIN):
                await bot.wait_until_ready()
            self._running = stack.pop_all()

    async def stop(self) -> None:
        await self._running.aclose()

    async def kill(self) -> None:
        """As `stop`: it cannot be killed alone."""
        await self.stop()

    async def records(self, owners: Collection[int]) -> list[Job]:
        """Waits until all is written down: of that, nobody else is told."""
        store = self._bot.engine.jobs.store
        async with asyncio.timeout(LEAVES_WITHIN):
            while True:
                jobs = [job for owner in owners for job in await store.find(owner=owner)]
                if all(job.state.final and not job.owed for job in jobs):
                    return jobs
