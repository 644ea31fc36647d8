"""Files without their prompt, graph, EXIF, XMP and comments."""

from __future__ import annotations

from pathlib import Path

from core.media.chunks import PNG, bare_gif, bare_png, bare_webp
from core.media.jpeg import JPEG, bare_jpeg

#: In every graph of ComfyUI's: in the format that runs, and in the editor's.
_OF_A_GRAPH = (b"class_type", b"last_node_id", b"last_link_id")
_PIECE = 2**20


def bare_picture(data: bytes) -> bytes:
    """A picture, moving or not, with nothing but what is seen; its pixels are not encoded anew.

    Raises:
        ValueError: it is damaged, or of a kind where that cannot be done.
    """
    if data.startswith(PNG):
        return bare_png(data)
    if data.startswith(JPEG):
        return bare_jpeg(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return bare_webp(data)
    if data.startswith((b"GIF87a", b"GIF89a")):
        return bare_gif(data)
    if data.startswith(b"BM"):  # has no place for notes
        return data
    raise ValueError("a picture of a kind that holds its notes among its pixels")


def holds_graph(path: Path) -> bool:
    """Whether a graph stands in the file as text, as it does in models, latents and drawings.

    Raises:
        OSError: the file cannot be read.
    """
    overlap = max(map(len, _OF_A_GRAPH)) - 1
    end = b""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            piece = end + piece
            if any(word in piece for word in _OF_A_GRAPH):
                return True
            end = piece[-overlap:]
    return False
