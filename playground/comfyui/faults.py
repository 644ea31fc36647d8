"""Faults that a test arms: every one was seen in a real server, a proxy before it, or a network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from .journal import covers

BLOCKED = "ExecutionBlocked"

_What = TypeVar("_What")

#: What is answered, or what makes it of the prompt that was asked about.
Body = bytes | Callable[[str | None], bytes]


@dataclass(frozen=True, slots=True)
class PromptFault:
    """How ``POST /prompt`` goes wrong: an error status, or a reset connection (status None)."""

    status: int | None
    accept: bool


@dataclass(frozen=True, slots=True)
class PathFault:
    """What a path answers with: an error status, or (status None) 200 and something else than it should."""

    status: int | None
    body: Body = b""
    content_type: str = "application/json"

    def made_for(self, prompt_id: str | None) -> bytes:
        """The body for a request that is about this prompt, or about none."""
        return self.body if isinstance(self.body, bytes) else self.body(prompt_id)


@dataclass(frozen=True, slots=True)
class NodeFault:
    message: str
    exception_type: str
    at_step: int


@dataclass(slots=True)
class _Limited(Generic[_What]):
    """Something that holds `left` times; None: always."""

    what: _What
    left: int | None


@dataclass(slots=True)
class Faults:
    """The armed faults. `preview_bytes`: previews are padded to that size; None: as they are."""

    preview_bytes: int | None = None
    _prompts: list[PromptFault] = field(default_factory=list)
    _nodes: dict[str, _Limited[NodeFault]] = field(default_factory=dict)
    _paths: dict[str, _Limited[PathFault]] = field(default_factory=dict)
    _delays: dict[str, _Limited[float]] = field(default_factory=dict)
    _counts: Counter[str] = field(default_factory=Counter)

    def fail_next_prompt(self, status: int = 500, *, accept: bool = False, times: int = 1) -> None:
        """``POST /prompt`` answers `status` as plain text; with `accept` the prompt is queued all the same."""
        self._prompts += [PromptFault(status, accept)] * times

    def reset_next_prompt(self, *, accept: bool = False, times: int = 1) -> None:
        """``POST /prompt`` ends in a reset connection, before (or with `accept` after) it took effect."""
        self._prompts += [PromptFault(None, accept)] * times

    def history_empty(self, times: int = 1) -> None:
        """The next reads of a finished prompt's history say ``{}``."""
        self._counts["history"] += times

    def drop_event(self, event: str, times: int = 1) -> None:
        """The engine's next events of that name are not sent (names as for gates)."""
        self._counts[f"event {event}"] += times

    def fail_node(
        self,
        class_or_id: str,
        message: str = "CUDA out of memory.",
        exception_type: str = "RuntimeError",
        *,
        at_step: int = 0,
        times: int | None = None,
    ) -> None:
        """A node fails: a sampler before it finishes step `at_step` + 1, any other node at once.

        With ``exception_type="ExecutionBlocked"`` the error is sent, and the run goes on without what depends on
        the node.
        """
        self._nodes[class_or_id] = _Limited(NodeFault(message, exception_type, at_step), times)

    def lose_interrupt(self, times: int = 1) -> None:
        """An interrupt is answered 200 and has no effect (2 of 10 right after a ``POST /prompt`` had none)."""
        self._counts["interrupt"] += times

    def refuse(self, path: str, status: int, *, times: int | None = None) -> None:
        """Requests to `path` and below are answered with `status` and a line of text."""
        self._paths[path] = _Limited(PathFault(status), times)

    def garbage(self, path: str, *, times: int | None = None) -> None:
        """Requests to `path` and below are answered 200 with broken JSON."""
        self.answer(path, b'{"queue_running": [[0, ', times=times)

    def answer(
        self, path: str, body: Body, *, content_type: str = "application/json", times: int | None = None
    ) -> None:
        """Requests to `path` and below are answered 200 with this."""
        self._paths[path] = _Limited(PathFault(None, body, content_type), times)

    def delay(self, path: str, seconds: float, *, times: int | None = None) -> None:
        """Requests to `path` and below take effect, and are answered, so much later."""
        self._delays[path] = _Limited(seconds, times)

    def truncate_view(self, times: int = 1) -> None:
        """``/view`` promises the whole length, sends half of it, and closes the connection."""
        self._counts["view"] += times

    def clear(self) -> None:
        """Forget all faults."""
        self.preview_bytes = None
        for armed in (self._prompts, self._nodes, self._paths, self._delays, self._counts):
            armed.clear()

    def take_prompt(self) -> PromptFault | None:
        return self._prompts.pop(0) if self._prompts else None

    def take_node(self, node_id: str, class_type: str) -> NodeFault | None:
        return _take(self._nodes, lambda armed: armed in (node_id, class_type))

    def take_path(self, requested: str) -> PathFault | None:
        return _take(self._paths, lambda armed: covers(armed, requested))

    def take_delay(self, requested: str) -> float:
        return _take(self._delays, lambda armed: covers(armed, requested)) or 0.0

    def takes_effect(self, what: str) -> bool:
        """Use up one of the counted faults: ``history``, ``interrupt``, ``view``, ``event <name>``."""
        if not self._counts[what]:
            return False
        self._counts[what] -= 1
        return True


def _take(armed: dict[str, _Limited[_What]], fits: Callable[[str], bool]) -> _What | None:
    """Use up one of what is armed for a fitting key."""
    key = next(filter(fits, armed), None)
    if key is None:
        return None
    limited = armed[key]
    if limited.left is not None:
        limited.left -= 1
        if limited.left <= 0:
            del armed[key]
    return limited.what
