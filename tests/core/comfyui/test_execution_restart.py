"""A server that is killed: its queue and history are gone, and it comes back without them or not at all."""

from __future__ import annotations

import asyncio

import pytest

from core.comfyui.events import Link
from core.exceptions import FailureReason, GenerationError

P = "32697cbb-4bb4-41e7-9a73-a97980e998e9"

pytestmark = pytest.mark.usefixtures("swift")


async def lost(job: asyncio.Task[object], reason: FailureReason = FailureReason.LOST) -> GenerationError:
    with pytest.raises(GenerationError) as caught:
        await asyncio.wait_for(job, 30)
    assert caught.value.reason is reason
    return caught.value


@pytest.mark.parametrize("event", ["execution_start", "progress", "executed", "execution_success"])
async def test_a_server_that_comes_back_empty_has_lost_the_job(road, picture, event: str):
    gate = road.server.pause(event)
    job = road.start(picture())
    await gate.reached()
    await road.server.kill()
    gate.release()
    await road.server.revive()
    error = await lost(job)
    assert error.prompt_id == P
    assert error.message == "The job was lost when ComfyUI was restarted; submit it again."
    assert road.server.accepted == [P]


async def test_it_is_known_a_moment_after_the_server_is_back(road, picture, monkeypatch):
    monkeypatch.undo()  # with the pauses as they are
    gate = road.server.pause("progress")
    job = road.start(picture())
    await gate.reached()
    await road.server.kill()
    gate.release()
    await road.server.revive()
    began = asyncio.get_running_loop().time()
    await lost(job)
    assert asyncio.get_running_loop().time() - began < 10


async def test_waiting_jobs_are_lost_as_well(road, picture):
    gate = road.server.pause("progress")
    jobs = [asyncio.create_task(road.executor.run(picture(seed=seed))) for seed in range(5)]
    await gate.reached()
    await road.server.wait_for(lambda: len(road.server.pending) == 4)
    await road.server.kill()
    gate.release()
    await road.server.revive()
    for job in jobs:
        await lost(job)


async def test_a_queue_that_somebody_cleared_was_not_lost(build_road, picture):
    road = await build_road(silence_timeout=0.05)
    gate = road.server.pause("progress")
    first = road.start(picture())
    await gate.reached()
    second = asyncio.create_task(road.executor.run(picture(seed=2)))
    await road.server.wait_for(lambda: len(road.server.pending) == 1)
    await road.client.clear_queue()
    error = await lost(second, FailureReason.INTERRUPTED)
    assert "took the job out of ComfyUI's queue" in error.message
    gate.release()
    assert (await first).outputs


async def test_a_server_that_never_comes_back(build_road, picture):
    road = await build_road(offline_timeout=0.1)
    gate = road.server.pause("progress")
    job = road.start(picture())
    await gate.reached()
    began = asyncio.get_running_loop().time()
    await road.server.kill()
    gate.release()
    error = await lost(job, FailureReason.OFFLINE)
    assert asyncio.get_running_loop().time() - began >= 0.1
    assert "did not come back" in error.message
    assert road.heard[-1] == Link(up=False)


async def test_without_patience_it_is_lost_at_once(build_road, picture):
    road = await build_road(offline_timeout=0)
    gate = road.server.pause("progress")
    job = road.start(picture())
    await gate.reached()
    await road.server.kill()
    gate.release()
    await lost(job, FailureReason.OFFLINE)


async def test_the_next_job_runs_on_the_server_that_is_back(road, picture):
    gate = road.server.pause("progress")
    job = road.start(picture())
    await gate.reached()
    await road.server.kill()
    gate.release()
    await road.server.revive()
    await lost(job)
    assert (await road.executor.run(picture())).outputs
