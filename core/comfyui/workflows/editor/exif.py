"""The texts in EXIF: ComfyUI's as ``prompt:{…}`` in any tag, other programs' as the comment of the user."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_STRING, _MOST = 2, 64
#: Where the part with the comment is, and the comment: eight bytes that name its letters come before it.
_PART, _COMMENT = 0x8769, 0x9286
_COMMENT_KEY = "parameters"
_UNICODE, _CODE = b"UNICODE\0", 8


def exif_texts(tiff: bytes, largest: int) -> Iterator[tuple[str, str]]:
    """The (key, text) pairs of EXIF data; a text of more than ``largest`` bytes is left out.

    A comment, where such programs as Automatic1111 write what they were told, has the key ``parameters``.
    """
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return
    (start,) = struct.unpack_from(f"{order}I", tiff, 4)
    for tag, kind, size, where in _entries(tiff, order, start):
        if tag == _PART:
            for inner, _, length, at in _entries(tiff, order, where):
                if inner == _COMMENT and _CODE < length <= largest:
                    yield _COMMENT_KEY, _comment(tiff[at : at + length])
        elif kind == _STRING and 4 < size <= largest:
            key, colon, text = tiff[where : where + size].rstrip(b"\0").partition(b":")
            if colon:
                yield key.decode("latin-1").lower(), text.decode("utf-8", "replace")


def _entries(tiff: bytes, order: str, start: int) -> Iterator[tuple[int, int, int, int]]:
    """Tag, type, number of values, and value or where it is, of one directory."""
    if start + 2 > len(tiff):
        return
    (count,) = struct.unpack_from(f"{order}H", tiff, start)
    for entry in range(min(count, _MOST)):
        at = start + 2 + 12 * entry
        if at + 12 > len(tiff):
            return
        yield struct.unpack_from(f"{order}HHII", tiff, at)


def _comment(data: bytes) -> str:
    """In UTF-16 of either order, whatever the order of the file is: most programs do not care."""
    code, text = data[:_CODE], data[_CODE:]
    if code != _UNICODE:
        return text.decode("utf-8", "replace").rstrip("\0")
    high = text[::2].count(0) >= text[1::2].count(0)
    return text.decode("utf-16-be" if high else "utf-16-le", "replace").rstrip("\0")
