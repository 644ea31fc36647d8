"""One run of the soak: people ask, things go wrong, it grows calm, and everything is looked at."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from benchmarks.crowd import ALBUM, PICTURE, Crowd
from benchmarks.graphs import album_graph, sampler_graph
from benchmarks.process import ROOT, BotProcess, Vitals, furnish, lasting_port
from benchmarks.verdict import Judge, Verdict, read_asks, read_jobs
from benchmarks.weather import Weather
from config.models import BotConfig
from playground.comfyui import ComfyUIServer
from playground.discord import DiscordServer

_OPENAPI = ROOT.parent / "shared" / "discord" / "openapi.json"
_RETRIES = 1
_STEPS, _STEP_SECONDS = 6, 0.02
#: Shares of the time: people ask; the bot is ended and started.
_ASKING, _DEADLY = 0.85, 0.5
_SETTLES_WITHIN = 240.0
_RESTS_WITHIN = 40
#: Sockets: the gateway, ComfyUI's events, the loop's own pair, and a connection to either server that is used now and
#: then. Files: input, output and errors, the lock, and the database in three files.
_AT_REST = Counter(socket=6, file=7, anon_inode=1)
_LOOK = 1.0

Sample = tuple[float, Vitals]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of it. ``pause`` is the seconds between two faults, on average.

    ``whole``: the bot is looked at when it is at rest, too; that takes as long as connections are kept for later.
    """

    jobs: int
    users: int
    seconds: float
    seed: int
    pause: float
    whole: bool = True


@dataclass(slots=True)
class Report:
    """What a run has shown.

    Attributes:
        samples: when, in seconds since the start, and what the bot's last process held then.
        settled: whether everybody knew in time how their job ended.
        left: what the servers still had open of it when it had left.
        broken: lines of its log that tell of a fault of its own.
    """

    verdict: Verdict
    weather: Weather
    crowd: Crowd
    starts: int
    samples: list[Sample]
    settled: bool
    left: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def growth(self) -> float | None:
        """KiB by which the last process grew over the second half of its life, by the line that fits best."""
        half = self.samples[len(self.samples) // 2 :]
        if len(half) < 2:
            return None
        times, sizes = [at for at, _ in half], [float(vitals.rss) for _, vitals in half]
        return statistics.linear_regression(times, sizes).slope * (times[-1] - times[0])


async def storm(plan: Plan, home: Path) -> Report:
    """Run it in a folder."""
    openapi = _OPENAPI if _OPENAPI.exists() else None
    async with (
        DiscordServer(port=lasting_port(), openapi=openapi) as discord,
        ComfyUIServer(port=lasting_port(), draw=False, step_seconds=_STEP_SECONDS) as comfyui,
    ):
        graphs = {PICTURE: sampler_graph(_STEPS, 1), ALBUM: album_graph(_STEPS, 1)}
        config = furnish(home, comfyui.url, graphs, comfyui={"retries": _RETRIES})
        bot = BotProcess(discord, home)
        crowd = Crowd(discord, plan.seed, plan.users)
        weather = Weather(discord, comfyui, bot, Random(f"{plan.seed} weather"))
        await weather.start_bot()
        try:
            async with _watched(bot) as samples:
                trouble = await _live_through(plan, crowd, weather)
                settled = await _settle(config)
                left = await _rest(bot) if plan.whole else []
            await weather.end_bot(gently=True)
        finally:
            await bot.kill()
        left += ["sockets to ComfyUI"] if comfyui.open_sockets else []
        left += ["a session at Discord"] if discord.connected else []
        left += ["an ask in the store" for _ in await read_asks(config)]
        verdict = Judge(await read_jobs(config), crowd, weather, discord, comfyui, retries=_RETRIES).judge()
        verdict.wrong += trouble
        return Report(verdict, weather, crowd, bot.starts, samples, settled, left, bot.broken())


async def _live_through(plan: Plan, crowd: Crowd, weather: Weather) -> list[str]:
    """Until nobody asks any more and the weather is calm; what people could not do, in their words."""
    rng = Random(f"{plan.seed} people")
    times = sorted(rng.uniform(0.0, _ASKING * plan.seconds) for _ in range(plan.jobs))

    async def wish(number: int, after: float) -> None:
        await asyncio.sleep(after)
        await crowd.wish(number)

    wishes = [asyncio.create_task(wish(number, after)) for number, after in enumerate(times)]
    deadly = _DEADLY * plan.seconds
    await weather.blow(deadly, pause=plan.pause, deadly=True)
    await weather.blow(plan.seconds - deadly, pause=plan.pause, deadly=False)
    weather.calm()
    done, waiting = await asyncio.wait(wishes, timeout=_SETTLES_WITHIN)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*wishes, return_exceptions=True)
    failed = [repr(task.exception()) for task in done if task.exception() is not None]
    return failed + [f"{len(waiting)} people still wait"] * bool(waiting)


async def _settle(config: BotConfig) -> bool:
    """Wait until every job is over and told of; whether that was so in time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_SETTLES_WITHIN):
            while True:
                if all(job.state.final and not job.owed for job in await read_jobs(config)):
                    return True
                await asyncio.sleep(_LOOK)
    return False


async def _rest(bot: BotProcess) -> list[str]:
    """What is still open when connections that are only kept for later have had the time to close."""
    more = Counter[str]()
    for _ in range(_RESTS_WITHIN):
        vitals = bot.vitals()
        more = Counter[str]() if vitals is None else vitals.open - _AT_REST
        if not more:
            break
        await asyncio.sleep(1.0)
    return [f"{number} of kind {kind} too many" for kind, number in more.items()]


@asynccontextmanager
async def _watched(bot: BotProcess) -> AsyncIterator[list[Sample]]:
    """Look at the bot's last process once a second; the list grows, and is begun anew with each process."""
    samples: list[Sample] = []

    async def look() -> None:
        pid, began = bot.pid, time.monotonic()
        while True:
            if bot.pid != pid:
                pid = bot.pid
                samples.clear()
            if (vitals := bot.vitals()) is not None:
                samples.append((time.monotonic() - began, vitals))
            await asyncio.sleep(_LOOK)

    watch = asyncio.create_task(look())
    try:
        yield samples
    finally:
        watch.cancel()
        await asyncio.wait({watch})
