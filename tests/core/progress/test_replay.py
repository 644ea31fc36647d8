"""Recorded conversations with a real server, played to a tracker."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.comfyui.events import ExecutionStart, ExecutionSuccess, parse_text
from core.progress.tracker import ProgressTracker

#: A run of two nodes of which one was cached, as it was recorded.
SMALL = [
    {"type": "execution_start", "data": {"prompt_id": "a"}},
    {"type": "execution_cached", "data": {"nodes": ["1"], "prompt_id": "a"}},
    {"type": "progress_state", "data": {"prompt_id": "a", "nodes": {"2": {"value": 0, "max": 1, "state": "running"}}}},
    {"type": "executing", "data": {"node": "2", "display_node": "2", "prompt_id": "a"}},
    {"type": "progress", "data": {"value": 1, "max": 2, "prompt_id": "a", "node": "2"}},
    {"type": "progress", "data": {"value": 2, "max": 2, "prompt_id": "a", "node": "2"}},
    {"type": "executed", "data": {"node": "2", "output": {}, "prompt_id": "a"}},
    {"type": "execution_success", "data": {"prompt_id": "a"}},
    {"type": "executing", "data": {"node": None, "prompt_id": "a"}},
]


def conversations(recordings: Path) -> dict[str, list[dict[str, Any]]]:
    found = {"small": SMALL}
    for file in sorted(recordings.glob("transcripts/all_*.jsonl")):
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        found[file.stem.removeprefix("all_")] = [line["msg"] for line in lines if "msg" in line]
    return found


@pytest.mark.parametrize("knows_the_graph", [True, False])
@pytest.mark.parametrize("skipped", [(), ("progress_state",), ("executing", "progress")])
def test_every_recorded_run_advances_to_its_end(recordings: Path, knows_the_graph: bool, skipped: tuple[str, ...]):
    for name, frames in conversations(recordings).items():
        file = recordings / "workflows" / f"{name}.json"
        graph = json.loads(file.read_text()) if file.exists() and knows_the_graph else None
        events = [parse_text(json.dumps(frame)) for frame in frames if frame["type"] not in skipped]
        starts = [event.prompt_id for event in events if isinstance(event, ExecutionStart)]
        tracker = ProgressTracker(graph)
        percentages = [0.0]
        tracker.add_callback(lambda metrics, seen=percentages: seen.append(metrics.percentage))
        for event in events:
            if event is not None and event.prompt_id == starts[-1]:
                tracker.handle(event)
        assert percentages == sorted(percentages), name
        if any(isinstance(event, ExecutionSuccess) for event in events) and not skipped:
            assert percentages[-1] >= 99, name
        assert tracker.running_seconds is not None
