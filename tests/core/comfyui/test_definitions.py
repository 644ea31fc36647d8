"""Node definitions on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.comfyui.definitions import FILE, DefinitionStore


def test_what_was_written_is_read_by_the_next_one(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "when needed"
    DefinitionStore(folder).write({"KSampler": {"input": {}}})
    DefinitionStore(str(folder)).write({"KSampler": {"input": {"required": {}}}})
    assert DefinitionStore(folder).read() == {"KSampler": {"input": {"required": {}}}}
    assert [path.name for path in folder.iterdir()] == [FILE]


def test_nothing_is_made_by_reading(tmp_path: Path) -> None:
    assert DefinitionStore(tmp_path / "data").read() is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_what_is_damaged_counts_as_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert DefinitionStore(tmp_path).read() is None


def test_a_disk_that_does_not_take_it_is_noted_and_no_more(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "data").write_bytes(b"a file where the folder should be")
    store = DefinitionStore(tmp_path / "data")
    store.write({"KSampler": {}})
    assert caplog.text.count("node definitions not kept") == 1
    assert store.read() is None


def test_definitions_that_no_file_can_hold_are_noted_and_no_more(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    nested: object = 1
    for _ in range(500):
        nested = [nested]
    DefinitionStore(tmp_path).write({"Odd": nested})
    assert caplog.text.count("node definitions not kept") == 1
