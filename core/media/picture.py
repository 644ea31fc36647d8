"""Pictures from disk: upright, in eight bits of red, green and blue, with what is known about them."""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image, ImageFile

#: 16,384 × 16,384: what decodes into 1 GiB.
MAX_PIXELS = 2**28
#: What ComfyUI's nodes save; further formats would only be further decoders for garbage.
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
_MOVING = ("PNG", "WEBP", "GIF")
#: What Pillow raises for such files, beside OSError and ValueError.
_DAMAGED = (
    *(SyntaxError, LookupError, TypeError, AttributeError, AssertionError, EOFError, ArithmeticError, RuntimeError),
    *(struct.error, zlib.error),
)
_ORIENTATION = 0x0112
#: Where ComfyUI puts the two in a WebP, and looks for them: "prompt:{…}" and "workflow:{…}".
_NOTES = {"prompt": 0x0110, "workflow": 0x010F}


@dataclass(frozen=True, slots=True)
class Picture:
    """Pixels and what goes with them.

    Attributes:
        pixels: of the mode RGB, or RGBA where something shows through.
        profile: the ICC profile that the colours are meant in; None for sRGB.
        exif: what was written to the file, prompt and graph of a PNG included; empty for nothing.
    """

    pixels: Image.Image
    profile: bytes | None
    exif: bytes


@contextmanager
def opened(source: Path | bytes, *, max_pixels: int = MAX_PIXELS) -> Iterator[ImageFile.ImageFile]:
    """The picture in a file, or in its bytes, not decoded yet.

    Pillow's own `open` refuses everything over 179 megapixels, which is a limit of the whole program.

    Raises:
        ValueError: it is no picture, damaged, or larger than ``max_pixels``.
        OSError: the file cannot be read.
    """
    from PIL import Image

    try:
        with source.open("rb") if isinstance(source, Path) else io.BytesIO(source) as file, _decoder(file) as image:
            if image.width * image.height > max_pixels:
                raise ValueError(f"{image.width} × {image.height} pixels are too many")
            yield image
    except (*_DAMAGED, Image.DecompressionBombError) as exc:
        raise ValueError("the picture is damaged") from exc


def _decoder(file: IO[bytes]) -> ImageFile.ImageFile:
    from PIL import Image

    Image.init()
    start = file.read(16)
    for name in _FORMATS:
        factory, accepts = Image.OPEN.get(name, (None, None))
        if factory is None or (accepts is not None and accepts(start) is not True):
            continue
        file.seek(0)
        return factory(file, "")
    raise ValueError("not a picture of a known kind")


def moves(path: Path) -> bool:
    """Whether there is more than one frame to see in a picture; False for what is none."""
    try:
        with opened(path) as image:
            return image.format in _MOVING and getattr(image, "is_animated", False)
    except (OSError, ValueError):
        return False


def load(source: Path | bytes) -> Picture:
    """The first frame; raises as `opened` does, and MemoryError."""
    with opened(source) as image:
        image.load()
        orientation, notes = image.getexif().get(_ORIENTATION, 1), _notes(image)  # which takes it out
        profile = image.info.get("icc_profile") if image.mode in ("RGB", "RGBA", "P") else None
        pixels = _pixels(image)
    if orientation != 1:
        pixels = _turned(pixels, orientation)
    return Picture(pixels, profile, notes)


def _pixels(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        grey = image.convert("I").point(lambda level: level / 257)  # type: ignore[operator] - Pillow makes a scale of it
        return grey.convert("L").convert("RGB")
    if image.mode in ("I", "F"):
        raise ValueError("there is no telling which level is white")
    if not image.has_transparency_data:
        return _as(image, "RGB")
    pixels = _as(image, "RGBA")
    return pixels.convert("RGB") if pixels.getchannel("A").getextrema() == (255, 255) else pixels


def _as(image: Image.Image, mode: str) -> Image.Image:
    """The image itself where it is of the mode: large ones are held once."""
    return image if image.mode == mode else image.convert(mode)


def _turned(pixels: Image.Image, orientation: Any) -> Image.Image:
    from PIL import Image

    how = Image.Transpose
    turns = {
        2: how.FLIP_LEFT_RIGHT,
        3: how.ROTATE_180,
        4: how.FLIP_TOP_BOTTOM,
        5: how.TRANSPOSE,
        6: how.ROTATE_270,
        7: how.TRANSVERSE,
        8: how.ROTATE_90,
    }
    return pixels.transpose(turns[orientation]) if orientation in turns else pixels


def _notes(image: Image.Image) -> bytes:
    exif = image.getexif()
    if _ORIENTATION in exif:
        del exif[_ORIENTATION]
    for name, tag in _NOTES.items():
        if (text := _ascii(image.info.get(name))) is not None:
            exif[tag] = f"{name}:{text}"
    return exif.tobytes() if len(exif) else b""


def _ascii(text: object) -> str | None:
    """JSON in the letters that EXIF has; None for what is none."""
    if not isinstance(text, str):
        return None
    try:
        return text if text.isascii() else json.dumps(json.loads(text))
    except (ValueError, RecursionError):
        return None
