"""What the store does not take is written later, and ends no job."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from core.comfyui.workflows.parameters import WorkflowParameters
from core.exceptions import GenerationError
from core.generators.base import GenerationRequest
from core.jobs.ledger import Ledger
from core.jobs.models import Delivery, Job, JobState, Origin
from core.jobs.store import MemoryJobStore, StoreError

pytestmark = pytest.mark.usefixtures("swift")


class FullStore(MemoryJobStore):
    """Takes nothing while it is full; keeps what was written, and when."""

    def __init__(self) -> None:
        super().__init__()
        self.full = False
        self.refusals = asyncio.Semaphore(0)
        self.written: list[tuple[str, JobState]] = []
        self.gate: asyncio.Event | None = None

    async def add(self, job: Job, graph: Any) -> None:
        self._refuse()
        await super().add(job, graph)

    async def save(self, job: Job) -> None:
        if self.gate is not None:
            await self.gate.wait()
        self._refuse()
        self.written.append((job.id, job.state))
        await super().save(job)

    def _refuse(self) -> None:
        if self.full:
            self.refusals.release()
            raise StoreError("The bot cannot write to its disk; ask its owner to look at it.", detail="full")


@pytest.fixture
def store() -> FullStore:
    return FullStore()


def job(job_id: str = "1", **values: Any) -> Job:
    return Job(job_id, 7, GenerationRequest("fox", WorkflowParameters()), **values)


async def test_what_could_not_be_written_is_written_with_the_next_that_can(store: FullStore, caplog: Any):
    ledger, first, second = Ledger(store), job("1"), job("2")
    store.full = True
    first.advance(JobState.FAILED)
    await ledger.note(first)
    assert "job not written" in caplog.text
    store.full = False
    await ledger.note(second)
    assert store.written == [("2", JobState.STORED), ("1", JobState.FAILED)]
    await ledger.aclose()
    assert len(store.written) == 2


async def test_much_that_could_not_be_written_is_written_once_each(store: FullStore):
    ledger, late = Ledger(store), [job(str(number)) for number in range(300)]
    store.full = True
    for made in late:
        made.advance(JobState.FAILED)
        await ledger.note(made)
    store.full = False
    await ledger.note(job("next"))
    assert store.written == [("next", JobState.STORED), *((made.id, JobState.FAILED) for made in late)]


async def test_or_when_the_ledger_is_closed(store: FullStore):
    ledger, made = Ledger(store), job()
    store.full = True
    await ledger.note(made)
    store.full = False
    await ledger.aclose()
    assert store.written == [("1", JobState.STORED)]


async def test_a_write_that_has_begun_is_finished(store: FullStore):
    ledger, store.gate = Ledger(store), asyncio.Event()
    writing = asyncio.create_task(ledger.save(job()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    assert store.written == []
    store.gate.set()
    await ledger.aclose()
    assert store.written == [("1", JobState.STORED)]


async def test_what_became_of_its_messages(store: FullStore):
    ledger, made = Ledger(store), job(origin=Origin(1, 2, 3, token="secret"))
    made.advance(JobState.FAILED)
    assert made.owed
    await ledger.moved(made, Origin(5, token="other"))
    await ledger.posted(made, 10)
    await ledger.posted(made, 11)
    assert (made.origin, made.messages, made.owed) == (Origin(5, token="other"), (10, 11), True)
    before = datetime.now(UTC)
    await ledger.delivered(made)
    assert (made.origin, made.delivery, made.owed) == (Origin(5), Delivery.DONE, False)
    assert made.delivered_at is not None
    assert made.delivered_at >= before
    await ledger.kept(made, "The channel is gone.")
    assert (made.delivery, made.delivery_note, made.delivered_at) == (Delivery.KEPT, "The channel is gone.", None)


async def test_a_job_that_cannot_be_written_is_not_taken(build_house: Any, store: FullStore, comfyui: Any):
    house = await build_house(store=store)
    store.full = True
    with pytest.raises(StoreError, match="cannot write to its disk"):
        await house.engine.jobs.submit(house.request())
    assert comfyui.count("POST", "/prompt") == 0


async def test_a_job_that_cannot_be_written_before_it_is_posted_waits_until_it_can(
    build_house: Any, store: FullStore, comfyui: Any, caplog: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("core.jobs.runner._WRITE_AGAIN", 0.0)
    house = await build_house(store=store)
    handle = await house.engine.jobs.submit(house.request())
    store.full = True
    for _ in range(3):
        await asyncio.wait_for(store.refusals.acquire(), 30)
    assert comfyui.count("POST", "/prompt") == 0
    store.full = False
    assert (await asyncio.wait_for(handle.result(), 30)).files
    assert caplog.text.count("its post waits") == 1


async def test_a_job_that_can_never_be_written_is_not_posted(
    build_house: Any, store: FullStore, comfyui: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("core.jobs.runner._WRITE_AGAIN", 0.0)
    house = await build_house(store=store)
    handle = await house.engine.jobs.submit(house.request())
    store.full = True
    with pytest.raises(StoreError):
        await asyncio.wait_for(handle.result(), 30)
    assert handle.job.state is JobState.FAILED
    assert comfyui.count("POST", "/prompt") == 0


async def test_a_job_that_waits_to_be_written_can_be_cancelled(
    build_house: Any, store: FullStore, comfyui: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("core.jobs.runner._WRITES", 10**9)
    monkeypatch.setattr("core.jobs.runner._WRITE_AGAIN", 0.0)
    house = await build_house(store=store)
    handle = await house.engine.jobs.submit(house.request())
    store.full = True
    await house.engine.jobs.cancel(handle.job.id)
    with pytest.raises(GenerationError, match="ancelled"):
        await asyncio.wait_for(handle.result(), 30)
    assert handle.job.state is JobState.CANCELLED
    assert comfyui.count("POST", "/prompt") == 0


async def test_a_result_is_had_although_it_cannot_be_written_down(build_house: Any, store: FullStore, comfyui: Any):
    house = await build_house(store=store)
    gate = comfyui.pause("progress")
    handle = await house.engine.jobs.submit(house.request())
    await gate.reached()
    store.full = True
    gate.release()
    assert (await asyncio.wait_for(handle.result(), 30)).files
    store.full = False
    later = await house.engine.jobs.submit(house.request(seed=2))
    await later.result()
    assert (handle.job.id, JobState.FINISHED) in store.written
