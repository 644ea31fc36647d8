"""JPEG without what is not the picture; nothing is encoded anew."""

from __future__ import annotations

import struct

from core.media.orientation import orientation_alone

JPEG = b"\xff\xd8\xff"
_END, _SCAN = 0xD9, 0xDA
_JFIF, _EXIF, _COLOURS, _LAST_APP = 0xE0, 0xE1, 0xE2, 0xEF
#: Says how colours of four inks, or of none, are to be read.
_ADOBE = 0xEE
_COMMENT = 0xFE
_PROFILE = b"ICC_PROFILE\0"
_EXIF_HEAD = b"Exif\0\0"


def bare_jpeg(data: bytes) -> bytes:
    """The picture, its colour profile, and how it is turned; raises ValueError for a file that is damaged."""
    view = memoryview(data)
    head, parts, at = [view[:2]], [], 2
    exif = b""
    while True:
        try:
            at, code, end = _segment(data, at)
        except (IndexError, struct.error) as exc:
            raise ValueError("the JPEG is cut off") from exc
        if code == _END:
            break
        body = view[at + 4 : end]
        if code == _EXIF and body[: len(_EXIF_HEAD)] == _EXIF_HEAD:
            exif = exif or orientation_alone(bytes(body[len(_EXIF_HEAD) :]))
        elif code == _JFIF:
            head.append(view[at:end])
        elif _kept(code, body):
            end = _scan_end(data, end) if code == _SCAN else end
            parts.append(view[at:end])
        at = end
    if exif:
        body = _EXIF_HEAD + exif
        head.append(memoryview(struct.pack(">BBH", 0xFF, _EXIF, len(body) + 2) + body))
    return b"".join([*head, *parts, bytes((0xFF, _END))])


def _segment(data: bytes, at: int) -> tuple[int, int, int]:
    """Where the next segment begins, its marker, and where it ends."""
    if data[at] != 0xFF:
        raise ValueError("the JPEG is damaged")
    while data[at + 1] == 0xFF:
        at += 1
    code = data[at + 1]
    if code == _END:
        return at, code, at + 2
    end = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
    if end > len(data) or end < at + 4:
        raise ValueError("the JPEG is cut off")
    return at, code, end


def _kept(code: int, body: memoryview) -> bool:
    if code == _COLOURS:
        return body[: len(_PROFILE)] == _PROFILE
    return code == _ADOBE or not (_JFIF <= code <= _LAST_APP or code == _COMMENT)


def _scan_end(data: bytes, at: int) -> int:
    """Where the pixels that begin at ``at`` end: at a marker that is neither a stuffed byte nor a restart."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise ValueError("the JPEG is cut off")
        if data[at + 1] != 0 and not 0xD0 <= data[at + 1] <= 0xD7:
            return at
        at += 2
