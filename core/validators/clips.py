"""Videos and sounds that users send: opened, and begun to be decoded, where PyAV is installed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.exceptions import ValidationError
from core.validators.image import VALIDATORS
from utils.language import phrase

if TYPE_CHECKING:
    from av.container import InputContainer

#: FFmpeg is told what to read the file as: left to itself it also follows lists of other files and addresses.
_DEMUXERS = {"mp4": "mov", "mov": "mov", "m4a": "mov", "webm": "matroska", "mkv": "matroska"}
#: Bytes and microseconds that are looked at before it is known what is inside.
_OPTIONS = {"probesize": "5000000", "analyzeduration": "5000000"}


def check_clip(kind: str, path: Path, extension: str, *, max_megapixels: float) -> None:
    """Decode the first frame, or the first sounds. Without PyAV the first bytes must do, and they were looked at.

    Args:
        kind: videos or audios.
        extension: what its first bytes say that it is.

    Raises:
        ValidationError: there is no video or sound in it, it is damaged, or its frames are too large.
    """
    try:
        import av
        from av.error import FFmpegError
    except ImportError:
        return
    demuxer = _DEMUXERS.get(extension, extension)
    try:
        with av.open(str(path), format=demuxer, options=_OPTIONS, metadata_errors="replace") as container:
            _begin(kind, container, max_megapixels)
    except (FFmpegError, StopIteration, ValueError, MemoryError) as exc:
        raise ValidationError(VALIDATORS[kind].words.damaged, kind, detail=repr(exc)) from exc


def _begin(kind: str, container: InputContainer, max_megapixels: float) -> None:
    streams = container.streams
    if not streams.video and not streams.audio:
        raise ValueError("neither picture nor sound")
    if not (streams.video if kind == "videos" else streams.audio):
        raise ValidationError(VALIDATORS[kind]().stranger, kind)
    if kind == "audios":
        next(container.decode(streams.audio[0]))
        return
    frame = streams.video[0].codec_context
    if frame.width * frame.height > max_megapixels * 1_000_000:
        raise ValidationError(
            phrase(
                "The video has {width} × {height} pixels: send one of at most {most} million.",
                width=frame.width,
                height=frame.height,
                most=max_megapixels,
            ),
            kind,
        )
    next(container.decode(streams.video[0]))
