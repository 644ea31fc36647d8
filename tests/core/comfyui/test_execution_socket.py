"""Jobs whose socket drops, falls silent or loses events; and a history that is late."""

from __future__ import annotations

import asyncio

import pytest

from core.comfyui.events import LOCAL, Link, Progress, ProgressState
from core.exceptions import ComfyUIError, FailureReason, GenerationError

P = "32697cbb-4bb4-41e7-9a73-a97980e998e9"
Q = "00000000-4bb4-41e7-9a73-a97980e998e9"

pytestmark = pytest.mark.usefixtures("swift")


async def test_a_socket_that_drops_in_the_middle(road, picture):
    gate = road.server.pause("progress", skip=1)
    job = road.start(picture())
    await gate.reached()
    await road.server.drop_sockets()
    await road.server.wait_for(lambda: road.server.open_sockets == 1)
    gate.release()
    assert (await job).outputs
    assert [event.up for event in road.heard if isinstance(event, Link)][-2:] == [False, True]
    assert any(isinstance(event, ProgressState) for event in road.heard)
    assert road.server.accepted == [P]


async def test_a_job_that_ended_while_the_socket_was_away_is_found_in_the_history(road, picture):
    gate = road.server.pause("progress", skip=1)
    job = road.start(picture())
    await gate.reached()
    closed = road.server.pause_request("GET", "/ws", every=True)
    await road.server.drop_sockets()
    gate.release()
    await road.server.wait_for(lambda: P in road.server.history)
    closed.release()
    assert (await job).outputs
    assert road.ends == 0


async def test_a_socket_that_stays_away_is_no_reason_to_lose_the_job(road, picture):
    gate = road.server.pause("progress", skip=1)
    job = road.start(picture())
    await gate.reached()
    road.server.faults.refuse("/ws", 403)
    await road.server.drop_sockets()
    gate.release()
    assert (await job).outputs


async def test_a_job_needs_no_socket_at_all(road, picture):
    road.server.faults.refuse("/ws", 403)
    assert (await road.start(picture())).outputs
    assert Link(up=False) in road.heard
    assert {type(event) for event in road.heard} <= LOCAL


async def test_a_socket_that_falls_silent_in_the_middle(build_road, picture):
    road = await build_road(silence_timeout=0.05)
    gate = road.server.pause("progress", skip=1)
    job = road.start(picture())
    await gate.reached()
    road.server.go_silent()
    gate.release()
    assert (await job).outputs
    assert (Link(up=False) in road.heard, road.ends) == (True, 0)
    assert road.server.accepted == [P]


async def test_a_socket_that_is_silent_again_and_again(build_road, picture):
    road = await build_road(silence_timeout=0.02)
    gate = road.server.pause("progress", skip=1)
    job = road.start(picture())
    await gate.reached()
    for _ in range(2):
        opened = road.server.sockets_opened
        road.server.go_silent()
        await road.server.wait_for(lambda opened=opened: road.server.sockets_opened > opened)
    gate.release()
    assert (await job).outputs
    assert road.server.accepted == [P]


async def test_a_node_that_works_for_long_without_a_word_is_waited_for(build_road, picture):
    road = await build_road(silence_timeout=0.02)
    gate = road.server.pause("progress", skip=1)
    job = road.start(picture())
    await gate.reached()
    await road.server.wait_for(lambda: road.server.sockets_opened >= 3)
    assert not job.done()
    gate.release()
    assert (await job).outputs
    assert {ask for ask in road.asked() if ask != "GET /queue"} == {"POST /prompt", "GET /history"}


@pytest.mark.parametrize("lost", ["execution_success", "end"])
async def test_one_lost_event_at_the_end(road, picture, lost: str):
    road.server.faults.drop_event(lost)
    assert (await road.start(picture())).outputs
    assert road.asked() == ["POST /prompt", "GET /history"]


async def test_the_last_events_are_lost_and_another_job_begins(road, picture):
    for lost in ("execution_success", "end"):
        road.server.faults.drop_event(lost)
    gate = road.server.pause("execution_start", prompt_id=Q)
    first, second = road.start(picture()), road.start(picture(seed=2), prompt_id=Q)
    await gate.reached()
    assert not first.done()
    gate.release()
    assert (await first).outputs
    assert (await second).outputs
    assert road.server.sockets_opened == 1


async def test_all_events_of_the_end_are_lost(build_road, picture):
    road = await build_road(silence_timeout=0.05)
    for lost in ("execution_success", "end", "status"):
        road.server.faults.drop_event(lost, times=2 if lost == "status" else 1)
    assert (await road.start(picture())).outputs


async def test_a_history_that_is_late(road, picture):
    road.server.faults.history_empty(5)
    assert (await road.start(picture())).outputs
    assert road.asked() == ["POST /prompt"] + ["GET /history"] * 6


async def test_a_history_that_never_comes_is_replaced_by_what_was_heard(road, picture):
    road.server.faults.history_empty(1000)
    result = await road.start(picture())
    assert [(output.node, output.filename) for output in result.outputs] == [("5", "fox_00001_.png")]


async def test_a_failure_that_is_in_no_history_is_told_as_it_was_heard(road, picture):
    road.server.faults.history_empty(1000)
    road.server.faults.fail_node("VAEDecode", "no colours", "ValueError")
    with pytest.raises(GenerationError, match='The node "Decode" failed: no colours'):
        await road.start(picture())


async def test_an_interrupt_that_is_in_no_history_is_told_as_it_was_heard(road, picture):
    road.server.faults.history_empty(1000)
    gate = road.server.pause("progress")
    job = road.start(picture())
    await gate.reached()
    road.server.interrupt()
    gate.release()
    with pytest.raises(GenerationError) as caught:
        await job
    assert caught.value.reason is FailureReason.INTERRUPTED


@pytest.mark.parametrize("status", [500, 502, 404, None])
async def test_a_history_that_cannot_be_read_for_a_while(road, picture, status: int | None):
    if status is None:
        road.server.faults.garbage("/history", times=3)
    else:
        road.server.faults.refuse("/history", status, times=3)
    assert (await road.start(picture())).outputs
    assert road.asked() == ["POST /prompt"] + ["GET /history"] * 4


@pytest.mark.parametrize("status", [500, None])
async def test_a_history_that_can_never_be_read_is_replaced_by_what_was_heard(road, picture, status: int | None):
    """ComfyUI itself answers 500 for an entry that a node pack has put something into which is no JSON."""
    if status is None:
        road.server.faults.garbage("/history")
    else:
        road.server.faults.refuse("/history", status)
    result = await asyncio.wait_for(road.start(picture()), 30)
    assert result.outputs[0].filename == "fox_00001_.png"


async def test_a_server_that_is_killed_after_the_end_leaves_what_was_heard(road, picture):
    gate = road.server.pause_request("GET", "/history")
    job = road.start(picture())
    await gate.reached()
    await road.server.kill()
    gate.release()
    await road.server.revive()
    assert (await job).outputs[0].filename == "fox_00001_.png"


async def test_a_queue_that_cannot_be_read_for_a_while(road, picture):
    gate = road.server.pause("progress", skip=1)
    job = road.start(picture())
    await gate.reached()
    road.server.faults.refuse("/queue", 500, times=3)
    await road.server.drop_sockets()
    await road.server.wait_for(lambda: road.server.count("GET", "/queue") >= 4)
    gate.release()
    assert (await job).outputs


async def test_many_jobs_look_with_one_request_when_the_socket_drops(road, picture):
    gate = road.server.pause("progress")
    jobs = [asyncio.create_task(road.executor.run(picture(seed=seed))) for seed in range(20)]
    await road.server.wait_for(lambda: len(road.server.accepted) == 20)
    await gate.reached()
    await road.server.drop_sockets()
    await road.server.wait_for(lambda: road.server.open_sockets == 1)
    gate.release()
    results = await asyncio.gather(*jobs)
    assert len({result.outputs[0].filename for result in results}) == 20
    assert road.server.count("GET", "/queue") <= 6
    assert sorted(road.server.accepted) == sorted(result.prompt_id for result in results)
    assert Progress not in map(type, road.heard)


async def test_a_server_that_takes_requests_and_never_answers_is_not_waited_for_long(road, monkeypatch):
    monkeypatch.setattr("core.comfyui.execution._PATIENCE", 0.05)
    gate = road.server.pause_request("GET", "/queue")
    with pytest.raises(ComfyUIError, match="cannot be reached"):
        await road.executor.reach()
    gate.release()


async def test_a_server_whose_answer_makes_no_sense_is_there(road):
    road.server.faults.garbage("/queue")
    await road.executor.reach()
    road.server.faults.clear()
    road.server.faults.refuse("/queue", 503)
    with pytest.raises(ComfyUIError, match="cannot be reached"):
        await road.executor.reach()
