"""The server's queue, read once for all who ask at the same time."""

from __future__ import annotations

import asyncio

from core.comfyui.client import ComfyUIClient
from core.exceptions import ComfyUIError


class QueueReader:
    """After a broken socket every waiting job wants to know whether it is still queued: one request tells all."""

    def __init__(self, client: ComfyUIClient) -> None:
        self._client = client
        self._reading: asyncio.Task[list[str]] | None = None

    async def prompt_ids(self) -> list[str]:
        """Running prompts, then the waiting ones in the order in which they will run.

        Raises:
            ComfyUIError: the server cannot be reached or its answer makes no sense.
        """
        if self._reading is None:
            self._reading = asyncio.create_task(self._read(), name="comfyui-queue-read")
            self._reading.add_done_callback(self._forget)
        return await asyncio.shield(self._reading)

    async def _read(self) -> list[str]:
        queue = await self._client.get_queue()
        try:
            pending = sorted(queue["queue_pending"], key=lambda entry: entry[0])
            return [str(entry[1]) for entry in (*queue["queue_running"], *pending)]
        except (KeyError, TypeError, IndexError) as exc:
            raise ComfyUIError("ComfyUI's queue cannot be read.", 200, detail=repr(exc)) from exc

    def _forget(self, task: asyncio.Task[list[str]]) -> None:
        self._reading = None
        if not task.cancelled():
            task.exception()  # whoever asked has it; when nobody waits any more, it needs no warning
