"""Keeps the folder of results within what the configuration allows, and away from what is still needed."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from core.exceptions import DisComfyError
from utils.logging import get_logger
from utils.retention import Limits, abandoned, excess

log = get_logger(__name__)

_SWEEP_EVERY = 600.0

Needed = Callable[[], Awaitable[Collection[str]]]


class Retention:
    """Sweeps a folder when its block is entered, every ten minutes, and when it is asked to, off the event loop.

    Args:
        folder: where results are.
        limits: what is kept.
        needed: the ids of the jobs whose files have to stay, whatever the limits say: those that are not over, and
            those whose end was not told. Their files are named ``<id>_…``.
    """

    def __init__(self, folder: Path, limits: Limits, needed: Needed) -> None:
        self._folder = folder
        self._limits = limits
        self._needed = needed
        self._held: Counter[str] = Counter()
        self._removing = threading.Lock()
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep_sweeping(), name="outputs-sweep")
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @contextlib.contextmanager
    def hold(self, path: Path) -> Iterator[None]:
        """Keep a file of the folder while it is read. Whether it is there is to be asked inside the block."""
        with self._removing:
            self._held[path.name] += 1
        try:
            yield
        finally:
            with self._removing:
                self._held -= Counter((path.name,))  # what nobody holds is not kept

    async def sweep(self) -> int:
        """Remove what is beyond the limits, and what dead processes left half written; returns how many files.

        What cannot be removed, or not be told from what is needed, stays and is logged.
        """
        async with self._turn:
            try:
                needed = frozenset(await self._needed())
                return await asyncio.to_thread(self._remove, needed)
            except (OSError, DisComfyError) as exc:
                log.warning("old results stay", detail=repr(exc))
                return 0

    async def _keep_sweeping(self) -> None:
        while True:
            await self.sweep()
            await asyncio.sleep(_SWEEP_EVERY)

    def _remove(self, needed: frozenset[str]) -> int:
        now = time.time()
        found = [path for path in excess(self._folder, self._limits, now=now) if _job_of(path) not in needed]
        return sum(self._unlink(path) for path in (*found, *abandoned(self._folder, now=now)))

    def _unlink(self, path: Path) -> bool:
        try:
            with self._removing:
                if self._held[path.name]:
                    return False
                path.unlink()
        except FileNotFoundError:
            return False
        except OSError as exc:
            log.warning("old result stays", file=str(path), detail=repr(exc))
            return False
        return True


def _job_of(path: Path) -> str:
    return path.stem.rpartition("_")[0]
