"""The one socket: what it passes on, to whom, and what it does when it breaks or falls silent."""

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
    Progress,
    ProgressState,
)
from core.comfyui.websocket import EventSocket

A, B = "aaaaaaaa-0000-4000-8000-000000000000", "bbbbbbbb-0000-4000-8000-000000000000"


class Stage:
    """A server that says what a test has it say: ``said`` of the client, ``say`` to it."""

    def __init__(self) -> None:
        self.said: list[Any] = []
        self.sockets: list[web.WebSocketResponse] = []
        self.changed = asyncio.Event()
        self.greeting: str | None = json.dumps({"type": "status", "data": {"status": {"exec_info": {"queue_remaining": 0}}}})

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if self.greeting is not None:
            await socket.send_str(self.greeting)
        self.sockets.append(socket)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.said.append(json.loads(message.data))
                self.changed.set()
        return socket

    async def say(self, *frames: tuple[str, dict[str, Any]] | bytes | str) -> None:
        for frame in frames:
            if isinstance(frame, bytes):
                await self.sockets[-1].send_bytes(frame)
            elif isinstance(frame, str):
                await self.sockets[-1].send_str(frame)
            else:
                await self.sockets[-1].send_str(json.dumps({"type": frame[0], "data": frame[1]}))

    def status(self, remaining: int) -> tuple[str, dict[str, Any]]:
        return "status", {"status": {"exec_info": {"queue_remaining": remaining}}}


@pytest.fixture
async def stage() -> AsyncIterator[tuple[Stage, EventSocket]]:
    stage = Stage()
    app = web.Application()
    app.router.add_get("/ws", stage.connect)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with ComfyUIClient(f"http://127.0.0.1:{runner.addresses[0][1]}") as client, EventSocket(client) as socket:
        yield stage, socket
    await runner.cleanup()


class Ear:
    """Keeps what it hears; `hears` waits for more."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._more = asyncio.Event()

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        self._more.set()

    async def hears(self, event: Event) -> None:
        async with asyncio.timeout(5):
            while event not in self.events:
                self._more.clear()
                await self._more.wait()


def socket_tasks() -> list[str]:
    return [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("comfyui-socket")]


async def test_there_is_one_socket_for_all_and_none_before_somebody_listens(road):
    assert (road.server.sockets_opened, road.socket.connected) == (0, False)
    async with road.socket.subscribe(A, road.heard.append), road.socket.subscribe(B, road.heard.append):
        assert (road.server.sockets_opened, road.socket.connected) == (1, True)
    async with road.socket.subscribe(A, road.heard.append):
        assert road.server.sockets_opened == 1


async def test_the_first_word_is_the_feature_flags(stage):
    server, socket = stage
    async with socket.subscribe(A, print):
        await asyncio.wait_for(server.changed.wait(), 5)
    assert server.said == [{"type": "feature_flags", "data": {"supports_preview_metadata": True}}]


async def test_events_go_to_the_prompt_that_they_are_about(stage):
    server, socket = stage
    first, second = Ear(), Ear()
    async with socket.subscribe(A, first), socket.subscribe(B, second):
        await server.say(
            ("execution_start", {"prompt_id": A}),
            ("execution_start", {"prompt_id": "a stranger's"}),
            ("executing", {"node": "5"}),
            "no json",
            b"\x00",
            ("execution_start", {"prompt_id": B}),
        )
        await second.hears(ExecutionStart(B))
    assert first.events == [Link(True), ExecutionStart(A)]
    assert second.events == [ExecutionStart(B)]


async def test_a_preview_without_metadata_belongs_to_what_runs(stage):
    server, socket = stage
    first, second = Ear(), Ear()
    frame = struct.pack(">II", 1, 1) + b"jpeg"
    async with socket.subscribe(A, first), socket.subscribe(B, second):
        await server.say(frame, ("executing", {"prompt_id": B, "node": "3"}), frame)
        await second.hears(Preview(None, None, "image/jpeg", b"jpeg"))
    assert [type(event) for event in first.events] == [Link]


@pytest.mark.parametrize("comfyui", [{"previews": True}], indirect=True)
async def test_previews_carry_metadata_because_we_asked(road, picture):
    await road.start(picture(steps=2))
    previews = [event for event in road.heard if isinstance(event, Preview)]
    assert [(preview.node, preview.media_type) for preview in previews] == [("3", "image/jpeg")] * 2


async def test_the_state_of_all_nodes_is_told_after_a_gap_only(stage):
    server, socket = stage
    ear, late = Ear(), Ear()
    nodes = {"1": {"state": "finished", "value": 1, "max": 1}}

    def state(prompt_id: str) -> tuple[str, dict[str, Any]]:
        return "progress_state", {"prompt_id": prompt_id, "nodes": nodes}

    async with socket.subscribe(A, ear):
        await server.say(state(A), ("executing", {"prompt_id": A, "node": "2"}))
        await ear.hears(Executing(A, "2"))
        async with socket.subscribe(B, late, late=True):
            await server.say(state(B))
            await late.hears(ProgressState(B, nodes))
        await server.say(state(A), ("executing", {"prompt_id": A, "node": "3"}))
        await ear.hears(Executing(A, "3"))
        await server.sockets[-1].close()
        await ear.hears(Link(False))
        await ear.hears(Link(True))
        while len(server.sockets) < 2:
            await asyncio.sleep(0)
        await server.say(state(A))
        await ear.hears(ProgressState(A, nodes))
    assert sum(isinstance(event, ProgressState) for event in ear.events) == 1


async def test_two_cannot_listen_to_one_prompt(road):
    async with road.socket.subscribe(A, road.heard.append) as subscription:
        with pytest.raises(ValueError, match="listened to already"):
            async with road.socket.subscribe(A, road.heard.append):
                pass
        await road.server.drop_sockets()
        assert await asyncio.wait_for(subscription.wait(), 5) is False
    async with road.socket.subscribe(A, road.heard.append):
        pass


async def test_a_listener_that_raises_ends_its_own_job_only(stage):
    server, socket = stage
    ear = Ear()

    def broken(event: Event) -> None:
        raise KeyError("broken")

    async with socket.subscribe(A, broken) as mine, socket.subscribe(B, ear):
        await server.say(("execution_start", {"prompt_id": A}), ("execution_start", {"prompt_id": B}))
        await ear.hears(ExecutionStart(B))
        with pytest.raises(KeyError, match="broken"):
            await mine.wait()


async def test_a_prompt_is_over_with_its_last_event(stage):
    server, socket = stage
    async with socket.subscribe(A, print) as subscription:
        assert (subscription.heard, subscription.ended) == (False, False)
        await server.say(("executing", {"prompt_id": A, "node": None}))
        assert await asyncio.wait_for(subscription.wait(), 5) is True
        assert subscription.heard is True


@pytest.mark.parametrize("outcome", ["execution_success", "execution_error", "execution_interrupted"])
async def test_a_prompt_is_over_a_while_after_its_outcome_when_its_last_event_is_lost(stage, swift, outcome: str):
    server, socket = stage
    async with socket.subscribe(A, print) as subscription:
        await server.say((outcome, {"prompt_id": A}))
        assert await asyncio.wait_for(subscription.wait(), 5) is True


async def test_a_prompt_is_over_when_another_begins(stage, swift):
    server, socket = stage
    async with socket.subscribe(A, print) as first, socket.subscribe(B, print):
        await server.say(("execution_start", {"prompt_id": A}), ("execution_start", {"prompt_id": B}))
        assert await asyncio.wait_for(first.wait(), 5) is True


async def test_leaving_takes_the_grace_along(stage):
    server, socket = stage
    ear = Ear()
    async with socket.subscribe(A, ear) as subscription:
        await server.say(("execution_success", {"prompt_id": A}))
        await ear.hears(ExecutionSuccess(A))
    assert subscription._grace is not None
    assert subscription._grace.cancelled()


async def test_a_prompt_of_before_is_looked_for_when_the_queue_becomes_shorter(stage):
    server, socket = stage
    ear = Ear()
    async with socket.subscribe(A, ear) as own, socket.subscribe(B, Ear(), late=True) as late:
        await server.say(server.status(3), server.status(2), ("executing", {"prompt_id": A, "node": "1"}))
        assert await asyncio.wait_for(late.wait(), 5) is False
        await ear.hears(Executing(A, "1"))
        assert not own._bell.is_set()
        assert socket.queue.remaining == 2


async def test_a_socket_that_drops_is_replaced_and_everybody_told(road, swift):
    ear = Ear()
    async with road.socket.subscribe(A, ear) as subscription:
        assert ear.events == [Link(True)]
        await road.server.drop_sockets()
        assert await asyncio.wait_for(subscription.wait(), 5) is False
        await road.server.wait_for(lambda: road.server.sockets_opened == 2)
        async with asyncio.timeout(5):
            while ear.events[-1] == Link(False):
                await subscription.wait()
        assert ear.events == [Link(True), Link(False), Link(True)]
    assert road.server.sockets_opened == 2


async def test_the_queue_is_unknown_while_the_socket_is_away(road):
    async with road.socket.subscribe(A, Ear()) as subscription:
        assert road.socket.queue.remaining == 0
        await road.server.kill()
        await subscription.wait()
        assert (road.socket.queue.remaining, road.socket.connected) == (None, False)


async def test_a_subscription_begins_without_a_socket_when_there_is_none_to_be_had(road, swift):
    await road.server.kill()
    ear = Ear()
    async with road.socket.subscribe(A, ear):
        assert road.socket.connected is False
        assert ear.events == [Link(False)]
        await road.server.revive()
        await ear.hears(Link(True))


async def test_a_server_that_does_not_shake_hands_is_not_waited_for(road, monkeypatch):
    monkeypatch.setattr("core.comfyui.transport.CONNECT_TIMEOUT", 0.05)
    gate = road.server.pause_request("GET", "/ws", every=True)
    async with road.socket.subscribe(A, Ear()):
        assert road.socket.connected is False
    gate.release()


async def test_a_server_that_does_not_greet_is_not_waited_for(road, monkeypatch):
    monkeypatch.setattr("core.comfyui.websocket.CONNECT_TIMEOUT", 0.05)
    road.server.go_silent(new_sockets=True)
    async with road.socket.subscribe(A, Ear()):
        assert road.socket.connected is False


async def test_a_socket_that_is_closed_instead_of_greeted_is_none(stage):
    server, socket = stage
    server.greeting = None

    async def slam() -> None:
        while not server.sockets:
            await asyncio.sleep(0)
        await server.sockets[0].close()

    slamming = asyncio.create_task(slam())
    async with socket.subscribe(A, Ear()):
        assert socket.connected is False
    await slamming


async def test_a_silent_socket_is_replaced_and_the_queue_looked_at(build_road, swift):
    road = await build_road(silence_timeout=0.05)
    async with road.socket.subscribe(A, road.heard.append) as subscription:
        road.server.go_silent()
        assert await asyncio.wait_for(subscription.wait(), 5) is False
        await road.server.wait_for(lambda: road.server.sockets_opened == 2)
    assert [event for event in road.heard if isinstance(event, Link)][:2] == [Link(True), Link(False)]


async def test_jobs_that_keep_coming_do_not_hide_a_silent_socket(build_road, swift):
    road = await build_road(silence_timeout=0.1)
    async with road.socket.subscribe(A, Ear()):
        road.server.go_silent()
        async with asyncio.timeout(5):
            while road.server.sockets_opened == 1:
                async with road.socket.subscribe(B, Ear()):
                    await asyncio.sleep(0)


async def test_silence_makes_it_more_patient_until_it_hears_of_its_prompts(build_road, swift):
    road = await build_road(silence_timeout=0.02)
    ear = Ear()
    async with road.socket.subscribe(A, ear):
        await road.server.wait_for(lambda: road.server.sockets_opened == 3)
        assert road.socket._patience >= 0.08
        road.socket._dispatch(Progress(A, "3", 1, 4))
        assert road.socket._patience == 0.02


async def test_a_socket_that_nobody_listens_to_may_be_silent(build_road):
    road = await build_road(silence_timeout=0.01)
    async with road.socket.subscribe(A, Ear()):
        pass
    with pytest.raises(TimeoutError):
        await road.server.wait_for(lambda: road.server.open_sockets == 0, timeout=0.1)


async def test_nothing_is_left_running_at_the_end(comfyui):
    async with ComfyUIClient(comfyui.url) as client:
        async with EventSocket(client) as socket:
            async with socket.subscribe(A, Ear()):
                assert sorted(socket_tasks()) == ["comfyui-socket", "comfyui-socket-watch"]
        assert socket_tasks() == []
    await comfyui.wait_for(lambda: comfyui.open_sockets == 0)


async def test_it_ends_in_the_middle_of_an_attempt(comfyui):
    gate = comfyui.pause_request("GET", "/ws")
    async with ComfyUIClient(comfyui.url) as client:
        async with EventSocket(client) as socket:
            waiting = asyncio.create_task(_enter(socket))
            await gate.reached()
        assert socket_tasks() == []
        waiting.cancel()
    gate.release()


async def _enter(socket: EventSocket) -> None:
    async with socket.subscribe(A, Ear()):
        pass
