"""Cancelling, at any moment of a prompt's life, on older and newer servers; and the time that a job may take."""

from __future__ import annotations

import asyncio

import pytest

from core.exceptions import ComfyUIError, FailureReason, GenerationError

P = "32697cbb-4bb4-41e7-9a73-a97980e998e9"
Q = "00000000-4bb4-41e7-9a73-a97980e998e9"

pytestmark = pytest.mark.usefixtures("swift")
both = pytest.mark.parametrize("comfyui", [{}, {"newer": True}], ids=["older", "newer"], indirect=True)


async def cancelled(job: asyncio.Task[object]) -> None:
    with pytest.raises(GenerationError, match=r"Cancelled\.") as caught:
        await asyncio.wait_for(job, 30)
    assert (caught.value.reason, caught.value.prompt_id) == (FailureReason.INTERRUPTED, P)


@both
async def test_a_waiting_prompt_never_runs(road, picture):
    gate = road.server.pause("progress")
    first = road.start(picture(seed=2), prompt_id=Q)
    await gate.reached()
    job = road.start(picture())
    await road.server.wait_for(lambda: road.server.pending == [P])
    await road.executor.cancel(P)
    await cancelled(job)
    gate.release()
    assert (await first).outputs
    assert P not in road.server.history


@both
async def test_a_running_prompt_is_stopped(road, picture):
    gate = road.server.pause("progress", skip=1)
    job = road.start(picture(steps=50))
    await gate.reached()
    cancelling = asyncio.create_task(road.executor.cancel(P))
    await road.server.wait_for(lambda: road.server.count("GET", "/queue") > 0)
    gate.release()
    await cancelled(job)
    await cancelling
    assert road.server.history[P]["status"]["completed"] is False


@both
async def test_nobody_else_is_stopped(road, picture):
    gate = road.server.pause("progress")
    other = road.start(picture(seed=2), prompt_id=Q)
    await gate.reached()
    await road.executor.cancel(P)
    gate.release()
    assert (await other).outputs
    assert all(request.prompt_id for request in road.server.requests if request.path == "/interrupt")


async def test_an_interrupt_that_is_lost_is_repeated(road, picture):
    road.server.faults.lose_interrupt(2)
    road.server.settings.step_seconds = 0.01
    gate = road.server.pause("progress", skip=1)
    job = road.start(picture(steps=10_000))
    await gate.reached()
    gate.release()
    await road.executor.cancel(P)
    await cancelled(job)
    assert road.server.count("POST", "/interrupt") >= 3


@both
async def test_cancelled_before_the_post(road, picture):
    gate = road.server.pause_request("GET", "/ws")
    job = road.start(picture())
    await gate.reached()
    await road.executor.cancel(P)
    gate.release()
    await cancelled(job)
    assert road.server.accepted == []


@both
async def test_cancelled_while_the_post_is_on_its_way(road, picture):
    road.server.settings.step_seconds = 0.01
    gate = road.server.pause_request("POST", "/prompt")
    job = road.start(picture(steps=10_000))
    await gate.reached()
    await road.executor.cancel(P)
    gate.release()
    await cancelled(job)
    assert road.server.accepted == [P]


async def test_cancelled_between_two_posts(road, picture):
    road.server.faults.fail_next_prompt(503)
    gate = road.server.pause_request("GET", "/queue")
    job = road.start(picture())
    await gate.reached()
    cancelling = asyncio.create_task(road.executor.cancel(P))
    gate.release()
    await cancelling
    await cancelled(job)
    assert road.server.accepted == []


@both
async def test_cancelled_when_it_is_over(road, picture):
    gate = road.server.pause_request("GET", "/history")
    job = road.start(picture())
    await gate.reached()
    await road.executor.cancel(P)
    gate.release()
    assert (await job).outputs
    await road.executor.cancel(P)


async def test_what_was_made_before_is_not_delivered(road, picture):
    graph = picture()
    graph["8"] = {**graph["3"], "inputs": {**graph["3"]["inputs"], "latent_image": ["3", 0], "seed": 9}}
    graph["9"] = {"class_type": "VAEDecode", "inputs": {"samples": ["8", 0], "vae": ["1", 2]}}
    graph["10"] = {"class_type": "SaveImage", "inputs": {"images": ["9", 0], "filename_prefix": "second"}}
    gate = road.server.pause("progress", node="8")
    job = road.start(graph)
    await gate.reached()
    cancelling = asyncio.create_task(road.executor.cancel(P))
    await road.server.wait_for(lambda: road.server.count("POST", "/interrupt") > 0)
    gate.release()
    await cancelled(job)
    await cancelling
    assert road.server.history[P]["outputs"]


async def test_a_prompt_of_an_earlier_process_can_be_cancelled(road, picture):
    gate = road.server.pause("progress")
    await road.client.queue_prompt(picture(), prompt_id=P)
    await gate.reached()
    cancelling = asyncio.create_task(road.executor.cancel(P))
    await road.server.wait_for(lambda: road.server.count("POST", "/interrupt") > 0)
    gate.release()
    await cancelling
    assert road.server.history[P]["status"]["completed"] is False


async def test_cancelling_needs_the_server(road):
    await road.server.kill()
    with pytest.raises(ComfyUIError, match="cannot be reached"):
        await road.executor.cancel(P)


async def test_a_prompt_that_does_not_stop(road, picture, monkeypatch):
    monkeypatch.setattr("core.comfyui.execution._CANCEL_PAUSES", (0.0, 0.0))
    gate = road.server.pause("progress")
    job = road.start(picture())
    await gate.reached()
    with pytest.raises(ComfyUIError, match="does not stop that job"):
        await road.executor.cancel(P)
    gate.release()
    await cancelled(job)


async def test_a_refusal_to_cancel_is_told(road):
    road.server.faults.refuse("/jobs", 403)
    with pytest.raises(ComfyUIError, match="status 403"):
        await road.executor.cancel(P)


async def timed_out(job: asyncio.Task[object]) -> None:
    with pytest.raises(GenerationError, match="took too long") as caught:
        await asyncio.wait_for(job, 30)
    assert (caught.value.reason, caught.value.prompt_id) == (FailureReason.TIMEOUT, P)


async def test_a_job_past_its_time_is_stopped_on_the_server_too(build_road, picture):
    road = await build_road(job_timeout=0.05)
    road.server.settings.step_seconds = 0.01
    await timed_out(road.start(picture(steps=10_000)))
    assert road.server.running is None
    assert road.server.history[P]["status"]["messages"][-1][0] == "execution_interrupted"


async def test_waiting_does_not_count(build_road, picture, until):
    road = await build_road(job_timeout=60)
    gate, own = road.server.pause("progress"), road.server.pause("progress", prompt_id=P)
    stranger = await road.client.queue_prompt(picture(seed=2))
    await gate.reached()
    job = road.start(picture())
    await until(lambda: road.executor.queue_position(P) == 1)
    deadline = road.executor._runs[P].deadline
    assert deadline.when() is None
    gate.release()
    await own.reached()
    await until(lambda: road.executor.queue_position(P) is None)
    assert deadline.when() is not None
    own.release()
    assert (await job).outputs
    assert stranger in road.server.history


async def test_time_counts_also_when_the_start_went_unheard(build_road, picture):
    road = await build_road(job_timeout=0.05)
    road.server.faults.drop_event("execution_start")
    road.server.settings.step_seconds = 0.01
    await timed_out(road.start(picture(steps=10_000)))


async def test_a_job_past_its_time_says_so_when_the_server_is_gone(build_road, picture):
    road = await build_road(job_timeout=0.1, offline_timeout=60)
    gate = road.server.pause("progress")
    job = road.start(picture())
    await gate.reached()
    await road.server.kill()
    gate.release()
    await timed_out(job)
