"""A result's file → what of it can be posted: under the limit, and without its notes where it is set so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from threading import Event

from core.comfyui.outputs import MediaKind
from core.media.fit import fit_image
from core.media.muxing import CalledOff, Target
from core.media.picture import moves
from core.media.remux import remux
from core.media.setting import EXTRA, can_encode_video
from core.media.sounds import encode_sound
from core.media.strip import bare_picture, holds_graph
from core.media.videos import encode_video

_PICTURES = (MediaKind.IMAGE, MediaKind.ANIMATION)
_CONTAINERS = (MediaKind.VIDEO, MediaKind.AUDIO)


class Change(StrEnum):
    """What had to be done to a file for it to fit."""

    NONE = "none"
    COMPRESSED = "compressed"
    SCALED = "scaled"


class Reason(StrEnum):
    """Why a file cannot be posted."""

    TOO_LARGE = "too_large"
    GONE = "gone"
    NOTES = "notes"


@dataclass(frozen=True, slots=True)
class Ready:
    """A file that may be posted; ``size`` is in bytes."""

    path: Path
    extension: str
    size: int
    change: Change = Change.NONE


class NotPosted(Exception):
    """A file that is left out; ``detail`` is for the log."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Posting:
    """One file on its way to be posted. Its methods read and write files: call them in a thread.

    Attributes:
        path: the original; it is not touched.
        limit: the most bytes that may be posted.
        keep: what was written to the file, prompt and graph included, may be posted with it.
        folder: makes the folder for what is made of it.
    """

    path: Path
    kind: MediaKind
    limit: int
    keep: bool
    folder: Callable[[], Path]

    def whole(self) -> Ready | None:
        """The file as it is, or as it is but for its notes: quick. None when it has to be encoded anew.

        Raises:
            NotPosted: it is not to be had, or not without its notes.
        """
        try:
            size = self.path.stat().st_size
            return self._whole(size) if size <= self.limit else None
        except OSError as exc:
            raise NotPosted(Reason.GONE, repr(exc)) from exc

    def fitted(self, stop: Event) -> Ready:
        """The file encoded anew: seconds, or minutes for a video; ``stop`` is set from outside to have it end early.

        Raises:
            NotPosted: nothing that may be posted comes of it.
        """
        try:
            too_large = self.path.stat().st_size > self.limit
        except OSError as exc:
            raise NotPosted(Reason.GONE, repr(exc)) from exc
        reason = Reason.TOO_LARGE if too_large else Reason.NOTES
        try:
            return self._fitted(reason, stop)
        except CalledOff as exc:
            raise NotPosted(reason, "encoding took too long, or was called off") from exc

    def _whole(self, size: int) -> Ready | None:
        extension = self.path.suffix.lower()
        as_it_is = Ready(self.path, extension, size)
        if self.keep or self.kind is MediaKind.TEXT:
            return as_it_is
        if self.kind in _PICTURES:
            try:
                data = bare_picture(self.path.read_bytes())
            except ValueError:
                return None
            return self._made(data, extension, Reason.NOTES) if len(data) <= self.limit else None
        if self.kind in _CONTAINERS:
            return self._remuxed(extension)
        if holds_graph(self.path):
            raise NotPosted(Reason.NOTES, "a graph is in the file, and cannot be taken out")
        return as_it_is

    def _remuxed(self, extension: str) -> Ready | None:
        if not can_encode_video():
            raise NotPosted(Reason.NOTES, f"its tags cannot be taken out without PyAV: {EXTRA}")
        try:
            target = self._target(extension)
            remux(self.path, target)
        except _av_failures():
            return None
        size = target.stat().st_size
        return Ready(target, extension, size) if size <= self.limit else None

    def _fitted(self, reason: Reason, stop: Event) -> Ready:
        moving = self.kind in _PICTURES and moves(self.path)
        if self.kind in _PICTURES and not moving:
            return self._picture(reason, stop)
        if not moving and self.kind not in _CONTAINERS:
            raise NotPosted(reason, "nothing can be made smaller of it")
        if not can_encode_video():
            raise NotPosted(reason, f"videos and sounds cannot be made smaller without PyAV: {EXTRA}")
        try:
            if self.kind is MediaKind.AUDIO:
                return self._sound(reason, stop)
            return self._video(reason, stop, moving=moving)
        except _av_failures() as exc:
            raise NotPosted(reason, repr(exc)) from exc

    def _picture(self, reason: Reason, stop: Event) -> Ready:
        fitted = fit_image(self.path, self.limit, keep=self.keep, stop=stop)
        if fitted is None:
            raise NotPosted(reason, "no picture that can be read, or none that can be made smaller")
        compressed = Change.COMPRESSED if reason is Reason.TOO_LARGE else Change.NONE
        change = Change.SCALED if fitted.smaller else compressed
        return self._made(fitted.data, fitted.extension, reason, change)

    def _video(self, reason: Reason, stop: Event, *, moving: bool) -> Ready:
        target = Target(self._target(".mp4"), self.limit, self.keep, stop)
        if (smaller := encode_video(self.path, target, moving=moving)) is None:
            raise NotPosted(reason, "there are too many seconds for the limit")
        change = Change.SCALED if smaller else Change.COMPRESSED
        return Ready(target.path, ".mp4", target.path.stat().st_size, change)

    def _sound(self, reason: Reason, stop: Event) -> Ready:
        target = Target(self._target(".m4a"), self.limit, self.keep, stop)
        if not encode_sound(self.path, target):
            raise NotPosted(reason, "there are too many seconds for the limit")
        return Ready(target.path, ".m4a", target.path.stat().st_size, Change.COMPRESSED)

    def _made(self, data: bytes, extension: str, reason: Reason, change: Change = Change.NONE) -> Ready:
        try:
            target = self._target(extension)
            target.write_bytes(data)
        except OSError as exc:
            raise NotPosted(reason, repr(exc)) from exc
        return Ready(target, extension, len(data), change)

    def _target(self, extension: str) -> Path:
        return self.folder() / f"{self.path.name}{extension}"


def _av_failures() -> tuple[type[Exception], ...]:
    """What comes of files that are damaged, and of a disk that is full."""
    from av.error import FFmpegError

    return FFmpegError, OSError, ValueError, MemoryError
