"""Drawn pictures as files. Imports Pillow at once, as `drawing` does."""

from __future__ import annotations

import itertools
import json
import struct
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

from PIL import Image, PngImagePlugin

from .drawing import frames, paint, sketch
from .recipes import Recipe

_MP4_BRANDS = b"isom\0\0\0\0" + b"isomiso6av01mp41" * 8


def png(recipe: Recipe, index: int, texts: Mapping[str, Any]) -> bytes:
    """A PNG whose text chunks hold `texts` as JSON, as the real server writes ``prompt`` and ``workflow``."""
    chunks = PngImagePlugin.PngInfo()
    for key, value in texts.items():
        chunks.add_text(key, json.dumps(value))
    return _encoded(paint(recipe, index), "PNG", pnginfo=chunks, compress_level=1)


def preview(recipe: Recipe, progress: float) -> bytes:
    """A small JPEG of how far a picture is (0 to 1)."""
    return _encoded(sketch(recipe, progress), "JPEG", quality=80)


def moving(recipe: Recipe, extension: str, fps: float) -> bytes:
    """An animated ``webp`` or ``png``, or an ``mp4``."""
    if extension == "mp4":
        return _as_mp4(_animated(recipe, "AVIF", fps, speed=9))
    return _animated(recipe, extension.upper(), fps)


def _animated(recipe: Recipe, image_format: str, fps: float, **options: int) -> bytes:
    first, *rest = frames(recipe)
    ends = [round(1000 * at / fps) for at in range(len(rest) + 2)]
    shown = [max(1, end - start) for start, end in itertools.pairwise(ends)]
    return _encoded(first, image_format, save_all=True, append_images=rest, duration=shown, loop=0, **options)


def _encoded(picture: Image.Image, image_format: str, **options: Any) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, image_format, **options)
    return buffer.getvalue()


def _as_mp4(avif: bytes) -> bytes:
    """An AVIF sequence is an AV1 movie but for its brand, its kind of track, and what players of pictures need.

    Boxes keep their length, so that no offset in the file changes.
    """
    movie = bytearray(avif)
    for kind, start, end in _boxes(avif):
        if kind == b"ftyp":
            movie[start + 8 : end] = _MP4_BRANDS[: end - start - 8]
        elif kind == b"meta":
            movie[start + 4 : start + 8] = b"free"
        elif kind == b"moov":
            movie[start:end] = movie[start:end].replace(b"pict", b"vide").replace(b"edts", b"free")
    return bytes(movie)


def _boxes(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of the boxes at the top of an ISO base media file."""
    start = 0
    while start < len(content):
        length, kind = struct.unpack_from(">I4s", content, start)
        yield kind, start, start + length
        start += length
