"""Result files: their names, their writing, and their end."""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from itertools import count
from pathlib import Path
from secrets import randbelow, token_hex

from utils.retention import files_in

OUTPUTS = "outputs"

_SIGNATURES = tuple(
    (re.compile(signature, re.DOTALL), extension)
    for signature, extension in (
        (rb"\x89PNG\r\n\x1a\n", "png"),
        (rb"\xff\xd8\xff", "jpg"),
        (rb"RIFF....WEBP", "webp"),
        (rb"GIF8[79]a", "gif"),
        (rb"BM....\0\0\0\0", "bmp"),
        (rb"....ftypavi[fs]", "avif"),
        (rb"....ftypqt  ", "mov"),
        (rb"....ftypM4A ", "m4a"),
        (rb"....ftyp", "mp4"),
        (rb"....(?:moov|mdat|wide|free|skip|pnot)", "mov"),  # QuickTime's own, from before there was an ftyp
        (rb"\x1a\x45\xdf\xa3.{0,64}webm", "webm"),
        (rb"\x1a\x45\xdf\xa3", "mkv"),
        (rb"fLaC", "flac"),
        (rb"OggS", "ogg"),
        (rb"RIFF....WAVE", "wav"),
        (rb"ID3|\xff[\xf2\xf3\xfb]", "mp3"),
    )
)

_SERIALS = 16**6
_serial = count(randbelow(_SERIALS))


def signature_of(data: bytes) -> str | None:
    """Return the file extension that the first bytes of an image, a video or a sound ask for; None for others."""
    return next((extension for signature, extension in _SIGNATURES if signature.match(data)), None)


def extension_of(data: bytes) -> str:
    """As `signature_of`, but "png" for others."""
    return signature_of(data) or "png"


def is_text(head: bytes) -> bool:
    """Tell whether a file that begins so is markup or JSON: no image, video or sound begins like that."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"{", b"["))


def safe_name(text: str, fallback: str = "output") -> str:
    """Make a text usable as a part of a file name: letters, digits, ``.``, ``_`` and ``-`` of ASCII.

    It is at most 80 characters long and begins with a letter, a digit or ``-``; ``fallback`` stands for a text of
    which nothing is left.
    """
    return re.sub(r"[^A-Za-z0-9._-]+", "_", text).lstrip("._")[:80] or fallback


def get_unique_filename(prefix: str = "output", extension: str = "png") -> str:
    """Return a file name such as ``image_20250102_143025_abc123.png``.

    The time is the local one. The six hexadecimal digits start at random and count up from there, so that one
    process makes no name twice.
    """
    serial = next(_serial) % _SERIALS
    suffix = re.sub(r"[^A-Za-z0-9]", "", extension).lower() or "png"
    return f"{safe_name(prefix)}_{time.strftime('%Y%m%d_%H%M%S')}_{serial:06x}.{suffix}"


def write_atomically(path: str | os.PathLike[str], data: bytes) -> Path:
    """Write a file that others see whole or not at all, and make its folder when there is none.

    An existing file is replaced. When writing fails, the old one stays and nothing is left behind.

    Raises:
        OSError: the folder or the file cannot be written.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{token_hex(8)}.part")
    try:
        part.write_bytes(data)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


def save_output_image(image_data: bytes, prefix: str = "output", *, directory: str = OUTPUTS) -> str:
    """Save a result under a new name and return its path.

    Args:
        image_data: the file's bytes; they decide the extension.
        prefix: how the name begins.
        directory: where it goes; it is made when there is none.

    Raises:
        OSError: it cannot be written there.
    """
    name = get_unique_filename(prefix, extension_of(image_data))
    return str(write_atomically(Path(directory) / name, image_data))


def cleanup_old_files(directory: str | os.PathLike[str], max_files: int = 100) -> int:
    """Remove the files that changed longest ago until ``max_files`` are left; 0 leaves none.

    Only regular files directly in the folder count. Sub-folders and what is in them, links, and files whose name
    begins with a dot (``.gitkeep``, a file that is being written) are not touched.

    Returns:
        How many files were removed; 0 when there is no such folder.

    Raises:
        OSError: the folder cannot be read, or a file in it cannot be removed.
        ValueError: ``max_files`` is negative.
    """
    if max_files < 0:
        raise ValueError("max_files must not be negative")
    removed = 0
    for _, _, path in sorted(files_in(directory), reverse=True)[max_files:]:
        with suppress(FileNotFoundError):
            path.unlink()
            removed += 1
    return removed
