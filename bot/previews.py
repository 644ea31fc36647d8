"""Pictures of the work in progress, as they stand beside it: small, the latest only, and gone with the job."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable

import discord

NAME = "preview.webp"
#: Pixels, and bytes of a frame: ComfyUI's have some 100 KB.
_SIDE = 512
_LARGEST = 4 * 1024 * 1024


class Previews:
    """The previews of one job.

    Args:
        read: the frame of this moment, encoded; None when there is none.
    """

    def __init__(self, read: Callable[[], bytes | None]) -> None:
        self._read = read
        self._frame: bytes | None = None
        self._made: bytes | None = None

    async def latest(self) -> bytes | None:
        """The frame of this moment, made small; the one before where it is damaged or too large."""
        frame = self._read()
        if frame is None:
            self._made = None
        elif frame is not self._frame and len(frame) <= _LARGEST:
            self._made = await asyncio.to_thread(_shrunk, frame) or self._made
        self._frame = frame
        return self._made


def attached(picture: bytes | None) -> list[discord.File]:
    """The files of a progress message."""
    return [discord.File(io.BytesIO(picture), filename=NAME)] if picture is not None else []


def _shrunk(frame: bytes) -> bytes | None:
    from core.media.thumbnail import thumbnail

    return thumbnail(frame, _SIDE)
