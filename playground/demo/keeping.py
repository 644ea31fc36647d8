"""The demo's end of the process that ends the others when the demo is gone."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from playground.demo.child import APART

PROGRAM = Path(__file__).with_name("keeper.py")


class Keeper:
    """Knows which processes must not outlive this one."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @contextmanager
    def keeping(self, pid: int) -> Iterator[None]:
        """Have a process ended if this one is gone before the block is left."""
        self._say(f"+{pid}")
        try:
            yield
        finally:
            self._say(f"-{pid}")

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        if not self._process.stdin.is_closing():
            self._process.stdin.write(f"{line}\n".encode())


@asynccontextmanager
async def kept(folder: Path) -> AsyncIterator[Keeper]:
    """A keeper that stands by as long as the block lasts, in a folder that nobody minds being in use."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", str(PROGRAM)),
        cwd=folder,
        env={name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **APART,
    )
    try:
        yield Keeper(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
