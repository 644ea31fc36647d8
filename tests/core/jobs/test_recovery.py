"""A process that ends at any moment, and the next one on the same store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from core.engine import Engine, open_engine
from core.exceptions import GenerationError, ValidationError, WorkflowError
from core.jobs.handle import JobHandle
from core.jobs.models import Job, JobState, Origin
from core.jobs.store import MemoryJobStore
from playground.comfyui import ComfyUIServer
from tests.core.conftest import House

pytestmark = pytest.mark.usefixtures("swift")


class Lives:
    """One store, and engines on it, one after the other."""

    def __init__(self, house: House, stack: AsyncExitStack) -> None:
        self.house = house
        self.store = MemoryJobStore()
        self._stack = stack

    async def begin(self) -> Engine:
        await self._stack.aclose()
        return await self._stack.enter_async_context(open_engine(self.house.config, store=self.store))

    async def end(self) -> None:
        await self._stack.aclose()


@pytest.fixture
async def lives(build_house: Callable[..., Any], request: pytest.FixtureRequest) -> AsyncIterator[Lives]:
    house = await build_house(comfyui={"concurrency": 1, **getattr(request, "param", {})})
    async with AsyncExitStack() as stack:
        yield Lives(house, stack)


async def only(engine: Engine) -> JobHandle:
    (handle,) = await engine.jobs.recover()
    return handle


async def lost(handle: JobHandle) -> GenerationError:
    with pytest.raises(GenerationError) as caught:
        await asyncio.wait_for(handle.result(), 30)
    assert handle.job.state is JobState.LOST
    return caught.value


async def test_a_job_that_waited_for_its_turn_waits_again(lives: Lives, comfyui: ComfyUIServer):
    engine = await lives.begin()
    gate = comfyui.pause("progress")
    first = await engine.jobs.submit(lives.house.request(seed=1), origin=Origin(1))
    await gate.reached()
    second = await engine.jobs.submit(lives.house.request(seed=2), origin=Origin(1))
    assert second.job.state is JobState.STORED
    engine = await lives.begin()
    running, waiting = await engine.jobs.recover()
    assert (running.job.id, waiting.job.id) == (first.job.id, second.job.id)
    gate.release()
    await asyncio.wait_for(asyncio.gather(running.result(), waiting.result()), 30)
    assert comfyui.accepted == [first.job.id, second.job.id]


@pytest.mark.parametrize("event", ["execution_start", "progress", "executed", "execution_success"])
async def test_a_job_that_runs_is_followed(lives: Lives, comfyui: ComfyUIServer, event: str):
    engine = await lives.begin()
    gate = comfyui.pause(event)
    handle = await engine.jobs.submit(lives.house.request())
    await gate.reached()
    engine = await lives.begin()
    again = await only(engine)
    gate.release()
    assert (await asyncio.wait_for(again.result(), 30)).files
    assert comfyui.accepted == [handle.job.id]


async def test_its_events_are_heard_under_the_same_name(lives: Lives, comfyui: ComfyUIServer):
    lives.store.client_id = "0123456789abcdef0123456789abcdef"
    engine = await lives.begin()
    gate = comfyui.pause("progress", skip=1)
    await engine.jobs.submit(lives.house.request())
    await gate.reached()
    engine = await lives.begin()
    again = await only(engine)
    await comfyui.wait_for(lambda: comfyui.sockets_opened == 2 and comfyui.open_sockets == 1)
    gate.release()
    steps = []
    again.tracker.add_callback(lambda metrics: steps.append(metrics.step))
    await again.result()
    assert 4 in steps


async def test_a_job_that_ended_unseen_is_fetched(lives: Lives, comfyui: ComfyUIServer):
    engine = await lives.begin()
    gate = comfyui.pause("progress")
    handle = await engine.jobs.submit(lives.house.request())
    await gate.reached()
    await lives.end()
    gate.release()
    await comfyui.wait_for(lambda: handle.job.id in comfyui.history)
    again = await only(await lives.begin())
    assert (await asyncio.wait_for(again.result(), 30)).files
    assert comfyui.accepted == [handle.job.id]


async def test_a_job_whose_files_are_still_to_be_fetched_keeps_nobodys_place(lives: Lives, comfyui: ComfyUIServer):
    engine = await lives.begin()
    gate = comfyui.pause_request("GET", "/view")
    first = await engine.jobs.submit(lives.house.request(seed=1), origin=Origin(1))
    await gate.reached()
    engine = await lives.begin()
    gate.release()
    again = await only(engine)
    assert again.job.id == first.job.id
    await asyncio.wait_for(again.result(), 30)
    second = await engine.jobs.submit(lives.house.request(seed=2))
    assert (await asyncio.wait_for(second.result(), 30)).files


async def test_a_job_that_failed_unseen_says_why(lives: Lives, comfyui: ComfyUIServer):
    engine = await lives.begin()
    comfyui.faults.fail_node("4", "no colours", "ValueError")
    gate = comfyui.pause("progress")
    handle = await engine.jobs.submit(lives.house.request())
    await gate.reached()
    await lives.end()
    gate.release()
    await comfyui.wait_for(lambda: handle.job.id in comfyui.history)
    again = await only(await lives.begin())
    with pytest.raises(GenerationError, match="no colours"):
        await asyncio.wait_for(again.result(), 30)
    assert again.job.state is JobState.FAILED


async def test_a_job_whose_server_lost_it_meanwhile_is_lost(lives: Lives, comfyui: ComfyUIServer):
    engine = await lives.begin()
    gate = comfyui.pause("progress")
    await engine.jobs.submit(lives.house.request())
    await gate.reached()
    await lives.end()
    await comfyui.kill()
    gate.release()
    await comfyui.revive()
    await lost(await only(await lives.begin()))
    assert len(comfyui.accepted) == 1


async def test_a_job_that_was_to_be_posted_and_never_arrived_is_posted(lives: Lives, comfyui: ComfyUIServer):
    engine = await lives.begin()
    gate = comfyui.pause_request("POST", "/prompt")
    handle = await engine.jobs.submit(lives.house.request())
    await gate.reached()
    comfyui.faults.reset_next_prompt()
    await lives.end()
    gate.release()
    assert (handle.job.state, handle.job.accepted_at) == (JobState.POSTED, None)
    again = await only(await lives.begin())
    assert (await asyncio.wait_for(again.result(), 30)).files
    assert comfyui.accepted == [handle.job.id]


async def test_results_that_were_made_outlast_bot_and_server(lives: Lives, comfyui: ComfyUIServer):
    engine = await lives.begin()
    gate = comfyui.pause_request("GET", "/view")
    handle = await engine.jobs.submit(lives.house.request())
    await gate.reached()
    await lives.end()
    gate.release()
    await comfyui.kill()
    await comfyui.revive()
    again = await only(await lives.begin())
    assert (await asyncio.wait_for(again.result(), 30)).files
    assert comfyui.accepted == [handle.job.id]


async def test_a_server_that_is_away_at_the_start_is_waited_for(lives: Lives, comfyui: ComfyUIServer, until: Any):
    engine = await lives.begin()
    gate = comfyui.pause("progress")
    first = await engine.jobs.submit(lives.house.request(seed=1))
    await gate.reached()
    second = await engine.jobs.submit(lives.house.request(seed=2))
    await lives.end()
    await comfyui.kill()
    gate.release()
    engine = await lives.begin()
    posted, stored = await engine.jobs.recover()
    await until(lambda: not posted.tracker.get_metrics().online)
    await comfyui.revive()
    await lost(posted)
    assert (await asyncio.wait_for(stored.result(), 30)).files
    assert comfyui.accepted == [first.job.id, second.job.id]


async def test_what_was_to_be_cancelled_is_cancelled(lives: Lives, comfyui: ComfyUIServer):
    engine = await lives.begin()
    comfyui.settings.step_seconds = 0.01
    gate = comfyui.pause("progress")
    running = await engine.jobs.submit(lives.house.request(steps=50))
    await gate.reached()
    waiting = await engine.jobs.submit(lives.house.request(seed=2))
    running.job.cancel_requested = waiting.job.cancel_requested = True
    engine = await lives.begin()
    gate.release()
    for handle in await engine.jobs.recover():
        with pytest.raises(GenerationError, match=r"Cancelled\."):
            await asyncio.wait_for(handle.result(), 30)
        assert handle.job.state is JobState.CANCELLED
    assert comfyui.accepted == [running.job.id]


async def test_a_job_that_is_submitted_while_the_process_leaves_is_the_next_ones(
    lives: Lives, comfyui: ComfyUIServer, monkeypatch: pytest.MonkeyPatch
):
    engine = await lives.begin()
    adding, left = asyncio.Event(), asyncio.Event()
    add = lives.store.add

    async def slow(*what: Any) -> None:
        adding.set()
        await left.wait()
        await add(*what)

    monkeypatch.setattr(lives.store, "add", slow)
    submitting = asyncio.create_task(engine.jobs.submit(lives.house.request(), origin=Origin(1)))
    await adding.wait()
    leaving = asyncio.create_task(lives.end())
    await asyncio.sleep(0)
    left.set()
    await leaving
    with pytest.raises(asyncio.CancelledError):
        await submitting
    assert comfyui.accepted == []
    again = await only(await lives.begin())
    assert (await asyncio.wait_for(again.result(), 30)).files


async def test_a_job_without_a_graph_is_lost_and_owed(lives: Lives):
    engine = await lives.begin()
    job = Job("5fe1ff53-6d28-4e7e-9a3e-1c1d5e1d1a10", 7, lives.house.request(), Origin(1))
    await lives.store.add(job, {})
    lives.store._graphs.clear()
    assert await engine.jobs.recover() == []
    assert job.state is JobState.LOST
    assert await lives.store.owed() == [job]


async def test_earlier_lives_tell_how_long_a_job_takes(lives: Lives):
    engine = await lives.begin()
    handle = await engine.jobs.submit(lives.house.request(seed=1))
    await handle.result()
    engine = await lives.begin()
    assert await engine.jobs.recover() == []
    later = await engine.jobs.submit(lives.house.request(seed=2))
    assert later.tracker.get_metrics().remaining == pytest.approx(handle.job.running_seconds, rel=0.01)
    await later.result()


@pytest.mark.parametrize("lives", [{"retries": 0}], indirect=True)
async def test_a_lost_job_is_tried_again_once(lives: Lives, comfyui: ComfyUIServer):
    engine = await lives.begin()
    gate = comfyui.pause("progress")
    first = await engine.jobs.submit(lives.house.request(seed=5), owner=3, parent="before", display={"title": "Fox"})
    await gate.reached()
    await comfyui.kill()
    gate.release()
    await comfyui.revive()
    await lost(first)
    again = await engine.jobs.retry(first.job.id, owner=3, origin=Origin(9))
    assert (again.job.request, again.job.parent, again.job.display) == (first.job.request, "before", {"title": "Fox"})
    assert (again.job.origin, first.job.retried_as) == (Origin(9), again.job.id)
    for unfit, why in ((first.job.id, "newer message"), (again.job.id, "under way"), ("unknown", "no longer known")):
        with pytest.raises(ValidationError, match=why):
            await engine.jobs.retry(unfit, owner=3)
    await again.result()
    with pytest.raises(ValidationError, match="result already"):
        await engine.jobs.retry(again.job.id, owner=3)


@pytest.mark.parametrize("lives", [{"retries": 0}], indirect=True)
async def test_a_retry_that_came_to_nothing_can_be_made_later(lives: Lives, comfyui: ComfyUIServer):
    engine = await lives.begin()
    comfyui.faults.fail_node("4", "no colours", "ValueError")
    handle = await engine.jobs.submit(lives.house.request(seed=5))
    with pytest.raises(GenerationError):
        await handle.result()
    comfyui.set_models("checkpoints", [])
    await engine.library.refresh()
    with pytest.raises(WorkflowError, match="lacks model file"):
        await engine.jobs.retry(handle.job.id, owner=3)
    assert handle.job.retried_as is None
    comfyui.set_models("checkpoints", ["sd_xl_base_1.0.safetensors"])
    comfyui.faults.clear()
    again = await engine.jobs.retry(handle.job.id, owner=3)
    assert (await again.result()).files
