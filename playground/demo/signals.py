"""Ctrl-C, SIGTERM and a terminal that is closed: each ends the demo in good order."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


@contextlib.contextmanager
def ended_by_signals(again: Callable[[], None]) -> Iterator[None]:
    """A signal cancels the block, quietly. ``again`` is called at every further one, while the block gives back.

    Where there are no such signals to wait for, Ctrl-C is Python's KeyboardInterrupt.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    asked = 0

    def end() -> None:
        nonlocal asked
        asked += 1
        if asked == 1:
            task.cancel()
        else:
            again()

    for name in _NAMES:
        with contextlib.suppress(NotImplementedError, AttributeError):
            loop.add_signal_handler(getattr(signal, name), end)
    try:
        yield
    except asyncio.CancelledError:
        if not asked:
            raise
        task.uncancel()
