"""Sounds: a quiet tune that answers to the request, silence, or the file that went in. They need PyAV."""

from __future__ import annotations

import math
import random
from array import array
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .recipes import NodeError, Recipe

if TYPE_CHECKING:
    import av.container

_RATE = 16000
_USUAL_SECONDS = 10.0
_MOST_SECONDS = 600.0
_BEAT = 0.42
_BARS = 8
_SCALES = {"minor": (0, 3, 5, 7, 10), "major": (0, 2, 4, 7, 9)}
_SAD = ("sad", "dark", "night", "slow", "melancholic", "minor", "rain", "ambient")
_ROOTS = (0, -3, -5, -7)
_CODECS = {"flac": ("flac", "flac", 44100), "mp3": ("mp3", "libmp3lame", 44100), "opus": ("ogg", "libopus", 48000)}
_BLOCK = 4096


def sound(recipe: Recipe, extension: str, notice: str) -> bytes:
    """A file of sound whose comment is `notice`. Raises `NodeError` where PyAV is not installed."""
    try:
        import av
    except ImportError:
        raise NodeError("The demo server needs PyAV for this: install discomfy[video].", "ImportError") from None
    container_format, codec, rate = _CODECS[extension]
    buffer = BytesIO()
    with av.open(buffer, "w", format=container_format) as container:
        container.metadata["comment"] = notice
        write(container, add_track(container, codec, rate), samples(recipe))
    return buffer.getvalue()


def add_track(container: av.container.OutputContainer, codec: str, rate: int) -> Any:
    """A track for sound; before anything is written."""
    return container.add_stream(codec, rate=rate, layout="mono")


def write(container: av.container.OutputContainer, track: Any, waves: bytes) -> None:
    """Write samples to a track."""
    import av

    for start in range(0, len(waves), _BLOCK * 2):
        block = waves[start : start + _BLOCK * 2]
        frame = av.AudioFrame("s16", "mono", len(block) // 2)
        frame.planes[0].update(block)
        frame.sample_rate = _RATE
        frame.pts = start // 2
        container.mux(track.encode(frame))
    container.mux(track.encode(None))


def samples(recipe: Recipe) -> bytes:
    """16 bit samples, mono, 16,000 a second."""
    if recipe.audio is not None:
        return _read(recipe.audio)
    seconds = min(_MOST_SECONDS, _USUAL_SECONDS if recipe.seconds is None else recipe.seconds)
    length = 2 * max(1, round(seconds * _RATE))
    if not recipe.sampled:
        return bytes(length)
    tune = _tune(recipe, seconds)
    return (tune * (length // len(tune) + 1))[:length]


def _tune(recipe: Recipe, seconds: float) -> bytes:
    """Eight bars at most: chords below, and a melody by chance above them."""
    chance = random.Random(f"{recipe.seed}/{recipe.prompt}/{recipe.negative}")
    words = recipe.prompt.lower().split()
    scale = _SCALES["minor" if any(word.strip(",.") in _SAD for word in words) else "major"]
    key = chance.randint(-5, 6)
    beat = round(_BEAT * chance.uniform(0.85, 1.2) * _RATE)
    bars = min(_BARS, math.ceil(seconds * _RATE / (beat * 4)))
    mixed = [0.0] * (beat * 4 * bars)
    step = chance.randint(0, 4)
    for bar in range(bars):
        root = _ROOTS[bar % len(_ROOTS)]
        played: list[tuple[float, int, float]] = [(bar * 4, key + root - 12 + part, 0.5) for part in (0, 7, 12)]
        for place in range(8):
            step = max(-2, min(8, step + chance.choice((-2, -1, -1, 1, 1, 2))))
            if chance.random() < 0.7:
                octave, degree = divmod(step, len(scale))
                played.append((bar * 4 + place / 2, key + 12 * octave + scale[degree], 0.8))
        for at, pitch, loud in played:
            note = _note(pitch, beat * 2)
            start = round(at * beat)
            end = min(len(mixed), start + len(note))
            mixed[start:end] = [a + loud * b for a, b in zip(mixed[start:end], note, strict=False)]
    peak = max(1.0, *map(abs, mixed)) / 20_000
    return array("h", [round(level / peak) for level in mixed]).tobytes()


@lru_cache(maxsize=64)
def _note(pitch: int, length: int) -> list[float]:
    """One note, struck and fading; `pitch` in half tones from the A of 220 Hz. Two bells that ring by themselves."""
    turn = 2 * math.pi * 220 * 2 ** (pitch / 12) / _RATE
    fading = math.exp(-3.5 / length)
    pull, bright_pull, damp = 2 * fading * math.cos(turn), 2 * fading * math.cos(2 * turn), fading * fading
    now, before = math.sin(turn), 0.0
    bright, bright_before = 0.3 * math.sin(2 * turn), 0.0
    ringing: list[float] = []
    for _ in range(length):
        ringing.append(before + bright_before)
        now, before = pull * now - damp * before, now
        bright, bright_before = bright_pull * bright - damp * bright_before, bright
    rise = _RATE // 100
    for at in range(min(rise, length)):
        ringing[at] *= at / rise
        ringing[-1 - at] *= at / rise
    return ringing


def _read(path: Path) -> bytes:
    """What is in a file of sound. Raises `NodeError` when it is none."""
    import av

    resampler = av.AudioResampler("s16", "mono", _RATE)
    waves = bytearray()
    try:
        with av.open(str(path)) as container:
            for frame in container.decode(audio=0):
                for part in resampler.resample(frame):
                    waves += bytes(part.planes[0])[: part.samples * 2]
    except (av.FFmpegError, IndexError) as exc:  # pyright: ignore[reportPrivateImportUsage]
        raise NodeError(f"cannot read audio file '{path.name}'", "InvalidDataError") from exc
    if not waves:
        raise NodeError(f"cannot read audio file '{path.name}'", "InvalidDataError")
    return bytes(waves[: round(_MOST_SECONDS * _RATE) * 2])
