"""Takes requests, runs them as jobs, and keeps what is known of them up to date.

A job is stored before ComfyUI hears of it and saved at every step: whatever dies, the next process carries on where
this one was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from core.comfyui.execution import Executor
from core.comfyui.outage import is_away
from core.exceptions import ComfyUIError, DisComfyError, ValidationError
from core.generators.base import GenerationRequest, GenerationResult
from core.generators.image import ImageGenerator
from core.jobs.endings import error_of, state_of
from core.jobs.forecast import Forecast
from core.jobs.handle import JobHandle
from core.jobs.ledger import Ledger
from core.jobs.line import Line
from core.jobs.models import Job, JobState, Origin
from core.jobs.recent import RecentJobs
from core.jobs.runner import JobRunner
from core.jobs.store import JobStore
from core.progress.history import RunTimes
from core.progress.tracker import ProgressTracker
from utils.language import phrase
from utils.logging import get_logger

log = get_logger(__name__)

_RUNS_REMEMBERED = 200


class JobService:
    """Runs jobs, some at a time. Leaving its block stops watching them; ComfyUI is told nothing.

    Args:
        store: knows of a job before ComfyUI does.
        concurrency: how many jobs are posted at once; the others wait here, and users take turns.
        retries: how often a job that was lost with its server is posted again.
        server: ComfyUI's address, for the record.

    Attributes:
        ledger: where it is written down what became of a job's messages.
        forecast: places and times of the jobs that wait.
        store: every job that there was.
    """

    def __init__(
        self,
        generator: ImageGenerator,
        executor: Executor,
        store: JobStore,
        *,
        concurrency: int = 2,
        retries: int = 1,
        server: str = "",
    ) -> None:
        self.store = store
        self.ledger = Ledger(store)
        self._recent = RecentJobs(store)
        self._generator = generator
        self._executor = executor
        self._line = Line(concurrency, lambda: executor.breaks)
        self._runner = JobRunner(generator, executor, self.ledger, self._line, retries=retries, server=server)
        self._run_times = RunTimes()
        self._handles: dict[str, JobHandle] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False
        self.forecast = Forecast(self._line, executor, self._handles)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._closed = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.ledger.aclose()

    async def submit(
        self,
        request: GenerationRequest,
        *,
        owner: int = 0,
        origin: Origin | None = None,
        parent: str | None = None,
        display: Mapping[str, Any] | None = None,
        job_id: str | None = None,
    ) -> JobHandle:
        """Store a job and start it when its turn comes.

        Args:
            owner: the Discord id of whoever asked; 0 for a program.
            parent: the job whose result this one goes on from.
            display: what screens show of the request, as JSON.
            job_id: a canonical UUID; drawn when not given.

        Raises:
            WorkflowError: as `ImageGenerator.prepare` raises it; nothing was stored.
            ComfyUIError: the server is away; nothing was stored.
            StoreError: the store does not take it.
            CancelledError: the block was left in the meantime; a job that was stored is the next process's.
        """
        graph = await self._generator.prepare(request)
        await self._executor.reach()
        self._refuse_when_closed()
        job = Job(job_id or str(uuid4()), owner, request, origin, parent, display or {})
        await self.ledger.add(job, graph)
        self._refuse_when_closed()
        return self._start(job, graph)

    async def recover(self) -> list[JobHandle]:
        """Take up every unfinished job of the store, in their order: to be called once, before anything is submitted.

        Posted ones are looked for on the server: they are followed to their end, or are lost. Stored ones wait for
        their turn again.

        Raises:
            StoreError: the store cannot be read.
        """
        for job in reversed(await self.store.find(states=(JobState.FINISHED,), limit=_RUNS_REMEMBERED)):
            if job.running_seconds is not None and job.work is not None:
                self._run_times.record(job.request.workflow, job.running_seconds, job.work)
        handles = []
        for job in await self.store.unfinished():
            graph = await self.store.graph(job.id)
            if graph is None:
                await self._close(job, JobState.LOST, error=phrase("The job was lost; submit it again."))
                continue
            if job.state is JobState.STORED and job.attempts:
                self._line.remember(job.id)
            elif job.state is JobState.POSTED and job.execution is None:
                self._line.hold(job.id)
            handles.append(self._start(job, graph))
            if job.cancel_requested:
                self._spawn(self._cancel_later(job.id), name=f"job-cancel-{job.id}")
        log.info("jobs taken up", jobs=len(handles))
        return handles

    async def retry(self, job_id: str, *, owner: int, origin: Origin | None = None) -> JobHandle:
        """The same request again, as a new job. Of one job only one other is ever made so.

        Raises:
            ValidationError: the job is not known, is not over, has its result, or was retried before.
            WorkflowError, ComfyUIError, StoreError: as `submit`; it can be retried later.
        """
        job = await self.get(job_id)
        if job is None:
            raise ValidationError(phrase("That job is no longer known; type the command again."), "job")
        if not job.state.final:
            raise ValidationError(phrase("That job is still under way; wait for its end."), "job")
        if job.state is JobState.FINISHED:
            raise ValidationError(phrase("That job has its result already."), "job")
        successor = str(uuid4())
        if not await self.store.claim_retry(job_id, successor):
            raise ValidationError(phrase("That was tried again already; look for its newer message."), "job")
        job.retried_as = successor
        try:
            return await self.submit(
                job.request, owner=owner, origin=origin, parent=job.parent, display=job.display, job_id=successor
            )
        except BaseException:
            if not await asyncio.shield(self._is_stored(successor)):
                job.retried_as = None
                await asyncio.shield(self.store.release_retry(job_id, successor))
            raise

    async def get(self, job_id: str) -> Job | None:
        """A job by its id, over or not; None when it is not known."""
        handle = self._handles.get(job_id)
        return handle.job if handle is not None else await self._recent.get(job_id)

    async def owed(self) -> list[Job]:
        """The jobs whose end is still to be told, the oldest first; raises `StoreError`."""
        return [self._recent.one_of(job) for job in await self.store.owed()]

    def handle(self, job_id: str) -> JobHandle | None:
        """A job that is not over yet."""
        return self._handles.get(job_id)

    def handles(self) -> list[JobHandle]:
        """The jobs that are not over yet, in the order in which they run."""
        order = {job_id: place for place, job_id in enumerate([*self._line.held, *self._line.order])}
        return sorted(self._handles.values(), key=lambda handle: order.get(handle.job.id, -1))

    async def cancel(self, job_id: str) -> None:
        """End a job, wherever it stands; its result is then a `GenerationError` (interrupted). Over: no effect.

        Raises:
            ComfyUIError: the server cannot be reached, or does not stop; it is stopped when it can be.
            CancelledError: the block was left in the meantime; the next process does it.
        """
        handle = self._handles.get(job_id)
        if handle is None or handle.job.execution is not None:
            return
        handle.job.cancel_requested = True
        await self.ledger.note(handle.job)
        if self._line.leave(job_id):
            return
        try:
            await self._executor.cancel(job_id)
        except ComfyUIError as exc:
            if not is_away(exc):
                raise
            # One that waits for the server to be posted sees for itself that it is not wanted any more.
            if handle.job.accepted_at is not None:
                self._refuse_when_closed()
                self._spawn(self._cancel_later(job_id), name=f"job-cancel-{job_id}")
                raise

    async def _is_stored(self, job_id: str) -> bool:
        return await self.store.get(job_id) is not None

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise asyncio.CancelledError

    def _start(self, job: Job, graph: dict[str, Any]) -> JobHandle:
        tracker = ProgressTracker(
            graph,
            expected=lambda work: self._run_times.estimate(job.request.workflow, work),
            queue_position=lambda: self.forecast.ahead(job.id),
            wait=lambda: self.forecast.wait(job.id),
        )
        task = self._spawn(self._run(job, graph, tracker), name=f"job-{job.id}")
        handle = self._handles[job.id] = JobHandle(job, tracker, task)
        task.add_done_callback(lambda task: self._handles.pop(job.id, None))
        return handle

    async def _run(self, job: Job, graph: dict[str, Any], tracker: ProgressTracker) -> GenerationResult:
        log.info("job started", job=job.id, owner=job.owner, workflow=job.request.workflow)
        try:
            result = await self._runner.run(job, graph, tracker)
        except Exception as exc:  # whatever happened, the job must reach its end and say so
            error = error_of(job, exc)
            tracker.mark_failed(error.message)
            await self._close(job, state_of(error), error=error.message)
            if error is exc:
                raise
            raise error from exc
        tracker.mark_completed()
        if tracker.running_seconds is not None:
            job.running_seconds, job.work = tracker.running_seconds, tracker.work_done
            self._run_times.record(job.request.workflow, tracker.running_seconds, tracker.work_done)
        await self._close(job, JobState.FINISHED, result=result)
        log.info("job finished", job=job.id, seconds=round(result.seconds, 2), files=len(result.files))
        return result

    async def _close(
        self, job: Job, state: JobState, *, result: GenerationResult | None = None, error: str | None = None
    ) -> None:
        job.result, job.error = result, error
        job.advance(state)
        self._recent.keep(job)
        await self.ledger.note(job)

    async def _cancel_later(self, job_id: str) -> None:
        """Carry out what was asked for while the server was away, or of an earlier process."""
        try:
            await self._executor.patiently(job_id, lambda: self._executor.cancel(job_id))
        except DisComfyError as exc:
            log.warning("not cancelled", job=job_id, error=exc.message, detail=exc.detail)

    def _spawn(self, work: Any, *, name: str) -> asyncio.Task[Any]:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return task

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # told to whoever asked for the result, and in the log
