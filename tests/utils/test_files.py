from __future__ import annotations

import errno
import io
import os
import re
from pathlib import Path

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from utils.files import (
    cleanup_old_files,
    extension_of,
    get_unique_filename,
    safe_name,
    save_output_image,
    write_atomically,
)


def picture(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (2, 2), "red").save(buffer, kind)
    return buffer.getvalue()


# Names


def test_a_name_has_prefix_time_and_six_digits() -> None:
    with time_machine.travel("2025-01-02 14:30:25", tick=False):
        name = get_unique_filename(prefix="image", extension="png")
    assert re.fullmatch(r"image_20250102_143025_[0-9a-f]{6}\.png", name)


def test_names_have_defaults() -> None:
    assert re.fullmatch(r"output_\d{8}_\d{6}_[0-9a-f]{6}\.png", get_unique_filename())


def test_no_name_comes_twice_within_a_second() -> None:
    with time_machine.travel("2025-01-02 14:30:25", tick=False):
        assert len({get_unique_filename() for _ in range(5_000)}) == 5_000


@pytest.mark.parametrize(
    ("extension", "suffix"), [("png", ".png"), (".PNG", ".png"), ("../sh", ".sh"), ("", ".png"), ("mp4", ".mp4")]
)
def test_an_extension_is_tidied(extension: str, suffix: str) -> None:
    assert Path(get_unique_filename("a", extension)).suffix == suffix


@given(st.text(), st.text())
def test_a_name_stays_in_its_folder_whatever_it_is_made_from(prefix: str, extension: str) -> None:
    name = get_unique_filename(prefix, extension)
    assert re.fullmatch(r"[A-Za-z0-9-][A-Za-z0-9._-]{0,79}_\d{8}_\d{6}_[0-9a-f]{6}\.[a-z0-9]+", name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a red fox", "a_red_fox"),
        ("../../etc/passwd", "etc_passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        (".env", "env"),
        ("", "output"),
        ("///", "output"),
        ("Füchse", "F_chse"),
        ("x" * 200, "x" * 80),
    ],
)
def test_a_safe_name(text: str, name: str) -> None:
    assert safe_name(text) == name


def test_a_safe_name_falls_back_on_what_it_is_told() -> None:
    assert safe_name("…", fallback="picture") == "picture"


# Extensions


@pytest.mark.parametrize(
    ("kind", "extension"), [("PNG", "png"), ("JPEG", "jpg"), ("WEBP", "webp"), ("GIF", "gif"), ("AVIF", "avif")]
)
def test_pictures_are_told_apart_by_their_bytes(kind: str, extension: str) -> None:
    assert extension_of(picture(kind)) == extension


@pytest.mark.parametrize(
    ("head", "extension"),
    [
        (b"\0\0\0\x20ftypisom", "mp4"),
        (b"\0\0\0\x0aftypmp42", "mp4"),
        (b"\0\0\0\x14ftypqt  ", "mov"),
        (b"\0\0\0\x1cftypM4A ", "m4a"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", "webm"),
        (b"\x1a\x45\xdf\xa3\xa3\x42\x86\x81\x01\x42\x82\x88matroska", "mkv"),
        (b"fLaC\0\0\0\x22", "flac"),
        (b"OggS\0\x02", "ogg"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "wav"),
        (b"ID3\x04\0\0", "mp3"),
        (b"\xff\xfb\x90\x64", "mp3"),
        (b"", "png"),
        (b"RIFF\x24\0\0\0AVI LIST", "png"),
        (b"some text", "png"),
    ],
)
def test_other_media_too_and_png_for_the_rest(head: bytes, extension: str) -> None:
    assert extension_of(head + bytes(100)) == extension


# Writing


def test_a_result_is_saved_under_its_own_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    data = picture("WEBP")
    path = save_output_image(data, prefix="gen")
    assert isinstance(path, str)
    assert re.fullmatch(r"gen_\d{8}_\d{6}_[0-9a-f]{6}\.webp", Path(path).name)
    assert Path(path).parent == Path("outputs")
    assert (tmp_path / path).read_bytes() == data


def test_a_result_goes_where_it_is_told(tmp_path: Path) -> None:
    path = Path(save_output_image(b"data", directory=str(tmp_path / "a" / "b")))
    assert path.parent == tmp_path / "a" / "b"
    assert path.name.startswith("output_")
    assert path.read_bytes() == b"data"


def test_writing_replaces_and_leaves_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "new" / "file.bin"
    assert write_atomically(target, b"one") == target
    write_atomically(str(target), b"two")
    assert target.read_bytes() == b"two"
    assert list(target.parent.iterdir()) == [target]


def test_a_file_is_seen_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "file.bin"
    target.write_bytes(b"old")
    seen: list[bytes] = []
    write = Path.write_bytes

    def half_then_full(path: Path, data: bytes) -> int:
        write(path, data[:1])
        seen.append(target.read_bytes())
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", half_then_full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(target, b"new")
    assert seen == [b"old"]
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_others_may_read_what_is_written_as_they_may_any_new_file(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    written = write_atomically(tmp_path / "written", b"")
    assert written.stat().st_mode == plain.stat().st_mode


# Cleaning up


def aged(folder: Path, *names: str) -> list[Path]:
    """Make files of which each is an hour younger than the one before."""
    for hours, name in enumerate(names):
        path = folder / name
        path.write_bytes(b"x")
        os.utime(path, (3_600 * hours, 3_600 * hours))
    return [folder / name for name in names]


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_oldest_files_go(tmp_path: Path) -> None:
    aged(tmp_path, "z-oldest", "m-old", "a-new", "b-newest")
    assert cleanup_old_files(str(tmp_path), max_files=2) == 2
    assert names(tmp_path) == {"a-new", "b-newest"}
    assert cleanup_old_files(tmp_path, max_files=2) == 0


@pytest.mark.parametrize(("kept", "removed"), [(0, 3), (1, 2), (3, 0), (4, 0)])
def test_as_many_stay_as_are_allowed(tmp_path: Path, kept: int, removed: int) -> None:
    aged(tmp_path, "a", "b", "c")
    assert cleanup_old_files(tmp_path, kept) == removed
    assert len(names(tmp_path)) == 3 - removed


def test_a_hundred_stay_by_default(tmp_path: Path) -> None:
    aged(tmp_path, *(f"{n}" for n in range(103)))
    assert cleanup_old_files(tmp_path) == 3


def test_folders_links_and_hidden_files_neither_go_nor_count(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"x")
    folder = tmp_path / "outputs"
    folder.mkdir()
    (folder / "sub").mkdir()
    aged(folder / "sub", "inside")
    aged(folder, ".gitkeep", "old", "new")
    (folder / "link").symlink_to(outside)
    assert cleanup_old_files(folder, max_files=1) == 1
    assert names(folder) == {"sub", ".gitkeep", "new", "link"}
    assert names(folder / "sub") == {"inside"}
    assert outside.exists()


def test_a_folder_that_is_not_there_needs_no_cleaning(tmp_path: Path) -> None:
    assert cleanup_old_files(tmp_path / "none", max_files=1) == 0


def test_a_negative_number_is_refused(tmp_path: Path) -> None:
    aged(tmp_path, "a")
    with pytest.raises(ValueError, match="negative"):
        cleanup_old_files(tmp_path, max_files=-1)
    assert names(tmp_path) == {"a"}
