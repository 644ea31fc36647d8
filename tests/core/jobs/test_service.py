"""Jobs from their request to a final state."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Mapping
from typing import Any

import pytest

from core.comfyui.workflows.parameters import WorkflowParameters
from core.engine import open_engine
from core.exceptions import (
    ComfyUIError,
    DisComfyError,
    FailureReason,
    GenerationError,
    PromptRejectedError,
    WorkflowError,
)
from core.generators.base import GenerationRequest
from core.jobs.handle import JobHandle
from core.jobs.models import Job, JobState, Origin
from core.jobs.store import MemoryJobStore
from core.progress.tracker import ProgressStatus

pytestmark = pytest.mark.usefixtures("swift")


class Diary(MemoryJobStore):
    """Writes down every state in which a job was kept."""

    def __init__(self) -> None:
        super().__init__()
        self.states: list[JobState] = []

    async def add(self, job: Job, graph: Mapping[str, Any]) -> None:
        self.states.append(job.state)
        await super().add(job, graph)

    async def save(self, job: Job) -> None:
        self.states.append(job.state)
        await super().save(job)


@pytest.fixture
def diary() -> Diary:
    return Diary()


@pytest.fixture
async def house(build_house, diary):
    return await build_house(store=diary)


@pytest.fixture
def jobs(house):
    return house.engine.jobs


async def failed(handle: JobHandle, state: JobState) -> DisComfyError:
    with pytest.raises(DisComfyError) as caught:
        await asyncio.wait_for(handle.result(), 30)
    assert (handle.job.state, handle.job.error) == (state, caught.value.message)
    assert (handle.job.result, handle.job.finished_at is None) == (None, False)
    metrics = handle.tracker.get_metrics()
    assert (metrics.status, metrics.error_message) == (ProgressStatus.FAILED, caught.value.message)
    return caught.value


async def test_a_job_is_posted_under_its_id_and_finished(jobs, house, comfyui, diary):
    request = house.request(seed=3)
    handle = await jobs.submit(request, owner=42, origin=Origin(1, 2, 3), parent="before")
    job = handle.job
    assert (job.owner, job.origin, job.parent, job.request) == (42, Origin(1, 2, 3), "before", request)
    assert jobs.handle(job.id) is handle
    result = await handle.result()
    assert comfyui.accepted == [job.id] == [result.prompt_id]
    assert (job.state, job.result, job.error) == (JobState.FINISHED, result, None)
    assert handle.tracker.get_metrics().percentage == 100
    # written down when it was accepted, and when its outputs were known
    assert diary.states == [JobState.STORED, *[JobState.POSTED] * 3, JobState.FINISHED]
    assert (await jobs.get(job.id), jobs.handle(job.id)) == (job, None)


async def test_the_store_knows_of_a_job_before_comfyui_does(jobs, house, comfyui, diary):
    gate = comfyui.pause_request("POST", "/prompt")
    handle = await jobs.submit(house.request())
    await gate.reached()
    assert diary.states == [JobState.STORED, JobState.POSTED]
    gate.release()
    await handle.result()


async def test_the_tracker_follows_the_run(jobs, house, comfyui, until):
    gate = comfyui.pause("progress", skip=1)
    handle = await jobs.submit(house.request())
    changes = []
    handle.tracker.add_callback(changes.append)
    await gate.reached()
    waiting = await jobs.submit(house.request())
    await comfyui.wait_for(lambda: len(comfyui.pending) == 1)
    await until(lambda: waiting.tracker.get_metrics().queue_position == 1)
    gate.release()
    await asyncio.gather(handle.result(), waiting.result())
    assert {"Load", "Paint", "Decode", "Save"} <= {metrics.phase for metrics in changes}
    percentages = [metrics.percentage for metrics in changes]
    assert percentages == sorted(percentages)


async def test_earlier_runs_of_a_workflow_tell_how_long_the_next_takes(jobs, house, comfyui):
    first = await jobs.submit(house.request())
    assert first.tracker.get_metrics().remaining is None
    await first.result()
    second = await jobs.submit(house.request())
    assert second.tracker.get_metrics().remaining == pytest.approx(first.tracker.running_seconds, rel=0.01)
    await second.result()


async def test_a_request_that_makes_no_graph_is_not_stored(jobs, diary):
    with pytest.raises(WorkflowError, match='no workflow "absent"'):
        await jobs.submit(GenerationRequest("absent", WorkflowParameters()))
    assert diary.states == []


async def test_a_failure(jobs, house, comfyui):
    comfyui.faults.fail_node("4", "no colours", "ValueError")
    error = await failed(await jobs.submit(house.request()), JobState.FAILED)
    assert error.message == 'The node "Decode" failed: no colours'


async def test_what_the_server_lacks_is_refused_before_a_job_is_stored(jobs, house, comfyui, diary):
    comfyui.set_models("checkpoints", [])
    with pytest.raises(WorkflowError, match="lacks model file"):
        await jobs.submit(house.request())
    assert diary.states == []
    assert comfyui.count("POST", "/prompt") == 0


async def test_a_refusal_by_the_server_itself(jobs, house, comfyui):
    """The definitions are a moment old: what was taken away since then, only the server knows."""
    await house.engine.library.refresh()
    comfyui.set_models("checkpoints", [])
    error = await failed(await jobs.submit(house.request()), JobState.FAILED)
    assert isinstance(error, PromptRejectedError)
    (entry,) = house.engine.library.entries()
    assert entry.problem == 'ComfyUI lacks model file "sd_xl_base_1.0.safetensors" in models/checkpoints.'
    assert error.message.startswith(entry.problem.removesuffix("."))


async def test_a_server_that_is_away_is_told_before_a_job_is_stored(jobs, house, comfyui, diary):
    await comfyui.kill()
    with pytest.raises(ComfyUIError, match="try again when it is back"):
        await jobs.submit(house.request())
    assert diary.states == []


async def test_an_interrupt_by_somebody_else(jobs, house, comfyui):
    gate = comfyui.pause("progress")
    handle = await jobs.submit(house.request())
    await gate.reached()
    comfyui.interrupt()
    gate.release()
    await failed(handle, JobState.CANCELLED)


async def test_a_fault_of_our_own_ends_the_job_and_keeps_its_inner_matters_to_the_log(jobs, house, monkeypatch, caplog):
    async def broken(*args: object, **options: object) -> None:
        raise RuntimeError("/srv/secret")

    monkeypatch.setattr(house.engine.generator, "execute", broken)
    error = await failed(await jobs.submit(house.request()), JobState.FAILED)
    assert isinstance(error, GenerationError)
    assert error.message == "Something went wrong in the bot; its owner finds the cause in the log."
    assert "/srv/secret" in caplog.text


async def test_a_screen_that_is_broken_does_not_end_the_job(jobs, house, caplog):
    def broken(metrics: object) -> None:
        raise RuntimeError("no screen")

    handle = await jobs.submit(house.request())
    handle.tracker.add_callback(broken)
    assert (await handle.result()).files
    assert caplog.text.count("RuntimeError: no screen") == 1


async def test_cancelled_before_it_began(jobs, house, comfyui):
    handle = await jobs.submit(house.request())
    await jobs.cancel(handle.job.id)
    error = await failed(handle, JobState.CANCELLED)
    assert isinstance(error, GenerationError)
    assert (error.reason, error.message) == (FailureReason.INTERRUPTED, "Cancelled.")


async def test_cancelled_while_it_waits(jobs, house, comfyui):
    gate = comfyui.pause("progress")
    first = await jobs.submit(house.request())
    await gate.reached()
    second = await jobs.submit(house.request())
    await comfyui.wait_for(lambda: comfyui.pending == [second.job.id])
    await jobs.cancel(second.job.id)
    await failed(second, JobState.CANCELLED)
    gate.release()
    assert (await first.result()).files
    assert list(comfyui.history) == [first.job.id]


async def test_cancelled_while_it_runs(jobs, house, comfyui):
    comfyui.settings.step_seconds = 0.01
    gate = comfyui.pause("progress")
    handle = await jobs.submit(house.request(steps=50))
    await gate.reached()
    gate.release()
    await jobs.cancel(handle.job.id)
    await failed(handle, JobState.CANCELLED)


async def test_cancelling_what_is_over_or_unknown_asks_nothing(jobs, house, comfyui):
    handle = await jobs.submit(house.request())
    await handle.result()
    asked = len(comfyui.requests)
    await jobs.cancel(handle.job.id)
    await jobs.cancel("unknown")
    assert (handle.job.state, handle.job.cancel_requested) == (JobState.FINISHED, False)
    assert len(comfyui.requests) == asked


async def test_giving_up_the_wait_does_not_end_the_job(jobs, house, comfyui):
    gate = comfyui.pause("progress")
    handle = await jobs.submit(house.request())
    waiting = asyncio.create_task(handle.result())
    await gate.reached()
    waiting.cancel()
    gate.release()
    assert (await handle.result()).files


async def test_a_failure_that_nobody_waits_for_is_not_reported_as_forgotten(jobs, house, comfyui, until, caplog):
    comfyui.faults.fail_node("4", "no colours", "ValueError")
    handle = await jobs.submit(house.request())
    job_id = handle.job.id
    del handle
    await until(lambda: jobs.handle(job_id) is None)
    gc.collect()
    assert "never retrieved" not in caplog.text


async def test_leaving_tells_comfyui_nothing_and_leaves_nothing_running(build_house, comfyui):
    store = MemoryJobStore()
    gate = comfyui.pause("progress")
    house = await build_house()
    async with open_engine(house.config, store=store) as engine:
        handle = await engine.jobs.submit(house.request())
        await gate.reached()
        asked = [request.path for request in comfyui.requests]
    with pytest.raises(asyncio.CancelledError):
        await handle.result()
    assert handle.job.state is JobState.POSTED
    assert await store.unfinished() == [handle.job]
    assert [request.path for request in comfyui.requests] == asked
    assert [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("job-")] == []
    gate.release()
    await comfyui.wait_for(lambda: handle.job.id in comfyui.history)
    assert comfyui.history[handle.job.id]["status"]["completed"] is True
