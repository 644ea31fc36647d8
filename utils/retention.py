"""Which files of a folder are beyond what may be kept there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_DAY = 86_400.0
#: Seconds. A file that is being written changes all the time; one that has not for so long was left by a dead process.
_ABANDONED = 3_600.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What is kept, the newest first. 0 is no limit.

    Attributes:
        files: how many.
        days: since they changed.
        bytes: all together.
    """

    files: int = 0
    days: float = 0.0
    bytes: int = 0


def excess(directory: str | os.PathLike[str], limits: Limits, *, now: float) -> Iterator[Path]:
    """The files beyond the limits, the newest of them first.

    Only regular files directly in the folder count: no links, no sub-folders and nothing whose name begins with a dot.

    Args:
        now: seconds since 1970.

    Raises:
        OSError: the folder cannot be read.
    """
    total = 0
    for count, (changed, size, path) in enumerate(sorted(files_in(directory), reverse=True), 1):
        total += size
        if 0 < limits.files < count or 0 < limits.bytes < total or (limits.days and changed < now - limits.days * _DAY):
            yield path


def abandoned(directory: str | os.PathLike[str], *, now: float) -> Iterator[Path]:
    """The halves of files that nobody goes on writing: ``.name.part``, unchanged for an hour."""
    for changed, _, path in files_in(directory, hidden=True):
        if path.suffix == ".part" and changed < now - _ABANDONED:
            yield path


def files_in(directory: str | os.PathLike[str], *, hidden: bool = False) -> Iterator[tuple[float, int, Path]]:
    """When each changed (seconds since 1970), its bytes and its path; none when there is no such folder.

    Args:
        hidden: those whose names begin with a dot, instead of all others.

    Raises:
        OSError: the folder cannot be read.
    """
    if not Path(directory).exists():
        return
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.name.startswith(".") is hidden and entry.is_file(follow_symlinks=False):
                with suppress(FileNotFoundError):  # somebody else has just removed it
                    about = entry.stat(follow_symlinks=False)
                    yield about.st_mtime, about.st_size, Path(entry.path)
