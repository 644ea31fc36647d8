"""Where a waiting job stands, counting the bot's own queue and the server's, and when its turn comes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.comfyui.execution import Executor
from core.jobs.line import Line

if TYPE_CHECKING:
    from core.jobs.handle import JobHandle


class Forecast:
    """Looks ahead for the jobs of one server.

    Args:
        handles: the jobs that are not over, by id.
    """

    def __init__(self, line: Line, executor: Executor, handles: Mapping[str, JobHandle]) -> None:
        self._line = line
        self._executor = executor
        self._handles = handles

    @property
    def on_server(self) -> int:
        """How many prompts run or wait on the server, as far as is known."""
        return max(self._executor.queue_length or 0, len(self._line.held))

    @property
    def waiting(self) -> int:
        """How many jobs wait in the bot's own queue."""
        return len(self._line.order)

    def ahead(self, job_id: str) -> int | None:
        """How many run or wait before this one, anybody's; None when it runs, or nothing is known."""
        waiting = self._line.ahead(job_id)
        if waiting is None:
            return self._executor.queue_position(job_id)
        return self.on_server + waiting

    def wait(self, job_id: str) -> float | None:
        """Seconds until its turn comes; None where a job before it never ran, or is another program's."""
        if self.on_server > len(self._line.held):
            return None
        total = 0.0
        for earlier in (*self._line.held, *self._line.order):
            if earlier == job_id:
                return total
            handle = self._handles.get(earlier)
            seconds = handle.tracker.own_remaining() if handle is not None else None
            if seconds is None:
                return None
            total += seconds
        return None
