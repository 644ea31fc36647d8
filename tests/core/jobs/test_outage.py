"""Jobs whose ComfyUI goes away: they wait for it, and what it lost is posted again in order."""

from __future__ import annotations

import asyncio

import pytest

from core.exceptions import ComfyUIError, FailureReason, GenerationError
from core.jobs.handle import JobHandle
from core.jobs.models import JobState

pytestmark = pytest.mark.usefixtures("swift")


async def ended(handle: JobHandle, state: JobState) -> GenerationError:
    with pytest.raises(GenerationError) as caught:
        await asyncio.wait_for(handle.result(), 30)
    assert (handle.job.state, handle.job.error) == (state, caught.value.message)
    return caught.value


@pytest.mark.parametrize("event", ["execution_start", "progress", "executed", "execution_success"])
async def test_a_job_lost_with_its_server_is_posted_again(house, comfyui, event):
    gate = comfyui.pause(event)
    handle = await house.engine.jobs.submit(house.request())
    await gate.reached()
    await comfyui.kill()
    gate.release()
    await comfyui.revive()
    assert (await asyncio.wait_for(handle.result(), 30)).files
    assert comfyui.accepted == [handle.job.id] * 2
    assert (handle.job.state, handle.job.attempts) == (JobState.FINISHED, 2)
    assert handle.tracker.get_metrics().percentage == 100


async def test_its_progress_begins_anew(house, comfyui):
    gate = comfyui.pause("progress", skip=1)
    handle = await house.engine.jobs.submit(house.request())
    await gate.reached()
    before = handle.tracker.get_metrics().percentage
    await comfyui.kill()
    gate.release()
    again = comfyui.pause("execution_start")
    await comfyui.revive()
    await again.reached()
    assert handle.tracker.get_metrics().percentage < before
    again.release()
    await handle.result()


@pytest.mark.parametrize("retries", [0, 1, 2])
async def test_it_is_posted_again_as_often_as_is_configured(build_house, comfyui, retries):
    house = await build_house(comfyui={"retries": retries})
    handle = None
    for _ in range(retries + 1):
        gate = comfyui.pause("progress")
        handle = handle or await house.engine.jobs.submit(house.request())
        await gate.reached()
        await comfyui.kill()
        gate.release()
        await comfyui.revive()
    error = await ended(handle, JobState.LOST)
    assert error.message == "The job was lost when ComfyUI was restarted; submit it again."
    assert len(comfyui.accepted) == retries + 1


async def test_a_lost_queue_is_posted_again_in_order_and_before_what_came_later(build_house, comfyui):
    house = await build_house(comfyui={"concurrency": 3})
    gate = comfyui.pause("progress")
    handles = [await house.engine.jobs.submit(house.request(seed=seed), owner=seed) for seed in range(6)]
    await gate.reached()
    await comfyui.wait_for(lambda: len(comfyui.pending) == 2)
    await comfyui.kill()
    gate.release()
    await comfyui.revive()
    await asyncio.gather(*(handle.result() for handle in handles))
    ids = [handle.job.id for handle in handles]
    assert comfyui.accepted == [*ids[:3], *ids[:3], *ids[3:]]


async def test_jobs_that_wait_in_the_bot_are_posted_when_the_server_is_back(build_house, comfyui):
    house = await build_house(comfyui={"concurrency": 1, "retries": 0})
    gate = comfyui.pause("progress")
    first = await house.engine.jobs.submit(house.request(seed=1))
    second = await house.engine.jobs.submit(house.request(seed=2))
    await gate.reached()
    await comfyui.kill()
    gate.release()
    await comfyui.revive()
    await ended(first, JobState.LOST)
    assert (await asyncio.wait_for(second.result(), 30)).files


async def test_a_post_to_a_server_that_has_just_gone_waits_for_it(house, comfyui, until):
    first = await house.engine.jobs.submit(house.request(seed=1))
    await first.result()
    gate = comfyui.pause("progress")
    running = await house.engine.jobs.submit(house.request(seed=2))
    await gate.reached()
    held = comfyui.pause_request("POST", "/prompt")
    handle = await house.engine.jobs.submit(house.request(seed=3))
    await held.reached()
    await comfyui.kill()
    held.release()
    gate.release()
    await until(lambda: not handle.tracker.get_metrics().online)
    with pytest.raises(ComfyUIError):
        await house.engine.jobs.submit(house.request())
    await comfyui.revive()
    await asyncio.wait_for(asyncio.gather(handle.result(), running.result()), 30)
    assert handle.job.attempts == 1


async def test_a_server_that_stays_away_loses_every_job_after_one_time(build_house, comfyui):
    house = await build_house(comfyui={"concurrency": 1, "offline_timeout": 0.5})
    gate = comfyui.pause("progress")
    handles = [await house.engine.jobs.submit(house.request(seed=seed)) for seed in range(30)]
    await gate.reached()
    await comfyui.kill()
    gate.release()
    began = asyncio.get_running_loop().time()
    for handle in handles:
        assert (await ended(handle, JobState.LOST)).reason is FailureReason.OFFLINE
    assert asyncio.get_running_loop().time() - began < 0.5 * 20


async def test_one_that_waits_for_the_server_can_be_cancelled(build_house, comfyui, until):
    house = await build_house(comfyui={"concurrency": 1})
    gate = comfyui.pause("progress")
    first = await house.engine.jobs.submit(house.request(seed=1))
    second = await house.engine.jobs.submit(house.request(seed=2))
    await gate.reached()
    await comfyui.kill()
    gate.release()
    await house.engine.jobs.cancel(second.job.id)
    assert (await ended(second, JobState.CANCELLED)).message == "Cancelled."
    await comfyui.revive()
    assert (await first.result()).files


async def test_one_that_waits_behind_a_post_can_be_cancelled_and_the_next_one_goes_on(build_house, comfyui):
    house = await build_house(comfyui={"concurrency": 3})
    held = comfyui.pause_request("POST", "/prompt")
    first, second, third = [await house.engine.jobs.submit(house.request(seed=seed)) for seed in (1, 2, 3)]
    await held.reached()
    await house.engine.jobs.cancel(second.job.id)
    assert (await ended(second, JobState.CANCELLED)).message == "Cancelled."
    held.release()
    await asyncio.wait_for(asyncio.gather(first.result(), third.result()), 30)
    assert comfyui.accepted == [first.job.id, third.job.id]


async def test_what_was_cancelled_while_the_server_could_not_be_reached_is_stopped_when_it_can(house, comfyui, until):
    comfyui.settings.step_seconds = 0.01
    gate = comfyui.pause("progress")
    handle = await house.engine.jobs.submit(house.request(steps=50))
    await gate.reached()
    comfyui.faults.refuse("/queue", 503)
    with pytest.raises(ComfyUIError):
        await house.engine.jobs.cancel(handle.job.id)
    comfyui.faults.clear()
    gate.release()
    await ended(handle, JobState.CANCELLED)


async def test_results_of_a_server_that_goes_before_they_are_fetched_are_fetched_when_it_is_back(house, comfyui):
    gate = comfyui.pause_request("GET", "/view")
    handle = await house.engine.jobs.submit(house.request())
    await gate.reached()
    await comfyui.kill()
    gate.release()
    await comfyui.revive()
    result = await asyncio.wait_for(handle.result(), 30)
    assert result.files[0].path.stat().st_size > 0
    assert comfyui.accepted == [handle.job.id]


async def test_a_place_is_free_while_results_are_fetched(build_house, comfyui):
    house = await build_house(comfyui={"concurrency": 1})
    gate = comfyui.pause_request("GET", "/view")
    first = await house.engine.jobs.submit(house.request(seed=1))
    await gate.reached()
    second = await house.engine.jobs.submit(house.request(seed=2))
    await comfyui.wait_for(lambda: second.job.id in comfyui.history)
    gate.release()
    await asyncio.gather(first.result(), second.result())


async def test_a_fault_of_ours_while_it_runs_does_not_cost_the_result(house, comfyui, monkeypatch, caplog):
    handle = None

    def broken(event: object) -> None:
        raise RuntimeError("no such gauge")

    gate = comfyui.pause("progress")
    handle = await house.engine.jobs.submit(house.request())
    await gate.reached()
    monkeypatch.setattr(handle.tracker, "_takers", dict.fromkeys(handle.tracker._takers, broken))
    gate.release()
    assert (await asyncio.wait_for(handle.result(), 30)).files
    assert comfyui.accepted == [handle.job.id]
    assert "no such gauge" in caplog.text


@pytest.mark.parametrize("status", [502, 503, 504, 522, 530])
async def test_results_behind_a_proxy_whose_server_is_away_are_fetched_when_it_is_back(house, comfyui, until, status):
    gate = comfyui.pause_request("GET", "/view")
    handle = await house.engine.jobs.submit(house.request())
    await gate.reached()
    comfyui.faults.refuse("/view", status)
    gate.release()
    await until(lambda: not handle.tracker.get_metrics().online)
    comfyui.faults.clear()
    assert (await asyncio.wait_for(handle.result(), 30)).files


@pytest.mark.parametrize("status", [502, 503, 504, 522, 530])
async def test_a_proxy_whose_server_is_away_is_told_as_the_server_itself(house, comfyui, until, status):
    comfyui.faults.refuse("/", status)
    await comfyui.drop_sockets()
    with pytest.raises(ComfyUIError, match="cannot be reached; try again when it is back"):
        await house.engine.jobs.submit(house.request())
