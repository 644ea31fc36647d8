"""What a finished prompt produced, as one ordered list.

The key under which a node reports a file says little (videos come under ``images``, some packs use ``gifs``):
the file's extension decides what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class MediaKind(StrEnum):
    IMAGE = "image"
    ANIMATION = "animation"
    VIDEO = "video"
    AUDIO = "audio"
    TEXT = "text"
    FILE = "file"


_EXTENSIONS = {
    MediaKind.IMAGE: ("png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff", "avif", "exr"),
    MediaKind.ANIMATION: ("gif", "apng"),
    MediaKind.VIDEO: ("mp4", "webm", "mov", "mkv", "avi", "m4v"),
    MediaKind.AUDIO: ("flac", "mp3", "wav", "ogg", "opus", "m4a"),
    MediaKind.TEXT: ("txt",),
}
#: Characters of a file's name, with its folder, and of a text.
_LONGEST_NAME, _LONGEST_TEXT = 1_000, 1_000_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_KIND_OF = {extension: kind for kind, extensions in _EXTENSIONS.items() for extension in extensions}


@dataclass(frozen=True, slots=True)
class Output:
    """One result of one node: a file that the server keeps, or a text.

    ``type`` is ComfyUI's folder: ``output``, ``temp`` (previews; gone when the server restarts) or ``input``.
    ``text`` is set for texts only, ``filename`` is empty then.
    """

    node: str
    kind: MediaKind
    filename: str = ""
    subfolder: str = ""
    type: str = "output"
    text: str | None = None


def collect_outputs(outputs: Mapping[str, Any], node_order: Iterable[str] = ()) -> tuple[Output, ...]:
    """The results in ``outputs`` (node id → what the node reported; of a history entry or of ``executed`` events).

    They come in the order of the nodes in the graph, whatever order the server ran them in. Previews (``temp``)
    are results only when nothing else is there. Entries that make no sense are passed over, and so are names that lead
    out of the server's folder. A text ends after a million characters.
    """
    order = dict.fromkeys(node_order)
    ordered = [*(node for node in order if node in outputs), *(node for node in outputs if node not in order)]
    found = [result for node in ordered for result in _of_node(node, outputs[node])]
    kept = [result for result in found if result.type != "temp"]
    return tuple(kept or found)


def _of_node(node: str, reported: Any) -> Iterable[Output]:
    if not isinstance(reported, Mapping):
        return
    animated = _any_true(reported.get("animated"))
    for key, entries in reported.items():
        if not isinstance(entries, list | tuple):
            continue
        for entry in entries:
            if isinstance(entry, Mapping):
                yield from _file(node, entry, animated)
            elif key == "text" and isinstance(entry, str):
                yield Output(node, MediaKind.TEXT, text=entry[:_LONGEST_TEXT])


def _file(node: str, entry: Mapping[str, Any], animated: bool) -> Iterable[Output]:
    filename, subfolder, folder = (entry.get(name) or "" for name in ("filename", "subfolder", "type"))
    if not (isinstance(filename, str) and isinstance(subfolder, str) and isinstance(folder, str)):
        return
    if not filename or not _is_inside(f"{subfolder}/{filename}" if subfolder else filename):
        return
    kind = media_kind(filename)
    if animated and kind is MediaKind.IMAGE:
        kind = MediaKind.ANIMATION
    yield Output(node, kind, filename, subfolder, folder or "output")


def _is_inside(path: str) -> bool:
    """Whether a path stays in the folder that it is read from, and is one at all."""
    parts = path.replace("\\", "/").split("/")
    return len(path) <= _LONGEST_NAME and ".." not in parts and bool(parts[0]) and not _CONTROL.search(path)


def _any_true(flag: Any) -> bool:
    return any(flag) if isinstance(flag, list | tuple) else bool(flag)


def media_kind(filename: str) -> MediaKind:
    """The kind by extension; FILE for what is none of the others (latents, 3D models …)."""
    stem, _, extension = filename.rpartition("/")[2].rpartition(".")
    return _KIND_OF.get(extension.lower(), MediaKind.FILE) if stem else MediaKind.FILE
