"""Moving pictures and sounds → MP4 under a size limit: H.264 and AAC, which every client of Discord plays."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from core.media.budget import Plan, plan, sound_rate
from core.media.clips import Animation, Source, Video, own_tags, reading

if TYPE_CHECKING:
    from av import AudioStream, Packet, VideoFrame, VideoStream
    from av.container import OutputContainer

_ATTEMPTS = 6
#: What is aimed at, in proportion to what would have fitted, after an attempt that came out too large.
_AIM = 0.95
_TAGS_SHARE = 8
#: Pixels of all frames together from which on speed counts for more than some percent of the size.
_MANY_PIXELS = 10**9
#: Seconds after which nobody waits any more.
_PATIENCE = 900.0
_SOUND_HERTZ = 48_000
#: x264 reckons with times of frames, and the rate is only its first guess; FFmpeg wants it in small numbers.
_MOST_DENOMINATOR = 1001


class _TooLarge(Exception):
    """An attempt was given up; ``size`` is what it would have come to, in bytes."""

    def __init__(self, size: float) -> None:
        super().__init__()
        self.size = size


class CalledOff(Exception):
    """Nobody waits for it any more."""


@dataclass(frozen=True, slots=True)
class Job:
    """What all attempts have in common.

    Attributes:
        target: the file to write.
        limit: the most bytes that it may have.
        keep: what was written to the source, prompt and graph included, goes with it when there is room.
        stop: set from outside to have it end early.
        until: when it ends of itself, by `time.monotonic`.
    """

    target: Path
    limit: int
    keep: bool
    stop: Event
    until: float

    def check(self) -> None:
        """Raise `CalledOff` when it is to end."""
        if self.stop.is_set() or time.monotonic() > self.until:
            raise CalledOff


def encode_video(path: Path, target: Path, limit: int, *, moving: bool, keep: bool, stop: Event) -> bool | None:
    """Write a video of at most ``limit`` bytes to ``target``; it has its frames at their times, and its sound.

    Args:
        moving: the file is an animation, else a video.
        keep: what was written to the file, prompt and graph included, goes with it when there is room.
        stop: set from outside to have it end early.

    Returns:
        Whether it has fewer pixels than before; None when it cannot be had that small.

    Raises:
        av.FFmpegError, ValueError, OSError: it is no video, is damaged, or the disk does not take it.
        CalledOff: it was to end, or takes too long.
    """
    source = Animation(path) if moving else Video(path)
    job = Job(target, limit, keep, stop, time.monotonic() + _PATIENCE)
    aim = float(limit)
    for _ in range(_ATTEMPTS):
        if (chosen := plan(source.clip, int(aim))) is None:
            return None
        try:
            _write(source, chosen, job)
        except _TooLarge as exc:
            aim *= _AIM * limit / exc.size
            continue
        return chosen.width * chosen.height < 0.99 * source.clip.width * source.clip.height
    return None


def _write(source: Source, chosen: Plan, job: Job) -> None:
    from av import VideoFrame

    tags = _fitting(source.tags, job)
    with _writing(job.target, tags) as out:
        video = _video(out, source, chosen)
        sound = _sound(out, chosen.sound, source.layout) if chosen.sound else None
        written, last, seconds = 0, None, 0.0
        for frame in source.frames():
            job.check()
            if isinstance(frame, VideoFrame):
                if (fitted := _fitted(frame, source, chosen, last)) is None:
                    continue
                last = fitted.pts
                seconds = max(seconds, float((last or 0) * source.time_base))
                packets = _ending(video.encode(fitted), source)
            elif sound is not None:
                packets = sound.encode(frame)
            else:
                continue
            written += sum(packet.size for packet in packets)
            out.mux(packets)
            if written > job.limit:
                raise _TooLarge(written * max(1.0, source.clip.duration / max(seconds, 0.1)))
        out.mux(_ending(video.encode(None), source))
        if sound is not None:
            out.mux(sound.encode(None))
    _check_size(job)


def _fitted(frame: VideoFrame, source: Source, chosen: Plan, last: int | None) -> VideoFrame | None:
    """The frame as it is encoded; None for one that is not later than the one before."""
    pts = frame.pts
    if pts is None or (last is not None and pts <= last):
        return None
    colourful = "ITU709" if frame.format.is_rgb else None
    fitted = frame.reformat(chosen.width, chosen.height, "yuv420p", dst_colorspace=colourful, interpolation="AREA")
    fitted.pts, fitted.time_base, fitted.pict_type = pts, source.time_base, 0
    return fitted


def _ending(packets: Sequence[Packet], source: Source) -> Sequence[Packet]:
    """The packets; where times differ each lasts to the end, of which MP4 believes the last one."""
    if not source.clip.steady:
        for packet in packets:
            packet.duration = source.end - (packet.pts or 0)
    return packets


def _writing(target: Path, tags: Mapping[str, str]) -> OutputContainer:
    import av

    flags = "+faststart+use_metadata_tags" if tags else "+faststart"
    out = av.open(f"file:{target}", "w", format="mp4", options={"movflags": flags, "fflags": "+bitexact"})
    out.metadata.update(tags)
    return out


def _video(out: OutputContainer, source: Source, chosen: Plan) -> VideoStream:
    clip, colours = source.clip, source.colours
    many = clip.frames * chosen.width * chosen.height > _MANY_PIXELS
    options = {
        "preset": "veryfast" if many else "medium",
        "maxrate": str(2 * chosen.video),
        "bufsize": str(4 * chosen.video),
    }
    if not clip.steady:
        options["bf"] = "0"  # MP4 takes the times of decoding for the length, and would lose the end
    rate = Fraction(clip.frames / clip.duration).limit_denominator(_MOST_DENOMINATOR)
    stream = out.add_stream("libx264", rate=max(rate, Fraction(1, _MOST_DENOMINATOR)), options=options)
    stream.width, stream.height, stream.pix_fmt = chosen.width, chosen.height, "yuv420p"
    context = stream.codec_context
    context.bit_rate, context.time_base = chosen.video, source.time_base
    context.thread_count = max(1, (os.cpu_count() or 2) // 2)
    context.colorspace, context.color_range = colours.space, colours.range
    context.color_primaries, context.color_trc = colours.primaries, colours.transfer
    return stream


def _sound(out: OutputContainer, rate: int, layout: str) -> AudioStream:
    return out.add_stream("aac", rate=_SOUND_HERTZ, layout=layout, bit_rate=rate)


def encode_sound(path: Path, target: Path, limit: int, *, keep: bool, stop: Event) -> bool:
    """Write a sound of at most ``limit`` bytes to ``target``, as AAC in MP4 (.m4a).

    Returns:
        False when it cannot be had that small.

    Raises:
        av.FFmpegError, ValueError, OSError: it is no sound, is damaged, or the disk does not take it.
        CalledOff: it was to end, or takes too long.
    """
    job = Job(target, limit, keep, stop, time.monotonic() + _PATIENCE)
    duration, layout, tags = _heard(path)
    aim = float(limit)
    for _ in range(_ATTEMPTS):
        if (rate := sound_rate(duration, int(aim))) is None:
            return False
        try:
            _write_sound(path, rate, layout, _fitting(tags, job), job)
        except _TooLarge as exc:
            aim *= _AIM * limit / exc.size
            continue
        return True
    return False


def _heard(path: Path) -> tuple[float, str, dict[str, str]]:
    """Seconds, layout and tags of a sound."""
    with reading(path) as container:
        if not container.streams.audio:
            raise ValueError("there is nothing to hear in the sound")
        stream = container.streams.audio[0]
        layout, tags = "mono" if stream.channels == 1 else "stereo", own_tags(container, stream)
        times = [(p.pts, p.duration or 0) for p in container.demux(stream) if p.pts is not None]
    if not times or stream.time_base is None:
        raise ValueError("there is nothing to hear in the sound")
    ticks = max(pts + duration for pts, duration in times) - min(pts for pts, _ in times)
    return max(0.01, float(ticks * stream.time_base)), layout, tags


def _write_sound(path: Path, rate: int, layout: str, tags: Mapping[str, str], job: Job) -> None:
    with _writing(job.target, tags) as out, reading(path) as container:
        sound = _sound(out, rate, layout)
        for frame in container.decode(container.streams.audio[0]):
            job.check()
            out.mux(sound.encode(frame))
        out.mux(sound.encode(None))
    _check_size(job)


def _check_size(job: Job) -> None:
    if (size := job.target.stat().st_size) > job.limit:
        raise _TooLarge(size)


def _fitting(tags: Mapping[str, str], job: Job) -> Mapping[str, str]:
    """The tags, if they are wanted and leave room for what they are about."""
    size = sum(len(f"{key}{value}".encode()) for key, value in tags.items())
    return tags if job.keep and size <= job.limit // _TAGS_SHARE else {}
