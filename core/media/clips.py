"""Moving pictures from disk as frames with their times: videos by PyAV, animations by Pillow."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from core.media.budget import Clip
from core.media.picture import opened

if TYPE_CHECKING:
    from av import AudioFrame, AudioStream, VideoFrame, VideoStream
    from av.container import InputContainer
    from av.stream import Stream
    from PIL import Image

StreamT = TypeVar("StreamT", bound="AudioStream | VideoStream")

#: Names of FFmpeg's demuxers: others, such as those of play lists, read further files and addresses.
FORMATS = "mov,matroska,avi,flac,mp3,ogg,wav,aac,asf"
#: 8K twice over; a player takes less, and several frames are in memory at once.
_MAX_PIXELS = 2**26
_MILLISECOND = Fraction(1, 1000)
#: Milliseconds: what browsers make of a frame that is shown for no longer than the first.
_SHORTEST, _INSTANT = 10, 100
_CONTAINER_TAGS = frozenset(
    (
        *("major_brand", "minor_version", "compatible_brands", "encoder"),
        *("language", "handler_name", "vendor_id", "duration", "alpha_mode"),
    )
)
#: ITU-R BT.709 in FFmpeg's numbers, and levels from 16 to 235.
_HD, _STUDIO = 1, 1


@dataclass(frozen=True, slots=True)
class Colours:
    """How the numbers of a frame are to be read, as FFmpeg numbers it; 2 (0 for the range) is unknown."""

    space: int = _HD
    primaries: int = _HD
    transfer: int = _HD
    range: int = _STUDIO


class Source(Protocol):
    """Something that can be encoded as often as it takes.

    Attributes:
        time_base: seconds of a tick, in which frames have their times.
        end: when the last frame ends, in ticks.
        layout: of the sound, ``mono`` or ``stereo``.
        tags: what was written to the file.
    """

    clip: Clip
    colours: Colours
    time_base: Fraction
    layout: str
    end: int
    tags: Mapping[str, str]

    def frames(self) -> Iterator[VideoFrame | AudioFrame]:
        """Pictures and sound, each in the order of its times."""
        ...


def own_tags(container: InputContainer, stream: Stream) -> dict[str, str]:
    """What was written to a file (an Ogg has it with the stream), without what its container says of itself."""
    found = {**stream.metadata, **container.metadata}
    return {name: text for name, text in found.items() if name.lower() not in _CONTAINER_TAGS}


def readable(streams: Iterable[StreamT]) -> StreamT | None:
    """The first one that is of a kind that can be decoded."""
    return next((stream for stream in streams if stream.codec_context is not None), None)


def layout_of(sound: AudioStream | None) -> str:
    """What a sound is encoded as."""
    return "mono" if sound is not None and sound.channels == 1 else "stereo"


@contextmanager
def reading(path: Path) -> Iterator[InputContainer]:
    """A file that is read by PyAV and reads nothing else.

    Raises:
        av.FFmpegError: it is nothing that PyAV knows.
    """
    import av

    options = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
    with av.open(f"file:{path}", container_options=options, metadata_errors="replace") as container:
        yield container


class Video:
    """A video, and the first of its sounds; raises as `reading`, and ValueError where there is no picture."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with reading(path) as container:
            stream, sound = _streams(container)
            context = stream.codec_context
            self.time_base = stream.time_base or _MILLISECOND
            self.tags: Mapping[str, str] = own_tags(container, stream)
            self.colours = Colours(context.colorspace, context.color_primaries, context.color_trc, context.color_range)
            if context.format is not None and context.format.is_rgb:
                self.colours = Colours()
            self.layout = layout_of(sound)
            times = [(p.pts, p.duration or 0) for p in container.demux(stream) if p.pts is not None]
        if not times or not context.width or not context.height:
            raise ValueError("there is no picture in the video")
        _check_pixels(context.width, context.height)
        first = min(pts for pts, _ in times)
        self.end = max(pts + duration for pts, duration in times)
        duration = float((self.end - first) * self.time_base) or len(times) / 25
        starts = sorted(pts for pts, _ in times)
        steady = _steady([later - earlier for earlier, later in itertools.pairwise(starts)])
        self.clip = Clip(context.width, context.height, duration, len(times), sound is not None, steady)

    def frames(self) -> Iterator[VideoFrame | AudioFrame]:
        with reading(self._path) as container:
            stream, sound = _streams(container)
            stream.thread_type = "AUTO"
            yield from container.decode(*(stream, sound) if sound else (stream,))  # type: ignore[misc] - no subtitles are asked for


def _streams(container: InputContainer) -> tuple[VideoStream, AudioStream | None]:
    if (picture := readable(container.streams.video)) is None:
        raise ValueError("there is no picture in the video")
    return picture, readable(container.streams.audio)


class Animation:
    """A GIF, PNG or WebP that moves, on white where something shows through; raises as `opened`."""

    layout = "stereo"
    time_base = _MILLISECOND
    colours = Colours()

    def __init__(self, path: Path) -> None:
        self._path = path
        self.tags: Mapping[str, str] = {}
        with opened(path) as image:
            _check_pixels(*image.size)
            times = [milliseconds for _, milliseconds in _timed(image)]
            self.end = sum(times)
            self.clip = Clip(*image.size, duration=self.end / 1000, frames=len(times), steady=_steady(times))

    def frames(self) -> Iterator[VideoFrame]:
        from av import VideoFrame

        at = 0
        with opened(self._path) as image:
            for picture, milliseconds in _timed(image):
                frame = VideoFrame.from_image(_on_white(picture))
                frame.pts, frame.time_base = at, self.time_base
                yield frame
                at += milliseconds


def _timed(image: Image.Image) -> Iterator[tuple[Image.Image, int]]:
    """The frames of an animation, and for how many milliseconds each is shown."""
    from PIL import ImageSequence

    for frame in ImageSequence.Iterator(image):
        frame.load()  # a WebP's frame has its time only then
        milliseconds = round(frame.info.get("duration") or 0)
        yield frame, milliseconds if milliseconds > _SHORTEST else _INSTANT


def _on_white(picture: Image.Image) -> Image.Image:
    from PIL import Image

    pixels = Image.new("RGBA", picture.size, "white")
    pixels.alpha_composite(picture.convert("RGBA"))
    return pixels.convert("RGB")


def _check_pixels(width: int, height: int) -> None:
    if width * height > _MAX_PIXELS:
        raise ValueError(f"frames of {width} × {height} pixels are too large")


def _steady(gaps: Sequence[int]) -> bool:
    return not gaps or max(gaps) <= 1.5 * sorted(gaps)[len(gaps) // 2]
