"""Run one prompt to its end. The only place that waits for a generation.

While the socket is healthy a run costs one POST and one read of the history. When the socket breaks, goes silent
or comes back, the server's queue and history say what is true: in the queue, it is still to come; in the history,
it is over; in neither, looked up twice, it is lost.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import uuid4

from core.comfyui.client import ComfyUIClient, Receipt
from core.comfyui.events import Event, Executed, ExecutionFailed, ExecutionStart
from core.comfyui.queue_meter import QueueTicket
from core.comfyui.queue_reader import QueueReader
from core.comfyui.results import ExecutionResult, read_result
from core.comfyui.websocket import EventSocket, Subscription
from core.exceptions import ComfyUIError, FailureReason, GenerationError
from utils.logging import get_logger

log = get_logger(__name__)

_POST_ATTEMPTS = 3
#: Seconds between look-ups after a POST whose answer was lost: the server may still be at work on it.
_LOOK_UP_PAUSES = (0.0, 0.25, 0.5, 1.0)
#: Seconds between reads of the history after the end was announced; it was still empty in 9 runs of 40.
_HISTORY_PAUSES = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
_SECOND_LOOK = 0.5
_RETRY_WHEN_REFUSED = 1.0
_CANCEL_PAUSE = 0.25
_CANCEL_ATTEMPTS = 40


class _Run:
    """What is known of one prompt while it waits or runs."""

    def __init__(self, prompt_id: str, graph: Mapping[str, Any] | None, listener: Callable[[Event], None]) -> None:
        self.prompt_id = prompt_id
        self.graph = graph
        self.ticket: QueueTicket | None = None
        self.outputs: dict[str, Any] = {}
        self.failure: ExecutionFailed | None = None
        self.cancelled = False
        self.deadline: asyncio.Timeout | None = None
        self.subscription: Subscription | None = None
        self.job_timeout = 0.0
        self._listener = listener

    def hear(self, event: Event) -> None:
        if type(event) is Executed:
            self.outputs[event.node] = event.output
        elif type(event) is ExecutionFailed:
            self.failure = event
        elif type(event) is ExecutionStart and self.deadline is not None and self.job_timeout:
            self.deadline.reschedule(asyncio.get_running_loop().time() + self.job_timeout)
        self._listener(event)


class Executor:
    """Runs prompts on one server, any number at a time.

    Args:
        client: open as long as this is used.
        socket: of the same client.
        offline_timeout: seconds that a job waits for a server that does not answer.
        job_timeout: seconds that a prompt may run once it has begun; 0 for no limit. Past it the prompt is
            cancelled on the server too.
    """

    def __init__(
        self,
        client: ComfyUIClient,
        socket: EventSocket,
        *,
        offline_timeout: float = 300.0,
        job_timeout: float = 0.0,
    ) -> None:
        self._client = client
        self._socket = socket
        self._offline_timeout = offline_timeout
        self._job_timeout = job_timeout
        self._runs: dict[str, _Run] = {}
        self._queue = QueueReader(client)
        self._has_jobs_api: bool | None = None

    async def run(
        self,
        graph: Mapping[str, Any],
        *,
        prompt_id: str | None = None,
        listener: Callable[[Event], None] = lambda event: None,
        extra_data: Mapping[str, Any] | None = None,
    ) -> ExecutionResult:
        """Post an API-format graph and wait for its end.

        Args:
            prompt_id: canonical UUID of a prompt that was never posted; drawn when not given.
            listener: hears every event of this prompt, in the event loop; must return at once.

        Raises:
            PromptRejectedError: the server refuses the graph; nothing was queued.
            ComfyUIError: the server cannot be reached; nothing was queued.
            GenerationError: it ran and failed, was interrupted, timed out or was lost (see ``reason``), and has
                no output. With output kept from before a failure a result with ``problem`` is returned.
        """
        run = _Run(prompt_id or str(uuid4()), graph, listener)
        return await self._attend(run, lambda subscription: self._post(run, subscription, extra_data))

    async def follow(
        self,
        prompt_id: str,
        graph: Mapping[str, Any] | None = None,
        *,
        listener: Callable[[Event], None] = lambda event: None,
    ) -> ExecutionResult:
        """Wait for a prompt that was posted before, by this process or an earlier one; raises as `run` does."""
        run = _Run(prompt_id, graph, listener)

        async def nothing_to_post(subscription: Subscription) -> Receipt:
            subscription.ring()
            return Receipt(prompt_id, 0, {})

        return await self._attend(run, nothing_to_post, late=True)

    def queue_position(self, prompt_id: str) -> int | None:
        """How many prompts run or wait before this one; None when it runs, is unknown, or nothing is known."""
        run = self._runs.get(prompt_id)
        return run.ticket.ahead if run is not None and run.ticket is not None else None

    async def cancel(self, prompt_id: str) -> None:
        """Take a prompt out of the queue, or stop it, and see to it that it is over.

        An interrupt takes effect at the next step only, and one that comes too early is lost: so it is repeated.

        Raises:
            ComfyUIError: the server cannot be reached, or the prompt would not end within ten seconds.
        """
        run = self._runs.get(prompt_id)
        if run is not None:
            run.cancelled = True
        if not await self._cancel_at_once(prompt_id):
            for _ in range(_CANCEL_ATTEMPTS):
                await self._client.delete_pending(prompt_id)
                if prompt_id not in await self._queue.prompt_ids():
                    break
                await self._client.interrupt(prompt_id)
                await asyncio.sleep(_CANCEL_PAUSE)
            else:
                raise ComfyUIError("ComfyUI does not stop that job; try again.", detail=prompt_id)
        if run is not None and run.subscription is not None:
            run.subscription.ring()

    async def _cancel_at_once(self, prompt_id: str) -> bool:
        """Through the route of newer servers; False where there is none."""
        if self._has_jobs_api is False:
            return False
        try:
            await self._client.cancel_job(prompt_id)
        except ComfyUIError as exc:
            if exc.status_code not in (404, 405):
                raise
            # A newer server answers 404 as well, for a prompt that it does not know.
            if self._has_jobs_api is None:
                self._has_jobs_api = False
            return False
        self._has_jobs_api = True
        return prompt_id not in await self._queue.prompt_ids()

    async def _attend(
        self, run: _Run, post: Callable[[Subscription], Awaitable[Receipt]], *, late: bool = False
    ) -> ExecutionResult:
        self._runs[run.prompt_id] = run
        run.job_timeout = self._job_timeout
        try:
            async with (
                self._socket.subscribe(run.prompt_id, run.hear, late=late) as subscription,
                asyncio.timeout(None) as deadline,
            ):
                run.subscription, run.deadline = subscription, deadline
                receipt = await post(subscription)
                entry = await self._end(run, subscription)
        except TimeoutError as exc:
            await self.cancel(run.prompt_id)
            raise GenerationError(
                "That took too long and was stopped; try fewer steps or a smaller size.",
                reason=FailureReason.TIMEOUT,
                prompt_id=run.prompt_id,
            ) from exc
        finally:
            del self._runs[run.prompt_id]
        return read_result(run.prompt_id, entry, run.graph, receipt.node_errors, cancelled=run.cancelled)

    async def _post(self, run: _Run, subscription: Subscription, extra_data: Mapping[str, Any] | None) -> Receipt:
        """Post once, and again only when the server is known not to have it."""
        graph = run.graph or {}
        for attempt in range(1, _POST_ATTEMPTS + 1):
            if run.cancelled:
                raise self._cancelled(run)
            try:
                receipt = await self._client.submit(graph, prompt_id=run.prompt_id, extra_data=extra_data)
            except ComfyUIError as exc:
                if not exc.maybe_accepted:
                    raise
                log.warning("post unanswered", job=run.prompt_id, attempt=attempt, detail=exc.detail)
                # A 500 is the server's own last word; anything else may have been cut off on the way.
                pauses = _LOOK_UP_PAUSES[:1] if exc.status_code == 500 else _LOOK_UP_PAUSES
                if await self._was_accepted(run.prompt_id, subscription, pauses):
                    subscription.ring()
                    receipt = Receipt(run.prompt_id, 0, {})
                elif attempt == _POST_ATTEMPTS:
                    raise
                else:
                    continue
            run.ticket = self._socket.queue.ticket()
            if run.cancelled:  # while it was on its way: that time there was nothing to cancel yet
                await self.cancel(run.prompt_id)
            return receipt
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _was_accepted(self, prompt_id: str, subscription: Subscription, pauses: tuple[float, ...]) -> bool:
        for pause in pauses:
            await asyncio.sleep(pause)
            if (
                subscription.heard
                or prompt_id in await self._queue.prompt_ids()
                or await self._client.get_history(prompt_id)
            ):
                return True
        return False

    async def _end(self, run: _Run, subscription: Subscription) -> Mapping[str, Any]:
        """The history entry of a prompt that is over."""
        away_since: float | None = None
        while True:
            ended = await subscription.wait()
            try:
                entry = await (self._read_history(run) if ended else self._look_up(run))
            except ComfyUIError as exc:
                away_since = away_since or time.monotonic()
                if time.monotonic() - away_since > self._offline_timeout:
                    raise self._lost(run, "ComfyUI went away and did not come back; the job is lost.") from exc
                asyncio.get_running_loop().call_later(_RETRY_WHEN_REFUSED, subscription.ring)
                continue
            away_since = None
            if entry is not None:
                return entry

    async def _read_history(self, run: _Run) -> Mapping[str, Any]:
        """After the end was announced. A history that stays empty is replaced by what was heard."""
        for pause in _HISTORY_PAUSES:
            await asyncio.sleep(pause)
            entry = (await self._client.get_history(run.prompt_id)).get(run.prompt_id)
            if entry is not None:
                return entry
        log.warning("history empty at the end", job=run.prompt_id)
        return {"outputs": run.outputs, "status": {"completed": run.failure is None, "messages": []}}

    async def _look_up(self, run: _Run) -> Mapping[str, Any] | None:
        """None while the prompt is in the queue.

        Raises:
            GenerationError: it is neither there nor in the history, twice.
        """
        for pause in (0.0, _SECOND_LOOK):
            await asyncio.sleep(pause)
            queued = await self._queue.prompt_ids()
            if run.prompt_id in queued:
                if run.ticket is not None:
                    run.ticket.correct(queued.index(run.prompt_id))
                return None
            entry = (await self._client.get_history(run.prompt_id)).get(run.prompt_id)
            if entry is not None:
                return entry
        if run.cancelled:
            raise self._cancelled(run)
        raise self._lost(run, "The job was lost: ComfyUI was restarted or its queue was cleared. Submit it again.")

    @staticmethod
    def _cancelled(run: _Run) -> GenerationError:
        return GenerationError("Cancelled.", reason=FailureReason.INTERRUPTED, prompt_id=run.prompt_id)

    @staticmethod
    def _lost(run: _Run, message: str) -> GenerationError:
        return GenerationError(message, reason=FailureReason.LOST, prompt_id=run.prompt_id)
