"""What videos and sounds have in common when they are written under a size limit."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from av import AudioStream
    from av.container import OutputContainer

T = TypeVar("T")

_ATTEMPTS = 6
#: What is aimed at, in proportion to what would have fitted, after an attempt that came out too large.
_AIM = 0.95
_TAGS_SHARE = 8
#: Seconds after which nobody waits any more.
_PATIENCE = 900.0
_HERTZ = 48_000


class TooLarge(Exception):
    """An attempt was given up; ``size`` is what it would have come to, in bytes."""

    def __init__(self, size: float) -> None:
        super().__init__()
        self.size = size


class CalledOff(Exception):
    """Nobody waits for it any more."""


@dataclass(frozen=True, slots=True)
class Target:
    """A file that is to be written.

    Attributes:
        path: where.
        limit: the most bytes that it may have.
        keep: what was written to the source, prompt and graph included, goes with it when there is room.
        stop: set from outside to have it end early.
        until: when it ends of itself, by `time.monotonic`.
    """

    path: Path
    limit: int
    keep: bool
    stop: Event
    until: float = field(default_factory=lambda: time.monotonic() + _PATIENCE)

    def check(self) -> None:
        """Raise `CalledOff` when it is to end."""
        if self.stop.is_set() or time.monotonic() > self.until:
            raise CalledOff

    def check_size(self) -> None:
        """Raise `TooLarge` when what was written is."""
        if (size := self.path.stat().st_size) > self.limit:
            raise TooLarge(size)

    def insist(self, attempt: Callable[[int], T]) -> T | None:
        """What ``attempt`` makes of the most bytes that do not come out too large; None when none do."""
        aim = float(self.limit)
        for _ in range(_ATTEMPTS):
            try:
                return attempt(int(aim))
            except TooLarge as exc:
                aim *= _AIM * self.limit / exc.size
        return None

    def open(self, tags: Mapping[str, str]) -> OutputContainer:
        """An MP4 that begins with its index; ``tags`` are written to it if they leave room for what they are about."""
        import av

        size = sum(len(f"{name}{text}".encode()) for name, text in tags.items())
        kept = tags if self.keep and size <= self.limit // _TAGS_SHARE else {}
        flags = "+faststart+use_metadata_tags" if kept else "+faststart"
        out = av.open(f"file:{self.path}", "w", format="mp4", options={"movflags": flags, "fflags": "+bitexact"})
        out.metadata.update(kept)
        return out


def add_sound(out: OutputContainer, rate: int, layout: str) -> AudioStream:
    """A sound of ``rate`` bits a second."""
    return out.add_stream("aac", rate=_HERTZ, layout=layout, bit_rate=rate)
