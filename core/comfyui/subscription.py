"""The events of one prompt, for whoever waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from core.comfyui.events import LOCAL, Event, Executing, ExecutionFailed, ExecutionInterrupted, ExecutionSuccess

#: The server collects garbage between the last event and the end of the prompt (0.35 s were observed).
_END_GRACE = 2.0

#: What a run ends in; the end itself is announced a moment later.
_OUTCOMES = frozenset({ExecutionSuccess, ExecutionFailed, ExecutionInterrupted})

Listener = Callable[[Event], None]


class Subscription:
    """What is heard of one prompt, and when to look for more; made by `EventSocket.subscribe`.

    ``heard`` says whether the server spoke of the prompt at all, ``ended`` whether it said that it is over.
    """

    def __init__(self, listener: Listener) -> None:
        self.heard = False
        self.ended = False
        self._listener = listener
        self._bell = asyncio.Event()
        self._grace: asyncio.TimerHandle | None = None
        self._error: Exception | None = None

    async def wait(self) -> None:
        """Until there is reason to look at the server's history or queue."""
        await self._bell.wait()
        self._bell.clear()
        if self._error is not None:
            raise self._error

    def ring(self) -> None:
        """Have whoever waits look for itself."""
        self._bell.set()

    def hush(self) -> None:
        """Forget a ring that came before there was anything to look for."""
        if self._error is None:
            self._bell.clear()

    def deliver(self, event: Event) -> None:
        try:
            self._listener(event)
        except Exception as exc:  # noqa: BLE001 - a listener's fault must end its own job, not everybody's socket
            self._error = exc
            self._bell.set()
        if type(event) in LOCAL:
            return
        self.heard = True
        if type(event) is Executing and event.node is None:
            self._end()
        elif type(event) in _OUTCOMES:
            self.expect_end()

    def expect_end(self) -> None:
        """It is over, by all that is known: take its last event as said when that does not come."""
        if self._grace is None:
            self._grace = asyncio.get_running_loop().call_later(_END_GRACE, self._end)

    def _end(self) -> None:
        self.ended = True
        self._bell.set()

    def close(self) -> None:
        if self._grace is not None:
            self._grace.cancel()
