"""What goes wrong on the way: armed by a test, struck by the next requests that match."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import orjson
from aiohttp import web

from playground.discord.errors import ApiError
from playground.discord.pulse import Pulse
from playground.discord.ratelimit import rate_limited

Strike = Callable[[web.Request], Coroutine[Any, Any, None]]


@dataclass(eq=False)
class Fault:
    """One armed fault. ``hits`` counts the requests that it struck: each, or ``every`` so many that match."""

    method: str
    path: str
    left: float
    after_effect: bool
    files: bool
    text: bytes
    strike: Strike = field(repr=False)
    pulse: Pulse = field(repr=False)
    released: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    every: int = 1
    seen: int = 0
    hits: int = 0
    failure: int | None = None

    def matches(self, method: str, path: str, *, files: bool, body: Any) -> bool:
        if self.hits >= self.left or (self.files and not files) or (self.text and self.text not in orjson.dumps(body)):
            return False
        if not (fnmatchcase(method, self.method) and fnmatchcase(path, self.path)):
            return False
        self.seen += 1
        return self.seen % self.every == 0

    async def reached(self, timeout: float = 30.0) -> None:
        """Wait until it has struck once."""
        await self.pulse.until(lambda: self.hits, timeout, lambda: f"no {self.method} {self.path}")

    def release(self) -> None:
        """Let go of the requests that it holds; it holds no more."""
        self.stop()
        self.released.set()

    def fail(self, status: int) -> None:
        """As `release`, but the requests that it holds are answered with this status."""
        self.failure = status
        self.release()

    def stop(self) -> None:
        self.left = self.hits


class Faults:
    """The switchboard. ``path`` is an fnmatch pattern of the path without /api/v10.

    Every fault strikes ``times`` requests (None: until it is stopped), before the request takes effect or,
    with ``after_effect``, when it has and only the reply is left to fail. With ``files`` it strikes those that bring
    files, and no others.
    """

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse
        self._armed: list[Fault] = []

    def status(
        self,
        status: int,
        method: str = "*",
        path: str = "*",
        *,
        times: int | None = 1,
        after_effect: bool = False,
        files: bool = False,
    ) -> Fault:
        """Answer with this status."""

        async def strike(_: web.Request) -> None:
            raise ApiError(status, 0, f"{status}: playground fault")

        return self._arm(method, path, times, strike, after_effect=after_effect, files=files)

    def rate_limit(
        self,
        retry_after: float,
        method: str = "*",
        path: str = "*",
        *,
        times: int | None = 1,
        via: bool = True,
        is_global: bool = False,
        files: bool = False,
        every: int = 1,
    ) -> Fault:
        """Answer with 429, by default as Discord itself does, with a ``Via`` header."""

        async def strike(_: web.Request) -> None:
            raise rate_limited(retry_after, via=via, is_global=is_global)

        return self._arm(method, path, times, strike, files=files, every=every)

    def reset(
        self,
        method: str = "*",
        path: str = "*",
        *,
        times: int | None = 1,
        after_effect: bool = False,
        files: bool = False,
    ) -> Fault:
        """Reset the connection (TCP RST): the client sees errno 104."""

        async def strike(request: web.Request) -> None:
            reset_connection(request)

        return self._arm(method, path, times, strike, after_effect=after_effect, files=files)

    def drop(
        self,
        method: str = "*",
        path: str = "*",
        *,
        times: int | None = 1,
        after_effect: bool = True,
        files: bool = False,
    ) -> Fault:
        """Close the connection without a reply."""

        async def strike(request: web.Request) -> None:
            if request.transport is not None:
                request.transport.close()

        return self._arm(method, path, times, strike, after_effect=after_effect, files=files)

    def hold(
        self,
        method: str = "*",
        path: str = "*",
        *,
        times: int | None = 1,
        after_effect: bool = False,
        files: bool = False,
        text: str = "",
    ) -> Fault:
        """Keep the request waiting until ``release()``; then it goes its way. ``text`` has to be in its JSON."""

        async def strike(_: web.Request) -> None:
            await fault.released.wait()
            if fault.failure is not None:
                raise ApiError(fault.failure, 0, f"{fault.failure}: playground fault")

        fault = self._arm(method, path, times, strike, after_effect=after_effect, files=files, text=text)
        return fault

    def delay(
        self,
        seconds: float,
        method: str = "*",
        path: str = "*",
        *,
        times: int | None = 1,
        after_effect: bool = False,
        files: bool = False,
    ) -> Fault:
        """Keep the request waiting for so long, or until ``release()``; then it goes its way."""

        async def strike(_: web.Request) -> None:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await fault.released.wait()

        fault = self._arm(method, path, times, strike, after_effect=after_effect, files=files)
        return fault

    def disarm(self, fault: Fault) -> None:
        """Let go of what it holds, and forget it."""
        fault.release()
        with suppress(ValueError):
            self._armed.remove(fault)

    def clear(self) -> None:
        """Disarm everything and let go of what is held."""
        for fault in self._armed:
            fault.release()
        self._armed.clear()

    def take(self, method: str, path: str, *, files: bool, body: Any) -> Fault | None:
        """The first armed fault for this request, which brings files or does not; counted."""
        fault = next((fault for fault in self._armed if fault.matches(method, path, files=files, body=body)), None)
        if fault is not None:
            fault.hits += 1
            self._pulse.beat()
        return fault

    def _arm(
        self,
        method: str,
        path: str,
        times: int | None,
        strike: Strike,
        *,
        after_effect: bool = False,
        files: bool = False,
        text: str = "",
        every: int = 1,
    ) -> Fault:
        left = float("inf") if times is None else times
        fault = Fault(method, path, left, after_effect, files, text.encode(), strike, self._pulse, every=every)
        self._armed.append(fault)
        return fault


def reset_connection(request: web.BaseRequest) -> None:
    """Drop the TCP connection with RST instead of FIN: linger on, for 0 seconds."""
    transport = request.transport
    if transport is None:
        return
    handle: socket.socket = transport.get_extra_info("socket")
    handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
