"""What ComfyUI says on its socket, as typed events. Pure: bytes in, values out, no I/O.

Frame layouts and the order of events: ComfyUI's ``server.py`` / ``execution.py`` (0.3.64), checked against
recorded conversations. Unknown types and malformed frames parse to None: a newer server may say more.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Status:
    """The server's queue changed. ``queue_remaining`` counts the running prompt and all pending ones."""

    queue_remaining: int
    sid: str | None = None
    prompt_id: None = None


@dataclass(frozen=True, slots=True)
class ExecutionStart:
    prompt_id: str


@dataclass(frozen=True, slots=True)
class ExecutionCached:
    """Nodes whose results are reused. Always sent, often empty."""

    prompt_id: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Executing:
    """A node begins. ``node`` None: the prompt is over, and its history is complete.

    ``prompt_id`` is None in the greeting that a client gets when it reconnects in the middle of a run.
    """

    prompt_id: str | None
    node: str | None


@dataclass(frozen=True, slots=True)
class Progress:
    """Step ``value`` of ``maximum`` of one node."""

    prompt_id: str | None
    node: str | None
    value: float
    maximum: float


@dataclass(frozen=True, slots=True)
class ProgressState:
    """All nodes seen so far in this run: node id → its wire mapping (value, max, state, …)."""

    prompt_id: str
    nodes: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Executed:
    """A node has output for the user; ``output`` is shaped as in the history."""

    prompt_id: str
    node: str
    output: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ExecutionSuccess:
    prompt_id: str


@dataclass(frozen=True, slots=True)
class ExecutionInterrupted:
    prompt_id: str
    node: str | None


@dataclass(frozen=True, slots=True)
class ExecutionFailed:
    """A node raised. The traceback and the inputs that the server sends along are dropped: they may hold secrets."""

    prompt_id: str
    node: str | None
    node_class: str | None
    exception_type: str
    message: str


@dataclass(frozen=True, slots=True)
class Preview:
    """A picture of the work in progress, or the whole result of a node that sends it over the socket.

    ``prompt_id`` and ``node`` are None in frames without metadata (type 1).
    """

    prompt_id: str | None
    node: str | None
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class NodeText:
    """A line of text that a node shows while it works (type 3)."""

    node: str
    text: str
    prompt_id: None = None


@dataclass(frozen=True, slots=True)
class Link:
    """Not a frame: whether the socket to the server is up. Events of the time in between are lost."""

    up: bool
    prompt_id: None = None


@dataclass(frozen=True, slots=True)
class Queued:
    """Not a frame: the server has this prompt, and its place in the queue is known anew."""

    prompt_id: str


Event = (
    Status
    | Link
    | Queued
    | ExecutionStart
    | ExecutionCached
    | Executing
    | Progress
    | ProgressState
    | Executed
    | ExecutionSuccess
    | ExecutionInterrupted
    | ExecutionFailed
    | Preview
    | NodeText
)

#: Made here; the server said nothing of the prompt.
LOCAL = frozenset({Link, Queued})

#: ``ExecutionBlocked`` reports a blocked branch; the prompt goes on (observed in 0.3.64).
NOT_TERMINAL = "ExecutionBlocked"

#: Numbers beyond it are no counts of anything; neither is NaN.
_LARGEST = 2**53
_IMAGE_TYPES = {1: "image/jpeg", 2: "image/png"}
_HEADER = struct.Struct(">II")
_PREVIEW, _TEXT, _PREVIEW_WITH_METADATA = 1, 3, 4


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _string_or_none(value: Any) -> str | None:
    return None if value is None else _string(value)


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(value)
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LARGEST:
        raise TypeError(value)
    return value


def _status(data: Mapping[str, Any]) -> Status:
    remaining = int(_number(data["status"]["exec_info"]["queue_remaining"]))
    return Status(max(0, remaining), _string_or_none(data.get("sid")))


def _progress_state(data: Mapping[str, Any]) -> ProgressState:
    nodes = _mapping(data["nodes"])
    for state in nodes.values():
        _mapping(state)
    return ProgressState(_string(data["prompt_id"]), nodes)


def _failed(data: Mapping[str, Any]) -> ExecutionFailed | None:
    if data.get("exception_type") == NOT_TERMINAL:
        return None
    return ExecutionFailed(
        _string(data["prompt_id"]),
        _string_or_none(data.get("node_id")),
        _string_or_none(data.get("node_type")),
        str(data.get("exception_type", "")),
        str(data.get("exception_message", "")),
    )


_PARSERS: dict[str, Callable[[Mapping[str, Any]], Event | None]] = {
    "status": _status,
    "execution_start": lambda d: ExecutionStart(_string(d["prompt_id"])),
    "execution_cached": lambda d: ExecutionCached(_string(d["prompt_id"]), tuple(map(_string, d["nodes"]))),
    "executing": lambda d: Executing(_string_or_none(d.get("prompt_id")), _string_or_none(d["node"])),
    "progress": lambda d: Progress(
        _string_or_none(d.get("prompt_id")),
        _string_or_none(d.get("node")),
        float(_number(d["value"])),
        float(_number(d["max"])),
    ),
    "progress_state": _progress_state,
    "executed": lambda d: Executed(_string(d["prompt_id"]), _string(d["node"]), _mapping(d.get("output") or {})),
    "execution_success": lambda d: ExecutionSuccess(_string(d["prompt_id"])),
    "execution_interrupted": lambda d: ExecutionInterrupted(_string(d["prompt_id"]), _string_or_none(d.get("node_id"))),
    "execution_error": _failed,
}


def parse_message(kind: Any, data: Any) -> Event | None:
    """One ``{"type": kind, "data": data}``, from the socket or from ``status.messages`` of a history entry."""
    parser = _PARSERS.get(kind) if isinstance(kind, str) else None
    if parser is None or not isinstance(data, Mapping):
        return None
    try:
        return parser(data)
    except (KeyError, IndexError, TypeError, ValueError):
        return None


def parse_text(frame: str | bytes) -> Event | None:
    """A text frame; None when it is not JSON or of a type that nobody here listens to."""
    try:
        message = orjson.loads(frame)
    except orjson.JSONDecodeError:
        return None
    return parse_message(message.get("type"), message.get("data")) if isinstance(message, dict) else None


def parse_binary(frame: bytes) -> Preview | NodeText | None:
    """A binary frame: big-endian uint32 kind, then as the kind says; None when it is cut short or unknown."""
    if len(frame) < _HEADER.size:
        return None
    kind, second = _HEADER.unpack_from(frame)
    body = frame[_HEADER.size :]
    if kind == _PREVIEW:
        return Preview(None, None, _IMAGE_TYPES.get(second, "image/jpeg"), body)
    if kind == _PREVIEW_WITH_METADATA:
        return _preview_with_metadata(body[:second], body[second:])
    if kind == _TEXT:
        return NodeText(body[:second].decode("utf-8", "replace"), body[second:].decode("utf-8", "replace"))
    return None


def _preview_with_metadata(metadata: bytes, data: bytes) -> Preview | None:
    try:
        about = _mapping(orjson.loads(metadata))
        prompt_id, node = _string_or_none(about.get("prompt_id")), _string_or_none(about.get("node_id"))
        return Preview(prompt_id, node, _string(about.get("image_type", "image/jpeg")), data)
    except (orjson.JSONDecodeError, TypeError):
        return None
