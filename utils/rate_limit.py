"""How many jobs a user, and everybody together, may submit within a moving window of time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from limits import RateLimitItem

_MARGIN = 0.001
"""Seconds. An entry still counts at the very end of its window, so one waits a little longer than that."""


@dataclass(frozen=True, slots=True)
class RateLimitConfig:
    """The limits; all at least 1.

    Args:
        per_user: requests of one user in a window.
        global_limit: requests of all users together in a window.
        window_seconds: length of the window.
    """

    per_user: int = 10
    global_limit: int = 100
    window_seconds: int = 60

    def __post_init__(self) -> None:
        if min(self.per_user, self.global_limit, self.window_seconds) < 1:
            raise ValueError("per_user, global_limit and window_seconds must be at least 1")


class RateLimiter:
    """Counts in memory, for one event loop."""

    def __init__(self, config: RateLimitConfig) -> None:
        # Imported here because it takes a third of the time that discord.py takes.
        from limits import RateLimitItemPerSecond
        from limits.storage import MemoryStorage
        from limits.strategies import MovingWindowRateLimiter

        self._storage = MemoryStorage()
        self._window = MovingWindowRateLimiter(self._storage)
        self._per_user = RateLimitItemPerSecond(config.per_user, config.window_seconds, namespace="user")
        self._global = RateLimitItemPerSecond(config.global_limit, config.window_seconds, namespace="global")

    def check_rate_limit(self, user_id: int) -> bool:
        """Count a request and return True, or return False and count nothing, neither for the user nor globally."""
        if self.retry_after(user_id) > 0:
            return False
        return self._window.hit(self._per_user, str(user_id)) and self._window.hit(self._global)

    def get_user_remaining(self, user_id: int) -> int:
        """Return how many requests the user's own limit still allows now."""
        return max(0, self._window.get_window_stats(self._per_user, str(user_id)).remaining)

    def retry_after(self, user_id: int) -> float:
        """Return the seconds until a request of the user is allowed, by both limits; 0.0 when it is allowed now."""
        return max(self._wait(self._per_user, str(user_id)), self._wait(self._global))

    def reset_user(self, user_id: int) -> None:
        """Forget what was counted for the user. What it took from the global limit stays taken."""
        self._window.clear(self._per_user, str(user_id))

    def _wait(self, item: RateLimitItem, *identifiers: str) -> float:
        # Asked of the storage, by the rule of its acquire_entry: get_window_stats no longer counts an entry at the
        # very end of its window, while a hit is still refused then.
        entries = self._storage.events.get(item.key_for(*identifiers), [])
        if len(entries) < item.amount:
            return 0.0
        oldest = entries[item.amount - 1]
        now = time.time()
        if oldest.atime < now - item.get_expiry():
            return 0.0
        return oldest.atime + item.get_expiry() - now + _MARGIN
