"""Making a picture fit under a size limit."""

from __future__ import annotations

import io
from pathlib import Path

_QUALITIES = (95, 90, 80, 65, 50)
_WEBP_MAX_SIDE = 16383


def fit_image(path: Path, limit: int) -> tuple[bytes, str] | None:
    """The picture in ``path`` in at most ``limit`` bytes, with its new extension; None when that cannot be had.

    It keeps its size in pixels: WebP (JPEG where a side is too long for WebP) at the best quality that fits.
    Encoding takes seconds for large pictures: call it in a thread.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as source:
            webp = max(source.size) <= _WEBP_MAX_SIDE
            picture = source.convert("RGBA" if webp and source.has_transparency_data else "RGB")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return None
    for quality in _QUALITIES:
        buffer = io.BytesIO()
        picture.save(buffer, "WEBP" if webp else "JPEG", quality=quality)
        if buffer.tell() <= limit:
            return buffer.getvalue(), ".webp" if webp else ".jpg"
    return None
