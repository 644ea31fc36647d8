"""A picture made small enough to stand beside a line of text."""

from __future__ import annotations

import io
from pathlib import Path

from core.media.picture import load, opened

EXTENSION = ".webp"
#: Pixels. Larger pictures would take a second and 200 MB for what nobody misses.
_LARGEST = 2**25
_QUALITY = 75


def thumbnail(picture: Path | bytes, side: int) -> bytes | None:
    """The first frame of a file, or of its bytes, as WebP; None for what is gone, damaged or too large.

    It is at most ``side`` pixels wide and high. It decodes the picture: not for the event loop.
    """
    try:
        with opened(picture) as image:
            if image.width * image.height > _LARGEST:
                return None
        pixels = load(picture).pixels
    except (OSError, ValueError, MemoryError):
        return None
    pixels.thumbnail((side, side))
    out = io.BytesIO()
    pixels.save(out, "WEBP", quality=_QUALITY)
    return out.getvalue()
