"""Answers that several routes share, and the request's body."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from ..journal import Request

RECORD: web.RequestKey[Request] = web.RequestKey("record", Request)


class TroubleError(Exception):
    """The real server raised here, and said so in plain text with status 500."""


def trouble(status: int = 500) -> web.Response:
    """What a server in trouble says; never JSON."""
    return web.Response(status=status, text=f"{status} Internal Server Error\n\nServer got itself in trouble")


def reset(request: web.Request) -> web.Response:
    """Reset the connection instead of answering."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def read_json(request: web.Request) -> Any:
    """The body as JSON whatever its content type says; kept in the request's record. Raises `TroubleError`."""
    try:
        body = json.loads(await request.text())
    except ValueError as exc:
        raise TroubleError("the body is not JSON") from exc
    request[RECORD].json = body
    return body


def told(body: Any, name: str, otherwise: Any = None) -> Any:
    """What a body says under a name. A list or a text that lacks it says nothing. Raises `TroubleError`."""
    try:
        if name in body:
            return body[name]
    except TypeError as exc:
        raise TroubleError("the body is not an object") from exc
    return otherwise


async def read_object(request: web.Request) -> dict[str, Any]:
    """As `read_json`, for a body that must be an object."""
    body = await read_json(request)
    if not isinstance(body, dict):
        raise TroubleError("the body is not an object")
    return body


def number_from(request: web.Request, name: str) -> int | None:
    """A whole number from the query. Raises `TroubleError`."""
    text = request.query.get(name)
    try:
        return None if text is None else int(text)
    except ValueError as exc:
        raise TroubleError(f"{name} is not a number") from exc
