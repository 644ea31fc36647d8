"""/view, /upload/image and /upload/mask."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from aiohttp import web

from ..state import State
from ..storage import OutsideError, inside, split_annotation
from .answers import TroubleError

_TYPES = {".webp": "image/webp", ".webm": "video/webm", ".flac": "audio/flac", ".mp3": "audio/mpeg"}


class FileRoutes:
    """Files out and in."""

    def __init__(self, state: State) -> None:
        self._state = state

    def table(self) -> list[web.RouteDef]:
        return [
            web.get("/view", self.view),
            web.post("/upload/image", self.upload_image),
            web.post("/upload/mask", self.upload_mask),
        ]

    async def view(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        if "filename" not in query:
            return web.Response(status=404)
        name, annotated = split_annotation(query["filename"])
        base = self._state.storage.folder(annotated or query.get("type", "output"))
        if not name or name.startswith("/") or ".." in name or base is None:
            return web.Response(status=400)
        try:
            path = inside(base, query.get("subfolder", "")) / Path(name).name
        except OutsideError:
            return web.Response(status=403)
        if not path.is_file():
            return web.Response(status=404)
        headers = {"Content-Disposition": f'filename="{path.name}"'}
        if "preview" in query or query.get("channel") in ("rgb", "a"):
            content, mime = await self._state.studio.run(_converted, path, query.get("preview"), query.get("channel"))
            return web.Response(body=content, content_type=mime, headers=headers)
        if self._state.faults.takes_effect("view"):
            return await _half(request, path.read_bytes())
        mime = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return web.FileResponse(path, headers={**headers, "Content-Type": mime})

    async def upload_image(self, request: web.Request) -> web.Response:
        fields = await request.post()
        image = fields.get("image")
        if not isinstance(image, web.FileField) or not image.filename:
            return web.Response(status=400)
        return self._store(fields, image.filename, image.file.read())

    async def upload_mask(self, request: web.Request) -> web.Response:
        """Put the mask's alpha on the original that ``original_ref`` names, and store that as a PNG."""
        fields = await request.post()
        image = fields.get("image")
        if not isinstance(image, web.FileField) or not image.filename:
            return web.Response(status=400)
        try:
            reference = json.loads(str(fields.get("original_ref")))
            base = self._state.storage.folder(reference.get("type", "output"))
            original = inside(base or self._state.storage.output, reference.get("subfolder", ""), reference["filename"])
        except (ValueError, LookupError, AttributeError) as exc:
            raise TroubleError("original_ref is not a reference") from exc
        except OutsideError:
            return web.Response(status=403)
        if not original.is_file():
            raise TroubleError("original_ref names no file")
        content = await self._state.studio.run(_with_alpha, original, image.file.read())
        return self._store(fields, image.filename, content)

    def _store(self, fields: Mapping[str, Any], filename: str, content: bytes) -> web.Response:
        kind = str(fields.get("type") or "input")
        subfolder = str(fields.get("subfolder", ""))
        base = self._state.storage.folder(kind)
        if base is None or Path(filename).is_absolute():
            raise TroubleError("no such folder")
        try:
            folder = inside(base, subfolder)
            path = inside(folder, filename)
        except OutsideError:
            return web.Response(status=400)
        folder.mkdir(parents=True, exist_ok=True)
        if not path.parent.is_dir():
            raise TroubleError("a file name cannot name a sub-folder")
        if fields.get("overwrite") not in ("true", "1"):
            path = _free(path, content)
        path.write_bytes(content)
        return web.json_response({"name": path.name, "subfolder": subfolder, "type": kind})


def _free(path: Path, content: bytes) -> Path:
    """`path`, or ``name (1).png`` and so on when other bytes are there already."""
    candidate, number = path, 0
    while candidate.exists() and candidate.read_bytes() != content:
        number += 1
        candidate = path.with_name(f"{path.stem} ({number}){path.suffix}")
    return candidate


async def _half(request: web.Request, content: bytes) -> web.StreamResponse:
    """Promise the whole file, send half of it, and close the connection."""
    response = web.StreamResponse(headers={"Content-Length": str(len(content))})
    await response.prepare(request)
    await response.write(content[: len(content) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


def _converted(path: Path, preview: str | None, channel: str | None) -> tuple[bytes, str]:
    """An image as ``preview=webp;50`` or ``channel=rgb`` ask for it. Raises `TroubleError` when it is none."""
    from PIL import Image, UnidentifiedImageError

    buffer = BytesIO()
    try:
        with Image.open(path) as image:
            if preview is not None:
                kind, _, quality = preview.partition(";")
                kind = kind if kind in ("webp", "jpeg") else "webp"
                image.convert("RGB").save(buffer, kind, quality=int(quality) if quality.isdigit() else 90)
                return buffer.getvalue(), f"image/{kind}"
            shown = image.convert("RGB")
            if channel == "a":
                shown = Image.new("RGBA", image.size)
                shown.putalpha(image.convert("RGBA").getchannel("A"))
            shown.save(buffer, "png")
            return buffer.getvalue(), "image/png"
    except UnidentifiedImageError as exc:
        raise TroubleError("not an image") from exc


def _with_alpha(original: Path, mask: bytes) -> bytes:
    from PIL import Image, UnidentifiedImageError

    buffer = BytesIO()
    try:
        with Image.open(original) as image, Image.open(BytesIO(mask)) as drawn:
            alpha = drawn.convert("RGBA").getchannel("A").resize(image.size)
            masked = image.convert("RGB")
            masked.putalpha(alpha)
            masked.save(buffer, "png")
    except UnidentifiedImageError as exc:
        raise TroubleError("not an image") from exc
    return buffer.getvalue()
