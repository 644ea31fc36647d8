"""Where jobs are seen through: their progress is shown, and then their end is told, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Coroutine
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from bot.delivery import Courier
from bot.draft import summary_of
from bot.errors import passes
from bot.previews import Previews
from bot.progress import ProgressMessage
from bot.restriction import is_veiled
from bot.target import JobMessage
from bot.ui import embeds
from core.exceptions import DisComfyError
from core.jobs.store import StoreError
from utils.language import speak
from utils.logging import get_logger

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from core.jobs.handle import JobHandle
    from core.jobs.models import Job

log = get_logger(__name__)

#: Ends that are on their way to Discord at once: as many uploads, and as many results in memory.
_DELIVERIES = 8
#: Seconds between attempts, at most, and for how long there are any: what is not told then, the next start tells.
_LONGEST_PAUSE = 300.0
_PATIENCE = 6 * 3600.0
#: Seconds for which discord.py repeats a request that Discord answers with a 5xx.
_LONGEST_REPEAT = 30.0
#: Seconds that an upload may still take when the bot leaves.
_GRACE = 3.0
#: Seconds that what an earlier process owed waits for Discord to tell of its guilds, and their limits.
_GUILDS = 30.0


class Desk:
    """Owns what is done about jobs beside running them.

    Leaving its block lets what is on its way to Discord arrive, for some seconds, and gives up the rest: that stays
    owed in the store.
    """

    def __init__(self, bot: ComfyUIBot) -> None:
        self._bot = bot
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._sending: dict[asyncio.Task[Any], int | None] = {}  # by the message that is written to
        self._places = asyncio.Semaphore(_DELIVERIES)
        self._leaving = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._leaving = True
        for task in self._tasks.values():
            if task not in self._sending:
                task.cancel()
        if self._sending:
            await asyncio.wait(self._sending.keys(), timeout=_GRACE)
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def attend(self, handle: JobHandle, message: JobMessage) -> None:
        """See a job through in its message. Returns when its end was told, or the desk was left."""
        if not self._leaving:
            await asyncio.wait({self._start(handle.job.id, self._see_through(handle, message))})

    async def see_off(self, job_id: str, seconds: float) -> None:
        """Wait until the end of a job was told, if somebody is at it; so long at most."""
        if (task := self._tasks.get(job_id)) is not None:
            await asyncio.wait({task}, timeout=seconds)

    async def recover(self) -> None:
        """Take up what an earlier process left: jobs that were not over, and ends that were not told.

        Raises:
            StoreError: the store cannot be read.
        """
        jobs = self._bot.engine.jobs
        for handle in await jobs.recover():
            if handle.job.origin is not None:
                message = JobMessage(self._bot, handle.job.origin)
                self._start(handle.job.id, self._see_through(handle, message, resumed=True))
        self._start("owed", self._pay())

    async def _pay(self) -> None:
        """Tell the ends that are owed from before."""
        await self._know_guilds()
        jobs = self._bot.engine.jobs
        for job in await jobs.owed():
            if not job.owed or job.origin is None or job.id in self._tasks:  # told meanwhile, or being told
                continue
            if job.retried_as is not None:  # its message is another job's by now
                await jobs.ledger.delivered(job)
            else:
                self._start(job.id, self._conclude(job, JobMessage(self._bot, job.origin), resumed=True))

    async def _see_through(self, handle: JobHandle, message: JobMessage, *, resumed: bool = False) -> None:
        from bot.ui.buttons import cancel_view

        _speak_in(message)
        job, summary = handle.job, summary_of(handle.job)
        asked = job.created_at.timestamp()
        previews = self._bot.config.progress.previews and not is_veiled(self._bot, job)
        progress = ProgressMessage(
            message,
            lambda metrics: embeds.progress(summary, metrics, now=time.time(), asked=asked),
            handle.tracker.get_metrics,
            self._bot.progress_budget,
            cancel_view(job.id),
            Previews(lambda: handle.tracker.preview) if previews else None,
        )
        handle.tracker.add_callback(progress.update)
        await self._wait_for_former(message)
        with contextlib.suppress(DisComfyError):  # the job says how it ended
            async with progress:
                await handle.result()
        await self._conclude(job, message, resumed=resumed)

    async def _conclude(self, job: Job, message: JobMessage, *, resumed: bool) -> None:
        import stamina  # costs a tenth of the bot's start, and is needed with the first result only

        _speak_in(message)
        if resumed:
            await self._know_guilds()
        with contextlib.closing(Courier(self._bot, job, message, resumed=resumed)) as courier:
            async for attempt in stamina.retry_context(
                on=passes, attempts=None, timeout=_PATIENCE, wait_initial=0.5, wait_max=_LONGEST_PAUSE
            ):
                with attempt:
                    async with self._on_the_way(message):
                        if job.retried_as is not None:  # its owner has read how it ended; its message is another's
                            await self._bot.engine.jobs.ledger.delivered(job)
                        else:
                            await courier.bring()

    @contextlib.asynccontextmanager
    async def _on_the_way(self, message: JobMessage) -> AsyncIterator[None]:
        """One of the places for what is being sent; nobody gets one any more who comes when the desk is left."""
        task = asyncio.current_task()
        assert task is not None
        async with self._places:
            if self._leaving:
                raise asyncio.CancelledError
            self._sending[task] = message.origin.message_id
            try:
                yield
            finally:
                del self._sending[task]

    async def _wait_for_former(self, message: JobMessage) -> None:
        """Let arrive what is on its way to a message that was another job's: discord.py repeats a request for long
        whose answer is lost, and it would cover what comes of trying again.
        """
        former = [task for task, written in self._sending.items() if written == message.origin.message_id is not None]
        if former:
            await asyncio.wait(former, timeout=_LONGEST_REPEAT)

    async def _know_guilds(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GUILDS):
                await self._bot.wait_until_ready()

    def _start(self, job_id: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._tasks[job_id] = asyncio.create_task(self._logged(job_id, work), name=f"desk-{job_id}")
        task.add_done_callback(lambda _: self._tasks.pop(job_id, None))
        return task

    @staticmethod
    async def _logged(job_id: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except StoreError as exc:
            log.warning("what is owed cannot be read", detail=exc.detail)
        except Exception:  # the job is safe in the store; its end is told at the next start
            log.exception("end not told; it is owed", job=job_id)


def _speak_in(message: JobMessage) -> None:
    """Say all that this task says in the language of whoever asked for the job, whoever is at it now."""
    speak(message.origin.locale)
