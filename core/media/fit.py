"""Making a picture fit under a size limit."""

from __future__ import annotations

import functools
import io
import itertools
import math
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING

from core.media.picture import Picture, load, opened

if TYPE_CHECKING:
    from PIL import Image

#: Below this, fewer pixels look better than worse ones.
_WORST, _BEST = 40, 100
_LOSSLESS = _BEST + 1
#: Where the number of pixels has to give way, they are to be had at this quality.
_DECENT = 75
_WEBP_MAX_SIDE = 16_383
_JPEG_MAX_SIDE = 65_500
#: Encoding WebP takes 0.1 s a megapixel, without loss 0.3 s, JPEG 0.006 s.
_WEBP_MAX_PIXELS = 64_000_000
_LOSSLESS_MAX_PIXELS = 16_000_000
_JPEG_MAX_EXIF = 65_000
#: Notes may take this part of the limit.
_NOTES_SHARE = 8
#: A sample has so many tiles a side, of so many pixels a side.
_TILES, _TILE = 8, 128
#: Whole pictures that are encoded on the word of the sample, before the search goes by halves.
_GUESSES = 3
#: What a sample says is never that far off.
_HOPELESS = 1.5
_LEAST_SIDE = 16
#: Pixels from which on a picture takes so much memory that it is worked on alone.
_LARGE = 64_000_000
_one_at_a_time = Lock()


@dataclass(frozen=True, slots=True)
class Fitted:
    """A picture that fits.

    Attributes:
        data: the file.
        extension: ``.webp`` or ``.jpg``.
        smaller: it has fewer pixels than before.
    """

    data: bytes
    extension: str
    smaller: bool = False


def fit_image(path: Path, limit: int, *, keep: bool = True, stop: Event | None = None) -> Fitted | None:
    """The picture in ``path`` in at most ``limit`` bytes; None when it is none, or cannot be had that small.

    It keeps its size in pixels: WebP at the best quality that fits, JPEG where a side is too long for WebP or the
    picture so large that WebP takes minutes. Where even the worst quality that is worth looking at does not fit, it
    is scaled down. Encoding takes seconds for large pictures, and memory for 4 bytes a pixel: call it in a thread.

    Args:
        keep: what was written to the file, prompt and graph included, goes with it when there is room.
        stop: set from outside to have it end early, with None.
    """
    try:
        with opened(path) as image:
            large = image.width * image.height > _LARGE
        with _one_at_a_time if large else nullcontext():
            return _Fitting(load(path), limit, keep=keep, stop=stop or Event()).run()
    except (OSError, ValueError, MemoryError):
        return None


class _Fitting:
    """One picture on its way under a limit."""

    def __init__(self, picture: Picture, limit: int, *, keep: bool, stop: Event) -> None:
        self._pixels = picture.pixels
        self._profile = picture.profile
        self._exif = picture.exif if keep else b""
        self._limit = limit
        self._stop = stop

    def run(self) -> Fitted | None:
        smaller = False
        while not self._stop.is_set():
            if (encoded := self._best()) is not None:
                return Fitted(*encoded, smaller)
            smaller = True
            if not self._scale_down():
                break
        return None

    def _best(self) -> tuple[bytes, str] | None:
        """The picture at the best quality that fits.

        A sample foretells which that is, each whole picture corrects what the sample says, and few are needed.
        """
        if max(self._pixels.size) > _JPEG_MAX_SIDE:
            return None
        encode, extension, best = self._codec()
        sample = _sample(self._pixels)
        foretold = functools.cache(lambda quality: len(encode(sample, quality)))
        share = self._limit / _times(self._pixels, sample)
        if foretold(_WORST) > _HOPELESS * share:
            return None
        found, fits, too_large = None, _WORST - 1, best + 1
        for attempt in itertools.count():
            if fits + 1 >= too_large or self._stop.is_set():
                break
            quality = (fits + too_large) // 2
            if attempt < _GUESSES:
                quality = _highest(lambda q, most=share: foretold(q) <= most, fits + 1, too_large - 1)
            if found is not None and foretold(quality) > share:
                break
            data = encode(self._pixels, quality)
            share = self._limit * foretold(quality) / len(data)
            if len(data) <= self._limit:
                found, fits = data, quality
            else:
                too_large = quality
        return None if found is None else (found, extension)

    def _codec(self) -> tuple[Callable[[Image.Image, int], bytes], str, int]:
        """What encodes at a quality, the extension of that, and the best quality it has."""
        width, height = self._pixels.size
        opaque = self._pixels.mode == "RGB"
        if max(width, height) > _WEBP_MAX_SIDE or (opaque and width * height > _WEBP_MAX_PIXELS):
            self._pixels = _flat(self._pixels)
            return self._jpeg, ".jpg", _BEST
        return self._webp, ".webp", _LOSSLESS if width * height <= _LOSSLESS_MAX_PIXELS else _BEST

    def _webp(self, pixels: Image.Image, quality: int) -> bytes:
        how = {"lossless": True, "quality": 25, "method": 1} if quality == _LOSSLESS else {"quality": quality}
        return self._saved(pixels, "WEBP", self._notes(self._limit), **{"method": 2, **how})

    def _jpeg(self, pixels: Image.Image, quality: int) -> bytes:
        return self._saved(pixels, "JPEG", self._notes(_JPEG_MAX_EXIF), quality=quality)

    def _notes(self, most: int) -> bytes:
        return self._exif if len(self._exif) <= min(most, self._limit // _NOTES_SHARE) else b""

    def _saved(self, pixels: Image.Image, kind: str, exif: bytes, **how: int | bool) -> bytes:
        whole = pixels is self._pixels  # a sample is encoded without what is there but once
        written = {"icc_profile": self._profile, "exif": exif} if whole else {}
        buffer = io.BytesIO()
        pixels.save(buffer, kind, **written, **how)
        return buffer.getvalue()

    def _scale_down(self) -> bool:
        """Take a part of the pixels away; False when there are none to spare."""
        from PIL import Image

        factor = self._factor()
        pixels = self._pixels
        size = round(pixels.width * factor), round(pixels.height * factor)
        if max(size) < _LEAST_SIDE or min(size) < 1:
            return False
        self._pixels = pixels.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
        return True

    def _factor(self) -> float:
        """What the sides are to be multiplied with for a decent quality to fit."""
        if (longest := max(self._pixels.size)) > _JPEG_MAX_SIDE:
            return _JPEG_MAX_SIDE / longest
        encode, _, _ = self._codec()
        sample = _sample(self._pixels)
        needed = len(encode(sample, _DECENT)) * _times(self._pixels, sample)
        return min(0.85, math.sqrt(self._limit / needed))


def _highest(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The highest number from ``low`` to ``high`` for which it holds, as it does for all below it; else ``low``."""
    if holds(high):
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if holds(middle):
            low = middle
        else:
            high = middle
    return low


def _sample(pixels: Image.Image) -> Image.Image:
    """Tiles from all over the picture, as one picture; the picture itself when that is hardly larger."""
    from PIL import Image

    if pixels.width * pixels.height <= 2 * (_TILES * _TILE) ** 2:
        return pixels
    width, height = min(_TILE, pixels.width), min(_TILE, pixels.height)
    columns, rows = min(_TILES, pixels.width // width), min(_TILES, pixels.height // height)
    sample = Image.new(pixels.mode, (columns * width, rows * height))
    for column, row in itertools.product(range(columns), range(rows)):
        left = (pixels.width - width) * column // max(1, columns - 1)
        top = (pixels.height - height) * row // max(1, rows - 1)
        sample.paste(pixels.crop((left, top, left + width, top + height)), (column * width, row * height))
    return sample


def _times(pixels: Image.Image, sample: Image.Image) -> float:
    return pixels.width * pixels.height / (sample.width * sample.height)


def _flat(pixels: Image.Image) -> Image.Image:
    """The picture on white, for what knows no transparency."""
    from PIL import Image

    if pixels.mode == "RGB":
        return pixels
    flat = Image.new("RGB", pixels.size, "white")
    flat.paste(pixels, mask=pixels)
    return flat
