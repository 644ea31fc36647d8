"""The server's files: ``output``, ``input`` and ``temp`` below one root, and the names in them."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

_ANNOTATION = re.compile(r"^(?P<name>.*) \[(?P<kind>input|output|temp)\]$")


class OutsideError(Exception):
    """A name that leads out of the folder it belongs to."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a new file goes, and how a prompt's outputs name it."""

    path: Path
    filename: str
    subfolder: str
    type: str

    def entry(self) -> dict[str, str]:
        return {"filename": self.filename, "subfolder": self.subfolder, "type": self.type}


class Storage:
    """Folders below `root`, which `open` creates."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._counters: dict[Path, int] = {}

    @property
    def input(self) -> Path:
        return self.root / "input"

    @property
    def output(self) -> Path:
        return self.root / "output"

    @property
    def temp(self) -> Path:
        return self.root / "temp"

    def open(self) -> None:
        """Create the folders. ``temp`` begins empty, as after every start of the real server."""
        shutil.rmtree(self.temp, ignore_errors=True)
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.input, self.output, self.temp):
            folder.mkdir(exist_ok=True)
        self._counters.clear()

    def folder(self, kind: str) -> Path | None:
        """The folder of a type (``output``, ``input``, ``temp``), None for an unknown type."""
        return {"input": self.input, "output": self.output, "temp": self.temp}.get(kind)

    def inputs(self) -> list[str]:
        return sorted(path.name for path in self.input.iterdir() if path.is_file())

    def annotated(self, name: str) -> Path:
        """The file that a loader node's value names: ``"ref.png"`` in input, ``"ref.png [temp]"`` elsewhere.

        As in the real server, a name with ``../`` is followed.
        """
        name, kind = split_annotation(name)
        return (self.folder(kind or "input") or self.input) / name

    def new(self, kind: str, prefix: str, extension: str) -> Slot:
        """A free place for a file: ``prefix_00001_.extension``; `prefix` may hold a sub-folder.

        The number counts the files of one prefix, whatever their extension. Raises `OutsideError`.
        """
        base = self.folder(kind) or self.output
        stem = inside(base, Path(prefix).parent) / Path(prefix).name
        if stem not in self._counters:
            stem.parent.mkdir(parents=True, exist_ok=True)
            self._counters[stem] = _last_number(stem)
        self._counters[stem] += 1
        filename = f"{stem.name}_{self._counters[stem]:05}_.{extension}"
        subfolder = stem.parent.relative_to(base.resolve()).as_posix()
        return Slot(stem.parent / filename, filename, "" if subfolder == "." else subfolder, kind)


def inside(base: Path, *parts: str | Path) -> Path:
    """`parts` joined to `base` and resolved. Raises `OutsideError` when that is not below `base`."""
    path = base.joinpath(*parts).resolve()
    if not path.is_relative_to(base.resolve()):
        raise OutsideError(f"{path} is outside {base}")
    return path


def split_annotation(name: str) -> tuple[str, str | None]:
    """``"a.png [temp]"`` → ``("a.png", "temp")``; without a mark the second is None."""
    match = _ANNOTATION.match(name)
    return (match["name"], match["kind"]) if match else (name, None)


def _last_number(stem: Path) -> int:
    pattern = re.compile(re.escape(stem.name) + r"_(\d+)_")
    numbers = (pattern.match(path.name) for path in stem.parent.iterdir())
    return max((int(match[1]) for match in numbers if match), default=0)
