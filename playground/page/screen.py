"""One browser window: what it asks for is done in order, what it is told waits until it reads."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable
from itertools import count
from typing import Any

import orjson
from aiohttp import WSMsgType, web

from playground.discord import PlaygroundError, User
from playground.discord.limits import MIB
from playground.discord.protocol import Json
from playground.page.asked import Asked, sentence

#: Bytes of a frame that is read; of one that ends the connection.
FRAME = MIB
_TOO_LARGE = 16 * MIB
#: Bytes that wait for a browser, and things that it may ask for at once.
_BEHIND = 32 * MIB
_AT_ONCE = 32
_HEARTBEAT = 30.0
_OURS = "Something went wrong in the playground. Try it again."

Obey = Callable[["Screen", str, Asked], Awaitable[Any]]

logger = logging.getLogger(__name__)


class Screen:
    """The socket of a window. ``user`` is who sits before it, None until somebody has entered.

    A browser that does not read what it is told is cut off; it comes back and enters again.
    """

    def __init__(self, obey: Obey) -> None:
        self.user: User | None = None
        self._obey = obey
        self._socket = web.WebSocketResponse(heartbeat=_HEARTBEAT, max_msg_size=_TOO_LARGE, timeout=1.0)
        self._transport: asyncio.Transport | None = None
        self._waiting: dict[Hashable, str] = {}
        self._size = 0
        self._news = asyncio.Event()
        self._numbers = count()
        self._told: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Talk until one of the two goes."""
        await self._socket.prepare(request)
        self._transport = request.transport
        writer = asyncio.create_task(self._write(), name="playground-page-writer")
        try:
            async for message in self._socket:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    self._hear(message.data)
        finally:
            tasks = [writer, *self._tasks]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return self._socket

    def enter(self, user: User) -> None:
        """Somebody else sits down."""
        self.user = user
        self._told.clear()

    async def close(self) -> None:
        """Say goodbye: the server ends."""
        await self._socket.close(code=1001)

    def push(self, kind: str, body: Json, key: Hashable = None, *, news: bool = False) -> None:
        """Tell it something. It replaces what has the same ``key`` and waits still; ``news`` is told if changed."""
        text = orjson.dumps({"push": kind, **body}).decode()
        if news and self._told.get(kind) == text:
            return
        if news:
            self._told[kind] = text
        self._send(text, (kind, key) if key is not None or news else None)

    def _send(self, text: str, key: Hashable = None) -> None:
        key = next(self._numbers) if key is None else key
        self._size += len(text) - len(self._waiting.pop(key, ""))
        self._waiting[key] = text
        self._news.set()
        if self._size > _BEHIND and self._transport is not None:
            self._waiting.clear()
            self._size = 0
            self._transport.abort()

    async def _write(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._waiting:
                key = next(iter(self._waiting))
                text = self._waiting.pop(key)
                self._size -= len(text)
                try:
                    await self._socket.send_str(text)
                except ConnectionError:
                    return

    def _hear(self, data: str | bytes) -> None:
        if len(data) > FRAME:
            return self._reply(None, error="That is too much at once. Send files as attachments.")
        try:
            frame = orjson.loads(data)
        except orjson.JSONDecodeError:
            return self._reply(None, error="That is no JSON.")
        if not isinstance(frame, dict):
            return self._reply(None, error="That is no JSON object.")
        number = frame.get("id")
        number = number if isinstance(number, int | str) else None
        verb = frame.get("do")
        if not isinstance(verb, str):
            return self._reply(number, error="Nothing was asked for.")
        if len(self._tasks) >= _AT_ONCE:
            return self._reply(number, error="That is too much at once. Wait a moment.")
        task = asyncio.create_task(self._do(number, verb, Asked(frame)), name=f"playground-page-{verb[:20]}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return None

    async def _do(self, number: int | str | None, verb: str, asked: Asked) -> None:
        try:
            result = await self._obey(self, verb, asked)
        except PlaygroundError as exc:
            self._reply(number, error=sentence(exc))
        except Exception:
            logger.exception("The page asked for %r", verb)
            self._reply(number, error=_OURS)
        else:
            self._reply(number, result)

    def _reply(self, number: int | str | None, result: Any = None, error: str | None = None) -> None:
        end = {"ok": True, "result": result} if error is None else {"ok": False, "error": error}
        self._send(orjson.dumps({"re": number, **end}).decode())
