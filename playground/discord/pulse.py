"""Waiting for something to become true, without polling."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Pulse:
    """Beats whenever the server's world has changed; whoever waits looks again."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def beat(self) -> None:
        self._next.set()
        self._next = asyncio.Event()

    async def until(self, check: Callable[[], T], timeout: float, seen: Callable[[], str]) -> T:
        """Return what ``check()`` returned as soon as that is true.

        Raises:
            TimeoutError: not within ``timeout`` seconds; the text is ``seen()``.
        """
        try:
            async with asyncio.timeout(timeout):
                while not (value := check()):
                    await self._next.wait()
        except TimeoutError as exc:
            raise TimeoutError(f"not within {timeout} s: {seen()}") from exc
        return value
