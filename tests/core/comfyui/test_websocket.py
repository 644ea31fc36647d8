"""The life of the one socket: when it is opened, and what happens when it breaks or falls silent."""

from __future__ import annotations

import asyncio

import pytest

from core.comfyui.client import ComfyUIClient
from core.comfyui.events import Event, Link, Preview, Progress
from core.comfyui.websocket import EventSocket

A, B = "aaaaaaaa-0000-4000-8000-000000000000", "bbbbbbbb-0000-4000-8000-000000000000"


def socket_tasks() -> list[str]:
    return sorted(task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("comfyui-socket"))


async def test_there_is_one_socket_for_all_and_none_before_somebody_listens(road):
    assert (road.server.sockets_opened, road.socket.connected) == (0, False)
    async with road.socket.subscribe(A, print), road.socket.subscribe(B, print):
        assert (road.server.sockets_opened, road.socket.connected) == (1, True)
    async with road.socket.subscribe(A, print):
        assert road.server.sockets_opened == 1


@pytest.mark.parametrize("comfyui", [{"previews": True}], indirect=True)
async def test_previews_carry_metadata_because_we_asked(road, picture):
    await road.start(picture(steps=2))
    previews = [event for event in road.heard if isinstance(event, Preview)]
    assert [(preview.node, preview.media_type) for preview in previews] == [("3", "image/jpeg")] * 2


@pytest.mark.parametrize("comfyui", [{"previews": True}], indirect=True)
async def test_a_preview_may_be_larger_than_a_frame_is_by_default(road, picture):
    road.server.faults.preview_bytes = 5_000_000
    await road.start(picture(steps=1))
    assert max(len(event.data) for event in road.heard if isinstance(event, Preview)) >= 5_000_000
    assert road.server.sockets_opened == 1


async def test_two_cannot_listen_to_one_prompt(road):
    async with road.socket.subscribe(A, print) as subscription:
        with pytest.raises(ValueError, match="listened to already"):
            async with road.socket.subscribe(A, print):
                pass
        await road.server.drop_sockets()
        await asyncio.wait_for(subscription.wait(), 30)
        assert subscription.ended is False
    async with road.socket.subscribe(A, print):
        pass


async def test_a_socket_that_drops_is_replaced_and_everybody_told(road, swift, until):
    heard: list[Event] = []
    async with road.socket.subscribe(A, heard.append) as subscription:
        await road.server.drop_sockets()
        await asyncio.wait_for(subscription.wait(), 30)
        assert subscription.ended is False
        await until(lambda: heard == [Link(up=True), Link(up=False), Link(up=True)])
        await asyncio.wait_for(subscription.wait(), 30)
        assert subscription.ended is False
    assert road.server.sockets_opened == 2


async def test_a_socket_that_drops_while_nobody_listens_is_opened_for_the_next(road, swift, until):
    async with road.socket.subscribe(A, print):
        pass
    await road.server.drop_sockets()
    await until(lambda: not road.socket.connected)
    async with road.socket.subscribe(B, print):
        assert road.server.sockets_opened == 2


async def test_the_queue_is_unknown_while_the_socket_is_away(road):
    async with road.socket.subscribe(A, print) as subscription:
        assert road.socket.queue.remaining == 0
        await road.server.kill()
        await subscription.wait()
        assert (road.socket.queue.remaining, road.socket.connected) == (None, False)


async def test_a_subscription_begins_without_a_socket_when_there_is_none_to_be_had(road, swift, until):
    await road.server.kill()
    heard: list[Event] = []
    async with road.socket.subscribe(A, heard.append):
        assert (road.socket.connected, heard) == (False, [Link(up=False)])
        await road.server.revive()
        await until(lambda: Link(up=True) in heard)


async def test_a_server_that_does_not_shake_hands_is_not_waited_for(road, monkeypatch):
    monkeypatch.setattr("core.comfyui.transport.CONNECT_TIMEOUT", 0.05)
    gate = road.server.pause_request("GET", "/ws", every=True)
    async with road.socket.subscribe(A, print):
        assert road.socket.connected is False
    gate.release()


async def test_a_server_that_does_not_greet_is_not_waited_for(road, monkeypatch):
    monkeypatch.setattr("core.comfyui.websocket.CONNECT_TIMEOUT", 0.05)
    road.server.go_silent(new_sockets=True)
    async with road.socket.subscribe(A, print):
        assert road.socket.connected is False


async def test_a_silent_socket_is_replaced_and_the_queue_looked_at(build_road, swift):
    road = await build_road(silence_timeout=0.05)
    heard: list[Event] = []
    async with road.socket.subscribe(A, heard.append) as subscription:
        road.server.go_silent()
        await asyncio.wait_for(subscription.wait(), 30)
        assert subscription.ended is False
        await road.server.wait_for(lambda: road.server.sockets_opened >= 2)
    assert heard[:2] == [Link(up=True), Link(up=False)]


async def test_jobs_that_keep_coming_do_not_hide_a_silent_socket(build_road, swift, until):
    road = await build_road(silence_timeout=0.1)

    async def keep_coming() -> None:
        while True:
            async with road.socket.subscribe(B, print):
                await asyncio.sleep(0)

    async with road.socket.subscribe(A, print):
        road.server.go_silent()
        coming = asyncio.create_task(keep_coming())
        await until(lambda: road.server.sockets_opened >= 2)
        coming.cancel()


async def test_silence_makes_it_more_patient_until_it_hears_of_its_prompts(build_road, swift):
    road = await build_road(silence_timeout=0.02)
    async with road.socket.subscribe(A, print):
        await road.server.wait_for(lambda: road.server.sockets_opened >= 3)
        assert road.socket._patience >= 0.08
        road.socket._dispatch(Progress(A, "3", 1, 4))
        assert road.socket._patience == 0.02


async def test_a_socket_that_nobody_listens_to_may_be_silent(build_road):
    road = await build_road(silence_timeout=0.01)
    async with road.socket.subscribe(A, print):
        pass
    with pytest.raises(TimeoutError):
        await road.server.wait_for(lambda: road.server.open_sockets == 0, timeout=0.1)


async def test_nothing_is_left_running_at_the_end(comfyui):
    async with ComfyUIClient(comfyui.url) as client:
        async with EventSocket(client) as socket, socket.subscribe(A, print):
            assert socket_tasks() == ["comfyui-socket", "comfyui-socket-watch"]
        assert socket_tasks() == []
    await comfyui.wait_for(lambda: comfyui.open_sockets == 0)


async def test_it_ends_in_the_middle_of_an_attempt(comfyui):
    async def listen(socket: EventSocket) -> None:
        async with socket.subscribe(A, print):
            pass

    gate = comfyui.pause_request("GET", "/ws")
    async with ComfyUIClient(comfyui.url) as client:
        async with EventSocket(client) as socket:
            listening = asyncio.create_task(listen(socket))
            await gate.reached()
        assert socket_tasks() == []
        listening.cancel()
    gate.release()
