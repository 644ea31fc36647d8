"""What a bot leaves behind in its process when it is closed: tasks, open files and sockets, warnings."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
import warnings
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.crowd import ALBUM, PICTURE, Crowd
from benchmarks.graphs import album_graph, sampler_graph
from benchmarks.process import furnish
from playground.comfyui import ComfyUIServer
from playground.discord import DiscordServer

_STEPS = 4
#: Seconds that connections have to close.
SETTLES_WITHIN = 10.0


async def leftovers(jobs: int, users: int) -> list[str]:
    """Run jobs through a bot in this process, close it while one is at work, and look."""
    from bot.client import ComfyUIBot
    from bot.endpoint import use_api

    logging.getLogger().addHandler(logging.NullHandler())

    async with AsyncExitStack() as stack:
        home = Path(stack.enter_context(TemporaryDirectory()))
        discord = await stack.enter_async_context(DiscordServer())
        comfyui = await stack.enter_async_context(ComfyUIServer(draw=False, step_seconds=0.01))
        config = furnish(home, comfyui.url, {PICTURE: sampler_graph(_STEPS, 1), ALBUM: album_graph(_STEPS, 1)})
        await use_api(discord.api_url)
        gc.collect()
        tasks, descriptors = asyncio.all_tasks(), _descriptors()
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always", ResourceWarning)
            bot = ComfyUIBot(config, guild_ready_timeout=0)
            connection = asyncio.create_task(bot.start(discord.token))
            await discord.until_connected(30.0)
            crowd = Crowd(discord, 0, users)
            await asyncio.gather(*(crowd.wish(number) for number in range(jobs)))
            comfyui.settings.step_seconds = 3600.0
            await crowd.ask(discord.user("user0"), discord.channel("studio0"), "not to be ended")
            await comfyui.wait_for(lambda: comfyui.running is not None, 30.0)
            await bot.close()
            with suppress(asyncio.CancelledError):
                await connection
            del bot, connection, crowd
            ends = time.monotonic() + SETTLES_WITHIN
            while (left := _left(tasks, descriptors)) and time.monotonic() < ends:
                await asyncio.sleep(0.1)
                gc.collect()
        return left + [str(warning.message) for warning in warned]


def _left(tasks: set[asyncio.Task[object]], descriptors: dict[str, str]) -> list[str]:
    # tasks of the two servers come and go with the connections of others
    own = [task for task in asyncio.all_tasks() - tasks if "playground" not in str(task.get_coro())]
    opened = [f"open: {target}" for name, target in _descriptors().items() if name not in descriptors]
    return [f"task: {task.get_name()}" for task in own if task is not asyncio.current_task()] + opened


def _descriptors() -> dict[str, str]:
    """Number → target of what this process has open; nothing where there is no /proc."""
    found = {}
    with suppress(OSError):
        for name in Path("/proc/self/fd").iterdir():
            with suppress(OSError):
                found[name.name] = str(name.readlink())
    return found
