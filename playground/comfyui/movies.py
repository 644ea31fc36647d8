"""Movies: with PyAV as the real server makes them, without it an AV1 movie out of Pillow's AVIF."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from typing import TYPE_CHECKING, Any

from .recipes import NodeError, Recipe
from .sounds import add_track, samples, write

if TYPE_CHECKING:
    import av.container
    from PIL import Image

_CODECS = {
    "mp4": ("libx264", {"preset": "superfast", "crf": "21"}),
    "webm": ("libvpx-vp9", {"crf": "34", "b": "0", "deadline": "realtime", "cpu-used": "8"}),
}
_SOUND_CODECS = {"mp4": ("aac", 44100), "webm": ("libopus", 48000)}
_MP4_BRANDS = b"isom\0\0\0\0" + b"isomiso6av01mp41" * 8


def movie(recipe: Recipe, extension: str, fps: float, notice: str, pictures: Iterable[Image.Image]) -> bytes:
    """A movie file of pictures, whose comment is `notice`. Raises `NodeError` for what only PyAV can make."""
    try:
        import av
    except ImportError:
        if extension != "mp4":
            raise NodeError("The demo server needs PyAV for this: install discomfy[video].", "ImportError") from None
        return _by_pillow(pictures, fps)
    buffer = BytesIO()
    with av.open(buffer, "w", format=extension) as container:
        container.metadata["comment"] = notice
        _write(container, recipe, extension, fps, pictures)
    return buffer.getvalue()


def _write(
    container: av.container.OutputContainer, recipe: Recipe, extension: str, fps: float, pictures: Iterable[Image.Image]
) -> None:
    """The pictures, and then what is to be heard with them."""
    import av

    codec, options = _CODECS[extension]
    stream: Any = None
    track: Any = None
    for picture in pictures:
        width, height = (max(2, side - side % 2) for side in picture.size)
        if stream is None:
            stream = container.add_stream(codec, rate=Fraction(fps).limit_denominator(1000), options=options)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            track = None if recipe.sound is None else add_track(container, *_SOUND_CODECS[extension])
        frame = av.VideoFrame.from_image(picture.crop((0, 0, width, height)))
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
    if recipe.sound is not None:
        write(container, track, samples(replace(recipe.sound, seconds=recipe.count / fps)))


def _by_pillow(pictures: Iterable[Image.Image], fps: float) -> bytes:
    """An AVIF sequence is an AV1 movie but for its brand, its kind of track, and what players of pictures need.

    Boxes keep their length, so that no offset in the file changes.
    """
    from .encoding import animated

    avif = animated(pictures, "AVIF", fps, speed=9)
    changed = bytearray(avif)
    for kind, start, end in _boxes(avif):
        if kind == b"ftyp":
            changed[start + 8 : end] = _MP4_BRANDS[: end - start - 8]
        elif kind == b"meta":
            changed[start + 4 : start + 8] = b"free"
        elif kind == b"moov":
            changed[start:end] = changed[start:end].replace(b"pict", b"vide").replace(b"edts", b"free")
    return bytes(changed)


def _boxes(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of the boxes at the top of an ISO base media file."""
    start = 0
    while start < len(content):
        length, kind = struct.unpack_from(">I4s", content, start)
        yield kind, start, start + length
        start += length
