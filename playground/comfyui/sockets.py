"""The WebSockets: who is connected under which client id, and what is sent to whom."""

from __future__ import annotations

import struct
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import WSMsgType, web

PREVIEW_IMAGE = 1
PREVIEW_IMAGE_WITH_METADATA = 4
_IMAGE_TYPES = {"image/jpeg": 1, "image/png": 2}


@dataclass(eq=False, slots=True)
class Socket:
    """One connection. `silent`: open and answering pings, but no frame is sent any more."""

    response: web.WebSocketResponse
    request: web.Request
    silent: bool
    wants_metadata: bool = False

    async def send(self, frame: bytes, kind: WSMsgType) -> None:
        if self.silent or self.response.closed:
            return
        try:
            await self.response.send_frame(frame, kind)
        except ConnectionError:
            return  # the client went away under the frame; its handler unregisters it

    def abort(self) -> None:
        """End the connection without a closing handshake; the client sees 1006."""
        if self.request.transport is not None:
            self.request.transport.abort()


class SocketHub:
    """Connected sockets. Frames go to the one registered under a client id, status to all that are registered."""

    def __init__(
        self,
        changed: Callable[[], None],
        greet: Callable[[str], list[tuple[str, dict[str, Any]]]],
        features: Callable[[], dict[str, Any]],
    ) -> None:
        self.open: set[Socket] = set()
        self.opened = 0
        self._registered: dict[str, Socket] = {}
        self._silent_from_start = False
        self._changed = changed
        self._greet = greet
        self._features = features

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one socket until it ends.

        A second socket under the same id takes the first one's place; the end of the first then unregisters the
        second, which stays open and hears nothing more.
        """
        response = web.WebSocketResponse(max_msg_size=0)
        await response.prepare(request)
        client_id = request.query.get("clientId") or uuid.uuid4().hex
        socket = Socket(response, request, self._silent_from_start)
        self.open.add(socket)
        self.opened += 1
        self._registered[client_id] = socket
        self._changed()
        try:
            for event, data in self._greet(client_id):
                await socket.send(encode(event, data), WSMsgType.TEXT)
            first = True
            async for message in response:
                if first and message.type is WSMsgType.TEXT:
                    await self._handshake(socket, message.data)
                first = False
        finally:
            self.open.discard(socket)
            self._registered.pop(client_id, None)
            self._changed()
        return response

    async def _handshake(self, socket: Socket, text: str) -> None:
        try:
            message = orjson.loads(text)
        except orjson.JSONDecodeError:
            return
        if isinstance(message, dict) and message.get("type") == "feature_flags":
            socket.wants_metadata = bool((message.get("data") or {}).get("supports_preview_metadata"))
            await socket.send(encode("feature_flags", self._features()), WSMsgType.TEXT)

    def wants_metadata(self, client_id: str | None) -> bool:
        socket = self._registered.get(client_id) if client_id is not None else None
        return socket is not None and socket.wants_metadata

    async def send(self, client_id: str | None, event: str, data: dict[str, Any]) -> None:
        """Send an event to a client id, or to everybody when there is none."""
        await self._send(client_id, encode(event, data), WSMsgType.TEXT)

    async def send_preview(self, client_id: str | None, mime: str, image: bytes, metadata: dict[str, Any]) -> None:
        """Send a picture in a binary frame, in the form that the client asked for."""
        if self.wants_metadata(client_id):
            head = orjson.dumps(metadata | {"image_type": mime})
            frame = struct.pack(">II", PREVIEW_IMAGE_WITH_METADATA, len(head)) + head + image
        else:
            frame = struct.pack(">II", PREVIEW_IMAGE, _IMAGE_TYPES[mime]) + image
        await self._send(client_id, frame, WSMsgType.BINARY)

    async def _send(self, client_id: str | None, frame: bytes, kind: WSMsgType) -> None:
        if client_id is None:
            for socket in list(self._registered.values()):
                await socket.send(frame, kind)
        elif (socket := self._registered.get(client_id)) is not None:
            await socket.send(frame, kind)
        self._changed()

    def silence(self, *, new_sockets: bool) -> None:
        """Send no frame any more to the open sockets, nor to later ones with `new_sockets`."""
        self._silent_from_start = new_sockets
        for socket in self.open:
            socket.silent = True

    def speak(self) -> None:
        """Send frames again. What was missed is not sent later."""
        self._silent_from_start = False
        for socket in self.open:
            socket.silent = False


def encode(event: str, data: dict[str, Any]) -> bytes:
    """The bytes of a text frame."""
    return orjson.dumps({"type": event, "data": data}, default=str)
