"""Prompts that wait, the one that runs, and those that are done."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Graph: TypeAlias = dict[str, dict[str, Any]]

_KEPT_HISTORY = 10_000
_SECRETS = ("api_key_comfy_org", "auth_token_comfy_org")


@dataclass(slots=True)
class Prompt:
    """An accepted prompt. `outputs`: the ids of the output nodes that are valid and will run."""

    number: float
    prompt_id: str
    graph: Graph
    extra_data: dict[str, Any]
    outputs: list[str]
    interrupted: bool = False

    @property
    def client_id(self) -> str | None:
        return self.extra_data.get("client_id")

    def wire(self) -> list[Any]:
        """As in ``/queue``."""
        return [self.number, self.prompt_id, self.graph, self.extra_data, self.outputs]

    def wire_without_secrets(self) -> list[Any]:
        """As in ``/history``, where the keys for paid nodes are left out."""
        extra_data = {key: value for key, value in self.extra_data.items() if key not in _SECRETS}
        return [self.number, self.prompt_id, self.graph, extra_data, self.outputs]


@dataclass(slots=True)
class PromptQueue:
    """One prompt runs at a time; the lowest number is next. `changed` is called after every change."""

    changed: Callable[[], None]
    running: Prompt | None = None
    history: dict[str, dict[str, Any]] = field(default_factory=dict)
    _next_number: int = 0
    _order: int = 0
    _heap: list[tuple[float, int, Prompt]] = field(default_factory=list)
    _filled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def pending(self) -> list[Prompt]:
        return [prompt for _, _, prompt in sorted(self._heap, key=lambda item: item[:2])]

    @property
    def remaining(self) -> int:
        return len(self._heap) + (self.running is not None)

    def take_number(self, front: bool) -> int:
        """The next number, negative for the front of the queue. A prompt that is then refused has used it up."""
        number = self._next_number
        self._next_number += 1
        return -number if front else number

    def put(self, prompt: Prompt) -> None:
        self._order += 1
        heapq.heappush(self._heap, (prompt.number, self._order, prompt))
        self._filled.set()
        self.changed()

    async def take(self) -> Prompt:
        """Wait for a prompt, which is running from now on."""
        while not self._heap:
            self._filled.clear()
            await self._filled.wait()
        self.running = heapq.heappop(self._heap)[2]
        self.changed()
        return self.running

    def finish(self, prompt: Prompt, entry: dict[str, Any]) -> None:
        """File a prompt that has run under its id."""
        while len(self.history) >= _KEPT_HISTORY:
            del self.history[next(iter(self.history))]
        self.history[prompt.prompt_id] = entry
        self.running = None
        self.changed()

    def delete(self, prompt_id: str) -> bool:
        """Take a pending prompt out of the queue; False when it is not there."""
        for item in self._heap:
            if item[2].prompt_id == prompt_id:
                self._heap.remove(item)
                heapq.heapify(self._heap)
                self.changed()
                return True
        return False

    def clear(self) -> None:
        self._heap.clear()
        self.changed()

    def interrupt(self, prompt_id: str | None = None) -> bool:
        """Mark the running prompt, whichever it is when no id is given. Takes effect at its next step."""
        if self.running is None or prompt_id not in (None, self.running.prompt_id):
            return False
        self.running.interrupted = True
        return True

    def forget(self) -> None:
        """Be as after a restart: nothing queued, nothing done, numbers from 0."""
        self._heap.clear()
        self.history.clear()
        self.running = None
        self._next_number = 0
        self.changed()

    def past(self, max_items: int | None, offset: int) -> dict[str, dict[str, Any]]:
        """A part of the history, oldest first; a negative offset means the last `max_items`."""
        ids = list(self.history)
        if offset < 0:
            offset = 0 if max_items is None else max(0, len(ids) - max_items)
        end = None if max_items is None else offset + max_items
        return {prompt_id: self.history[prompt_id] for prompt_id in ids[offset:end]}
