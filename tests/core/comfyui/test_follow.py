"""Prompts that were posted before: by this process, or by one that is no more."""

from __future__ import annotations

import asyncio

import pytest

from core.comfyui.client import ComfyUIClient
from core.comfyui.events import Executed, Progress, ProgressState
from core.exceptions import FailureReason, GenerationError

P = "32697cbb-4bb4-41e7-9a73-a97980e998e9"
Q = "00000000-4bb4-41e7-9a73-a97980e998e9"

pytestmark = pytest.mark.usefixtures("swift")


@pytest.fixture
async def stranger(comfyui):
    """The client of an earlier process: its events are not told to us."""
    async with ComfyUIClient(comfyui.url) as client:
        yield client


def follow(road, **options):
    return asyncio.create_task(road.executor.follow(P, listener=road.heard.append, **options))


async def test_a_finished_prompt(road, stranger, picture):
    await stranger.queue_prompt(picture(), prompt_id=P)
    await road.server.wait_for(lambda: P in road.server.history)
    result = await follow(road)
    assert [(output.node, output.filename) for output in result.outputs] == [("5", "fox_00001_.png")]
    assert road.asked() == ["POST /prompt", "GET /queue", "GET /history"]


async def test_a_prompt_that_cannot_be_found_is_looked_for_twice(road, stranger, picture):
    await stranger.queue_prompt(picture(), prompt_id=P)
    await road.server.wait_for(lambda: P in road.server.history)
    road.server.faults.history_empty(1)
    assert (await follow(road)).outputs


async def test_a_failed_prompt_takes_its_titles_from_the_history(road, stranger, picture):
    road.server.faults.fail_node("VAEDecode", "no colours", "ValueError")
    await stranger.queue_prompt(picture(), prompt_id=P)
    await road.server.wait_for(lambda: P in road.server.history)
    with pytest.raises(GenerationError, match='The node "Decode" failed: no colours'):
        await follow(road)


async def test_a_running_prompt_of_ours_is_heard(road, picture):
    gate = road.server.pause("progress", skip=1)
    await road.client.queue_prompt(picture(), prompt_id=P)
    await gate.reached()
    job = follow(road, graph=picture())
    await road.server.wait_for(lambda: road.server.count("GET", "/queue") == 1)
    gate.release()
    assert (await job).outputs
    assert {Progress, ProgressState, Executed} <= {type(event) for event in road.heard}


async def test_a_running_prompt_of_another_client_is_followed_by_the_queue(road, stranger, picture):
    gate = road.server.pause("progress", skip=1)
    await stranger.queue_prompt(picture(), prompt_id=P)
    await gate.reached()
    job = follow(road)
    await road.server.wait_for(lambda: road.server.count("GET", "/queue") == 1)
    gate.release()
    assert (await job).outputs
    assert Progress not in map(type, road.heard)


async def test_a_waiting_prompt_knows_its_place(road, stranger, picture, until):
    gate = road.server.pause("progress")
    await stranger.queue_prompt(picture(seed=2), prompt_id=Q)
    await gate.reached()
    await stranger.queue_prompt(picture(), prompt_id=P)
    job = follow(road)
    await until(lambda: road.executor.queue_position(P) == 1)
    second = road.server.pause("progress", prompt_id=P)
    gate.release()
    await second.reached()
    await until(lambda: road.executor.queue_position(P) is None)
    second.release()
    assert (await job).outputs


async def test_a_prompt_that_nobody_knows_is_lost(road):
    with pytest.raises(GenerationError, match="lost") as caught:
        await follow(road)
    assert caught.value.reason is FailureReason.LOST


async def test_a_running_prompt_is_stopped_when_its_time_is_over(build_road, stranger, picture):
    road = await build_road(job_timeout=0.05)
    road.server.settings.step_seconds = 0.01
    await stranger.queue_prompt(picture(steps=10_000), prompt_id=P)
    await road.server.wait_for(lambda: road.server.running == P)
    with pytest.raises(GenerationError) as caught:
        await asyncio.wait_for(follow(road), 30)
    assert caught.value.reason is FailureReason.TIMEOUT
    await road.server.wait_for(lambda: P in road.server.history)


async def test_a_followed_prompt_can_be_cancelled(road, stranger, picture):
    gate = road.server.pause("progress")
    await stranger.queue_prompt(picture(seed=2), prompt_id=Q)
    await gate.reached()
    await stranger.queue_prompt(picture(), prompt_id=P)
    job = follow(road)
    await road.server.wait_for(lambda: road.server.count("GET", "/queue") == 1)
    await road.executor.cancel(P)
    with pytest.raises(GenerationError, match=r"Cancelled\."):
        await asyncio.wait_for(job, 30)
    gate.release()


async def test_it_waits_for_a_server_that_is_away(road, stranger, picture):
    await stranger.queue_prompt(picture(), prompt_id=P)
    await road.server.wait_for(lambda: P in road.server.history)
    road.server.faults.refuse("/queue", 502, times=2)
    assert (await follow(road)).outputs
