"""What one run tells its client: events in the recorded order, through the gates and faults of a test."""

from __future__ import annotations

import time
from typing import Any

from .prompts import Prompt
from .state import State


class Reporter:
    """Sends a prompt's events to its client id, and keeps the messages that its history will hold."""

    def __init__(self, state: State, prompt: Prompt) -> None:
        self._state = state
        self._prompt = prompt
        self._progress: dict[str, dict[str, Any]] = {}
        self.messages: list[list[Any]] = []

    async def status(self) -> None:
        """Tell every socket how long the queue is."""
        if await self._passes("status", None, self._state.status):
            await self._state.announce()

    async def message(self, event: str, data: dict[str, Any]) -> None:
        """An event that the history keeps: ``execution_start`` and its like."""
        data = {**data, "prompt_id": self._prompt.prompt_id, "timestamp": time.time_ns() // 1_000_000}
        self.messages.append([event, data])
        await self._to_client(event, data.get("node_id"), data)

    async def notice(self, event: str, data: dict[str, Any]) -> None:
        """An event like those of `message` that the history does not keep."""
        await self._to_client(event, data.get("node_id"), {**data, "prompt_id": self._prompt.prompt_id})

    async def begin(self, node_id: str) -> None:
        """A node starts."""
        await self._set_progress(node_id, 0.0, 1.0, "running")
        await self._to_client("executing", node_id, self._about(node_id))

    async def step(self, node_id: str, value: int, total: int, mime: str = "", image: bytes | None = None) -> None:
        """A node has done `value` of `total`. The picture comes before ``progress`` with metadata, after it without."""
        await self._set_progress(node_id, value, total, "running")
        early = self._state.sockets.wants_metadata(self._prompt.client_id)
        if image is not None and early:
            await self._preview(node_id, mime, image)
        data = {"value": value, "max": total, "prompt_id": self._prompt.prompt_id, "node": node_id}
        if await self._passes("progress", node_id, data):
            await self._state.sockets.send(self._prompt.client_id, "progress", data)
        if image is not None and not early:
            await self._preview(node_id, mime, image)

    async def executed(self, node_id: str, shown: dict[str, list[Any]]) -> None:
        """What an output node made."""
        await self._to_client("executed", node_id, self._about(node_id) | {"output": shown})

    async def finish(self, node_id: str, total: float) -> None:
        """A node is done."""
        await self._set_progress(node_id, total, total, "finished")

    async def end(self) -> None:
        """The last event of a run, whatever became of it."""
        data = {"node": None, "prompt_id": self._prompt.prompt_id}
        if await self._passes("end", None, data) and self._prompt.client_id is not None:
            await self._state.sockets.send(self._prompt.client_id, "executing", data)

    async def _passes(self, event: str, node_id: str | None, data: dict[str, Any]) -> bool:
        await self._state.gates.pass_event(event, node_id, self._prompt.prompt_id, data)
        return not self._state.faults.takes_effect(f"event {event}")

    async def _to_client(self, event: str, node_id: str | None, data: dict[str, Any]) -> None:
        """For events that a prompt without a client id sends to nobody."""
        if await self._passes(event, node_id, data) and self._prompt.client_id is not None:
            await self._state.sockets.send(self._prompt.client_id, event, data)

    async def _preview(self, node_id: str, mime: str, image: bytes) -> None:
        data = _ids(node_id) | {"prompt_id": self._prompt.prompt_id}
        if await self._passes("preview", node_id, data):
            await self._state.sockets.send_preview(self._prompt.client_id, mime, image, data)

    async def _set_progress(self, node_id: str, value: float, total: float, state: str) -> None:
        entry = {"value": value, "max": total, "state": state, "prompt_id": self._prompt.prompt_id}
        self._progress[node_id] = entry | _ids(node_id)
        data = {"prompt_id": self._prompt.prompt_id, "nodes": self._progress}
        if await self._passes("progress_state", node_id, data):
            await self._state.sockets.send(self._prompt.client_id, "progress_state", data)

    def _about(self, node_id: str) -> dict[str, Any]:
        return {"node": node_id, "display_node": node_id, "prompt_id": self._prompt.prompt_id}


def _ids(node_id: str) -> dict[str, str | None]:
    return {"node_id": node_id, "display_node_id": node_id, "parent_node_id": None, "real_node_id": node_id}
