from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from core.media import thumbnail as module
from core.media.thumbnail import thumbnail
from tests.core.media.clips import animation, noise


@pytest.mark.parametrize(("size", "small"), [((300, 150), (64, 32)), ((150, 300), (32, 64)), ((20, 10), (20, 10))])
def test_it_fits_into_a_square_and_is_never_larger_than_the_picture(
    tmp_path: Path, size: tuple[int, int], small: tuple[int, int]
):
    noise(size).save(tmp_path / "a.png")
    data = thumbnail(tmp_path / "a.png", 64)
    assert data is not None
    with Image.open(BytesIO(data)) as image:
        assert (image.format, image.size) == ("WEBP", small)


def test_bytes_do_as_well():
    out = BytesIO()
    noise((300, 150)).save(out, "JPEG")
    data = thumbnail(out.getvalue(), 64)
    assert data is not None
    with Image.open(BytesIO(data)) as image:
        assert image.size == (64, 32)


def test_an_animation_is_its_first_frame(tmp_path: Path):
    data = thumbnail(animation(tmp_path / "a.gif", [100, 100]), 64)
    assert data is not None
    with Image.open(BytesIO(data)) as image:
        assert getattr(image, "n_frames", 1) == 1


@pytest.mark.parametrize("content", [b"", b"no picture", None])
def test_what_cannot_be_read_has_none(tmp_path: Path, content: bytes | None):
    path = tmp_path / "a.png"
    if content is not None:
        path.write_bytes(content)
    assert thumbnail(path, 64) is None


def test_what_is_cut_off_or_too_large_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "a.png"
    noise((200, 200)).save(path)
    monkeypatch.setattr(module, "_LARGEST", 200 * 200 - 1)
    assert thumbnail(path, 64) is None
    monkeypatch.setattr(module, "_LARGEST", 200 * 200)
    assert thumbnail(path, 64) is not None
    path.write_bytes(path.read_bytes()[:5000])
    assert thumbnail(path, 64) is None
