"""How many bits a second, and how many pixels, a video may have to fit under a size."""

from __future__ import annotations

import math
from dataclasses import dataclass

#: H.264 at level 5.1, which about everything plays.
_MAX_PIXELS = 3840 * 2160
_LEAST_SIDE = 64
#: Bits a pixel: with less, fewer pixels look better; more than the other cannot be seen.
_FEWEST_BITS, _MOST_BITS = 0.035, 0.35
#: With fewer frames a second, each is a picture of its own and takes the more bits.
_FEWEST_FRAMES = 12
_MOST_SOUND, _LEAST_SOUND, _SOUND_SHARE = 128_000, 24_000, 0.12
_LEAST_VIDEO = 12_000
#: What the file's index takes: bytes for each frame and packet of sound, and for itself. AAC has 1024 samples a packet.
_FRAME_BYTES, _FILE_BYTES, _SOUND_PACKETS = 18, 3_000, 48_000 / 1024


@dataclass(frozen=True, slots=True)
class Clip:
    """Moving pictures, as far as their size goes.

    Attributes:
        width, height: pixels.
        duration: seconds, more than 0.
        frames: how many there are, at least 1.
        sound: whether there is any.
        steady: whether each frame is shown for about as long as the others.
    """

    width: int
    height: int
    duration: float
    frames: int
    sound: bool = False
    steady: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """Bits a second for picture and sound, and pixels; both sides are even."""

    video: int
    sound: int
    width: int
    height: int


def plan(clip: Clip, size: int) -> Plan | None:
    """How to encode the clip in about ``size`` bytes; None where nothing worth looking at would come of it."""
    packets = clip.frames + (clip.duration * _SOUND_PACKETS if clip.sound else 0)
    rate = 8 * (size - _FILE_BYTES - _FRAME_BYTES * packets) / clip.duration
    sound = int(max(_LEAST_SOUND, min(_MOST_SOUND, rate * _SOUND_SHARE))) if clip.sound else 0
    if rate - sound < _LEAST_VIDEO:
        return None
    a_second = max(_FEWEST_FRAMES, clip.frames / clip.duration)
    pixels = clip.width * clip.height
    video = min(rate - sound, max(_LEAST_VIDEO, pixels * a_second * _MOST_BITS))
    scale = math.sqrt(min(1.0, _MAX_PIXELS / pixels, video / (a_second * _FEWEST_BITS * pixels)))
    scale = max(scale, min(1.0, _LEAST_SIDE / max(clip.width, clip.height)))
    return Plan(int(video), sound, _even(clip.width * scale), _even(clip.height * scale))


def sound_rate(duration: float, size: int) -> int | None:
    """Bits a second for a sound of so many seconds in about ``size`` bytes; None where that would be noise."""
    rate = 8 * (size - _FILE_BYTES - _FRAME_BYTES * duration * _SOUND_PACKETS) / duration
    return int(min(rate, 2 * _MOST_SOUND)) if rate >= _LEAST_SOUND else None


def _even(side: float) -> int:
    return max(2, 2 * round(side / 2))
