"""Rate limits: fixed windows on the server's clock, told by Discord's headers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from hashlib import sha1
from typing import Literal, NamedTuple

from playground.discord.clock import Clock
from playground.discord.errors import ApiError


class Rate(NamedTuple):
    """So many requests in so many seconds."""

    limit: int
    seconds: float


class Bucket(NamedTuple):
    """What a request is counted under: one of the rates' names, and the channel or token it is for."""

    rate: Literal["overall", "edits", "messages", "interactions"]
    subject: str


#: Windows that are kept before those that ended are looked for.
_WINDOWS = 2000


@dataclass(slots=True)
class _Window:
    start: float
    used: int = 0


class RateLimits:
    """What Discord grants. The rates can be set; who is over one gets 429 and waits for the window's end."""

    def __init__(self, clock: Clock) -> None:
        self.overall = Rate(50, 1.0)
        self.edits = Rate(5, 5.0)
        self.messages = Rate(5, 5.0)
        self.interactions = Rate(5, 5.0)
        self._clock = clock
        self._windows: dict[Bucket, _Window] = {}

    def spend(self, bucket: Bucket) -> dict[str, str]:
        """Count a request; the headers for its answer.

        Raises:
            ApiError: 429 with ``retry_after``, a ``Via`` header and the headers of the bucket.
        """
        rate: Rate = getattr(self, bucket.rate)
        now = self._clock.time()
        window = self._windows.get(bucket)
        if len(self._windows) > _WINDOWS:
            self._windows = {b: w for b, w in self._windows.items() if now < w.start + getattr(self, b.rate).seconds}
        if window is None or now >= window.start + rate.seconds:
            window = self._windows[bucket] = _Window(now)
        ends = window.start + rate.seconds
        # up to the next millisecond, so that a client that waits just as long is not early
        after = math.ceil((ends - now) * 1000) / 1000
        headers = {
            "X-RateLimit-Bucket": sha1(bucket.rate.encode(), usedforsecurity=False).hexdigest(),
            "X-RateLimit-Limit": str(rate.limit),
            "X-RateLimit-Remaining": str(max(0, rate.limit - window.used - 1)),
            "X-RateLimit-Reset": f"{ends:.3f}",
            "X-RateLimit-Reset-After": f"{after:.3f}",
        }
        if window.used >= rate.limit:
            raise rate_limited(after, headers, is_global=bucket.rate == "overall")
        window.used += 1
        return headers


def rate_limited(
    retry_after: float, headers: dict[str, str] | None = None, *, via: bool = True, is_global: bool = False
) -> ApiError:
    """429. Without ``via`` it looks like Cloudflare's, which discord.py raises at once."""
    told = {**(headers or {}), "Retry-After": str(math.ceil(retry_after))}
    told["X-RateLimit-Scope"] = "global" if is_global else "user"
    if is_global:
        told["X-RateLimit-Global"] = "true"
    if via:
        told["Via"] = "1.1 google"
    return ApiError(
        429,
        0,
        "You are being rate limited.",
        extra={"retry_after": retry_after, "global": is_global},
        headers=told,
    )
