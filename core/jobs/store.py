"""Where jobs are kept."""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol

from core.jobs.models import Job


class JobStore(Protocol):
    """Keeps jobs by id. A job is added before it is posted and saved at every change of state."""

    async def add(self, job: Job) -> None: ...

    async def save(self, job: Job) -> None: ...

    async def get(self, job_id: str) -> Job | None: ...

    async def unfinished(self) -> list[Job]: ...


class MemoryJobStore:
    """Jobs of this process, the youngest ``capacity`` of the finished ones among them."""

    def __init__(self, capacity: int = 1000) -> None:
        self._capacity = capacity
        self._jobs: OrderedDict[str, Job] = OrderedDict()

    async def add(self, job: Job) -> None:
        self._jobs[job.id] = job

    async def save(self, job: Job) -> None:
        self._jobs[job.id] = job
        if job.state.final:
            self._jobs.move_to_end(job.id)
            self._trim()

    async def get(self, job_id: str) -> Job | None:
        return self._jobs.get(job_id)

    async def unfinished(self) -> list[Job]:
        return [job for job in self._jobs.values() if not job.state.final]

    def _trim(self) -> None:
        for job_id in [job_id for job_id, job in self._jobs.items() if job.state.final][: -self._capacity or None]:
            del self._jobs[job_id]
