"""What is known of one prompt while somebody waits for it."""

from __future__ import annotations

import asyncio
from typing import Any

from core.comfyui.events import LOCAL, Event, Executed, ExecutionFailed, ExecutionInterrupted
from core.comfyui.queue_meter import QueueTicket
from core.comfyui.results import Ending
from core.comfyui.subscription import Listener, Subscription


class Run:
    """One prompt while it waits or runs.

    Args:
        job_timeout: seconds that it may run; 0 for no limit.
        breaks: `EventSocket.breaks` before it was posted; None when it was posted by an earlier process.
    """

    def __init__(
        self,
        prompt_id: str,
        listener: Listener,
        ticket: QueueTicket,
        job_timeout: float,
        breaks: int | None,
    ) -> None:
        self.prompt_id = prompt_id
        self.ticket = ticket
        self.breaks = breaks
        self.outputs: dict[str, Any] = {}
        self.cause: ExecutionFailed | ExecutionInterrupted | None = None
        self.begun = False
        self.cancelled = False
        self.deadline: asyncio.Timeout | None = None
        self.subscription: Subscription | None = None
        self._listener = listener
        self._job_timeout = job_timeout

    def hear(self, event: Event) -> None:
        if type(event) is Executed:
            self.outputs[event.node] = event.output
        elif type(event) is ExecutionFailed or type(event) is ExecutionInterrupted:
            self.cause = event
        if not self.begun and type(event) not in LOCAL:
            self.begin()
        self._listener(event)

    def begin(self) -> None:
        """The server is at work on it: from now on its time counts."""
        self.begun = True
        if self.deadline is not None and self._job_timeout:
            self.deadline.reschedule(asyncio.get_running_loop().time() + self._job_timeout)

    def ending(self) -> Ending:
        """How it ended, by what was heard."""
        return Ending(self.outputs, self.cause is None, self.cause)
