"""The lines of the table, and how a measurement meets its floor."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

#: A short run measures the same with fewer repeats: figures jitter, so its goals are wider.
SHORT_ALLOWANCE = 1.5


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; ``goal`` is the most that ``value`` may be."""

    name: str
    value: float
    goal: float
    unit: str
    figures: str
    exact: bool = False

    def holds(self, *, short: bool) -> bool:
        return self.value <= self.goal * (1.0 if self.exact or not short else SHORT_ALLOWANCE)


def interleaved(floor: Callable[[], object], ours: Callable[[], object], runs: int) -> tuple[float, float]:
    """Median seconds of each; the two take turns, so that both see the same machine."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for work, taken in zip((floor, ours), times, strict=True):
            began = time.perf_counter()
            work()
            taken.append(time.perf_counter() - began)
    return statistics.median(times[0]), statistics.median(times[1])
