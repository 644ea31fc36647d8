"""Where a prompt stands in the server's queue, read from what the server says anyway.

Every ``status`` carries the number of prompts that run or wait. A number that falls means that prompts ended;
one that rises means that others arrived, behind ours. So a place can be followed without a single request.
"""

from __future__ import annotations


class QueueMeter:
    """Counts what comes into the server's queue and what leaves it.

    ``remaining`` is None while the server cannot be heard. ``joined`` and ``left`` are all prompts that were seen to
    come and go; ``accepted`` and ``newest`` the number of our own, and the highest place in the order of arrival;
    ``uncounted`` those of them that ``remaining`` does not contain yet.
    """

    def __init__(self) -> None:
        self.remaining: int | None = None
        self.joined = 0
        self.left = 0
        self.accepted = 0
        self.newest = 0.0
        self.uncounted = 0

    def update(self, remaining: int) -> None:
        """The server runs or keeps ``remaining`` prompts now."""
        change = 0 if self.remaining is None else remaining - self.remaining
        self.joined += max(0, change)
        self.uncounted -= min(self.uncounted, max(0, change))
        self.left += max(0, -change)
        self.remaining = remaining

    def forget(self) -> None:
        """What was known no longer holds: the socket is gone, and the server may start to count anew."""
        self.remaining = None
        self.newest = 0.0
        self.uncounted = 0

    def ticket(self) -> QueueTicket:
        """For a prompt that is about to be posted; its place is not known yet."""
        return QueueTicket(self)


class QueueTicket:
    """The place of one waiting prompt."""

    def __init__(self, meter: QueueMeter) -> None:
        self._meter = meter
        self._number: float | None = None
        self._ahead: int | None = None
        self._left, self._joined, self._accepted = meter.left, meter.joined, meter.accepted

    def accept(self, number: float) -> None:
        """The server took it, behind all others; ``number`` is its place in the order of arrival."""
        meter = self._meter
        if meter.remaining is not None:
            # More have come than we know of: the count contains this one already.
            counted = meter.joined - self._joined > meter.accepted - self._accepted
            self.correct(meter.remaining + meter.uncounted - counted)
            meter.uncounted += not counted
        self._number = number
        meter.accepted += 1
        meter.newest = max(meter.newest, number)

    def correct(self, ahead: int) -> None:
        """So many prompts run or wait before this one."""
        self._left = self._meter.left
        self._ahead = ahead

    @property
    def ahead(self) -> int | None:
        """How many prompts run or wait before this one; None while nothing is known."""
        meter = self._meter
        if self._ahead is None or meter.remaining is None:
            return None
        behind = 0 if self._number is None else int(max(0.0, meter.newest - self._number))
        return max(0, min(self._ahead - (meter.left - self._left), meter.remaining + meter.uncounted - 1 - behind))
