"""What the socket passes on of what the server says, to whom, and when a prompt is known to be over."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from core.comfyui.client import ComfyUIClient
from core.comfyui.events import (
    Event,
    Executing,
    ExecutionStart,
    ExecutionSuccess,
    Link,
    Preview,
    ProgressState,
)
from core.comfyui.websocket import EventSocket

A, B = "aaaaaaaa-0000-4000-8000-000000000000", "bbbbbbbb-0000-4000-8000-000000000000"


def status(remaining: int) -> tuple[str, dict[str, Any]]:
    return "status", {"status": {"exec_info": {"queue_remaining": remaining}}}


class Stage:
    """A server that says what a test has it say. ``said``: what the client did."""

    def __init__(self) -> None:
        self.said: list[Any] = []
        self.sockets: list[web.WebSocketResponse] = []
        self.greets = True
        self.url = ""

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        await (self.say(status(0)) if self.greets else socket.close())
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.said.append(json.loads(message.data))
        return socket

    async def say(self, *frames: tuple[str, dict[str, Any]] | bytes | str) -> None:
        for frame in frames:
            if isinstance(frame, bytes):
                await self.sockets[-1].send_bytes(frame)
            else:
                text = frame if isinstance(frame, str) else json.dumps({"type": frame[0], "data": frame[1]})
                await self.sockets[-1].send_str(text)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = Stage()
    app = web.Application()
    app.router.add_get("/ws", stage.connect)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    stage.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield stage
    await runner.cleanup()


@pytest.fixture
async def socket(stage: Stage) -> AsyncIterator[EventSocket]:
    async with ComfyUIClient(stage.url) as client, EventSocket(client) as socket:
        yield socket


async def test_the_first_word_is_the_feature_flags(stage, socket, until):
    async with socket.subscribe(A, print):
        await until(lambda: stage.said)
    assert stage.said == [{"type": "feature_flags", "data": {"supports_preview_metadata": True}}]


async def test_a_socket_that_is_closed_instead_of_greeted_is_none(stage, socket):
    stage.greets = False
    async with socket.subscribe(A, print):
        assert socket.connected is False


async def test_events_go_to_the_prompt_that_they_are_about(stage, socket, until):
    first: list[Event] = []
    second: list[Event] = []
    async with socket.subscribe(A, first.append), socket.subscribe(B, second.append):
        await stage.say(
            ("execution_start", {"prompt_id": A}),
            ("execution_start", {"prompt_id": "a stranger's"}),
            ("executing", {"node": "5"}),
            "no json",
            b"\x00",
            ("execution_start", {"prompt_id": B}),
        )
        await until(lambda: second)
    assert first == [Link(up=True), ExecutionStart(A)]
    assert second == [ExecutionStart(B)]


async def test_a_preview_without_metadata_belongs_to_what_runs(stage, socket, until):
    first: list[Event] = []
    second: list[Event] = []
    frame = struct.pack(">II", 1, 1) + b"jpeg"
    async with socket.subscribe(A, first.append), socket.subscribe(B, second.append):
        await stage.say(frame, ("executing", {"prompt_id": B, "node": "3"}), frame)
        await until(lambda: len(second) == 2)
    assert second[-1] == Preview(None, None, "image/jpeg", b"jpeg")
    assert first == [Link(up=True)]


async def test_after_a_gap_nobody_knows_whose_preview_it_is(stage, socket, swift, until):
    heard: list[Event] = []
    async with socket.subscribe(A, heard.append):
        await stage.say(("execution_start", {"prompt_id": A}))
        await until(lambda: ExecutionStart(A) in heard)
        await stage.sockets[-1].close()
        await until(lambda: heard[-1] == Link(up=True) and len(stage.sockets) == 2)
        await stage.say(struct.pack(">II", 1, 1) + b"somebody else's", ("executing", {"prompt_id": A, "node": "3"}))
        await until(lambda: Executing(A, "3") in heard)
    assert Preview not in map(type, heard)


async def test_the_state_of_all_nodes_is_told_after_a_gap_only(stage, socket, until):
    nodes = {"1": {"state": "finished", "value": 1, "max": 1}}
    heard: list[Event] = []
    late: list[Event] = []

    def state(prompt_id: str) -> tuple[str, dict[str, Any]]:
        return "progress_state", {"prompt_id": prompt_id, "nodes": nodes}

    async with socket.subscribe(A, heard.append):
        await stage.say(state(A), ("executing", {"prompt_id": A, "node": "2"}))
        await until(lambda: Executing(A, "2") in heard)
        async with socket.subscribe(B, late.append, late=True):
            await stage.say(state(B))
            await until(lambda: late == [ProgressState(B, nodes)])
        await stage.say(state(A), ("executing", {"prompt_id": A, "node": "3"}))
        await until(lambda: Executing(A, "3") in heard)
        assert ProgressState(A, nodes) not in heard
        await stage.sockets[-1].close()
        await until(lambda: heard[-1] == Link(up=True) and len(stage.sockets) == 2)
        await stage.say(state(A))
        await until(lambda: heard[-1] == ProgressState(A, nodes))


async def test_a_listener_that_raises_ends_its_own_wait_only(stage, socket, until):
    heard: list[Event] = []

    def broken(event: Event) -> None:
        raise KeyError("broken")

    async with socket.subscribe(A, broken) as mine, socket.subscribe(B, heard.append):
        await stage.say(("execution_start", {"prompt_id": A}), ("execution_start", {"prompt_id": B}))
        await until(lambda: heard)
        with pytest.raises(KeyError, match="broken"):
            await mine.wait()


async def test_a_listener_may_raise_with_its_first_event(socket):
    def broken(event: Event) -> None:
        raise KeyError("broken")

    async with socket.subscribe(A, broken) as subscription:
        with pytest.raises(KeyError, match="broken"):
            await asyncio.wait_for(subscription.wait(), 30)


async def test_a_prompt_is_over_with_its_last_event(stage, socket):
    async with socket.subscribe(A, print) as subscription:
        assert (subscription.heard, subscription.ended) == (False, False)
        await stage.say(("executing", {"prompt_id": A, "node": None}))
        await asyncio.wait_for(subscription.wait(), 30)
        assert subscription.ended is True
        assert subscription.heard is True


@pytest.mark.parametrize("outcome", ["execution_success", "execution_error", "execution_interrupted"])
async def test_a_prompt_is_over_a_while_after_its_outcome_when_its_last_event_is_lost(
    stage, socket, swift, outcome: str
):
    async with socket.subscribe(A, print) as subscription:
        await stage.say((outcome, {"prompt_id": A}))
        await asyncio.wait_for(subscription.wait(), 30)
        assert subscription.ended is True


async def test_a_prompt_is_over_when_another_begins(stage, socket, swift):
    async with socket.subscribe(A, print) as first, socket.subscribe(B, print):
        await stage.say(("execution_start", {"prompt_id": A}), ("execution_start", {"prompt_id": B}))
        await asyncio.wait_for(first.wait(), 30)
        assert first.ended is True


async def test_leaving_takes_the_grace_along(stage, socket, until):
    heard: list[Event] = []
    async with socket.subscribe(A, heard.append) as subscription:
        await stage.say(("execution_success", {"prompt_id": A}))
        await until(lambda: ExecutionSuccess(A) in heard)
    assert subscription._grace is not None
    assert subscription._grace.cancelled()


async def test_a_prompt_of_before_is_looked_for_when_the_queue_becomes_shorter(stage, socket, until):
    heard: list[Event] = []
    async with socket.subscribe(A, heard.append) as own, socket.subscribe(B, print, late=True) as late:
        await stage.say(status(3), status(2), ("executing", {"prompt_id": A, "node": "1"}))
        await asyncio.wait_for(late.wait(), 30)
        assert late.ended is False
        await until(lambda: Executing(A, "1") in heard)
        assert not own._bell.is_set()
        assert socket.queue.remaining == 2
