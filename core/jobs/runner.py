"""One job from its turn to its result, whatever happens to the server meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

from core.comfyui.events import Link
from core.comfyui.execution import Executor
from core.comfyui.outage import is_away
from core.comfyui.results import ExecutionResult, cancelled_error
from core.exceptions import ComfyUIError, DisComfyError, FailureReason, GenerationError
from core.generators.base import GenerationResult
from core.generators.image import ImageGenerator
from core.jobs.ledger import Ledger
from core.jobs.line import Line
from core.jobs.models import Job, JobState
from core.jobs.store import StoreError
from core.progress.tracker import ProgressTracker
from utils.logging import get_logger

log = get_logger(__name__)

#: Seconds between looks at whether a job that waits is still wanted.
_LOOK_EVERY = 1.0
#: How often a post is tried on a server that answers everything but that.
_POSTS = 5
#: How often, and at what interval in seconds, a job is written down that is to be posted: databases come back.
_WRITES = 300
_WRITE_AGAIN = 1.0


class JobRunner:
    """Runs the jobs of one server.

    Args:
        line: whose turn it is.
        retries: how often a job that was lost with the server is posted again.
        server: its address, for the record.
    """

    def __init__(
        self,
        generator: ImageGenerator,
        executor: Executor,
        ledger: Ledger,
        line: Line,
        *,
        retries: int,
        server: str,
    ) -> None:
        self._generator = generator
        self._executor = executor
        self._ledger = ledger
        self._line = line
        self._retries = retries
        self._server = server
        self._posting = asyncio.Lock()  # one post at a time: the server takes them in the order of the line

    async def run(self, job: Job, graph: Mapping[str, Any], tracker: ProgressTracker) -> GenerationResult:
        """See a job through that is stored, or was posted by an earlier process.

        Raises:
            PromptRejectedError, ComfyUIError, GenerationError: there is no result, and never will be.
            StoreError: it could not be written down for minutes; it was not posted.
        """
        if job.state is JobState.STORED and job.cancel_requested:
            raise cancelled_error(job.id)
        if job.execution is None:
            async with self._line.place(job.id, job.owner):
                job.execution = await self._execute(job, graph, tracker)
            await self._ledger.note(job)
        return await self._fetch(job, job.execution, graph, tracker)

    async def _execute(self, job: Job, graph: Mapping[str, Any], tracker: ProgressTracker) -> ExecutionResult:
        followed = job.state is JobState.POSTED
        while True:
            try:
                if followed:
                    return await self._executor.follow(job.id, graph, listener=tracker.handle)
                return await self._post(job, graph, tracker)
            except GenerationError as exc:
                if exc.reason is not FailureReason.LOST or not self._may_repeat(job, followed=followed):
                    raise
                log.info("job lost with its server; posting it again", job=job.id, attempts=job.attempts)
            followed = False
            job.advance(JobState.STORED)
            await self._ledger.note(job)
            tracker.start_over()
            await self._line.again(job.id)

    def _may_repeat(self, job: Job, *, followed: bool) -> bool:
        """Whether a job that the server does not know is posted again.

        One that was to be posted when the bot ended, and never arrived, always is. One that had arrived is not when
        it was lost while nobody watched: its owner decides.
        """
        if job.cancel_requested:
            return False
        return job.accepted_at is None or (not followed and job.attempts <= self._retries)

    async def _post(self, job: Job, graph: Mapping[str, Any], tracker: ProgressTracker) -> ExecutionResult:
        await self._wait_to_post(job)
        with ExitStack() as turn:
            turn.callback(self._posting.release)

            def accepted() -> None:
                turn.close()
                job.accepted_at = datetime.now(UTC)
                self._ledger.note_soon(job)

            for attempt in range(1, _POSTS + 1):
                if job.state is JobState.STORED:
                    job.server = self._server
                    job.advance(JobState.POSTED)
                    await self._write_down(job)
                if job.cancel_requested:
                    raise cancelled_error(job.id)
                try:
                    return await self._generator.execute(
                        graph, prompt_id=job.id, listener=tracker.handle, accepted=accepted
                    )
                except ComfyUIError as exc:
                    if job.accepted_at is not None or not is_away(exc) or attempt == _POSTS:
                        raise
                    await self._outlast(job, tracker)
                except DisComfyError:
                    raise
                except Exception:  # a fault of ours must not cost what the server is at work on
                    if job.accepted_at is None:
                        raise
                    log.exception("job broken; only its end is waited for", job=job.id)
                    return await self._executor.follow(job.id, graph)
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _write_down(self, job: Job) -> None:
        """As `Ledger.save`; a store that does not work is waited for, for minutes, or until the job is cancelled."""
        for attempt in range(1, _WRITES + 1):
            try:
                return await self._ledger.save(job)
            except StoreError as exc:
                if job.cancel_requested:
                    return None
                if attempt == _WRITES:
                    raise
                if attempt == 1:
                    log.warning("job cannot be written; its post waits", job=job.id, detail=exc.detail)
            await asyncio.sleep(_WRITE_AGAIN)
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _wait_to_post(self, job: Job) -> None:
        """One post at a time; while one waits for the server, those behind it can still be cancelled."""
        turn = asyncio.ensure_future(self._posting.acquire())
        with ExitStack() as undo:
            undo.callback(self._give_up_post, turn)
            while not turn.done() and not job.cancel_requested:
                await asyncio.wait({turn}, timeout=_LOOK_EVERY)
            if turn.done():
                undo.pop_all()
                return
        raise cancelled_error(job.id)

    def _give_up_post(self, turn: asyncio.Future[Any]) -> None:
        if not turn.cancel():  # it has come
            self._posting.release()

    async def _outlast(self, job: Job, tracker: ProgressTracker) -> None:
        """Wait until the server answers again; raises GenerationError when it does not, or the job is cancelled."""

        async def ask() -> None:
            if job.cancel_requested:
                raise cancelled_error(job.id)
            await self._executor.reach()

        tracker.handle(Link(up=False))
        await self._executor.patiently(job.id, ask)
        tracker.handle(Link(up=True))

    async def _fetch(
        self, job: Job, done: ExecutionResult, graph: Mapping[str, Any], tracker: ProgressTracker
    ) -> GenerationResult:
        # By the clock on the wall: the post may have been an earlier process's.
        age = datetime.now(UTC) - (job.posted_at or job.created_at)
        began = time.monotonic() - max(0.0, age.total_seconds())

        async def ask() -> GenerationResult:
            try:
                return await self._generator.fetch(done, graph, began=began, listener=tracker.handle)
            except ComfyUIError as exc:
                if is_away(exc):
                    tracker.handle(Link(up=False))
                    raise
                raise GenerationError(exc.message, prompt_id=job.id, detail=exc.detail) from exc

        return await self._executor.patiently(job.id, ask)
