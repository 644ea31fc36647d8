from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.comfyui.events import (
    Event,
    Executed,
    Executing,
    ExecutionCached,
    ExecutionFailed,
    ExecutionInterrupted,
    ExecutionStart,
    ExecutionSuccess,
    NodeText,
    Preview,
    Progress,
    ProgressState,
    Status,
    parse_binary,
    parse_message,
    parse_text,
)

P = "32697cbb-4bb4-41e7-9a73-a97980e998e9"
STATE = {"value": 1, "max": 8, "state": "running", "node_id": "5", "prompt_id": P, "display_node_id": "5"}
FILE = {"filename": "pic_00001_.png", "subfolder": "", "type": "output"}
FAILURE = {
    "prompt_id": P,
    "node_id": "8",
    "node_type": "LoadImage",
    "executed": [],
    "exception_message": "cannot identify image file\n",
    "exception_type": "PIL.UnidentifiedImageError",
    "traceback": ['  File "/srv/execution.py", line 349'],
    "current_inputs": {"image": ["corrupt.png"]},
    "current_outputs": [],
}

FRAMES: list[tuple[str, dict[str, Any], Event | None]] = [
    ("status", {"status": {"exec_info": {"queue_remaining": 2}}}, Status(2)),
    ("status", {"status": {"exec_info": {"queue_remaining": 0}}, "sid": "bf94"}, Status(0, "bf94")),
    ("execution_start", {"prompt_id": P, "timestamp": 1795446497773}, ExecutionStart(P)),
    ("execution_cached", {"nodes": ["1", "12:3"], "prompt_id": P}, ExecutionCached(P, ("1", "12:3"))),
    ("execution_cached", {"nodes": [], "prompt_id": P}, ExecutionCached(P, ())),
    ("progress_state", {"prompt_id": P, "nodes": {"5": STATE}}, ProgressState(P, {"5": STATE})),
    ("executing", {"node": "5", "display_node": "5", "prompt_id": P}, Executing(P, "5")),
    ("executing", {"node": None, "prompt_id": P}, Executing(P, None)),
    ("executing", {"node": "5"}, Executing(None, "5")),
    ("progress", {"value": 3, "max": 8, "prompt_id": P, "node": "5"}, Progress(P, "5", 3.0, 8.0)),
    ("executed", {"node": "7", "output": {"images": [FILE]}, "prompt_id": P}, Executed(P, "7", {"images": [FILE]})),
    ("executed", {"node": "7", "output": None, "prompt_id": P}, Executed(P, "7", {})),
    ("execution_success", {"prompt_id": P, "timestamp": 1}, ExecutionSuccess(P)),
    ("execution_interrupted", {"prompt_id": P, "node_id": "5", "executed": []}, ExecutionInterrupted(P, "5")),
    (
        "execution_error",
        FAILURE,
        ExecutionFailed(P, "8", "LoadImage", "PIL.UnidentifiedImageError", "cannot identify image file\n"),
    ),
    ("execution_error", {**FAILURE, "exception_type": "ExecutionBlocked"}, None),
    ("feature_flags", {"supports_preview_metadata": True}, None),
    ("crystools.monitor", {"cpu_utilization": 3.1}, None),
]

WITHOUT_MEANING = {"feature_flags", "logs", "notification"}


@pytest.mark.parametrize(("kind", "data", "event"), FRAMES)
def test_a_text_frame_becomes_its_event(kind: str, data: dict[str, Any], event: Event | None):
    frame = json.dumps({"type": kind, "data": data})
    assert parse_text(frame) == parse_text(frame.encode()) == parse_message(kind, data) == event


def test_an_error_keeps_neither_traceback_nor_inputs():
    event = parse_message("execution_error", FAILURE)
    assert "/srv" not in repr(event)
    assert "corrupt.png" not in repr(event)


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "not json",
        b"\xff\xfe",
        "[]",
        "null",
        '"status"',
        '{"type": "status"}',
        '{"data": {}}',
        '{"type": ["status"], "data": {}}',
        '{"type": "status", "data": {"status": null}}',
        '{"type": "execution_error", "data": [1, 2]}',
        '{"type": "executing", "data": "prompt_id"}',
        '{"type": "executing", "data": {"prompt_id": "a"}}',
        '{"type": "executing", "data": {"prompt_id": ["a"], "node": "1"}}',
        '{"type": "execution_start", "data": {"prompt_id": {}}}',
        '{"type": "execution_start", "data": {"prompt_id": null}}',
        '{"type": "execution_cached", "data": {"prompt_id": "a", "nodes": [["1"]]}}',
        '{"type": "progress", "data": {"prompt_id": "a", "node": "1", "value": "half", "max": 1}}',
        '{"type": "progress_state", "data": {"prompt_id": "a", "nodes": ["1"]}}',
        '{"type": "progress_state", "data": {"prompt_id": "a", "nodes": {"1": "finished"}}}',
        '{"type": "executed", "data": {"prompt_id": "a", "node": ["7"], "output": {}}}',
        '{"type": "executed", "data": {"prompt_id": "a", "node": "7", "output": ["x"]}}',
    ],
)
def test_a_malformed_text_frame_is_nothing(frame: str | bytes):
    assert parse_text(frame) is None


def with_metadata(metadata: bytes, picture: bytes) -> bytes:
    return struct.pack(">II", 4, len(metadata)) + metadata + picture


METADATA = {"node_id": "5", "prompt_id": P, "display_node_id": "5", "image_type": "image/png"}


@pytest.mark.parametrize(
    ("frame", "event"),
    [
        (struct.pack(">II", 1, 1) + b"\xff\xd8pic", Preview(None, None, "image/jpeg", b"\xff\xd8pic")),
        (struct.pack(">II", 1, 2) + b"\x89PNG", Preview(None, None, "image/png", b"\x89PNG")),
        (with_metadata(json.dumps(METADATA).encode(), b"\x89PNG"), Preview(P, "5", "image/png", b"\x89PNG")),
        (with_metadata(b"{}", b"pic"), Preview(None, None, "image/jpeg", b"pic")),
        (struct.pack(">II", 3, 2) + b"12" + "80 % \u00e9".encode(), NodeText("12", "80 % \u00e9")),
        (with_metadata(b"[1]", b"pic"), None),
        (with_metadata(b"{", b"pic"), None),
        (with_metadata(b'{"prompt_id": ["a"]}', b"pic"), None),
        (struct.pack(">II", 9, 0), None),
        (b"\x00\x00\x00\x01", None),
        (b"", None),
    ],
)
def test_a_binary_frame_becomes_its_event(frame: bytes, event: Event | None):
    assert parse_binary(frame) == event


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**70) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ("prompt_id", "node", "nodes", "node_id", "value", "max", "output", "status", "exec_info", "sid", "exception_type")
)


@given(st.binary(max_size=200))
def test_no_bytes_raise(frame: bytes):
    parse_binary(frame)
    parse_text(frame)


@given(st.integers(0, 5), st.integers(0, 300), st.binary(max_size=100))
def test_no_binary_frame_with_a_header_raises(kind: int, second: int, body: bytes):
    parse_binary(struct.pack(">II", kind, second) + body)


@given(st.sampled_from(sorted({kind for kind, _, _ in FRAMES})), st.dictionaries(KEYS, JSON) | JSON)
def test_no_data_raise_and_what_is_told_can_be_looked_up(kind: str, data: Any):
    event = parse_message(kind, data)
    if event is not None:
        hash((event.prompt_id, getattr(event, "node", None)))


def recorded_frames(recordings: Path) -> list[dict[str, Any]]:
    files = sorted(recordings.glob("transcripts/*.jsonl"))
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    return [line["msg"] for line in lines if isinstance(line.get("msg"), dict)]


def test_every_recorded_frame_is_understood(recordings: Path):
    frames = [{"type": kind, "data": data} for kind, data, _ in FRAMES] + recorded_frames(recordings)
    unknown = {
        frame["type"]
        for frame in frames
        if parse_text(json.dumps(frame)) is None and frame["data"].get("exception_type") != "ExecutionBlocked"
    }
    assert unknown - WITHOUT_MEANING == {"crystools.monitor"}
