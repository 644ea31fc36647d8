"""A generation's progress on a terminal."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from core.progress.tracker import ProgressMetrics, ProgressStatus


@contextlib.contextmanager
def progress_bar(label: str) -> Iterator[Callable[[ProgressMetrics], None]]:
    """A bar on stderr that names the node at work; yields what is to be called with every change."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(label, total=100)

        def show(metrics: ProgressMetrics) -> None:
            bar.update(task, completed=metrics.percentage, description=f"{label}: {describe(metrics)}")

        yield show


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
