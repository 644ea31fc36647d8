"""Reading what a request carries: JSON, or a form of ``payload_json`` and ``files[n]``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson
from aiohttp import web

from playground.discord.errors import ApiError, too_large
from playground.discord.model import Upload

_FILE = re.compile(r"files\[(\d+)\]|file(\d*)")


@dataclass(frozen=True, slots=True)
class Body:
    """``json`` is None when there was none. ``files`` by their number."""

    json: Any = None
    files: dict[int, Upload] = field(default_factory=dict)


async def read_body(request: web.Request, most: int) -> Body:
    """Read it all, and only then refuse what is more than ``most`` bytes: the client is still writing.

    Raises:
        ApiError: 40005 too large, 50109 not JSON.
    """
    if not request.can_read_body:
        return Body()
    if not request.content_type.startswith("multipart/"):
        return Body(_decode(await _read(request.content, most)))
    payload, files, left = b"null", dict[int, Upload](), most
    async for part in await request.multipart():
        if not isinstance(part, aiohttp.BodyPartReader):
            raise ApiError(400, 50109, "The request body contains invalid JSON.")
        data = bytes(await part.read())
        left -= len(data)
        match = _FILE.fullmatch(part.name or "")
        if part.name == "payload_json":
            payload = data
        elif match is not None and left >= 0:
            files[int(match[1] or match[2] or 0)] = Upload(part.filename or "unknown", data)
    if left < 0:
        raise too_large()
    return Body(_decode(payload), files)


async def _read(stream: aiohttp.StreamReader, most: int) -> bytes:
    data = bytearray()
    size = 0
    async for chunk in stream.iter_any():
        size += len(chunk)
        if size <= most:
            data += chunk
    if size > most:
        raise too_large()
    return bytes(data)


def _decode(data: bytes) -> Any:
    if not data:
        return None
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as exc:
        raise ApiError(400, 50109, "The request body contains invalid JSON.") from exc
