"""Videos and sounds without what was written to their containers; what is seen and heard is copied as it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.media.clips import reading

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer
    from av.stream import Stream

#: Extension → FFmpeg's muxer, and what it is told.
_MUXERS: dict[str, tuple[str, dict[str, str]]] = {
    ".mp4": ("mp4", {"movflags": "+faststart"}),
    ".m4v": ("mp4", {"movflags": "+faststart"}),
    ".mov": ("mov", {"movflags": "+faststart"}),
    ".m4a": ("ipod", {"movflags": "+faststart"}),
    ".webm": ("webm", {}),
    ".mkv": ("matroska", {}),
    ".avi": ("avi", {}),
    ".flac": ("flac", {}),
    ".mp3": ("mp3", {}),
    ".ogg": ("ogg", {}),
    ".opus": ("opus", {}),
    ".wav": ("wav", {}),
}
#: Says that a WebM has transparency; it belongs to the picture.
_KEPT_TAG = "alpha_mode"


def remux(path: Path, target: Path) -> None:
    """Write the file at ``path`` to ``target``, whose extension is the same, without tags, covers and attachments.

    Raises:
        av.FFmpegError, ValueError, OSError: it cannot be done, is damaged, or the disk does not take it.
    """
    import av

    if (muxer := _MUXERS.get(target.suffix)) is None:
        raise ValueError("a container that cannot be written")
    options = {"fflags": "+bitexact", **muxer[1]}
    with reading(path) as source, av.open(f"file:{target}", "w", format=muxer[0], options=options) as out:
        streams = {stream.index: _copied(out, stream) for stream in _seen_and_heard(source)}
        if not streams:
            raise ValueError("there is nothing to see or to hear")
        for packet in source.demux([source.streams[index] for index in streams]):
            if packet.size and packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                out.mux(packet)


def _seen_and_heard(source: InputContainer) -> list[Stream]:
    """Pictures, sounds and subtitles; a cover is a picture of its own, with notes of its own."""
    from av.stream import Disposition

    kinds = ("video", "audio", "subtitle")
    return [s for s in source.streams if s.type in kinds and not s.disposition & Disposition.attached_pic]


def _copied(out: OutputContainer, stream: Stream) -> Stream:
    copy = out.add_stream_from_template(stream)
    copy.metadata.clear()
    if (kept := stream.metadata.get(_KEPT_TAG)) is not None:
        copy.metadata[_KEPT_TAG] = kept
    return copy
