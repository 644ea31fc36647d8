"""Files that a user has picked and not sent yet."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import aiohttp
from aiohttp import web

from playground.discord import Clock, PlaygroundError, Upload
from playground.discord.errors import oversized
from playground.discord.limits import MIB

_SECONDS = 15 * 60.0
_TOTAL = 128 * MIB
_COUNT = 500
_NAME = 200


@dataclass(frozen=True, slots=True)
class _Kept:
    upload: Upload
    until: float


class Uploads:
    """Holds them in memory for a quarter of an hour, until they are sent, or until newer ones need the room.

    Args:
        limit: bytes that one file may have, asked for each time.
        total: bytes of all together.
    """

    def __init__(self, clock: Clock, limit: Callable[[], int], total: int = _TOTAL) -> None:
        self._clock = clock
        self._limit = limit
        self._total = total
        self._size = 0
        self._kept: dict[str, _Kept] = {}

    async def receive(self, request: web.Request) -> web.Response:
        """``POST /page/files?name=``, the body being the file."""
        name = request.query.get("name", "")[-_NAME:] or "unknown"
        limit = min(self._limit(), self._total)
        if (request.content_length or 0) > limit:
            return _refuse(f"{oversized(name, limit)}.")
        data = bytearray()
        try:
            async for chunk in request.content.iter_any():
                data += chunk
                self._size += len(chunk)
                self._make_room()
                if len(data) > limit:
                    return _refuse(f"{oversized(name, limit)}.")
                if self._size > self._total:
                    return _refuse("Too much is being uploaded at once; try it again in a moment.", 503)
        except (ConnectionError, aiohttp.ClientError):
            return _refuse(f"{name} broke off; attach it again.", 400)
        finally:
            self._size -= len(data)
        key = self.keep(Upload(name, bytes(data)))
        return web.json_response({"upload": key, "name": name, "size": len(data)})

    def keep(self, upload: Upload) -> str:
        """The id under which it can be taken."""
        key = secrets.token_urlsafe(16)
        self._kept[key] = _Kept(upload, self._clock.time() + _SECONDS)
        self._size += len(upload.data)
        self._make_room()
        return key

    def look(self, key: object) -> Upload:
        """The file under this id, which stays.

        Raises:
            PlaygroundError: there is none any more.
        """
        self._make_room()
        if not isinstance(key, str) or key not in self._kept:
            raise PlaygroundError("that file is no longer here; attach it again")
        return self._kept[key].upload

    def sent(self, uploads: Iterable[Upload]) -> None:
        """These are let go of."""
        gone = {id(upload) for upload in uploads}
        for key in [key for key, kept in self._kept.items() if id(kept.upload) in gone]:
            self._drop(key)

    def _make_room(self) -> None:
        now = self._clock.time()
        for key, kept in list(self._kept.items()):
            if kept.until > now and self._size <= self._total and len(self._kept) <= _COUNT:
                return
            self._drop(key)

    def _drop(self, key: str) -> None:
        self._size -= len(self._kept.pop(key).upload.data)


def _refuse(error: str, status: int = 413) -> web.Response:
    return web.json_response({"error": error}, status=status)
