"""The bot's own queue before one server: only so many jobs are posted at once, the others wait for their turn here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count

from core.comfyui.results import cancelled_error
from core.jobs.turns import Turns


class Line:
    """Hands out places on the server.

    Args:
        places: how many jobs may be posted at once.
        breaks: how often the server may have been restarted so far.
    """

    def __init__(self, places: int, breaks: Callable[[], int] = lambda: 0) -> None:
        self._places = places
        self._breaks = breaks
        self._turns = Turns()
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._serial = count()
        self._first: dict[str, int] = {}  # which place each had first, counted from the first of all
        self._held: dict[str, int] = {}  # breaks when the place was taken

    @property
    def held(self) -> tuple[str, ...]:
        """The jobs that have a place, the one that got it first in front."""
        return tuple(self._held)

    @property
    def order(self) -> list[str]:
        """The jobs that wait, the next one first."""
        return self._turns.order()

    def ahead(self, job_id: str) -> int | None:
        """How many jobs get a place before this one; None when it does not wait here."""
        return self._turns.place(job_id)

    @asynccontextmanager
    async def place(self, job_id: str, owner: int) -> AsyncIterator[None]:
        """Wait for a place, and keep it as long as the block lasts.

        Raises:
            GenerationError: it was taken out while it waited.
        """
        try:
            if job_id not in self._held:
                if job_id in self._first:
                    self._give_up(job_id)
                else:
                    self._turns.add(job_id, owner)
                await self._turn(job_id)
            yield
        finally:
            self._turns.remove(job_id)
            self._held.pop(job_id, None)
            self._first.pop(job_id, None)
            self._admit()

    async def again(self, job_id: str) -> None:
        """Give a place up and wait for another one, before all jobs that had none.

        Of those that were lost, none comes before another that was posted earlier: neither while that one waits again,
        nor while it is not known whether it was lost too.

        Raises:
            GenerationError: it was taken out while it waited.
        """
        self._give_up(job_id)
        await self._turn(job_id)

    def hold(self, job_id: str) -> None:
        """Give a place to a job that is on the server already, whether or not one is free."""
        self._take(job_id)

    def remember(self, job_id: str) -> None:
        """Take it that a job had a place before, later than all that had one so far."""
        self._first[job_id] = next(self._serial)

    def leave(self, job_id: str) -> bool:
        """Take a job out that waits; False when it does not wait here."""
        turn = self._waiting.get(job_id)
        if turn is None or turn.done():
            return False
        turn.set_exception(cancelled_error(job_id))
        self._turns.remove(job_id)
        self._admit()
        return True

    async def _turn(self, job_id: str) -> None:
        turn = self._waiting[job_id] = asyncio.get_running_loop().create_future()
        self._admit()
        try:
            await turn
        finally:
            del self._waiting[job_id]

    def _give_up(self, job_id: str) -> None:
        self._held.pop(job_id, None)
        self._turns.add_again(job_id, self._first[job_id])

    def _take(self, job_id: str) -> None:
        self._first.setdefault(job_id, next(self._serial))
        self._held[job_id] = self._breaks()

    def _admit(self) -> None:
        while len(self._held) < self._places and not self._too_early():
            job_id = self._turns.pop()
            if job_id is None:
                return
            self._take(job_id)
            turn = self._waiting[job_id]
            if not turn.done():  # the task of one that was cancelled gives its place back at once
                turn.set_result(None)

    def _too_early(self) -> bool:
        """Whether the next one was lost, and one that was posted before it may have been lost as well."""
        again = self._turns.first_again
        return again is not None and any(
            self._first[held] < self._first[again] and breaks < self._breaks() for held, breaks in self._held.items()
        )
