"""One bot a data folder."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from filelock import FileLock, Timeout

from config.errors import ConfigError
from utils.logging import get_logger

log = get_logger(__name__)

FILE = "bot.lock"
_PATIENCE = 10.0
_LOOK_EVERY = 0.1
_WHERE = ("STORAGE__DATA", "storage.data")


@contextlib.asynccontextmanager
async def held(folder: Path) -> AsyncIterator[None]:
    """Keep a folder to this process; the system lets go of it when the process dies, however it does.

    Another process is given ten seconds to leave: what starts a bot again is quick, what stops one may not be.

    Raises:
        ConfigError: it is still there, or the folder cannot be written.
    """
    lock = FileLock(folder / FILE, thread_local=False)
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        await _acquire(lock)
    except Timeout:
        remedy = "stop that one, or name another folder"
        raise ConfigError(*_WHERE, "names a folder that another running bot uses", remedy) from None
    except OSError as exc:
        log.error("data folder not writable", detail=repr(exc))  # noqa: TRY400
        remedy = "allow the bot to write there, or name another one"
        raise ConfigError(*_WHERE, "names a folder that cannot be written", remedy) from exc
    try:
        yield
    finally:
        lock.release()


async def _acquire(lock: FileLock) -> None:
    loop = asyncio.get_running_loop()
    patience_ends = loop.time() + _PATIENCE
    while True:
        try:
            lock.acquire(blocking=False)
        except Timeout:
            if loop.time() >= patience_ends:
                raise
            await asyncio.sleep(_LOOK_EVERY)
        else:
            return
