"""A generation's progress on a terminal."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from core.progress.tracker import ProgressMetrics, ProgressStatus


@contextlib.contextmanager
def progress_bar(label: str, read: Callable[[], ProgressMetrics]) -> Iterator[None]:
    """A bar on stderr that names the node at work.

    Args:
        read: the state of the moment; asked some times a second, so that a place in the queue stays true although no
            event of this prompt tells of it.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskProgressColumn, TimeElapsedColumn
    from rich.text import Text

    class Doing(ProgressColumn):
        def render(self, task: Task) -> Text:
            metrics = read()
            task.completed = metrics.percentage
            return Text(f"{label}: {describe(metrics)}")

    columns = (
        Doing(),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        bar.add_task(label, total=100)
        yield


def describe(metrics: ProgressMetrics) -> str:
    """What is going on, in a line."""
    if not metrics.online:
        return "ComfyUI cannot be heard"
    if metrics.status is ProgressStatus.WAITING:
        ahead = metrics.queue_position
        return "waiting" if not ahead else f"waiting, {ahead} before this one"
    step = f" {metrics.step}/{metrics.total_steps}" if metrics.total_steps else ""
    left = f", {metrics.remaining:.0f} s left" if metrics.remaining is not None else ""
    return f"{metrics.phase}{step}{left}"
