"""The texts that pictures and videos carry, read without decoding any of them.

How ComfyUI writes them: PNG as ``tEXt`` (animated ones as its own ``comf`` after the pixels), WebP (and JPEG, as some
packs do) as EXIF strings, MP4 as QuickTime metadata (``use_metadata_tags``), WebM as Matroska tags.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from core.comfyui.workflows.editor.exif import exif_texts

LARGEST_TEXT = 32 * 2**20
_MOST_PARTS = 200_000
#: A small file can unpack into any number of large texts.
_MOST_PACKED = 64
_PNG, _EBML = b"\x89PNG\r\n\x1a\n", b"\x1aE\xdf\xa3"
_JPEG, _EXIF, _MARK, _APP1, _SCAN = b"\xff\xd8\xff", b"Exif\0\0", 0xFF, 0xE1, 0xDA
_SEGMENT, _TAGS, _TAG, _SIMPLE_TAG, _TAG_NAME, _TAG_STRING = 0x18538067, 0x1254C367, 0x7373, 0x67C8, 0x45A3, 0x4487
_COMMENT_BOX = b"\xa9cmt"

Text = tuple[str, str]


def read_texts(data: bytes) -> Iterator[Text]:
    """The (key, text) pairs of a PNG, WebP, JPEG, MP4 or WebM; none for anything else. Keys are in small letters.

    Damage ends the reading early; a text of over 32 MiB is left out.
    """
    if data.startswith(_PNG):
        yield from _png(data)
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        yield from _webp(data)
    elif data.startswith(_JPEG):
        yield from _jpeg(data)
    elif data[4:8] == b"ftyp":
        yield from _mp4(data)
    elif data.startswith(_EBML):
        yield from _matroska(data)


def _png(data: bytes) -> Iterator[Text]:
    at, packed = len(_PNG), 0
    for _ in range(_MOST_PARTS):
        if at + 12 > len(data):
            return
        size, kind = struct.unpack_from(">I4s", data, at)
        packed += kind in _PACKED
        wanted = kind in _PNG_TEXTS and packed <= _MOST_PACKED
        key, null, rest = data[at + 8 : at + 8 + size].partition(b"\0") if wanted else (b"", b"", b"")
        text = _PNG_TEXTS[kind](rest) if null else None
        if text is not None:
            yield key.decode("latin-1").lower(), text
        at += 12 + size


def _latin(rest: bytes) -> str | None:
    return rest.decode("latin-1") if len(rest) <= LARGEST_TEXT else None


def _compressed(rest: bytes) -> str | None:
    inflated = _inflated(rest[1:])
    return None if inflated is None else inflated.decode("latin-1")


def _international(rest: bytes) -> str | None:
    """Compression flag and method, language, translated key, then UTF-8."""
    _, _, body = rest[2:].partition(b"\0")
    _, _, body = body.partition(b"\0")
    text = _inflated(body) if rest[:1] == b"\1" else body
    return None if text is None or len(text) > LARGEST_TEXT else text.decode("utf-8", "replace")


def _inflated(packed: bytes) -> bytes | None:
    """Unpacked data; None when it is damaged, or larger than it may be."""
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(packed, LARGEST_TEXT)
    except zlib.error:
        return None
    return text if inflater.eof else None


_PNG_TEXTS = {b"tEXt": _latin, b"comf": _latin, b"zTXt": _compressed, b"iTXt": _international}
_PACKED = (b"zTXt", b"iTXt")


def _webp(data: bytes) -> Iterator[Text]:
    at = 12
    for _ in range(_MOST_PARTS):
        if at + 8 > len(data):
            return
        kind, size = struct.unpack_from("<4sI", data, at)
        if kind == b"EXIF":
            yield from exif_texts(data[at + 8 : at + 8 + size].removeprefix(_EXIF), LARGEST_TEXT)
        at += 8 + size + size % 2


def _jpeg(data: bytes) -> Iterator[Text]:
    """The segments before the pixels."""
    at = 2
    for _ in range(_MOST_PARTS):
        if at + 4 > len(data):
            return
        mark, kind, size = struct.unpack_from(">BBH", data, at)
        if mark != _MARK or kind == _SCAN:
            return
        body = data[at + 4 : at + 2 + size] if kind == _APP1 else b""
        if body.startswith(_EXIF):
            yield from exif_texts(body.removeprefix(_EXIF), LARGEST_TEXT)
        at += 2 + size


def _mp4(data: bytes) -> Iterator[Text]:
    """``moov/udta/meta`` or ``moov/meta``, with the names in ``keys`` and the texts under their numbers in ``ilst``."""
    for kind, start, end in _boxes(data, 0, len(data)):
        if kind != b"moov":
            continue
        for inner, at, stop in _boxes(data, start, end):
            if inner == b"meta":
                yield from _meta(data, at, stop)
            elif inner == b"udta":
                for deepest, first, last in _boxes(data, at, stop):
                    if deepest == b"meta":
                        yield from _meta(data, first, last)


def _meta(data: bytes, start: int, end: int) -> Iterator[Text]:
    versioned = data[start + 4 : start + 8] != b"hdlr"
    keys: list[str] = []
    for kind, at, stop in _boxes(data, start + 4 * versioned, end):
        if kind == b"keys":
            keys = [data[a:b].decode("utf-8", "replace").lower() for _, a, b in _boxes(data, at + 8, stop)]
        elif kind == b"ilst":
            for name, a, b in _boxes(data, at, stop):
                number = int.from_bytes(name) - 1
                key = "comment" if name == _COMMENT_BOX else keys[number] if 0 <= number < len(keys) else None
                text = next((data[c + 8 : d] for inner, c, d in _boxes(data, a, b) if inner == b"data"), None)
                if key is not None and text is not None and len(text) <= LARGEST_TEXT:
                    yield key, text.decode("utf-8", "replace")


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The boxes between two places: type, and where the contents begin and end."""
    for _ in range(_MOST_PARTS):
        if at + 8 > end:
            return
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1 and at + 16 <= end:
            (size,) = struct.unpack_from(">Q", data, at + 8)
            head = 16
        size = size or end - at
        if size < head or at + size > end:
            return
        yield kind, at + head, at + size
        at += size


def _matroska(data: bytes) -> Iterator[Text]:
    for segment, start, end in _elements(data, 0, len(data)):
        if segment != _SEGMENT:
            continue
        for tags, at, stop in _elements(data, start, end):
            if tags == _TAGS:
                for tag, a, b in _elements(data, at, stop):
                    if tag == _TAG:
                        yield from _simple_tags(data, a, b)


def _simple_tags(data: bytes, start: int, end: int) -> Iterator[Text]:
    for simple, at, stop in _elements(data, start, end):
        if simple == _SIMPLE_TAG:
            parts = {kind: data[a:b] for kind, a, b in _elements(data, at, stop) if b - a <= LARGEST_TEXT}
            if _TAG_NAME in parts and _TAG_STRING in parts:
                name, text = (parts[kind].rstrip(b"\0").decode("utf-8", "replace") for kind in (_TAG_NAME, _TAG_STRING))
                yield name.lower(), text


def _elements(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The EBML elements between two places. One of unknown size reaches to the end of what contains it."""
    for _ in range(_MOST_PARTS):
        if at >= end or not data[at]:
            return
        id_length = 9 - data[at].bit_length()
        size_at = at + id_length
        if size_at >= end or not data[size_at]:
            return
        size_length = 9 - data[size_at].bit_length()
        start = size_at + size_length
        mask = (1 << 7 * size_length) - 1
        size = int.from_bytes(data[size_at:start]) & mask
        stop = min(end, end if size == mask else start + size)
        if start > end:
            return
        yield int.from_bytes(data[at:size_at]), start, stop
        at = stop
