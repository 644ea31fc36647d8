"""The jobs that were last heard of: a click on a result is answered without a question to the store."""

from __future__ import annotations

from collections import OrderedDict

from core.jobs.models import Job
from core.jobs.store import JobStore


class RecentJobs:
    """Jobs that are over, the youngest ``capacity`` of those that ended or were asked for."""

    def __init__(self, store: JobStore, capacity: int = 500) -> None:
        self._store = store
        self._capacity = capacity
        self._jobs: OrderedDict[str, Job] = OrderedDict()

    def keep(self, job: Job) -> None:
        """A job has come to its end."""
        self._jobs[job.id] = job
        self._jobs.move_to_end(job.id)
        while len(self._jobs) > self._capacity:
            self._jobs.popitem(last=False)

    async def get(self, job_id: str) -> Job | None:
        """A job by its id, from the store where it is not at hand; None when it is not known."""
        job = self._jobs.get(job_id)
        if job is None:
            job = await self._store.get(job_id)
            if job is not None and job.state.final:
                job = self._jobs.get(job_id, job)  # somebody else may have asked meanwhile: there is one of each
                self.keep(job)
        return job
