"""Run one prompt to its end. The only place that waits for a generation.

While the socket is healthy a run costs one POST and one read of the history. When the socket breaks, goes silent
or comes back, the server's queue and history say what is true: in the queue, it is still to come; in the history,
it is over; in neither, looked up twice, it is lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar
from uuid import uuid4

from core.comfyui.client import ComfyUIClient, Receipt
from core.comfyui.events import Queued
from core.comfyui.outage import Outage, is_away
from core.comfyui.posting import post
from core.comfyui.queue_reader import QueueReader
from core.comfyui.results import Ending, ExecutionResult, cancelled_error, read_entry, result_of
from core.comfyui.run import Run
from core.comfyui.subscription import Listener, Subscription
from core.comfyui.transport import UNREACHABLE
from core.comfyui.websocket import EventSocket
from core.exceptions import ComfyUIError, FailureReason, GenerationError
from utils.language import phrase
from utils.logging import get_logger

log = get_logger(__name__)

T = TypeVar("T")

#: Seconds between reads of the history after the end was announced; it was still empty in 9 runs of 40.
_HISTORY_PAUSES = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
_SECOND_LOOK = 0.5
#: Seconds that somebody who asks for something waits to hear whether the server is there.
_PATIENCE = 10.0
#: Two minutes: an interrupt waits for the step that is being computed, and a step of a video takes its time.
_CANCEL_PAUSES = (*(0.25,) * 8, *(1.0,) * 118)


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
        self._outage = Outage(offline_timeout)
        self._job_timeout = job_timeout
        self._runs: dict[str, Run] = {}
        self._queue = QueueReader(client)

    async def run(
        self,
        graph: Mapping[str, Any],
        *,
        prompt_id: str | None = None,
        listener: Listener = lambda event: None,
        accepted: Callable[[], None] = lambda: None,
        extra_data: Mapping[str, Any] | None = None,
    ) -> ExecutionResult:
        """Post an API-format graph and wait for its end.

        Args:
            prompt_id: canonical UUID of a prompt that was never posted; drawn when not given.
            listener: hears every event of this prompt, in the event loop; must return at once.
            accepted: called once, when the server is known to have the prompt.

        Raises:
            PromptRejectedError: the server refuses the graph; nothing was queued.
            ComfyUIError: the server cannot be reached; nothing was queued.
            GenerationError: it ran and failed, was interrupted, timed out, was lost or its server stayed away (see
                ``reason``), and has no output. With output kept from before a failure a result with ``problem`` is
                returned.
            ValueError: this prompt is being waited for already.
        """

        async def send(run: Run, subscription: Subscription) -> Receipt:
            receipt = await post(self._client, self._queue, self._outage, run, subscription, graph, extra_data)
            accepted()
            if run.cancelled:  # while it was on its way: that time there was nothing to cancel yet
                await self.cancel(run.prompt_id)
            return receipt

        run = self._new_run(prompt_id or str(uuid4()), listener, self._socket.breaks)
        return await self._attend(run, graph, send)

    async def follow(
        self,
        prompt_id: str,
        graph: Mapping[str, Any] | None = None,
        *,
        listener: Listener = lambda event: None,
    ) -> ExecutionResult:
        """Wait for a prompt that was posted before, by this process or an earlier one; raises as `run` does."""

        async def look(run: Run, subscription: Subscription) -> Receipt:
            subscription.ring()
            return Receipt(prompt_id, 0, {})

        return await self._attend(self._new_run(prompt_id, listener, None), graph, look, late=True)

    def queue_position(self, prompt_id: str) -> int | None:
        """How many prompts run or wait before this one; None when it runs, is unknown, or nothing is known."""
        run = self._runs.get(prompt_id)
        return run.ticket.ahead if run is not None and not run.begun else None

    @property
    def queue_length(self) -> int | None:
        """How many prompts, anybody's, run or wait on the server; None while it cannot be heard."""
        meter = self._socket.queue
        return None if meter.remaining is None else meter.remaining + meter.uncounted

    @property
    def breaks(self) -> int:
        """How often the server may have been restarted, as `EventSocket.breaks` counts it."""
        return self._socket.breaks

    async def reach(self) -> None:
        """See that the server is there; costs nothing while it can be heard.

        Raises:
            ComfyUIError: it does not answer.
        """
        if self._socket.connected:
            return
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._queue.prompt_ids()
        except TimeoutError as exc:
            raise ComfyUIError(UNREACHABLE, detail=f"no answer in {_PATIENCE:.0f} s") from exc
        except ComfyUIError as exc:
            if is_away(exc):
                raise

    async def patiently(self, prompt_id: str, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask the server something for a prompt's sake; raises as `Outage.patiently` does."""
        return await self._outage.patiently(prompt_id, ask)

    async def cancel(self, prompt_id: str) -> None:
        """Take a prompt out of the queue, or stop it, and see to it that it is over.

        An interrupt takes effect at the next step only, and one that comes too early is lost: so it is repeated.

        Raises:
            ComfyUIError: the server cannot be reached, or the prompt did not end within two minutes.
        """
        run = self._runs.get(prompt_id)
        if run is not None:
            run.cancelled = True
        await self._cancel_at_once(prompt_id)
        for pause in _CANCEL_PAUSES:
            await self._client.delete_pending(prompt_id)
            if prompt_id not in await self._queue.prompt_ids():
                break
            await self._client.interrupt(prompt_id)
            await asyncio.sleep(pause)
        else:
            raise ComfyUIError(phrase("ComfyUI does not stop that job; try again."), detail=prompt_id)
        if run is not None and run.subscription is not None:
            run.subscription.ring()

    async def _cancel_at_once(self, prompt_id: str) -> None:
        """Through the route of newer servers: it leaves no moment between waiting and running."""
        try:
            await self._client.cancel_job(prompt_id)
        except ComfyUIError as exc:
            if exc.status_code not in (404, 405):
                raise

    def _new_run(self, prompt_id: str, listener: Listener, breaks: int | None) -> Run:
        return Run(prompt_id, listener, self._socket.queue.ticket(), self._job_timeout, breaks)

    async def _attend(
        self,
        run: Run,
        graph: Mapping[str, Any] | None,
        begin: Callable[[Run, Subscription], Awaitable[Receipt]],
        *,
        late: bool = False,
    ) -> ExecutionResult:
        prompt_id = run.prompt_id
        if self._runs.setdefault(prompt_id, run) is not run:
            raise ValueError(f"{prompt_id} is being waited for already")
        try:
            async with (
                asyncio.timeout(None) as run.deadline,
                self._socket.subscribe(prompt_id, run.hear, late=late) as subscription,
            ):
                run.subscription = subscription
                receipt = await begin(run, subscription)
                ending = await self._end(run, subscription)
        except TimeoutError as exc:
            await self._give_up(run)
            raise GenerationError(
                phrase("That took too long and was stopped; try fewer steps or a smaller size."),
                reason=FailureReason.TIMEOUT,
                prompt_id=prompt_id,
            ) from exc
        finally:
            del self._runs[prompt_id]
        return result_of(prompt_id, ending, graph=graph, node_errors=receipt.node_errors, cancelled=run.cancelled)

    async def _give_up(self, run: Run) -> None:
        try:
            await self.cancel(run.prompt_id)
        except ComfyUIError as exc:
            log.warning("not stopped after its time", job=run.prompt_id, error=exc.message, detail=exc.detail)

    async def _end(self, run: Run, subscription: Subscription) -> Ending:
        """How a posted prompt ends, once it has."""

        async def look() -> Ending | None:
            return await (self._read_history(run) if subscription.ended else self._look_up(run, subscription))

        while True:
            await subscription.wait()
            ending = await self._outage.patiently(run.prompt_id, look)
            if ending is not None:
                return ending

    async def _read_history(self, run: Run) -> Ending:
        """After the end was announced. A history that stays empty, or is never fit to be read, is replaced by what was
        heard.
        """
        unread: ComfyUIError | None = None
        for pause in _HISTORY_PAUSES:
            await asyncio.sleep(pause)
            try:
                entry = (await self._client.get_history(run.prompt_id)).get(run.prompt_id)
            except ComfyUIError as exc:
                if is_away(exc):
                    raise
                unread = exc
                continue
            if entry is not None:
                return read_entry(entry)
            unread = None
        ending = run.ending()
        if unread is not None and not ending.outputs and ending.cause is None:
            raise unread
        log.warning("no history at the end", job=run.prompt_id, detail=unread.detail if unread else None)
        return ending

    async def _look_up(self, run: Run, subscription: Subscription) -> Ending | None:
        """None while the prompt is in the queue.

        Raises:
            GenerationError: it is neither there nor in the history, twice. Where the server was there all the time,
                somebody took it out of the queue.
        """
        for pause in (0.0, _SECOND_LOOK):
            await asyncio.sleep(pause)
            queued = await self._queue.prompt_ids()
            if run.prompt_id in queued:
                place = queued.index(run.prompt_id)
                run.ticket.correct(place)
                if place == 0 and not run.begun:
                    run.begin()
                subscription.deliver(Queued(run.prompt_id))
                return None
            entry = (await self._client.get_history(run.prompt_id)).get(run.prompt_id)
            if entry is not None:
                return read_entry(entry)
            if run.cancelled:
                raise cancelled_error(run.prompt_id)
        if run.breaks == self._socket.breaks:
            raise GenerationError(
                phrase("Somebody took the job out of ComfyUI's queue; submit it again."),
                reason=FailureReason.INTERRUPTED,
                prompt_id=run.prompt_id,
            )
        raise GenerationError(
            phrase("The job was lost when ComfyUI was restarted; submit it again."),
            reason=FailureReason.LOST,
            prompt_id=run.prompt_id,
        )
