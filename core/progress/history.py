"""How long earlier runs of a workflow took, for an estimate before anything is measured."""

from __future__ import annotations

import statistics
from collections import deque

_KEPT = 12


class RunTimes:
    """Seconds per unit of work, by workflow; a unit is what `core.progress.weights` counts.

    The median of the last twelve runs: one run that had to load its model first does not spoil it.
    """

    def __init__(self) -> None:
        self._rates: dict[str, deque[float]] = {}

    def record(self, workflow: str, seconds: float, work: float) -> None:
        """A run of ``workflow`` that did ``work`` units took ``seconds``."""
        if seconds > 0 and work > 0:
            self._rates.setdefault(workflow, deque(maxlen=_KEPT)).append(seconds / work)

    def estimate(self, workflow: str, work: float) -> float | None:
        """Seconds that ``work`` units should take; None when the workflow never ran."""
        rates = self._rates.get(workflow)
        return statistics.median(rates) * work if rates else None
