"""How a picture is to be turned: the one thing in EXIF data that belongs to the picture itself."""

from __future__ import annotations

import struct

_TAG, _SHORT = 0x0112, 3
_UPRIGHT, _LAST = 1, 8


def orientation_alone(exif: bytes) -> bytes:
    """EXIF data, from the byte order on, with the orientation of ``exif`` and nothing else; empty when upright."""
    orientation = _orientation(exif)
    if orientation == _UPRIGHT:
        return b""
    return struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, _TAG, _SHORT, 1, orientation, 0, 0)


def _orientation(exif: bytes) -> int:
    """1 to 8; 1, upright, where there is none or it makes no sense."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return _UPRIGHT
    try:
        (at,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, at)
        for number in range(count):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", exif, at + 2 + 12 * number)
            if tag == _TAG and kind == _SHORT and _UPRIGHT <= value <= _LAST:
                return value
    except struct.error:
        pass
    return _UPRIGHT
