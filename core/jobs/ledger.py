"""Writing jobs down. What the store does not take at the moment is written later, and ends no job."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from core.jobs.models import Delivery, Job, Origin
from core.jobs.store import JobStore, StoreError
from utils.logging import get_logger

log = get_logger(__name__)


class Ledger:
    """Writes to a store. A write that has begun is finished, also when whoever asked for it is cancelled."""

    def __init__(self, store: JobStore) -> None:
        self._store = store
        self._unwritten: dict[str, Job] = {}
        self._writes: set[asyncio.Task[None]] = set()

    async def aclose(self) -> None:
        """Wait for what is being written, and try once more what could not be."""
        await asyncio.gather(*self._writes, return_exceptions=True)
        for job in list(self._unwritten.values()):
            await self._noted(job)

    async def add(self, job: Job, graph: Mapping[str, Any]) -> None:
        """Keep a new job; raises `StoreError`."""
        await self._write(self._store.add(job, graph))

    async def save(self, job: Job) -> None:
        """Keep what must not be forgotten before the next step; raises `StoreError`."""
        await self._write(self._store.save(job))
        self._unwritten.pop(job.id, None)

    async def note(self, job: Job) -> None:
        """Keep what is true whether or not it is written: later, where the store does not take it now."""
        if await self._noted(job):
            for other in [job for job in self._unwritten.values() if job.state.final]:
                if other.id in self._unwritten:  # somebody else may have written it meanwhile
                    await self._noted(other)

    def note_soon(self, job: Job) -> None:
        """As `note`, for callers that cannot wait."""
        self._start(self.note(job))

    async def moved(self, job: Job, origin: Origin) -> None:
        """Another message shows the job from now on."""
        job.origin = origin
        await self.note(job)

    async def posted(self, job: Job, message_id: int) -> None:
        """A further message holds a part of the result."""
        job.messages = (*job.messages, message_id)
        await self.note(job)

    async def delivered(self, job: Job) -> None:
        """Whoever asked has been told how it ended."""
        await self._settle(job, Delivery.DONE, None)

    async def kept(self, job: Job, reason: str) -> None:
        """Whoever asked cannot be told, for a reason in a short sentence."""
        await self._settle(job, Delivery.KEPT, reason)

    async def _settle(self, job: Job, delivery: Delivery, note: str | None) -> None:
        job.delivery, job.delivery_note = delivery, note
        job.delivered_at = datetime.now(UTC) if delivery is Delivery.DONE else None
        if job.origin is not None:
            job.origin = replace(job.origin, token=None)
        await self.note(job)

    async def _noted(self, job: Job) -> bool:
        """Whether the store took it; else it is kept for later."""
        try:
            await self.save(job)
        except StoreError as exc:
            self._unwritten[job.id] = job
            log.warning("job not written", job=job.id, state=job.state, detail=exc.detail)
            return False
        return True

    async def _write(self, write: Coroutine[Any, Any, None]) -> None:
        await asyncio.shield(self._start(write))

    def _start(self, write: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(write, name="job-write")
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)
        return task
