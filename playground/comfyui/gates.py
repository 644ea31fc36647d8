"""Gates: a test holds the engine before an event, or the server before a request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .journal import Request, covers


class Gate:
    """Holds what arrives at it until `release`.

    `data` is what was caught last: an event's data, or a `Request`. `held` is the number of those who stand at it.
    """

    def __init__(self, forget: Callable[[Gate], object], changed: Callable[[], None]) -> None:
        self.data: Any = None
        self.held = 0
        self._forget = forget
        self._changed = changed
        self._reached = asyncio.Event()
        self._released = asyncio.Event()

    async def reached(self, timeout: float = 30.0) -> None:
        """Return once something stands at the gate. Raises `TimeoutError`."""
        async with asyncio.timeout(timeout):
            await self._reached.wait()

    def release(self) -> None:
        """Let go, and take the gate away. Before anything arrived: only take it away."""
        self._forget(self)
        self._released.set()

    async def stand(self, data: Any) -> None:
        self.data = data
        self.held += 1
        self._reached.set()
        self._changed()
        try:
            await self._released.wait()
        finally:
            self.held -= 1


@dataclass(slots=True)
class _EventRule:
    event: str
    node: str | None
    prompt_id: str | None
    skip: int

    def catches(self, event: str, node: str | None, prompt_id: str) -> bool:
        if event != self.event or self.node not in (None, node) or self.prompt_id not in (None, prompt_id):
            return False
        self.skip -= 1
        return self.skip < 0


@dataclass(frozen=True, slots=True)
class _RequestRule:
    method: str
    path: str
    every: bool
    after_effect: bool

    def catches(self, request: Request, *, after_effect: bool) -> bool:
        fits = self.method in ("*", request.method) and covers(self.path, request.path)
        return fits and self.after_effect == after_effect


class Gates:
    """The gates that are set. With none, passing costs one look at an empty dict."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._events: dict[Gate, _EventRule] = {}
        self._requests: dict[Gate, _RequestRule] = {}

    def for_event(self, event: str, node: str | None, prompt_id: str | None, skip: int) -> Gate:
        gate = Gate(lambda gone: self._events.pop(gone, None), self._changed)
        self._events[gate] = _EventRule(event, node, prompt_id, skip)
        return gate

    def for_request(self, method: str, path: str, *, every: bool, after_effect: bool) -> Gate:
        gate = Gate(lambda gone: self._requests.pop(gone, None), self._changed)
        self._requests[gate] = _RequestRule(method, path, every, after_effect)
        return gate

    async def pass_event(self, event: str, node: str | None, prompt_id: str, data: dict[str, Any]) -> None:
        for gate, rule in list(self._events.items()):
            if rule.catches(event, node, prompt_id):
                del self._events[gate]
                await gate.stand(data)

    async def pass_request(self, request: Request, *, after_effect: bool = False) -> None:
        for gate, rule in list(self._requests.items()):
            if rule.catches(request, after_effect=after_effect):
                if not rule.every:
                    del self._requests[gate]
                await gate.stand(request)
