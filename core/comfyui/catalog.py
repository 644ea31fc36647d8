"""What a server has: node classes and model files, kept for a while so that screens answer at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from core.comfyui.client import ComfyUIClient
from core.comfyui.lora_words import words_of
from core.comfyui.transport import RefusedError

LIFETIME = 60.0
_A_DAY = 86_400.0
#: Seconds that a list is waited for while an older one is at hand: Discord gives up on suggestions after three.
_PATIENCE = 1.0


@dataclass(slots=True)
class _Kept:
    value: Any
    read_at: float


class Catalog:
    """Lists of one server, read on first use and again when they are older than ``lifetime`` seconds.

    Many callers share one request. A list that cannot be read again, or not at once, stays as it was: to somebody
    who is typing an old list is of more use than none.
    """

    def __init__(
        self, client: ComfyUIClient, *, lifetime: float = LIFETIME, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._lifetime = lifetime
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self._reads: dict[str, asyncio.Task[Any]] = {}

    async def loras(self) -> list[str]:
        """LoRA files with their sub-folders, in the server's order.

        Raises:
            ComfyUIError: the server cannot be reached and never could be since this was made.
        """
        return await self.models("loras")

    async def models(self, folder: str) -> list[str]:
        """The files of one model folder, e.g. ``checkpoints``; raises as `loras` does."""
        return await self._get(f"models/{folder}", lambda: self._client.get_models(folder))

    async def lora_words(self, file: str) -> tuple[str, ...]:
        """The words that a LoRA answers to, as its file tells them; empty when it doesn't. Asked for once a day.

        Raises:
            ComfyUIError: the server cannot be reached.
        """

        async def read() -> tuple[str, ...]:
            try:
                return words_of(file, await self._client.get_metadata("loras", file))
            except RefusedError:  # it has no metadata, or none that the server can read
                return ()

        return await self._get(f"words/{file}", read, _A_DAY)

    async def node_definitions(self, *, max_age: float | None = None) -> dict[str, Any]:
        """``/object_info``: definition by node class; raises as `loras` does.

        Args:
            max_age: nothing older than so many seconds will do; without it, an older one is better than none.
        """
        return await self._get("object_info", self._client.get_object_info, max_age)

    async def _get(self, key: str, read: Callable[[], Awaitable[Any]], max_age: float | None = None) -> Any:
        kept = self._kept.get(key)
        if kept is not None and self._clock() - kept.read_at < (self._lifetime if max_age is None else max_age):
            return kept.value
        task = self._reads.get(key) or self._begin(key, read)
        if kept is None or max_age is not None:
            return await asyncio.shield(task)
        await asyncio.wait({task}, timeout=_PATIENCE)
        return self._kept[key].value

    def _begin(self, key: str, read: Callable[[], Awaitable[Any]]) -> asyncio.Task[Any]:
        async def keep() -> Any:
            value = await read()
            self._kept[key] = _Kept(value, self._clock())
            return value

        def end(task: asyncio.Task[Any]) -> None:
            del self._reads[key]
            if not task.cancelled():
                task.exception()  # told to whoever waits, if anybody still does

        task = self._reads[key] = asyncio.create_task(keep(), name=f"catalog-{key}")
        task.add_done_callback(end)
        return task
