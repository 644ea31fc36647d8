"""Where a prompt stands in the server's queue, read from what the server says anyway.

Every ``status`` carries the number of prompts that run or wait. A number that falls means that prompts ended;
one that rises means that others arrived, behind ours. So a place can be followed without a single request.
"""

from __future__ import annotations


class QueueMeter:
    """Counts what the server's queue lets go."""

    def __init__(self) -> None:
        self.remaining: int | None = None
        self._left = 0

    def update(self, remaining: int) -> None:
        """The server runs or keeps ``remaining`` prompts now."""
        if self.remaining is not None and remaining < self.remaining:
            self._left += self.remaining - remaining
        self.remaining = remaining

    def forget(self) -> None:
        """What was known no longer holds: the socket is gone."""
        self.remaining = None

    def ticket(self) -> QueueTicket:
        """A place at the end of the queue, for a prompt that was accepted a moment ago."""
        return QueueTicket(self)

    @property
    def left(self) -> int:
        """How many prompts were seen to leave, since ever."""
        return self._left


class QueueTicket:
    """The place of one waiting prompt."""

    def __init__(self, meter: QueueMeter) -> None:
        self._meter = meter
        self._left_at_start = meter.left
        self._ahead_at_start = meter.remaining

    def correct(self, ahead: int) -> None:
        """The queue itself was read: so many prompts run or wait before this one."""
        self._left_at_start = self._meter.left
        self._ahead_at_start = ahead

    @property
    def ahead(self) -> int | None:
        """How many prompts run or wait before this one; None while nothing is known."""
        remaining = self._meter.remaining
        if self._ahead_at_start is None or remaining is None:
            return None
        still = self._ahead_at_start - (self._meter.left - self._left_at_start)
        return max(0, min(still, remaining - 1))
