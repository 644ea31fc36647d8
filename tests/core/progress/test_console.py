from __future__ import annotations

import pytest

from core.progress.console import describe, progress_bar
from core.progress.tracker import ProgressMetrics, ProgressStatus

RUNNING = ProgressStatus.RUNNING


@pytest.mark.parametrize(
    ("metrics", "line"),
    [
        (ProgressMetrics(), "waiting"),
        (ProgressMetrics(queue_position=0), "waiting"),
        (ProgressMetrics(queue_position=3), "waiting, 3 before this one"),
        (ProgressMetrics(queue_position=3, online=False), "ComfyUI cannot be heard"),
        (ProgressMetrics(status=RUNNING, phase="Load"), "Load"),
        (ProgressMetrics(status=RUNNING, phase="Paint", step=3, total_steps=8), "Paint 3/8"),
        (
            ProgressMetrics(status=RUNNING, phase="Paint", step=3, total_steps=8, remaining=11.6),
            "Paint 3/8, 12 s left",
        ),
    ],
)
def test_what_is_going_on_in_a_line(metrics: ProgressMetrics, line: str):
    assert describe(metrics) == line


def test_the_bar_is_on_stderr_and_takes_titles_as_they_are(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    metrics = ProgressMetrics(status=RUNNING, phase="Load [bold]x", percentage=42)
    with progress_bar("Flux", lambda: metrics):
        pass
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "Flux: Load [bold]x" in shown.err
    assert "42%" in shown.err
