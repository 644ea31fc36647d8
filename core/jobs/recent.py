"""The jobs that were last heard of: a click on a result is answered without a question to the store.

Of each there is one object for everybody, as long as anybody has it: what one writes down of it all others know.
"""

from __future__ import annotations

from collections import OrderedDict
from weakref import WeakValueDictionary

from core.jobs.models import Job
from core.jobs.store import JobStore


class RecentJobs:
    """Jobs that are over, the youngest ``capacity`` of those that ended or were asked for."""

    def __init__(self, store: JobStore, capacity: int = 500) -> None:
        self._store = store
        self._capacity = capacity
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._living: WeakValueDictionary[str, Job] = WeakValueDictionary()

    def keep(self, job: Job) -> None:
        """A job has come to its end."""
        self._living[job.id] = job
        self._jobs[job.id] = job
        self._jobs.move_to_end(job.id)
        while len(self._jobs) > self._capacity:
            self._jobs.popitem(last=False)

    def one_of(self, job: Job) -> Job:
        """A job that is over and was read from the store, as others have it already; itself where nobody has."""
        return self._living.setdefault(job.id, job)

    async def get(self, job_id: str) -> Job | None:
        """A job by its id, from the store where it is not at hand; None when it is not known."""
        job = self._living.get(job_id)
        if job is None:
            job = await self._store.get(job_id)
            if job is not None and job.state.final:
                job = self.one_of(job)  # somebody else may have asked meanwhile
                self.keep(job)
        return job
