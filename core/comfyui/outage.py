"""A server that does not answer: it is asked again until it does, or until it has been away for too long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from core.comfyui.transport import GATEWAY
from core.exceptions import ComfyUIError, FailureReason, GenerationError
from utils.language import phrase

T = TypeVar("T")

_RETRY_WHEN_AWAY = 1.0
#: Seconds after which nobody has asked for so long that an earlier absence says nothing of this one.
_FORGOTTEN = 60.0


def is_away(error: ComfyUIError) -> bool:
    """Whether nobody answered, or a proxy in the server's place."""
    return error.status_code is None or error.status_code in GATEWAY


class Outage:
    """Measures the absence of one server once, for all who wait for it.

    Args:
        timeout: seconds that the server is waited for.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._since: float | None = None
        self._noticed = 0.0

    def over(self) -> None:
        """The server has answered."""
        self._since = None

    def noticed(self, prompt_id: str, error: ComfyUIError, *, since: float | None = None) -> None:
        """The server has not answered.

        Args:
            since: when this question was first not answered, as `time.monotonic`; others may have been meanwhile.

        Raises:
            GenerationError: for too long.
        """
        now = time.monotonic()
        if self._since is None or now - self._noticed > _FORGOTTEN:
            self._since = now
        self._noticed = now
        if now - min(self._since, now if since is None else since) >= self._timeout:
            raise GenerationError(
                phrase("ComfyUI went away and did not come back; the job is lost."),
                reason=FailureReason.OFFLINE,
                prompt_id=prompt_id,
            ) from error

    async def patiently(self, prompt_id: str, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask the server for a prompt's sake, and ask again while it does not answer.

        Raises:
            GenerationError: it was away for too long, or did not answer this for so long.
        """
        since: float | None = None
        while True:
            try:
                answer = await ask()
            except ComfyUIError as exc:
                since = since or time.monotonic()
                self.noticed(prompt_id, exc, since=since)
            else:
                self.over()
                return answer
            await asyncio.sleep(_RETRY_WHEN_AWAY)
