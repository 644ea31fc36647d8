from __future__ import annotations

from core.comfyui.workflows.parameters import WorkflowParameters
from core.generators.base import GenerationRequest
from core.jobs.models import Job, JobState
from core.jobs.store import MemoryJobStore


def job(number: int) -> Job:
    return Job(str(number), 7, GenerationRequest("fox", WorkflowParameters()), state=JobState.POSTED)


async def finish(store: MemoryJobStore, made: Job) -> None:
    made.advance(JobState.FINISHED)
    await store.save(made)


async def test_a_job_is_found_by_its_id():
    store, made = MemoryJobStore(), job(1)
    assert await store.get("1") is None
    await store.add(made, {})
    assert await store.get("1") is made


async def test_the_unfinished_are_told_apart():
    store, jobs = MemoryJobStore(), [job(number) for number in range(3)]
    for made in jobs:
        await store.add(made, {})
    await finish(store, jobs[1])
    assert await store.unfinished() == [jobs[0], jobs[2]]


async def test_the_oldest_finished_are_forgotten_and_no_unfinished_one():
    store, jobs = MemoryJobStore(capacity=2), [job(number) for number in range(6)]
    for made in jobs:
        await store.add(made, {})
    for number in (4, 0, 3, 1):
        await finish(store, jobs[number])
    assert [made is not None for made in [await store.get(str(number)) for number in range(6)]] == [
        False,
        True,
        True,
        True,
        False,
        True,
    ]
    assert await store.unfinished() == [jobs[2], jobs[5]]


async def test_with_no_room_nothing_finished_is_kept():
    store, made = MemoryJobStore(capacity=0), job(1)
    await store.add(made, {})
    await finish(store, made)
    assert await store.get("1") is None
