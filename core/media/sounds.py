"""Sounds → AAC in MP4 (.m4a) under a size limit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from core.media.budget import sound_rate
from core.media.clips import layout_of, own_tags, readable, reading
from core.media.muxing import Target, add_sound


def encode_sound(path: Path, target: Target) -> bool:
    """Write a sound of at most ``target.limit`` bytes.

    Returns:
        False when it cannot be had that small.

    Raises:
        av.FFmpegError, ValueError, OSError: it is no sound, is damaged, or the disk does not take it.
        CalledOff: it was to end, or takes too long.
    """
    duration, layout, tags = _heard(path)

    def attempt(size: int) -> bool:
        if (rate := sound_rate(duration, size)) is None:
            return False
        _write(path, target, rate, layout, tags)
        return True

    return target.insist(attempt) or False


def _heard(path: Path) -> tuple[float, str, dict[str, str]]:
    """Seconds, layout and tags of a sound."""
    with reading(path) as container:
        if (stream := readable(container.streams.audio)) is None:
            raise ValueError("there is nothing to hear in the sound")
        layout, tags = layout_of(stream), own_tags(container, stream)
        times = [(p.pts, p.duration or 0) for p in container.demux(stream) if p.pts is not None]
    if not times or stream.time_base is None:
        raise ValueError("there is nothing to hear in the sound")
    ticks = max(pts + duration for pts, duration in times) - min(pts for pts, _ in times)
    return max(0.01, float(ticks * stream.time_base)), layout, tags


def _write(path: Path, target: Target, rate: int, layout: str, tags: Mapping[str, str]) -> None:
    with target.open(tags) as out, reading(path) as container:
        sound, stream = add_sound(out, rate, layout), readable(container.streams.audio)
        if stream is None:
            raise ValueError("there is nothing to hear in the sound")
        for packet in container.demux(stream):
            target.check()
            for frame in packet.decode():
                out.mux(sound.encode(frame))
        out.mux(sound.encode(None))
    target.check_size()
