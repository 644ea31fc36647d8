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

    handled: list[int] = []
    for name in _NAMES:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # nohup has it ignored
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, end)
                handled.append(number)
    try:
        yield
    except asyncio.CancelledError:
        if not asked:
            raise
        task.uncancel()
    finally:
        for number in handled:
            loop.remove_signal_handler(number)
