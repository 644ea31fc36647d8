"""What can happen around the post: whatever it is, the graph runs exactly once."""

from __future__ import annotations

import asyncio

import pytest

from core.exceptions import ComfyUIError, FailureReason, GenerationError

P = "32697cbb-4bb4-41e7-9a73-a97980e998e9"
Q = "00000000-4bb4-41e7-9a73-a97980e998e9"

pytestmark = pytest.mark.usefixtures("swift")


@pytest.mark.parametrize("accept", [True, False])
@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a_post_that_is_answered_with_an_error(road, picture, status: int, accept: bool):
    road.server.faults.fail_next_prompt(status, accept=accept)
    assert (await road.start(picture())).outputs
    assert road.server.accepted == [P]


@pytest.mark.parametrize("accept", [True, False])
async def test_a_post_whose_connection_is_reset(road, picture, accept: bool):
    road.server.faults.reset_next_prompt(accept=accept)
    assert (await road.start(picture())).outputs
    assert road.server.accepted == [P]


async def test_a_post_that_was_accepted_and_is_over_before_anybody_looked(road, picture):
    road.server.faults.reset_next_prompt(accept=True)
    looking = road.server.pause_request("GET", "/queue")
    road.server.faults.drop_event("executing", times=100)
    job = road.start(picture())
    await road.server.wait_for(lambda: P in road.server.history)
    looking.release()
    assert (await job).outputs
    assert road.server.accepted == [P]


async def test_a_post_that_was_accepted_unheard(road, picture):
    road.server.faults.refuse("/ws", 403)
    road.server.faults.reset_next_prompt(accept=True)
    assert (await road.start(picture())).outputs
    assert road.server.accepted == [P]


async def test_a_post_that_never_arrives_is_repeated(road, picture):
    gate = road.server.pause_request("POST", "/prompt")
    await road.client.close()
    road.client.timeout = 0.3
    await road.client.initialize()
    assert (await road.start(picture())).outputs
    assert road.server.accepted == [P]
    gate.release()


async def test_a_post_that_was_accepted_and_waits(road, picture, until):
    gate = road.server.pause("progress")
    first = road.start(picture(seed=2), prompt_id=Q)
    await gate.reached()
    road.server.faults.reset_next_prompt(accept=True)
    job = road.start(picture())
    await until(lambda: road.executor.queue_position(P) == 1)
    gate.release()
    await first
    assert (await job).outputs
    assert road.server.accepted == [Q, P]


async def test_what_is_heard_was_accepted_whatever_the_server_answers(road, picture):
    road.server.faults.reset_next_prompt(accept=True)
    road.server.faults.refuse("/queue", 502)
    assert (await asyncio.wait_for(road.start(picture()), 30)).outputs
    assert road.server.accepted == [P]


async def test_posts_that_keep_failing_end_in_an_error(road, picture):
    road.server.faults.fail_next_prompt(500, times=3)
    with pytest.raises(ComfyUIError, match=r"status 500") as caught:
        await road.start(picture())
    assert caught.value.status_code == 500
    assert (road.server.accepted, road.server.count("POST", "/prompt")) == ([], 3)


async def test_two_failures_are_survived(road, picture):
    road.server.faults.reset_next_prompt()
    road.server.faults.fail_next_prompt(503)
    assert (await road.start(picture())).outputs
    assert (road.server.accepted, road.server.count("POST", "/prompt")) == ([P], 3)


async def test_a_400_is_not_repeated(road, picture):
    graph = picture()
    graph["3"]["inputs"]["steps"] = 0
    with pytest.raises(ComfyUIError, match="too small"):
        await road.start(graph)
    assert road.server.count("POST", "/prompt") == 1


@pytest.mark.parametrize("accept", [True, False])
async def test_a_server_that_cannot_be_asked_whether_it_has_the_prompt(road, picture, accept: bool):
    road.server.faults.reset_next_prompt(accept=accept)
    road.server.faults.refuse("/queue", 502, times=3)
    road.server.faults.drop_event("execution_start")
    gate = road.server.pause("execution_cached")
    job = road.start(picture())
    await road.server.wait_for(lambda: road.server.count("GET", "/queue") > 3)
    gate.release()
    assert (await job).outputs
    assert road.server.accepted == [P]


async def test_a_server_that_is_restarted_under_the_post_gets_it_again(road, picture):
    gate = road.server.pause_request("POST", "/prompt")
    job = road.start(picture())
    await gate.reached()
    await road.server.kill()
    gate.release()
    await road.server.revive()
    assert (await job).outputs
    assert road.server.accepted == [P]


async def test_a_server_that_goes_under_the_post_and_stays_away(build_road, picture):
    road = await build_road(offline_timeout=0.05)
    gate = road.server.pause_request("POST", "/prompt")
    job = road.start(picture())
    await gate.reached()
    await road.server.kill()
    gate.release()
    with pytest.raises(GenerationError, match="lost") as caught:
        await asyncio.wait_for(job, 30)
    assert caught.value.reason is FailureReason.OFFLINE
