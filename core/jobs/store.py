"""Where jobs are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from core.exceptions import DisComfyError
from core.jobs.models import Ask, Form, Job, JobState


class StoreError(DisComfyError):
    """The store cannot be written or read; the cause is in ``detail``."""


class JobStore(Protocol):
    """Keeps jobs by id. A job is added before it is posted and saved at every change.

    Every method raises `StoreError` when the store does not work.

    Attributes:
        client_id: the name under which this store's jobs are posted to ComfyUI, the same after a restart: the events
            of prompts that run already are told to it. None where nothing outlives the process.
    """

    client_id: str | None

    async def add(self, job: Job, graph: Mapping[str, Any]) -> None:
        """Keep a new job and the graph sent for it; the ask with the token of its origin goes in the same step."""
        ...

    async def save(self, job: Job) -> None:
        """Keep what has changed of it, less ``retried_as``. A job that is not known stays unknown."""
        ...

    async def get(self, job_id: str) -> Job | None: ...

    async def graph(self, job_id: str) -> dict[str, Any] | None:
        """The graph of a job; None when the job is not known."""
        ...

    async def unfinished(self) -> list[Job]:
        """The jobs whose state is not final, in the order in which they were made."""
        ...

    async def owed(self) -> list[Job]:
        """The jobs for which `Job.owed` holds, in the order in which they were made."""
        ...

    async def find(
        self,
        *,
        owner: int | None = None,
        guild_id: int | None = None,
        channels: Sequence[int] | None = None,
        public: bool = False,
        parent: str | None = None,
        states: Sequence[JobState] = (),
        prefix: str = "",
        limit: int = 25,
        offset: int = 0,
    ) -> list[Job]:
        """Jobs that fit all that is given, the newest first.

        Args:
            channels: any of them, by id; none at all when empty.
            public: without those that are private.
            prefix: how the id begins.
            states: any of them; all when empty.
        """
        ...

    async def count(
        self,
        *,
        owner: int | None = None,
        guild_id: int | None = None,
        channels: Sequence[int] | None = None,
        public: bool = False,
        states: Sequence[JobState] = (),
    ) -> int:
        """How many jobs `find` would give without a limit."""
        ...

    async def claim_retry(self, job_id: str, successor: str) -> bool:
        """Note that ``successor`` is made of a job; False, and nothing noted, when another one was before."""
        ...

    async def release_retry(self, job_id: str, successor: str) -> None:
        """Take back a claim whose successor was never made."""
        ...

    async def keep_form(self, form: Form) -> None:
        """Keep a form, in place of what was kept under its token."""
        ...

    async def forms(self) -> list[Form]:
        """The forms that are kept, those that have expired among them, by when they do."""
        ...

    async def drop_form(self, token: str) -> bool:
        """Forget a form; False when it is not kept. Of several who ask for it at once, one is told True."""
        ...

    async def keep_ask(self, ask: Ask) -> None:
        """Keep an ask that is new."""
        ...

    async def asks(self) -> list[Ask]:
        """The asks that are kept, those that have expired among them, by when they do."""
        ...

    async def drop_ask(self, token: str) -> None:
        """Forget an ask, if it is kept."""
        ...


class MemoryJobStore:
    """Jobs of this process, the youngest ``capacity`` of the finished ones among them."""

    client_id: str | None = None

    def __init__(self, capacity: int = 1000) -> None:
        self._capacity = capacity
        self._jobs: dict[str, Job] = {}
        self._graphs: dict[str, dict[str, Any]] = {}
        self._over: dict[str, None] = {}
        self._forms: dict[str, Form] = {}
        self._asks: dict[str, Ask] = {}

    async def add(self, job: Job, graph: Mapping[str, Any]) -> None:
        self._jobs[job.id] = job
        self._graphs[job.id] = dict(graph)
        if job.origin is not None:
            self._asks.pop(job.origin.token or "", None)

    async def save(self, job: Job) -> None:
        known = self._jobs.get(job.id)
        if known is None:
            return
        job.retried_as = known.retried_as
        self._jobs[job.id] = job
        if job.state.final:
            self._over.setdefault(job.id)
            self._trim()

    async def get(self, job_id: str) -> Job | None:
        return self._jobs.get(job_id)

    async def graph(self, job_id: str) -> dict[str, Any] | None:
        return self._graphs.get(job_id)

    async def unfinished(self) -> list[Job]:
        return [job for job in self._jobs.values() if not job.state.final]

    async def owed(self) -> list[Job]:
        return [job for job in self._jobs.values() if job.owed]

    async def find(
        self,
        *,
        owner: int | None = None,
        guild_id: int | None = None,
        channels: Sequence[int] | None = None,
        public: bool = False,
        parent: str | None = None,
        states: Sequence[JobState] = (),
        prefix: str = "",
        limit: int = 25,
        offset: int = 0,
    ) -> list[Job]:
        found = [
            job
            for job in reversed(self._jobs.values())
            if (owner is None or job.owner == owner)
            and (guild_id is None or (job.origin is not None and job.origin.guild_id == guild_id))
            and (channels is None or (job.origin is not None and job.origin.channel_id in channels))
            and not (public and job.origin is not None and job.origin.private)
            and (parent is None or job.parent == parent)
            and (not states or job.state in states)
            and job.id.startswith(prefix)
        ]
        return found[offset : offset + limit]

    async def count(
        self,
        *,
        owner: int | None = None,
        guild_id: int | None = None,
        channels: Sequence[int] | None = None,
        public: bool = False,
        states: Sequence[JobState] = (),
    ) -> int:
        asked = {"owner": owner, "guild_id": guild_id, "channels": channels, "public": public, "states": states}
        return len(await self.find(**asked, limit=len(self._jobs)))

    async def claim_retry(self, job_id: str, successor: str) -> bool:
        job = self._jobs.get(job_id)
        if job is None or job.retried_as is not None:
            return False
        job.retried_as = successor
        return True

    async def release_retry(self, job_id: str, successor: str) -> None:
        job = self._jobs.get(job_id)
        if job is not None and job.retried_as == successor:
            job.retried_as = None

    async def keep_form(self, form: Form) -> None:
        self._forms[form.token] = form

    async def forms(self) -> list[Form]:
        return sorted(self._forms.values(), key=lambda form: form.expires)

    async def drop_form(self, token: str) -> bool:
        return self._forms.pop(token, None) is not None

    async def keep_ask(self, ask: Ask) -> None:
        self._asks[ask.token] = ask

    async def asks(self) -> list[Ask]:
        return sorted(self._asks.values(), key=lambda ask: ask.expires)

    async def drop_ask(self, token: str) -> None:
        self._asks.pop(token, None)

    def _trim(self) -> None:
        for job_id in list(self._over)[: -self._capacity or None]:
            del self._over[job_id], self._jobs[job_id], self._graphs[job_id]
