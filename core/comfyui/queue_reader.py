"""The server's queue, read once for all who ask at the same time."""

from __future__ import annotations

import asyncio

from core.comfyui.client import ComfyUIClient
from core.exceptions import ComfyUIError
from utils.language import phrase


class QueueReader:
    """After a broken socket every waiting job wants to know whether it is still queued: one request tells all.

    An answer is never older than the question: who asks while a read is under way shares the one after it.
    """

    def __init__(self, client: ComfyUIClient) -> None:
        self._client = client
        self._turn = asyncio.Lock()
        self._begun = 0
        self._answered = 0
        self._answer: list[str] | ComfyUIError = []

    async def prompt_ids(self) -> list[str]:
        """Running prompts, then the waiting ones in the order in which they will run.

        Raises:
            ComfyUIError: the server cannot be reached or its answer makes no sense.
        """
        asked = self._begun
        async with self._turn:
            if self._answered <= asked:
                self._begun += 1
                number = self._begun
                self._answer = await self._read()
                self._answered = number
            answer = self._answer
        if isinstance(answer, ComfyUIError):
            raise answer
        return answer

    async def _read(self) -> list[str] | ComfyUIError:
        try:
            queue = await self._client.get_queue()
            running, pending = queue["queue_running"], queue["queue_pending"]
            if not isinstance(running, list) or not isinstance(pending, list):
                raise TypeError("no lists")  # noqa: TRY301 - told below with what else may be wrong with them
            return [str(entry[1]) for entry in (*running, *sorted(pending, key=lambda entry: entry[0]))]
        except ComfyUIError as exc:
            return exc
        except (KeyError, TypeError, IndexError) as exc:
            return ComfyUIError(phrase("ComfyUI's queue cannot be read."), 200, detail=repr(exc))
