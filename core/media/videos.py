"""Videos and animations → MP4 under a size limit: H.264 and AAC, which every client of Discord plays."""

from __future__ import annotations

import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from core.media.budget import Plan, plan
from core.media.clips import Animation, Source, Video
from core.media.muxing import Target, TooLarge, add_sound

if TYPE_CHECKING:
    from av import Packet, VideoFrame, VideoStream
    from av.container import OutputContainer

#: Pixels of all frames together from which on speed counts for more than some percent of the size.
_MANY_PIXELS = 10**9
#: x264 reckons with the times of frames, and the rate is only its first guess; FFmpeg wants it in small numbers.
_MOST_DENOMINATOR = 1001


def encode_video(path: Path, target: Target, *, moving: bool) -> bool | None:
    """Write a video of at most ``target.limit`` bytes; it has its frames at their times, and its sound.

    Args:
        moving: the file is an animation, else a video.

    Returns:
        Whether it has fewer pixels than before; None when it cannot be had that small.

    Raises:
        av.FFmpegError, ValueError, OSError: it is no video, is damaged, or the disk does not take it.
        CalledOff: it was to end, or takes too long.
    """
    source = Animation(path) if moving else Video(path)

    def attempt(size: int) -> bool | None:
        if (chosen := plan(source.clip, size)) is None:
            return None
        _write(source, chosen, target)
        return chosen.width * chosen.height < 0.99 * source.clip.width * source.clip.height

    return target.insist(attempt)


def _write(source: Source, chosen: Plan, target: Target) -> None:
    from av import VideoFrame

    with target.open(source.tags) as out:
        video = _video(out, source, chosen)
        sound = add_sound(out, chosen.sound, source.layout) if chosen.sound else None
        written, last, seconds = 0, None, 0.0
        for frame in source.frames():
            target.check()
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
            if written > target.limit:
                raise TooLarge(written * max(1.0, source.clip.duration / max(seconds, 0.1)))
        out.mux(_ending(video.encode(None), source))
        if sound is not None:
            out.mux(sound.encode(None))
    target.check_size()


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
