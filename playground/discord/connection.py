"""One WebSocket of a client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import orjson
from aiohttp import WSMsgType, web

from playground.discord.faults import reset_connection
from playground.discord.protocol import Json

CLOSE_SECONDS = 1.0
DECODE_ERROR = 4002


class Connection:
    """Frames out through a queue, so that whoever has news need not wait for the network."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        self.silent = False
        self._request = request
        self._socket = socket
        self._frames: asyncio.Queue[str] = asyncio.Queue()

    @classmethod
    @asynccontextmanager
    async def accept(cls, request: web.Request) -> AsyncIterator[Connection]:
        """Shake hands, and write until the end of the block."""
        socket = web.WebSocketResponse(timeout=CLOSE_SECONDS)
        await socket.prepare(request)
        connection = cls(request, socket)
        writer = asyncio.create_task(connection._write(), name="playground-gateway-writer")
        try:
            yield connection
        finally:
            writer.cancel()
            with suppress(asyncio.CancelledError):
                await writer
            await socket.close()

    @property
    def response(self) -> web.WebSocketResponse:
        return self._socket

    def send(self, frame: str) -> None:
        if not self.silent:
            self._frames.put_nowait(frame)

    def send_op(self, op: int, data: Json | bool | None = None) -> None:
        self.send(orjson.dumps({"op": op, "d": data, "s": None, "t": None}).decode())

    async def received(self) -> AsyncIterator[Json]:
        """What the client says, until it goes, or says what is no payload."""
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                continue
            frame = _decoded(message.data)
            if frame is None:
                await self.close(DECODE_ERROR)
                return
            yield frame

    async def close(self, code: int) -> None:
        await self._socket.close(code=code)

    def abort(self) -> None:
        """Cut the line: no close frame."""
        reset_connection(self._request)

    async def _write(self) -> None:
        while True:
            frame = await self._frames.get()
            try:
                await self._socket.send_str(frame)
            except ConnectionError:
                return


def _decoded(text: str) -> Json | None:
    """A payload; None for what is none."""
    try:
        frame = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return frame if isinstance(frame, dict) else None
