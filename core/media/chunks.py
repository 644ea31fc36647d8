"""PNG, WebP and GIF without what is not the picture: chunks and blocks are left out, nothing is encoded anew.

What may stay is listed, not what must go: ComfyUI puts the graph of an animated PNG into a chunk of its own (``comf``),
and other programs have theirs. Whatever follows the end of the picture goes too.

Every function takes a whole file and raises ValueError for one that is damaged.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from core.media.orientation import orientation_alone

PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD pHYs cICP mDCV mDCv cLLI cLLi acTL fcTL fdAT".split()
)
_WEBP_KEPT = frozenset((b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_WEBP_EXIF, _WEBP_XMP = 0x08, 0x04
_GIF_EXTENSION, _GIF_IMAGE, _GIF_END = 0x21, 0x2C, 0x3B
_GIF_COMMENT, _GIF_APPLICATION = 0xFE, 0xFF
_GIF_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def bare_png(data: bytes) -> bytes:
    """A PNG, animated or not, with its pixels, its colours and their transparency."""
    parts: list[bytes | memoryview] = [PNG]
    for kind, chunk, body in _png_chunks(data):
        if kind in _PNG_KEPT:
            parts.append(chunk)
        elif kind == b"eXIf" and (exif := orientation_alone(bytes(body))):
            parts.append(struct.pack(">I", len(exif)) + kind + exif + struct.pack(">I", zlib.crc32(kind + exif)))
    return b"".join(parts)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, memoryview, memoryview]]:
    """Kind, whole chunk and content of each chunk up to the end of the picture."""
    view, at = memoryview(data), len(PNG)
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            break
        yield kind, view[at:end], view[at + 8 : end - 4]
        if kind == b"IEND":
            return
        at = end
    raise ValueError("the PNG is cut off")


def bare_webp(data: bytes) -> bytes:
    """A WebP, animated or not, with its pixels and its colour profile."""
    parts: list[bytes | memoryview] = []
    exif = b""
    for kind, chunk, body in _webp_chunks(data):
        if kind == b"EXIF":
            exif = orientation_alone(bytes(body).removeprefix(b"Exif\0\0"))
        elif kind == b"VP8X":
            parts.append(bytes(chunk))
        elif kind in _WEBP_KEPT:
            parts.append(chunk)
    if parts and parts[0][:4] == b"VP8X":
        head = bytearray(parts[0])
        head[8] = head[8] & ~(_WEBP_EXIF | _WEBP_XMP) | (_WEBP_EXIF if exif else 0)
        parts[0] = bytes(head)
        if exif:
            parts.append(b"EXIF" + struct.pack("<I", len(exif)) + exif + bytes(len(exif) % 2))
    content = b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(content) + 4) + b"WEBP" + content


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, memoryview, memoryview]]:
    """Kind, whole chunk and content of each chunk of the RIFF file."""
    if len(data) < 12:
        raise ValueError("the WebP is cut off")
    view, at = memoryview(data), 12
    last = struct.unpack_from("<I", data, 4)[0] + 8
    if last > len(data):
        raise ValueError("the WebP is cut off")
    while at + 8 <= last:
        kind, length = struct.unpack_from("<4sI", data, at)
        end = at + 8 + length + length % 2
        if end > last:
            raise ValueError("the WebP is cut off")
        yield kind, view[at:end], view[at + 8 : at + 8 + length]
        at = end


def bare_gif(data: bytes) -> bytes:
    """A GIF with its frames, their times and how often they are shown; without comments."""
    try:
        at = 13 + _gif_table(data[10])
        parts = [data[:at]]
        while data[at] != _GIF_END:
            end = _gif_block_end(data, at)
            if not _gif_note(data, at):
                parts.append(data[at:end])
            at = end
    except IndexError as exc:
        raise ValueError("the GIF is cut off") from exc
    return b"".join([*parts, bytes((_GIF_END,))])


def _gif_note(data: bytes, at: int) -> bool:
    """Whether the block is something that was written to the picture."""
    if data[at] != _GIF_EXTENSION:
        return False
    label = data[at + 1]
    return label == _GIF_COMMENT or (label == _GIF_APPLICATION and data[at + 3 : at + 14] not in _GIF_LOOPS)


def _gif_block_end(data: bytes, at: int) -> int:
    if data[at] == _GIF_EXTENSION:
        at += 2
    elif data[at] == _GIF_IMAGE:
        at += 11 + _gif_table(data[at + 9])
    else:
        raise ValueError("the GIF is damaged")
    while data[at]:
        at += data[at] + 1
    return at + 1


def _gif_table(flags: int) -> int:
    """Bytes of the table of colours that these flags announce."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0
