"""A moment of a generation, as screens show it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from utils.language import phrase

WAITING = phrase("Waiting")


class ProgressStatus(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ProgressMetrics:
    """A moment of a generation.

    Attributes:
        percentage: 0-100, never less than a moment ago.
        phase: what is going on, in a few words.
        node_title: the node at work.
        step, total_steps: of that node, when it counts steps.
        queue_position: prompts that run or wait before this one; 0 is next; None when it runs or nobody knows.
        elapsed: seconds since the tracker was made.
        remaining: seconds to go, measured or from earlier runs; None when nobody knows.
        online: False while the server cannot be heard.
        error_message: why it failed.
    """

    percentage: float = 0.0
    phase: str = WAITING
    status: ProgressStatus = ProgressStatus.WAITING
    node_title: str | None = None
    step: int | None = None
    total_steps: int | None = None
    queue_position: int | None = None
    elapsed: float = 0.0
    remaining: float | None = None
    online: bool = True
    error_message: str | None = None
