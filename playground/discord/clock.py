"""Where time and ids enter."""

from __future__ import annotations

import time
from collections.abc import Callable

DISCORD_EPOCH_MS = 1_420_070_400_000
_ID_DIGITS = 20


class Clock:
    """Seconds since the epoch, which a test can move on.

    Everything that Discord does by time hangs on it: the 3 s for an answer, the 15 min of a token, signed
    links, rate limit windows. Sleeps inside the client are the client's own.
    """

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self.moved: list[Callable[[], None]] = []
        self._source = source
        self._ahead = 0.0

    def time(self) -> float:
        return self._source() + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += seconds
        for listener in self.moved:
            listener()


class Snowflakes:
    """Ids as Discord makes them: milliseconds since 2015 in the upper 42 bits, never the same twice."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        milliseconds = int(self._clock.time() * 1000) - DISCORD_EPOCH_MS
        self._last = max(self._last + 1, milliseconds << 22)
        return self._last


def as_id(text: object) -> int | None:
    """The id that somebody wrote as a text of digits; None for anything else."""
    if isinstance(text, str) and text.isascii() and text.isdecimal() and len(text) <= _ID_DIGITS:
        return int(text)
    return None
