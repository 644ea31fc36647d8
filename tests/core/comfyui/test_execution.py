"""One prompt from the post to its result, on a server that is well: what it costs, and how it may end."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from core.comfyui.events import Executing, ExecutionStart, Progress, Queued
from core.exceptions import ComfyUIError, FailureReason, GenerationError, PromptRejectedError

P = "32697cbb-4bb4-41e7-9a73-a97980e998e9"


def two_outputs(picture) -> dict[str, Any]:
    """A picture ("5") and its inversion ("9"), which has a branch of its own."""
    graph = picture()
    graph["8"] = {"class_type": "ImageInvert", "inputs": {"image": ["4", 0]}, "_meta": {"title": "Invert"}}
    graph["9"] = {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": "inv"}}
    return graph


async def test_a_job_costs_one_post_and_one_history(road, picture):
    result = await road.start(picture())
    assert [(output.node, output.filename) for output in result.outputs] == [("5", "fox_00001_.png")]
    assert (result.prompt_id, result.problem) == (P, None)
    assert road.asked() == ["POST /prompt", "GET /history"]
    assert road.server.accepted == [P]


async def test_it_listens_before_it_posts_and_hears_everything(road, picture):
    await road.start(picture(steps=3))
    assert [request.path for request in road.server.requests][:2] == ["/ws", "/prompt"]
    assert ExecutionStart(P) in road.heard
    assert [event.value for event in road.heard if isinstance(event, Progress)] == [1, 2, 3]
    assert road.heard[-1] == Executing(P, None)


async def test_twenty_jobs_share_a_socket_and_ask_nothing_more(road, picture):
    results = await asyncio.gather(*(road.executor.run(picture(seed=seed)) for seed in range(20)))
    assert len({result.prompt_id for result in results}) == len({r.outputs[0].filename for r in results}) == 20
    assert sorted(road.asked()) == ["GET /history"] * 20 + ["POST /prompt"] * 20
    assert road.server.sockets_opened == 1


async def test_waiting_jobs_know_their_place_without_asking(road, picture, until):
    gate = road.server.pause("progress")
    ids = [f"{number:08d}-0000-4000-8000-000000000000" for number in range(4)]
    jobs = []
    for number, prompt_id in enumerate(ids):
        jobs.append(road.start(picture(seed=number), prompt_id=prompt_id))
        await road.server.wait_for(lambda: len(road.server.accepted) == len(jobs))
    await gate.reached()
    stranger = await road.client.queue_prompt(picture(seed=99))
    await until(lambda: road.socket.queue.remaining == 5)
    assert [road.executor.queue_position(prompt_id) for prompt_id in ids] == [None, 1, 2, 3]
    assert road.executor.queue_position(stranger) is None
    second = road.server.pause("progress", prompt_id=ids[1])
    gate.release()
    await second.reached()
    await until(lambda: road.executor.queue_position(ids[3]) == 2)
    assert [road.executor.queue_position(prompt_id) for prompt_id in ids] == [None, None, 1, 2]
    second.release()
    await asyncio.gather(*jobs)
    assert "GET /queue" not in road.asked()


async def test_extra_data_goes_along(road, picture):
    gate = road.server.pause("progress")
    job = road.start(picture(), extra_data={"preview_method": "auto"})
    await gate.reached()
    ((_, _, _, extra_data, _),) = (await road.client.get_queue())["queue_running"]
    assert extra_data == {"preview_method": "auto", "client_id": road.client.client_id}
    gate.release()
    await job


async def test_a_prompt_can_be_waited_for_once_only(road, picture):
    gate = road.server.pause("progress")
    job = road.start(picture())
    await gate.reached()
    for again in (road.executor.run(picture(), prompt_id=P), road.executor.follow(P)):
        with pytest.raises(ValueError, match="waited for already"):
            await again
    gate.release()
    assert (await job).outputs
    assert road.server.accepted == [P]


async def test_a_refused_graph_was_not_queued(road, picture):
    graph = picture()
    graph["1"]["inputs"]["ckpt_name"] = "absent.safetensors"
    with pytest.raises(PromptRejectedError, match=r'"absent\.safetensors" for ckpt_name of the node "Load"'):
        await road.start(graph)
    assert (road.asked(), road.server.accepted) == (["POST /prompt"], [])


async def test_a_server_that_is_away_says_so_at_once(road, picture):
    await road.server.kill()
    with pytest.raises(ComfyUIError, match="cannot be reached"):
        await road.start(picture())


async def test_an_error_in_a_node(road, picture):
    road.server.faults.fail_node("VAEDecode", "Given groups=1 in /srv/comfyui/nodes.py", "ValueError")
    with pytest.raises(GenerationError, match=r'The node "Decode" failed: Given groups=1 in …$') as caught:
        await road.start(picture())
    assert (caught.value.reason, caught.value.node) == (FailureReason.ERROR, "Decode")
    assert caught.value.prompt_id == P
    assert "secret_token" not in repr(vars(caught.value))
    assert road.asked() == ["POST /prompt", "GET /history"]


async def test_too_little_memory_is_told_as_that(road, picture):
    road.server.faults.fail_node("3", "CUDA out of memory.", "torch.cuda.OutOfMemoryError", at_step=2)
    with pytest.raises(GenerationError, match="out of memory; try a smaller size or batch"):
        await road.start(picture())


async def test_an_interrupt_by_somebody_else(road, picture):
    gate = road.server.pause("progress")
    job = road.start(picture())
    await gate.reached()
    road.server.interrupt()
    gate.release()
    with pytest.raises(GenerationError, match="Somebody stopped the job in ComfyUI") as caught:
        await job
    assert caught.value.reason is FailureReason.INTERRUPTED


async def test_a_partial_result_is_a_result_with_a_problem(road, picture):
    road.server.faults.fail_node("8", "no colours", "ValueError")
    result = await road.start(two_outputs(picture))
    assert [output.node for output in result.outputs] == ["5"]
    assert isinstance(result.problem, GenerationError)
    assert result.problem.message == 'The node "Invert" failed: no colours'


async def test_a_refused_output_beside_a_good_one_is_a_problem(road, picture):
    graph = two_outputs(picture)
    graph["9"]["inputs"]["images"] = ["3", 0]
    result = await road.start(graph)
    assert [output.node for output in result.outputs] == ["5"]
    assert isinstance(result.problem, PromptRejectedError)
    assert result.problem.message == 'The link to images of the node "SaveImage" is broken; mend the workflow.'


async def test_a_blocked_branch_is_not_the_end(road, picture):
    road.server.faults.fail_node("8", "not today", "ExecutionBlocked")
    result = await road.start(two_outputs(picture))
    assert ([output.node for output in result.outputs], result.problem) == (["5"], None)


async def test_a_run_without_output(road, picture):
    graph = picture()
    graph["5"] = {"class_type": "SaveImageWebsocket", "inputs": {"images": ["4", 0]}}
    with pytest.raises(GenerationError, match="produced nothing") as caught:
        await road.start(graph)
    assert caught.value.reason is FailureReason.NO_OUTPUT


async def test_a_listener_that_raises_fails_its_own_job_only(road, picture):
    def broken(event: object) -> None:
        if isinstance(event, Progress):
            raise KeyError("broken")

    gate = road.server.pause("execution_start")
    broken_job = road.start(picture(), listener=broken)
    await gate.reached()
    other = road.start(picture(seed=2), prompt_id="0" * 8 + P[8:])
    gate.release()
    with pytest.raises(KeyError, match="broken"):
        await broken_job
    assert (await other).outputs


async def test_giving_up_the_wait_leaves_the_prompt_alone(road, picture):
    gate = road.server.pause("progress")
    job = road.start(picture())
    await gate.reached()
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    gate.release()
    await road.server.wait_for(lambda: P in road.server.history)
    assert road.server.history[P]["status"]["completed"] is True
    assert road.asked() == ["POST /prompt"]


async def test_it_is_told_when_its_place_in_the_queue_is_known(road, picture):
    gate = road.server.pause("progress")
    other = road.start(picture(seed=2), prompt_id="11111111-1111-4111-8111-111111111111")
    await gate.reached()
    places: list[int | None] = []

    def listen(event: object) -> None:
        if type(event) is Queued:
            places.append(road.executor.queue_position(P))

    waiting = road.start(picture(), listener=listen)
    await road.server.wait_for(lambda: P in road.server.pending)
    gate.release()
    await other
    await waiting
    assert places == [1]
