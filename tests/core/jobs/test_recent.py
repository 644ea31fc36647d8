"""Jobs that were heard of lately are at hand, and there is one of each."""

from __future__ import annotations

from core.comfyui.workflows.parameters import WorkflowParameters
from core.generators.base import GenerationRequest
from core.jobs.models import Job, JobState
from core.jobs.recent import RecentJobs
from core.jobs.store import MemoryJobStore


class Asked(MemoryJobStore):
    """Counts the questions, and answers each with a copy, as a database does."""

    def __init__(self) -> None:
        super().__init__()
        self.questions: list[str] = []

    async def get(self, job_id: str) -> Job | None:
        self.questions.append(job_id)
        found = await super().get(job_id)
        return None if found is None else Job(found.id, found.owner, found.request, state=found.state)


def job(number: int, state: JobState = JobState.FINISHED) -> Job:
    return Job(str(number), 7, GenerationRequest("fox", WorkflowParameters()), state=state)


async def test_what_has_ended_is_not_asked_for():
    store, made = Asked(), job(1)
    recent = RecentJobs(store)
    recent.keep(made)
    assert await recent.get("1") is made
    assert store.questions == []


async def test_what_was_asked_for_is_the_same_the_next_time():
    store = Asked()
    await store.add(job(1), {})
    recent = RecentJobs(store)
    first = await recent.get("1")
    assert first is not None
    assert await recent.get("1") is first
    assert await recent.get("2") is None
    assert store.questions == ["1", "2"]


async def test_of_one_that_somebody_has_there_is_no_other():
    store, made = Asked(), job(1)
    recent = RecentJobs(store, capacity=1)
    recent.keep(made)
    recent.keep(job(2))
    assert await recent.get("1") is made
    assert recent.one_of(job(1)) is made
    read = recent.one_of(job(3))
    assert await recent.get("3") is read
    assert store.questions == []


async def test_what_is_not_over_is_asked_for_each_time():
    store = Asked()
    await store.add(job(1, JobState.STORED), {})
    recent = RecentJobs(store)
    assert await recent.get("1") is not await recent.get("1")


async def test_the_oldest_are_let_go():
    store = Asked()
    recent = RecentJobs(store, capacity=2)
    for number in (1, 2, 1, 3):
        recent.keep(job(number))
    assert [await recent.get(str(number)) is not None for number in (1, 2, 3)] == [True, False, True]
    assert store.questions == ["2"]
