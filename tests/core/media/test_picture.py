from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from core.media.picture import moves
from tests.core.media.clips import animation, noise


@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.webp"])
def test_what_moves_is_told_by_its_frames(tmp_path: Path, name: str):
    assert moves(animation(tmp_path / name, [100, 100]))
    noise((9, 9)).save(tmp_path / f"still{name[1:]}")
    assert not moves(tmp_path / f"still{name[1:]}")


def test_pages_do_not_move(tmp_path: Path):
    noise((9, 9)).save(tmp_path / "a.tif", save_all=True, append_images=[Image.new("RGB", (9, 9))])
    assert not moves(tmp_path / "a.tif")


@pytest.mark.parametrize("content", [b"", b"no picture"])
def test_what_is_no_picture_does_not_move(tmp_path: Path, content: bytes):
    (tmp_path / "a.gif").write_bytes(content)
    assert not moves(tmp_path / "a.gif")
    assert not moves(tmp_path / "gone.gif")
