"""Two threads for everything that takes seconds of processor: no more at a time, in the whole process.

They are not those of `asyncio.to_thread`: a process waits for these before it leaves, however long the video.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TypeVar

from utils.threads import give_way

T = TypeVar("T")

_THREADS = 2
_waiting: SimpleQueue[Callable[[], None]] = SimpleQueue()
_threads: list[threading.Thread] = []


async def in_worker(work: Callable[[threading.Event], T]) -> T:
    """Do ``work`` when it is its turn, and return what it returns, or raise what it raises.

    Its argument is set when nobody waits any more: work that lasts looks at it now and then. Work whose turn has not
    come is not begun then.
    """
    stop = threading.Event()
    done: Future[T] = Future()

    def run() -> None:
        if not done.set_running_or_notify_cancel():
            return
        try:
            done.set_result(work(stop))
        except BaseException as exc:  # noqa: BLE001 - it is raised where it is waited for
            done.set_exception(exc)

    _start()
    _waiting.put(run)
    try:
        return await asyncio.wrap_future(done)
    finally:
        stop.set()


def _start() -> None:
    """Called on one thread only, the event loop's."""
    while len(_threads) < _THREADS:
        thread = threading.Thread(target=_serve, name=f"media-{len(_threads)}", daemon=True)
        _threads.append(thread)
        thread.start()


def _serve() -> None:
    give_way()
    while True:
        _waiting.get()()
