"""A kept file as an answer: in a type that runs no script, whole or in part, and for pages of this server alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from playground.discord.cdn import Cdn
    from playground.discord.model import Attachment
    from playground.discord.rest import Request, Rest

#: The end of a file's address.
FILE = "/{channel_id}/{file_id}/{filename}"

_GONE = "This content is no longer available."
_SHOWN = frozenset({"image", "video", "audio"})
_ACTIVE = frozenset({"image/svg+xml", "application/xml", "application/json", "application/javascript"})
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Accept-Ranges": "bytes",
}


class Downloads:
    """``GET /attachments/…``, which faults may strike as they do any request."""

    def __init__(self, cdn: Cdn, rest: Rest) -> None:
        self._cdn = cdn
        self._rest = rest

    async def serve(self, request: web.Request) -> web.Response:
        def answer(_: Request) -> web.Response:
            return serve(request, self._cdn.linked(request.match_info["file_id"], request.query))

        return await self._rest.pass_through(request, "/attachments", answer)


def serve(request: web.Request, file: Attachment | None) -> web.Response:
    """The bytes that the request asks for; 404 without a file."""
    if file is None:
        return web.Response(status=404, text=_GONE)
    headers = {**_HEADERS, "Cache-Control": "private, max-age=86400"}
    kind = served_type(file.content_type)
    if kind == "application/octet-stream":
        headers["Content-Disposition"] = "attachment"
    part = _range(request, file.size)
    if part is None:
        return web.Response(body=file.data, content_type=kind, headers=headers)
    if not part:
        return web.Response(status=416, headers={**headers, "Content-Range": f"bytes */{file.size}"})
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{file.size}"
    return web.Response(status=206, body=file.data[part.start : part.stop], content_type=kind, headers=headers)


def served_type(kind: str | None) -> str:
    """Pictures, sounds and films as what they are; all that is text as plain text; the rest to be saved."""
    family = (kind or "").partition("/")[0]
    if family == "text" or kind in _ACTIVE or (kind or "").endswith("+xml"):
        return "text/plain"
    return kind if kind is not None and family in _SHOWN else "application/octet-stream"


def _range(request: web.Request, size: int) -> range | None:
    """The bytes of a ``Range`` header; None when there is none that makes sense."""
    try:
        asked = request.http_range
    except ValueError:
        return None
    return None if asked == slice(None, None, 1) else range(size)[asked]
