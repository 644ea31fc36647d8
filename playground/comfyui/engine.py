"""The loop that runs prompts, one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Set
from typing import Any

from .execution import Done, Execution
from .reporter import Reporter
from .state import State


class Engine:
    """Takes prompts from the queue until it is stopped. Its cache lives as long as it does."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._cache: dict[str, Done] = {}
        self._task = asyncio.create_task(self._run(), name="playground-engine")

    async def stop(self) -> None:
        """End at once, in the middle of a prompt if need be. Raises what the loop failed of."""
        await cancel_all({self._task})
        self._state.current_node = None
        if not self._task.cancelled():
            self._task.result()

    async def _run(self) -> None:
        queue = self._state.queue
        while True:
            prompt = await queue.take()
            report = Reporter(self._state, prompt)
            await report.status()
            entry = await Execution(self._state, prompt, self._cache, report).run()
            queue.finish(prompt, entry)
            await report.status()
            await report.end()
            await asyncio.sleep(0)


async def cancel_all(tasks: Set[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait until they have ended."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
