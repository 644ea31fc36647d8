"""What happened: requests and accepted prompts. Tests read it, and wait on it without sleeping."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_KEPT_REQUESTS = 50_000
_KEPT_PROMPTS = 10_000


@dataclass(slots=True)
class Request:
    """One HTTP request. `path` is without ``/api``; `status` is None until it was answered, or when it never was."""

    method: str
    path: str
    query: dict[str, str]
    prompt_id: str | None = None
    json: Any = None
    status: int | None = None


@dataclass(slots=True)
class Journal:
    """Records (of the last 50,000 requests and 10,000 prompts), and whoever waits for them to change."""

    requests: list[Request] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    prompts: dict[str, dict[str, Any]] = field(default_factory=dict)
    _waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = field(default_factory=list)

    def add_request(self, request: Request) -> None:
        if len(self.requests) >= _KEPT_REQUESTS:
            del self.requests[: _KEPT_REQUESTS // 2]
        self.requests.append(request)
        self.changed()

    def answered(self, request: Request, status: int) -> None:
        request.status = status
        self.changed()

    def add_prompt(self, prompt_id: str, graph: dict[str, Any]) -> None:
        if len(self.accepted) >= _KEPT_PROMPTS:
            self.prompts.pop(self.accepted.pop(0), None)
        self.accepted.append(prompt_id)
        self.prompts[prompt_id] = graph

    def count(self, method: str, path: str) -> int:
        """How many requests of a method went to `path` or below it."""
        return sum(1 for request in self.requests if request.method == method and covers(path, request.path))

    def changed(self) -> None:
        """Look again at what is waited for. To be called after every change that a test may wait for."""
        for predicate, future in self._waiting:
            if future.done():
                continue
            try:
                if predicate():
                    future.set_result(None)
            except (AssertionError, AttributeError, LookupError, TypeError, ValueError) as exc:
                future.set_exception(exc)  # the test's own mistake, and not to stop whoever reports a change

    async def wait_for(self, predicate: Callable[[], bool], timeout: float) -> None:
        """Return as soon as `predicate` holds. Raises what it raises, and `TimeoutError` after `timeout` seconds."""
        if predicate():
            return
        waiting = (predicate, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(timeout):
                await waiting[1]
        finally:
            self._waiting.remove(waiting)


def covers(path: str, requested: str) -> bool:
    """Whether `requested` is `path` or lies below it (``/history`` covers ``/history/abc``)."""
    return requested == path or requested.startswith(path.rstrip("/") + "/")
