"""Small videos and sounds, as ComfyUI's nodes write them."""

from __future__ import annotations

import json
from array import array
from collections.abc import Sequence
from fractions import Fraction
from math import pi, sin
from pathlib import Path
from typing import Any

import av
from av.container import OutputContainer
from PIL import Image

GRAPH = json.dumps({"1": {"class_type": "KSampler", "inputs": {"seed": 7}}})
COLOURS = ("red", "lime", "blue", "yellow", "white")
_HERTZ = 48_000


def noise(size: tuple[int, int], corner: str | None = None) -> Image.Image:
    """A picture that hardly compresses, but for its left half when that has a colour."""
    image = Image.merge("RGB", [Image.effect_noise(size, 90) for _ in range(3)])
    if corner is not None:
        image.paste(corner, (0, 0, size[0] // 2, size[1]))
    return image


def video(
    path: Path,
    pictures: Sequence[Image.Image],
    *,
    times: Sequence[int] | None = None,
    codec: str = "libx264",
    form: str = "yuv420p",
    sound: bool = False,
    tags: dict[str, str] | None = None,
) -> Path:
    """A video of these pictures, at these milliseconds (a tenth of a second each when left out)."""
    options = {"crf": "1", "preset": "ultrafast"} if codec == "libx264" else {}
    flags = {"movflags": "use_metadata_tags"} if tags and path.suffix in (".mp4", ".mov") else {}
    with av.open(str(path), "w", options=flags) as out:
        out.metadata.update(tags or {})
        stream: Any = out.add_stream(codec, rate=10, options=options)
        stream.width, stream.height, stream.pix_fmt = *pictures[0].size, form
        if times is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        heard: Any = out.add_stream("aac", rate=_HERTZ, layout="mono") if sound else None
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_image(picture)
            frame.pts, frame.time_base = (
                (number, Fraction(1, 10)) if times is None else (times[number], Fraction(1, 1000))
            )
            out.mux(stream.encode(frame))
        if heard is not None:
            _hum(out, heard, len(pictures) / 10)
        out.mux(stream.encode(None))
    return path


def sound(
    path: Path, codec: str, seconds: float = 1.0, *, layout: str = "mono", tags: dict[str, str] | None = None
) -> Path:
    """A sound that hums."""
    with av.open(str(path), "w") as out:
        out.metadata.update(tags or {})
        stream: Any = out.add_stream(codec, rate=_HERTZ, layout=layout)
        _hum(out, stream, seconds)
    return path


def _hum(out: OutputContainer, stream: Any, seconds: float) -> None:
    samples = round(seconds * _HERTZ)
    frame = av.AudioFrame(format="flt", layout="mono", samples=samples)
    frame.planes[0].update(array("f", [0.4 * sin(2 * pi * 440 * n / _HERTZ) for n in range(samples)]).tobytes())
    frame.sample_rate, frame.pts, frame.time_base = _HERTZ, 0, Fraction(1, _HERTZ)
    out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


def noisy(path: Path, *, frames: int = 5, size: tuple[int, int] = (160, 120), **options: Any) -> Path:
    """A video of some noise."""
    return video(path, [noise(size, COLOURS[n % 5]) for n in range(frames)], **options)


def animation(path: Path, durations: Sequence[int], *, size: tuple[int, int] = (160, 120)) -> Path:
    """A GIF, PNG or WebP that moves, with frames of so many milliseconds."""
    first, *others = [noise(size, COLOURS[n % 5]) for n in range(len(durations))]
    lossless = {"lossless": True} if path.suffix == ".webp" else {}
    first.save(path, save_all=True, append_images=others, duration=list(durations), loop=0, **lossless)
    return path


def seen(path: Path) -> list[tuple[int, tuple[int, int, int]]]:
    """Milliseconds and colour, near the left upper corner, of each frame."""
    with av.open(str(path)) as container:
        base = container.streams.video[0].time_base
        assert base is not None
        return [(round(1000 * (f.pts or 0) * base), _pixel(f.to_image())) for f in container.decode(video=0)]


def _pixel(image: Image.Image) -> tuple[int, int, int]:
    red, green, blue = image.crop((4, 4, 12, 12)).resize((1, 1)).getpixel((0, 0))  # type: ignore[misc,assignment] - RGB has three
    return red, green, blue
