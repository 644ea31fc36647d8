"""What goes wrong meanwhile, drawn from a deck that a seed shuffles."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from random import Random
from typing import Any

from benchmarks.process import BotProcess, Vitals
from playground.comfyui import ComfyUIServer
from playground.discord import DiscordServer

Strike = Callable[[], Coroutine[Any, Any, None]]
Card = tuple[str, Strike, int]

#: Seconds after which a fault that struck nobody is taken away.
_ARMED = 8.0
_LATER_THAN_A_TOKEN = 16 * 60.0
#: Of a token's end there are so many at most: messages over an hour old are another matter.
_TOKEN_ENDS = 2
_REQUESTS = (
    ("PATCH", "/webhooks/*"),
    ("PATCH", "*"),
    ("POST", "/interactions/*"),
    ("POST", "/channels/*/messages"),
    ("PUT", "/applications/*"),
    ("POST", "*"),
    ("GET", "/users/*"),
)
_PATHS = ("/history", "/queue", "/prompt", "/view", "/object_info")


class Weather:
    """Faults of the bot, of ComfyUI and of Discord; some at the same time.

    Attributes:
        struck: how often each was drawn; ``log`` says when.
        away: when the bot was: seconds since the epoch, pairs of beginning and end.
        killed: when it was ended without a word.
        token_ends: when the tokens of all interactions ended at once.
        deaths: when ComfyUI lost its queue and history, and how many prompts it had accepted by then.
        leaving: how long the bot took to leave on SIGTERM, and its exit status.
        lives: what each process of the bot's held at its start and at its end.
        failed_starts, crashes: how often it did not come up, and ended without being told to.
    """

    def __init__(self, discord: DiscordServer, comfyui: ComfyUIServer, bot: BotProcess, rng: Random) -> None:
        self.struck: Counter[str] = Counter()
        self.log: list[str] = []
        self.away: list[tuple[float, float]] = []
        self.killed: list[float] = []
        self.token_ends: list[float] = []
        self.deaths: list[tuple[float, int]] = []
        self.leaving: list[tuple[float, int]] = []
        self.lives: list[tuple[Vitals, Vitals]] = []
        self.failed_starts = self.crashes = 0
        self._discord, self._comfyui, self._bot, self._rng = discord, comfyui, bot, rng
        self._bot_busy, self._comfyui_busy = asyncio.Lock(), asyncio.Lock()
        self._born: Vitals | None = None
        of_discord: list[Card] = [
            ("discord: gateway dropped", self._drop_gateway, 3),
            ("discord: gateway wants a reconnect", discord.reconnect, 1),
            ("discord: session invalid", discord.invalidate_session, 1),
            ("discord: gateway refused", self._refuse_gateway, 1),
            ("discord: 5xx", self._status, 6),
            ("discord: 429", self._rate_limit, 3),
            ("discord: connection reset", self._reset, 5),
            ("discord: slow", self._slow_discord, 2),
            ("discord: tokens end", self._end_tokens, 1),
        ]
        of_comfyui: list[Card] = [
            ("comfyui: restarted", self._restart_comfyui, 2),
            ("comfyui: socket dropped", comfyui.drop_sockets, 3),
            ("comfyui: silent", self._silence, 1),
            ("comfyui: error or garbage", self._refuse_comfyui, 4),
            ("comfyui: post fails", self._fail_post, 4),
            ("comfyui: history late, file cut off", self._late_history, 2),
            ("comfyui: slow", self._slow_comfyui, 2),
            ("comfyui: node fails", self._fail_node, 1),
        ]
        self._mild = of_discord + of_comfyui
        self._deadly: list[Card] = [
            ("bot: SIGKILL", self._kill, 2),
            ("bot: SIGTERM", self._terminate, 1),
            ("bot: SIGKILL, comfyui restarted meanwhile", self._kill_both, 1),
        ]

    async def blow(self, seconds: float, *, pause: float, deadly: bool) -> None:
        """Strike for so long, with so many seconds between two faults on average."""
        deck: list[Card] = []
        end = time.monotonic() + seconds
        async with asyncio.TaskGroup() as faults:
            while time.monotonic() < end:
                if self._bot.ended and not self._bot_busy.locked():
                    self.crashes += 1
                    faults.create_task(self._away(gently=False))
                if not deck:
                    deck = [card for card in self._mild + (self._deadly if deadly else []) for _ in range(card[2])]
                    self._rng.shuffle(deck)
                name, strike, _ = deck.pop()
                self.struck[name] += 1
                self.log.append(f"{datetime.now(UTC).isoformat()} {name}")
                faults.create_task(strike())
                await asyncio.sleep(self._rng.uniform(0.2, 1.8) * pause)

    def calm(self) -> None:
        """Nothing goes wrong any more."""
        self._discord.faults.clear()
        self._comfyui.faults.clear()
        self._comfyui.speak()

    async def start_bot(self) -> None:
        for _ in range(5):
            try:
                await self._bot.start()
            except (RuntimeError, TimeoutError):
                self.failed_starts += 1
                await self._bot.kill()
            else:
                self._born = self._bot.vitals()
                return
        raise RuntimeError("the bot does not start")

    async def end_bot(self, *, gently: bool) -> None:
        last = self._bot.vitals()
        if self._born is not None and last is not None:
            self.lives.append((self._born, last))
        if gently:
            self.leaving.append(await self._bot.stop())
        else:
            self.killed.append(time.time())
            await self._bot.kill()

    # -- the bot -------------------------------------------------------------------------------------------------

    async def _kill(self) -> None:
        await self._away(gently=False)

    async def _terminate(self) -> None:
        await self._away(gently=True)

    async def _kill_both(self) -> None:
        await self._away(gently=False, meanwhile=self._restart_comfyui)

    async def _away(self, *, gently: bool, meanwhile: Strike | None = None) -> None:
        pause = self._rng.uniform(0.0, 3.0)
        async with self._bot_busy:
            began = time.time()
            await self.end_bot(gently=gently)
            if meanwhile is not None:
                await meanwhile()
            await asyncio.sleep(pause)
            await self.start_bot()
            self.away.append((began, time.time()))

    # -- ComfyUI -------------------------------------------------------------------------------------------------

    async def _restart_comfyui(self) -> None:
        pause = self._rng.choice((0.0, 0.5, 2.0, 6.0))
        async with self._comfyui_busy:
            self.deaths.append((time.time(), len(self._comfyui.accepted)))
            await self._comfyui.kill()
            await asyncio.sleep(pause)
            await self._comfyui.revive()

    async def _silence(self) -> None:
        self._comfyui.go_silent(new_sockets=self._rng.random() < 0.5)
        await asyncio.sleep(self._rng.uniform(1.0, 7.0))
        self._comfyui.speak()

    async def _refuse_comfyui(self) -> None:
        path, times = self._rng.choice(_PATHS), self._rng.randint(1, 3)
        if self._rng.random() < 0.7:
            self._comfyui.faults.refuse(path, self._rng.choice((500, 502, 503)), times=times)
        else:
            self._comfyui.faults.garbage(path, times=times)

    async def _fail_post(self) -> None:
        accept, times = self._rng.random() < 0.5, self._rng.randint(1, 2)
        if self._rng.random() < 0.5:
            self._comfyui.faults.fail_next_prompt(self._rng.choice((500, 503)), accept=accept, times=times)
        else:
            self._comfyui.faults.reset_next_prompt(accept=accept, times=times)

    async def _late_history(self) -> None:
        self._comfyui.faults.history_empty(self._rng.randint(1, 3))
        self._comfyui.faults.truncate_view()

    async def _slow_comfyui(self) -> None:
        self._comfyui.faults.delay("/", self._rng.uniform(0.2, 2.0), times=self._rng.randint(1, 10))

    async def _fail_node(self) -> None:
        self._comfyui.faults.fail_node("VAEDecode", times=1)

    # -- Discord -------------------------------------------------------------------------------------------------

    async def _drop_gateway(self) -> None:
        await self._discord.drop_gateway(self._rng.choice((None, 1001, 4000)))

    async def _refuse_gateway(self) -> None:
        self._discord.refuse_gateway(self._rng.randint(1, 2))
        await self._discord.drop_gateway(None)

    async def _status(self) -> None:
        fault = self._discord.faults.status(
            self._rng.choice((500, 502, 503, 504)),
            *self._rng.choice(_REQUESTS),
            times=self._rng.choice((1, 2, 4, 8)),
            after_effect=self._rng.random() < 0.4,
            files=self._rng.random() < 0.3,
        )
        await asyncio.sleep(_ARMED)
        fault.stop()

    async def _rate_limit(self) -> None:
        fault = self._discord.faults.rate_limit(
            self._rng.uniform(0.1, 2.0),
            *self._rng.choice(_REQUESTS),
            times=self._rng.choice((1, 2, 4)),
            via=self._rng.random() < 0.5,
        )
        await asyncio.sleep(_ARMED)
        fault.stop()

    async def _reset(self) -> None:
        arm = self._rng.choice((self._discord.faults.reset, self._discord.faults.drop))
        fault = arm(
            *self._rng.choice(_REQUESTS),
            times=self._rng.choice((1, 2, 4)),
            after_effect=self._rng.random() < 0.5,
            files=self._rng.random() < 0.3,
        )
        await asyncio.sleep(_ARMED)
        fault.stop()

    async def _slow_discord(self) -> None:
        method, path = self._rng.choice(_REQUESTS)
        fault = self._discord.faults.delay(self._rng.uniform(0.2, 2.0), method, path, times=self._rng.randint(1, 10))
        await asyncio.sleep(_ARMED)
        fault.release()

    async def _end_tokens(self) -> None:
        if len(self.token_ends) < _TOKEN_ENDS:
            self.token_ends.append(time.time())
            self._discord.clock.advance(_LATER_THAN_A_TOKEN)
