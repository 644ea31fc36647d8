from __future__ import annotations

import os
from pathlib import Path

import pytest

from utils.retention import Limits, abandoned, excess

HOUR, DAY = 3_600, 86_400
NOW = 100.0 * DAY


def aged(folder: Path, **hours: float) -> None:
    """Files of 10 bytes, as many hours old."""
    for name, age in hours.items():
        path = folder / name
        path.write_bytes(bytes(10))
        os.utime(path, (NOW - age * HOUR, NOW - age * HOUR))


def beyond(folder: Path, **limits: float) -> list[str]:
    return [path.name for path in excess(folder, Limits(**limits), now=NOW)]


@pytest.mark.parametrize(
    ("limits", "names"),
    [
        ({}, []),
        ({"files": 1}, ["b", "c"]),
        ({"files": 3}, []),
        ({"bytes": 29}, ["c"]),
        ({"bytes": 30}, []),
        ({"bytes": 9}, ["a", "b", "c"]),
        ({"days": 1}, ["c"]),
        ({"days": 2}, []),
        ({"days": 0.1}, ["b", "c"]),
        ({"files": 2, "days": 0.01}, ["a", "b", "c"]),
        ({"files": 1, "days": 2, "bytes": 100}, ["b", "c"]),
    ],
)
def test_what_is_beyond_any_of_the_limits(tmp_path: Path, limits, names) -> None:
    aged(tmp_path, c=40, a=1, b=20)
    assert beyond(tmp_path, **limits) == names


def test_only_files_of_the_folder_itself_count(tmp_path: Path) -> None:
    (tmp_path / "outputs" / "sub").mkdir(parents=True)
    aged(tmp_path, outside=900)
    aged(tmp_path / "outputs" / "sub", inside=900)
    (tmp_path / "outputs" / "link").symlink_to(tmp_path / "outside")
    aged(tmp_path / "outputs", **{".gitkeep": 900, "a": 900})
    assert beyond(tmp_path / "outputs", days=1) == ["a"]


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert beyond(tmp_path / "none", files=1) == []
    assert list(abandoned(tmp_path / "none", now=NOW)) == []


def test_halves_of_files_are_left_when_nobody_wrote_them_for_an_hour(tmp_path: Path) -> None:
    aged(tmp_path, **{".a.png.part": 1.01, ".b.png.part": 0.99, "c.part": 9, ".d": 9, ".e.png": 9})
    assert [path.name for path in abandoned(tmp_path, now=NOW)] == [".a.png.part"]
