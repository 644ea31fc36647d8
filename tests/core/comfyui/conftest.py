from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from core.comfyui.client import ComfyUIClient
from core.comfyui.events import Event, Executing
from core.comfyui.execution import Executor
from core.comfyui.results import ExecutionResult
from core.comfyui.websocket import EventSocket
from playground.comfyui import ComfyUIServer

P = "32697cbb-4bb4-41e7-9a73-a97980e998e9"


@dataclass
class Road:
    """A client, its socket and an executor, on the scripted server."""

    server: ComfyUIServer
    client: ComfyUIClient
    socket: EventSocket
    executor: Executor
    heard: list[Event] = field(default_factory=list)

    def start(self, graph: dict[str, Any], **options: Any) -> asyncio.Task[ExecutionResult]:
        """Run a graph in a task of its own, as prompt `P` where no other id is given."""
        options = {"prompt_id": P, "listener": self.heard.append, **options}
        return asyncio.create_task(self.executor.run(graph, **options))

    def asked(self) -> list[str]:
        """Every request but those for sockets, as ``GET /history``."""
        asked = [(request.method, "/" + request.path.split("/")[1]) for request in self.server.requests]
        return [f"{method} {path}" for method, path in asked if path != "/ws"]

    @property
    def ends(self) -> int:
        return sum(isinstance(event, Executing) and event.node is None for event in self.heard)


@pytest.fixture
async def build_road(comfyui: ComfyUIServer) -> AsyncIterator[Callable[..., Any]]:
    """Makes a road; ``silence_timeout``, ``offline_timeout`` and ``job_timeout`` in seconds."""
    async with contextlib.AsyncExitStack() as stack:

        async def build(*, silence_timeout: float = 20.0, **timeouts: float) -> Road:
            client = await stack.enter_async_context(ComfyUIClient(comfyui.url))
            socket = await stack.enter_async_context(EventSocket(client, silence_timeout=silence_timeout))
            return Road(comfyui, client, socket, Executor(client, socket, **timeouts))

        yield build


@pytest.fixture
async def road(build_road: Callable[..., Any]) -> Road:
    return await build_road()
