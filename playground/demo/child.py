"""One process of the demo's: started, listened to, ended."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

_KEPT_LINES = 50
_CHUNK = 65536
#: A terminal's Ctrl-C is for the demo, which ends the others in good order.
APART: Mapping[str, Any] = (
    {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if sys.platform == "win32" else {"start_new_session": True}
)


class Child:
    """A process with a pipe as stdin, whose last lines are kept."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._awaited: list[tuple[Callable[[str], object], asyncio.Future[str]]] = []
        self._reading = asyncio.create_task(self._read(), name="demo-child")

    @classmethod
    async def start(cls, command: tuple[str, ...], folder: Path, environment: Mapping[str, str]) -> Child:
        """Raises OSError when there is no such program."""
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **APART,
        )
        return cls(process)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def last_line(self) -> str:
        """What it said last; empty when it said nothing."""
        return next((line for line in reversed(self._lines) if line), "")

    async def wait(self) -> int:
        """Its exit status, once everything that it said was read; negative for the signal that ended it."""
        status = await self._process.wait()
        # what it started may hold its stdout
        await asyncio.wait({self._reading}, timeout=1.0)
        return status

    def write(self, line: str) -> None:
        """Say a line to its stdin, if it is there."""
        assert self._process.stdin is not None
        if not self._process.stdin.is_closing():
            self._process.stdin.write(f"{line}\n".encode())

    async def hear(self, wanted: Callable[[str], object], timeout: float) -> str:
        """A line of that kind: one of the last that it said, or the next to come.

        Raises:
            TimeoutError: it did not come in time.
            EOFError: it cannot come any more.
        """
        for line in self._lines:
            if wanted(line):
                return line
        if self._reading.done():
            raise EOFError
        heard: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._awaited.append((wanted, heard))
        async with asyncio.timeout(timeout):
            return await heard

    async def stop(self, patience: float) -> None:
        """End it as a service manager would: it has that many seconds to leave by itself."""
        self._signal(self._process.terminate)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._process.wait()
        await self.kill()

    def strike(self) -> None:
        """End it at once, without waiting for that."""
        self._signal(self._process.kill)

    async def kill(self) -> None:
        """End it at once."""
        self.strike()
        await self.wait()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    def _signal(self, send: Callable[[], None]) -> None:
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                send()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        rest = ""
        try:
            while chunk := await self._process.stdout.read(_CHUNK):
                *lines, rest = (rest + chunk.decode("utf-8", "replace")).split("\n")
                for line in lines:
                    self._hear(line.rstrip())
            self._hear(rest.rstrip())
        finally:
            for _, heard in self._awaited:
                if not heard.done():
                    heard.set_exception(EOFError())

    def _hear(self, line: str) -> None:
        self._lines.append(line)
        self._awaited = [(wanted, heard) for wanted, heard in self._awaited if not heard.done()]
        for wanted, heard in self._awaited:
            if wanted(line):
                heard.set_result(line)
