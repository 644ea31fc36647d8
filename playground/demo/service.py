"""A process that is to be there: when it ends by itself it is started again, as a service manager would."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable

from playground.demo.child import Child
from playground.demo.keeping import Keeper

#: Seconds before it is started again: the first time, and at most. What ran for so long begins anew with the first.
FIRST_PAUSE, LONGEST_PAUSE, LONG = 1.0, 30.0, 60.0
#: Seconds to leave in; a bot takes up to five.
PATIENCE = 6.0

Launch = Callable[[], Awaitable[Child]]


class Service:
    """Keeps one program running.

    Args:
        name: what people call it, with its article.
        launch: starts the program.
        keeper: is told what runs.
        say: tells people one sentence.
        mend: is given the status of a program that ended by itself; True when it is to be started again at once.
    """

    def __init__(
        self,
        name: str,
        launch: Launch,
        keeper: Keeper,
        say: Callable[[str], None],
        mend: Callable[[int, str], bool] = lambda status, line: False,
    ) -> None:
        self._name = name
        self._launch = launch
        self._keeper = keeper
        self._say = say
        self._mend = mend
        self._child: Child | None = None
        self._asked = False
        self._launched = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def child(self) -> Child | None:
        """What runs now; None between two starts."""
        return self._child

    async def start(self) -> None:
        """Return when the program is on its way.

        Raises:
            OSError: it cannot be started at all.
        """
        self._task = asyncio.create_task(self._keep_running(), name="demo-service")
        launched = asyncio.create_task(self._launched.wait())
        try:
            await asyncio.wait({self._task, launched}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            launched.cancel()
        if self._task.done():
            self._task.result()

    async def restart(self) -> None:
        """Have it leave, and come back at once."""
        if self._child is not None:
            self._asked = True
            await self._child.stop(PATIENCE)

    async def kill(self) -> None:
        """End it at once, as if it had died."""
        if self._child is not None:
            await self._child.kill()

    def strike(self) -> None:
        """End what runs now, without waiting for that."""
        if self._child is not None:
            self._child.strike()

    async def stop(self) -> None:
        """Have it leave for good."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep_running(self) -> None:
        loop = asyncio.get_running_loop()
        pause = FIRST_PAUSE
        while True:
            began = loop.time()
            try:
                status, line = await self._run_once()
            except OSError as exc:
                if not self._launched.is_set():
                    raise
                status, line = 1, exc.strerror or "it cannot be started"
            if loop.time() - began > LONG:
                pause = FIRST_PAUSE
            if self._asked or self._mend(status, line):
                self._asked = False
                continue
            self._say(f"{self._name} {_end(status, line)}; it is started again in {pause:g} s.")
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _run_once(self) -> tuple[int, str]:
        child = self._child = await self._launch()
        self._launched.set()
        try:
            with self._keeper.keeping(child.pid):
                try:
                    return await child.wait(), child.last_line
                finally:
                    await child.stop(PATIENCE)
        finally:
            self._child = None


def _end(status: int, line: str) -> str:
    if status < 0:
        try:
            name = signal.Signals(-status).name
        except ValueError:
            name = f"signal {-status}"
        return f"was ended by {name}"
    return f'ended by itself with status {status} ("{line}")' if line else f"ended by itself with status {status}"
