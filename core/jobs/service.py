"""Takes requests, runs them as jobs, and keeps what is known of them up to date."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from core.comfyui.execution import Executor
from core.comfyui.results import cancelled_error
from core.exceptions import DisComfyError, FailureReason, GenerationError
from core.generators.base import GenerationRequest, GenerationResult
from core.generators.image import ImageGenerator
from core.jobs.models import Job, JobState, Origin
from core.jobs.store import JobStore
from core.progress.history import RunTimes
from core.progress.tracker import ProgressTracker
from utils.logging import get_logger

log = get_logger(__name__)

_STATE_OF = {FailureReason.INTERRUPTED: JobState.CANCELLED, FailureReason.LOST: JobState.LOST}


class JobHandle:
    """A job on its way: what is known of it, its progress, and its end."""

    def __init__(self, job: Job, tracker: ProgressTracker, task: asyncio.Task[GenerationResult]) -> None:
        self.job = job
        self.tracker = tracker
        self._task = task

    async def result(self) -> GenerationResult:
        """Wait for the end; raises what `ImageGenerator.run` raises. Giving up the wait does not end the job."""
        return await asyncio.shield(self._task)


class JobService:
    """Runs jobs, any number at a time. Leaving its block stops watching them; ComfyUI is told nothing.

    Args:
        store: knows of a job before ComfyUI does.
    """

    def __init__(
        self,
        generator: ImageGenerator,
        executor: Executor,
        store: JobStore,
    ) -> None:
        self._generator = generator
        self._executor = executor
        self._store = store
        self._run_times = RunTimes()
        self._handles: dict[str, JobHandle] = {}
        self._tasks: dict[str, asyncio.Task[GenerationResult]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def submit(
        self,
        request: GenerationRequest,
        *,
        owner: int = 0,
        origin: Origin | None = None,
        parent: str | None = None,
    ) -> JobHandle:
        """Store a job and start it.

        Args:
            owner: the Discord id of whoever asked; 0 for a program.
            parent: the job whose result this one goes on from.

        Raises:
            WorkflowError: as `ImageGenerator.prepare` raises it; nothing was stored.
        """
        graph = await self._generator.prepare(request)
        job = Job(str(uuid4()), owner, request, origin, parent)
        await self._store.add(job, graph)
        tracker = ProgressTracker(
            graph,
            expected=lambda work: self._run_times.estimate(request.workflow, work),
            queue_position=lambda: self._executor.queue_position(job.id),
        )
        task = self._tasks[job.id] = asyncio.create_task(self._run(job, graph, tracker), name=f"job-{job.id}")
        task.add_done_callback(lambda task: self._forget(job.id, task))
        handle = self._handles[job.id] = JobHandle(job, tracker, task)
        return handle

    async def get(self, job_id: str) -> Job | None:
        """A job by its id, over or not; None when it is not known."""
        return await self._store.get(job_id)

    def handle(self, job_id: str) -> JobHandle | None:
        """A job that is not over yet."""
        return self._handles.get(job_id)

    async def cancel(self, job_id: str) -> None:
        """End a job, wherever it stands; its result is then a `GenerationError` (interrupted). Over: no effect.

        Raises:
            ComfyUIError: the server cannot be reached, or does not stop.
        """
        handle = self._handles.get(job_id)
        if handle is not None:
            handle.job.cancel_requested = True
            await self._executor.cancel(job_id)

    async def _run(self, job: Job, graph: dict[str, Any], tracker: ProgressTracker) -> GenerationResult:
        log.info("job started", job=job.id, owner=job.owner, workflow=job.request.workflow)
        try:
            result = await self._produce(job, graph, tracker)
        except Exception as exc:  # whatever happened, the job must reach its end and say so
            error = self._as_error(job, exc)
            tracker.mark_failed(error.message)
            await self._close(job, self._state_of(error), error=error.message)
            if error is exc:
                raise
            raise error from exc
        tracker.mark_completed()
        if tracker.running_seconds is not None:
            self._run_times.record(job.request.workflow, tracker.running_seconds, tracker.work_done)
        await self._close(job, JobState.FINISHED, result=result)
        log.info("job finished", job=job.id, seconds=round(result.seconds, 2), files=len(result.files))
        return result

    async def _produce(self, job: Job, graph: dict[str, Any], tracker: ProgressTracker) -> GenerationResult:
        job.advance(JobState.POSTED)
        await self._store.save(job)
        if job.cancel_requested:
            raise cancelled_error(job.id)
        return await self._generator.run(graph, prompt_id=job.id, listener=tracker.handle)

    async def _close(
        self, job: Job, state: JobState, *, result: GenerationResult | None = None, error: str | None = None
    ) -> None:
        job.result, job.error = result, error
        job.advance(state)
        await self._store.save(job)

    @staticmethod
    def _as_error(job: Job, exc: Exception) -> DisComfyError:
        if isinstance(exc, DisComfyError):
            log.warning("job failed", job=job.id, error=exc.message, detail=exc.detail)
            return exc
        log.exception("job broken", job=job.id)
        return GenerationError("Something went wrong in the bot; its owner finds the cause in the log.")

    @staticmethod
    def _state_of(error: DisComfyError) -> JobState:
        reason = error.reason if isinstance(error, GenerationError) else FailureReason.ERROR
        return _STATE_OF.get(reason, JobState.FAILED)

    def _forget(self, job_id: str, task: asyncio.Task[GenerationResult]) -> None:
        del self._tasks[job_id], self._handles[job_id]
        if not task.cancelled():
            task.exception()  # told to whoever asked for the result, and in the log
