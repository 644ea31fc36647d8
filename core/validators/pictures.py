"""Pictures that users send: decoded once to prove that they are whole, upright, and without anything private."""

from __future__ import annotations

import contextlib
import io
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from core.exceptions import ValidationError
from core.media.chunks import bare_png, bare_webp
from core.media.jpeg import bare_jpeg
from core.media.picture import load, opened
from core.validators.file_words import PictureWords
from utils.language import phrase

_BARE: Mapping[str, Callable[[bytes], bytes]] = {"png": bare_png, "jpg": bare_jpeg, "webp": bare_webp}
_ORIENTATION = 0x0112
_UPRIGHT = 1
_SMALLEST, _LARGEST = 16, 16_384
#: Modes in which ComfyUI's nodes see what everybody sees. The others have 16 bits, or inks.
_PLAIN = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})
_QUALITY = 95
#: Pixels. Decoding takes up to 16 bytes for each of them (a WebP's), so large pictures wait for each other.
_LARGE = 12_000_000
_one_large = threading.Lock()
_DAMAGED = PictureWords.damaged


def clean_picture(kind: str, path: Path, extension: str, *, max_megapixels: float) -> str:
    """Replace a picture by what is sent on, and return the extension that it has then.

    What is upright, still and in eight bits keeps its pixels as they were sent; the rest is encoded anew.

    Args:
        extension: what its first bytes say that it is: png, jpg, webp, gif or bmp.

    Raises:
        ValidationError: it is damaged, too small or too large.
        OSError: the file cannot be read or written.
    """
    try:
        with opened(path, max_pixels=sys.maxsize) as image:
            size = image.size
        _check_size(kind, size, max_megapixels)
        with _one_large if size[0] * size[1] > _LARGE else contextlib.nullcontext():
            stripped = _strip(path, extension)
            if _prove(path) and stripped:
                return extension
            return _encode(path, extension)
    except (ValueError, MemoryError) as exc:
        raise ValidationError(_DAMAGED, kind, detail=repr(exc)) from exc
    except OSError as exc:
        if exc.errno is not None:
            raise
        raise ValidationError(_DAMAGED, kind, detail=repr(exc)) from exc  # Pillow's word for a file that is cut off


def _strip(path: Path, extension: str) -> bool:
    """Take out what is not the picture; False where that takes encoding it anew."""
    bare = _BARE.get(extension)
    if bare is None:
        return False
    try:
        data = bare(path.read_bytes())
    except ValueError:
        return False  # not written by the book; Pillow may well read it
    path.write_bytes(data)
    return True


def _prove(path: Path) -> bool:
    """Decode the first frame; whether the file does as it is."""
    with opened(path) as image:
        image.draft(None, (1, 1))  # of a JPEG every byte is read, and an eighth of each side kept
        image.load()
        animated = getattr(image, "is_animated", False)
        return image.mode in _PLAIN and not animated and image.getexif().get(_ORIENTATION, _UPRIGHT) == _UPRIGHT


def _check_size(kind: str, size: tuple[int, int], max_megapixels: float) -> None:
    width, height = size
    if min(size) < _SMALLEST:
        sentence = phrase(
            "The picture has {width} × {height} pixels: send one of at least {least} a side.",
            width=width,
            height=height,
            least=_SMALLEST,
        )
    elif max(size) > _LARGEST:
        sentence = phrase(
            "The picture has {width} × {height} pixels: send one of at most {most} a side.",
            width=width,
            height=height,
            most=_LARGEST,
        )
    elif width * height > max_megapixels * 1_000_000:
        sentence = phrase(
            "The picture has {width} × {height} pixels: send one of at most {most} million.",
            width=width,
            height=height,
            most=max_megapixels,
        )
    else:
        return
    raise ValidationError(sentence, kind)


def _encode(path: Path, extension: str) -> str:
    picture = load(path)
    as_jpeg = extension == "jpg"
    options = {"quality": _QUALITY, "subsampling": 0} if as_jpeg else {"compress_level": 1}
    buffer = io.BytesIO()
    picture.pixels.info.clear()
    picture.pixels.save(buffer, "JPEG" if as_jpeg else "PNG", icc_profile=picture.profile, **options)
    path.write_bytes(buffer.getbuffer())
    return "jpg" if as_jpeg else "png"
