"""A generation's progress: events in, metrics out. No I/O, no tasks; time enters through ``clock``."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from core.comfyui.events import (
    Event,
    Executed,
    Executing,
    ExecutionCached,
    ExecutionStart,
    Link,
    Preview,
    Progress,
    ProgressState,
    Queued,
)
from core.progress.metrics import WAITING, ProgressMetrics, ProgressStatus
from core.progress.weights import NodeShare, node_shares
from utils.language import phrase
from utils.logging import get_logger

__all__ = ["ProgressMetrics", "ProgressStatus", "ProgressTracker"]

log = get_logger(__name__)

_STARTING = phrase("Starting")
_WORKING = phrase("Working")
_FINISHING = phrase("Finishing")
_COMPLETED = phrase("Completed")
_FAILED = phrase("Failed")
_NEARLY_DONE = 99.0
#: Below this share of the work a measured pace says too little to be told.
_MEASURABLE = 0.05


class ProgressTracker:
    """Turns what a server says of one prompt into `ProgressMetrics`.

    Args:
        graph: the API-format graph; without it every node counts the same and has no title.
        expected: seconds that ``work`` units take, as earlier runs of this workflow tell.
        queue_position: asked while the prompt waits.
        wait: seconds until its turn comes, asked while others are before it; None when nobody knows.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        graph: Mapping[str, Any] | None = None,
        *,
        expected: Callable[[float], float | None] = lambda work: None,
        queue_position: Callable[[], int | None] = lambda: None,
        wait: Callable[[], float | None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._shares: dict[str, NodeShare] = node_shares(graph or {})
        self._expected = expected
        self._queue_position = queue_position
        self._wait = wait
        self._clock = clock
        self._callbacks: list[Callable[[ProgressMetrics], None]] = []
        self._began = clock()
        self._running_since: float | None = None
        self._ended_at: float | None = None
        self._done: dict[str, float] = {}
        self._total = sum(share.weight for share in self._shares.values())
        self._work = 0.0
        self._cached_work = 0.0
        self._node: str | None = None
        self._step: int | None = None
        self._total_steps: int | None = None
        self._percentage = 0.0
        self._phase = WAITING
        self._status = ProgressStatus.WAITING
        self._online = True
        self._preview: bytes | None = None
        self._takers: dict[type[Event], Callable[[Any], None]] = {
            Progress: self._on_progress,
            Executing: self._on_executing,
            ProgressState: self._on_state,
            ExecutionStart: self._on_start,
            ExecutionCached: self._on_cached,
            Executed: self._on_executed,
            Link: self._on_link,
            Queued: lambda event: None,  # only its place in the queue is new, and that is asked for
        }
        self._error: str | None = None

    # What a program says

    def add_callback(self, callback: Callable[[ProgressMetrics], None]) -> None:
        """Call ``callback(metrics)`` on every change; one that raises is logged and not called again."""
        self._callbacks.append(callback)

    def update_percentage(self, percentage: float) -> None:
        """Set the percentage, 0-100; what is out of range is brought into it, and it never goes back."""
        self._percentage = max(self._percentage, min(100.0, max(0.0, percentage)))
        self._changed()

    def update_phase(self, phase: str) -> None:
        """Say what is going on."""
        self._phase = phase
        self._changed()

    def start_over(self) -> None:
        """The prompt is posted anew: nothing of it is done."""
        self._done.clear()
        self._work = self._cached_work = self._percentage = 0.0
        self._running_since = self._node = self._step = self._total_steps = self._preview = None
        self._status, self._phase, self._online = ProgressStatus.WAITING, WAITING, True
        self._changed()

    def mark_completed(self) -> None:
        """The result is there."""
        self._finish(ProgressStatus.COMPLETED, _COMPLETED)
        self._percentage = 100.0
        self._changed()

    def mark_failed(self, error_message: str) -> None:
        """There will be no result."""
        self._finish(ProgressStatus.FAILED, _FAILED)
        self._error = error_message
        self._changed()

    def get_metrics(self) -> ProgressMetrics:
        """The state at this moment."""
        ahead = self._queue_position() if self._status is ProgressStatus.WAITING else None
        return ProgressMetrics(
            percentage=self._percentage,
            phase=self._phase,
            status=self._status,
            node_title=self._title(self._node),
            step=self._step,
            total_steps=self._total_steps,
            queue_position=ahead,
            elapsed=self._now() - self._began,
            remaining=self._remaining(ahead),
            online=self._online,
            error_message=self._error,
        )

    @property
    def preview(self) -> bytes | None:
        """The last picture of the work in progress, as the server sent it; None before the first, and after the end."""
        return self._preview

    @property
    def work_done(self) -> float:
        """Units of work that this run did itself; cached nodes are none."""
        return self._work - self._cached_work

    @property
    def running_seconds(self) -> float | None:
        """How long the server has worked on it, or did; None while it waits."""
        return None if self._running_since is None else self._now() - self._running_since

    # What the server says

    def handle(self, event: Event) -> None:
        """Take one event of this prompt; after its end none changes anything."""
        take = self._takers.get(type(event))
        if type(event) is Preview and self._ended_at is None:
            self._preview = event.data  # it comes with a step that says what has changed
        if take is None or self._ended_at is not None:
            return
        take(event)
        self._percentage = max(self._percentage, min(_NEARLY_DONE, 100.0 * self._work / (self._total or 1.0)))
        self._changed()

    def _on_start(self, event: ExecutionStart) -> None:
        self._start()

    def _on_cached(self, event: ExecutionCached) -> None:
        self._start()
        for node in event.nodes:
            self._cached_work += self._advance(node)

    def _on_executed(self, event: Executed) -> None:
        self._advance(event.node)

    def _on_link(self, event: Link) -> None:
        self._online = event.up

    def _start(self) -> None:
        if self._running_since is None:
            self._running_since = self._clock()
            self._status = ProgressStatus.RUNNING
            self._phase = _STARTING

    def _on_executing(self, event: Executing) -> None:
        if self._node is not None and self._node != event.node:
            self._advance(self._node)
        self._node, self._step, self._total_steps = event.node, None, None
        if event.node is not None:
            self._start()
            self._phase = self._title(event.node) or _WORKING
        else:
            self._phase = _FINISHING

    def _on_progress(self, event: Progress) -> None:
        self._start()
        node = event.node if event.node is not None else self._node
        if node is None or event.maximum <= 0:
            return
        self._node = node
        self._phase = self._title(node) or _WORKING
        self._advance(node, min(1.0, event.value / event.maximum))
        self._step, self._total_steps = int(event.value), int(event.maximum)

    def _on_state(self, event: ProgressState) -> None:
        for node, state in event.nodes.items():
            if state.get("state") == "finished":
                self._advance(node)

    # Arithmetic

    def _title(self, node: str | None) -> str | None:
        share = self._shares.get(node) if node is not None else None
        return share.title or None if share is not None else None

    def _advance(self, node: str, share: float = 1.0) -> float:
        """Take it that this share of a node is done; the work that this adds. Nothing is ever undone."""
        before = self._done.get(node, 0.0)
        if share <= before:
            return 0.0
        known = self._shares.get(node)
        if known is None:
            # A node that the graph does not show: one that another node expanded into, or there is no graph.
            known = self._shares[node] = NodeShare("", 1.0)
            self._total += known.weight
        self._done[node] = share
        added = known.weight * (share - before)
        self._work += added
        return added

    def _now(self) -> float:
        return self._clock() if self._ended_at is None else self._ended_at

    def _remaining(self, ahead: int | None) -> float | None:
        own = self.own_remaining()
        if not ahead or own is None:
            return own
        wait = self._wait()
        return None if wait is None else wait + own

    def own_remaining(self) -> float | None:
        """Seconds that the server still has to work on it, others before it left aside; None when nobody knows."""
        own = self._total - self._cached_work
        if self._ended_at is not None or own <= 0:
            return None
        expected = self._expected(own)
        if self._running_since is None:
            return expected
        elapsed = self._clock() - self._running_since
        share = self.work_done / own
        measured = elapsed * (1.0 - share) / share if share >= _MEASURABLE else None
        if expected is None:
            return measured
        left = max(0.0, expected - elapsed)
        # The more is measured, the less earlier runs count.
        return left if measured is None else share * measured + (1.0 - share) * left

    def _finish(self, status: ProgressStatus, phase: str) -> None:
        if self._ended_at is None:
            self._ended_at = self._clock()
        self._status, self._phase = status, phase
        self._node = self._step = self._total_steps = self._preview = None

    def _changed(self) -> None:
        if not self._callbacks:
            return
        metrics = self.get_metrics()
        for callback in self._callbacks.copy():
            try:
                callback(metrics)
            except Exception:  # how a run is shown must not end it
                self._callbacks.remove(callback)
                log.exception("progress callback failed")
