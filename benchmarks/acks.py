"""``python -m benchmarks.acks``: how soon the first answer comes when 50 people ask at once and all else is slow.

ComfyUI and the host of attachments take seconds for every answer, and results are made smaller meanwhile. The floor is
a bot that does nothing but answer, asked the same. Times are Discord's: from an interaction's way to the bot until its
first answer has taken effect.
"""

from __future__ import annotations

import asyncio
import io
import os
import statistics
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from benchmarks.crowd import PICTURE
from benchmarks.graphs import edit_graph, sampler_graph
from benchmarks.process import ROOT, BotProcess, furnish, lasting_port
from benchmarks.rows import Row
from playground.comfyui import ComfyUIServer
from playground.discord import DiscordServer, Message, Upload, User

_EDIT, _UPSCALE = "edit", "upscale"
_USERS, _OTHERS = 50, 5
_ROUNDS, _SHORT_ROUNDS = 4, 1
#: Jobs whose results are being made smaller while people ask.
_BUSY = 6
_COMFYUI_SECONDS, _CDN_SECONDS = 2.0, 3.0
_PIXELS = 1600
_FILE_LIMIT = 1024 * 1024
_ANSWERED_WITHIN = 10.0
_P99, _MOST = 0.5, 3.0


def acks(short: bool) -> Iterator[Row]:
    """The slowest of the answers, and the slowest but for one in a hundred."""
    ours, floor = asyncio.run(_measure(_SHORT_ROUNDS if short else _ROUNDS))
    figures = f"{_told(ours)}; {_told(floor)} of a bot that only answers"
    yield Row("first answer, 50 at once: p99", _p99(ours) * 1e3, _P99 * 1e3, "ms", figures)
    yield Row("first answer, 50 at once: longest", max(ours), _MOST, "s", f"{max(floor):.2f} s", exact=True)


def _p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[98]


def _told(times: list[float]) -> str:
    half, most = statistics.median(times) * 1e3, max(times) * 1e3
    return f"half in {half:.0f} ms, p99 {_p99(times) * 1e3:.0f} ms, all {len(times)} in {most:.0f} ms"


async def _measure(rounds: int) -> tuple[list[float], list[float]]:
    async with AsyncExitStack() as stack:
        home = Path(stack.enter_context(TemporaryDirectory()))
        discord = await stack.enter_async_context(DiscordServer(port=lasting_port(), attachment_size_limit=_FILE_LIMIT))
        comfyui = await stack.enter_async_context(ComfyUIServer(port=lasting_port(), draw=False))
        comfyui.settings.sample = await asyncio.to_thread(_noise)
        upscale = orjson.loads((ROOT / "workflows" / "upscale.json").read_bytes())
        furnish(home, comfyui.url, {PICTURE: sampler_graph(4, 1), _EDIT: edit_graph(4, 1), _UPSCALE: upscale})
        people = _People(discord, comfyui)
        bot = BotProcess(discord, home)
        await bot.start()
        try:
            await people.prepare(rounds)
            ours = [seconds for _ in range(rounds) for seconds in await people.ask_at_once(busy=True)]
        finally:
            await bot.kill()
        people.calm()
        async with _deferring(discord):
            floor = [seconds for _ in range(rounds) for seconds in await people.ask_at_once(busy=False)]
    return ours, floor


def _noise() -> bytes:
    """A PNG that nothing makes small but fewer pixels."""
    from PIL import Image

    out = io.BytesIO()
    Image.frombytes("RGB", (_PIXELS, _PIXELS), os.urandom(3 * _PIXELS**2)).save(out, "PNG", compress_level=1)
    return out.getvalue()


@dataclass(slots=True)
class _People:
    """Those who ask, and what they have on their screens."""

    discord: DiscordServer
    comfyui: ComfyUIServer
    forms: list[tuple[User, Message]] = field(default_factory=list)
    results: list[Message] = field(default_factory=list)

    async def prepare(self, rounds: int) -> None:
        """Results and open forms, to click on."""
        user, place = self.discord.user("user0"), self.discord.channel("general")
        for _ in range(_OTHERS):
            reply = await user.slash(place, "generate", prompt="a fox", workflow=PICTURE)
            self.results.append(await reply.until(lambda message: bool(message.attachments), 60.0))
        for number in range(_OTHERS * rounds * 2):
            user = self.discord.user(f"user{number}")
            reply = await user.slash(place, "generate", prompt="a fox")
            self.forms.append((user, await reply.until(lambda message: bool(message.selects), 60.0)))

    async def ask_at_once(self, *, busy: bool) -> list[float]:
        """Seconds until each had a first answer; as many as are waited for where one had none."""
        if busy:
            await self._keep_busy()
        before = len(self.discord.world.interactions)
        typing = asyncio.gather(*(self._type(number) for number in range(_OTHERS)), return_exceptions=True)
        await asyncio.sleep(0)
        await self._press()
        asked = list(self.discord.world.interactions.values())[before:]
        await asyncio.gather(*(one.answered(_ANSWERED_WITHIN) for one in asked), return_exceptions=True)
        await typing
        return [(one.answered_at or one.created_at + _ANSWERED_WITHIN) - one.created_at for one in asked]

    async def _keep_busy(self) -> None:
        """Return when results of other people are being fetched and made smaller, and all is slow from now on."""
        self.calm()
        fetched = self.comfyui.count("GET", "/view")
        for number in range(_BUSY):
            user = self.discord.user(f"busy{number}")
            await user.slash(self.discord.channel("general"), "generate", prompt="a fox", workflow=PICTURE)
        await self.comfyui.wait_for(lambda: self.comfyui.count("GET", "/view") >= fetched + _BUSY // 2, 60.0)
        self.comfyui.faults.delay("/", _COMFYUI_SECONDS)
        self.discord.faults.delay(_CDN_SECONDS, "GET", "/attachments/*", times=None)

    async def _type(self, number: int) -> None:
        user, place = self.discord.user(f"asker{number}"), self.discord.channel("general")
        await user.autocomplete(place, "generate", focused="workflow", value="p", timeout=_ANSWERED_WITHIN, prompt="a")

    async def _press(self) -> None:
        place = self.discord.channel("general")
        picture = Upload("start.png", self.comfyui.settings.sample[: _FILE_LIMIT // 2])
        for number in range(_USERS):
            sent = {"workflow": _EDIT, "image": picture} if number % 2 else {"workflow": PICTURE}
            await self.discord.user(f"asker{number}").slash(place, "generate", prompt="a fox", **sent)
        for result in self.results:
            await self.discord.user("user0").click(result, "Upscale")
        for _ in range(_OTHERS):
            user, form = self.forms.pop()
            await user.click(form, "Generate")

    def calm(self) -> None:
        self.discord.faults.clear()
        self.comfyui.faults.clear()


@asynccontextmanager
async def _deferring(discord: DiscordServer) -> AsyncIterator[None]:
    """The floor's bot."""
    command = [sys.executable, "-m", "benchmarks.deferring", discord.api_url, discord.token]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stderr=asyncio.subprocess.DEVNULL)
    try:
        await discord.until_connected(60.0)
        yield
    finally:
        process.kill()
        await process.wait()


if __name__ == "__main__":
    rows = list(acks("--short" in sys.argv[1:]))
    for row in rows:
        print(f"{row.name:34} {row.value:8.2f} {row.unit:2} at most {row.goal:.2f}  {row.figures}")
    sys.exit(0 if all(row.holds(short=False) for row in rows) else 1)
