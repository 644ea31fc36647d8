from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from core.media.fit import fit_image

MEGABYTE = 2**20


def save(path: Path, image: Image.Image, **options: object) -> Path:
    image.save(path, **options)
    return path


def noise(mode: str = "RGB", size: tuple[int, int] = (300, 200)) -> Image.Image:
    return Image.merge("RGB", [Image.effect_noise(size, 90)] * 3).convert(mode)


def opened(fitted: tuple[bytes, str] | None) -> tuple[Image.Image, str]:
    assert fitted is not None
    return Image.open(io.BytesIO(fitted[0])), fitted[1]


def test_a_picture_keeps_its_size_in_pixels(tmp_path: Path):
    path = save(tmp_path / "fox.png", noise())
    image, extension = opened(fit_image(path, MEGABYTE))
    assert (image.size, image.format, extension) == ((300, 200), "WEBP", ".webp")


def test_it_is_as_good_as_the_limit_allows(tmp_path: Path):
    path = save(tmp_path / "fox.png", noise())
    best = fit_image(path, MEGABYTE)
    assert best is not None
    sizes = [len(best[0])]
    while (smaller := fit_image(path, sizes[-1] - 1)) is not None:
        sizes.append(len(smaller[0]))
    assert sizes == sorted(set(sizes), reverse=True)
    assert len(sizes) == 5


def test_exactly_the_limit_fits(tmp_path: Path):
    path = save(tmp_path / "fox.png", noise())
    best = fit_image(path, MEGABYTE)
    assert best is not None
    assert fit_image(path, len(best[0])) == best


def test_what_cannot_fit_is_none(tmp_path: Path):
    assert fit_image(save(tmp_path / "fox.png", noise()), 100) is None


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_stays(tmp_path: Path, mode: str):
    clear = Image.new("RGBA", (8, 8), (255, 0, 0, 0)).convert(mode)
    options = {"transparency": 0} if mode == "P" else {}
    image, _ = opened(fit_image(save(tmp_path / "clear.png", clear, **options), MEGABYTE))
    assert image.convert("RGBA").getpixel((0, 0))[3] == 0


@pytest.mark.parametrize(("mode", "name"), [("L", "a.png"), ("1", "a.png"), ("CMYK", "a.jpg"), ("I;16", "a.png")])
def test_every_mode_is_taken(tmp_path: Path, mode: str, name: str):
    image, _ = opened(fit_image(save(tmp_path / name, Image.new(mode, (8, 8))), MEGABYTE))
    assert image.mode == "RGB"


def test_what_is_too_long_for_webp_becomes_a_jpeg(tmp_path: Path):
    path = save(tmp_path / "long.png", Image.new("RGBA", (16384, 1), (0, 0, 255, 255)))
    image, extension = opened(fit_image(path, MEGABYTE))
    assert (image.size, image.format, extension) == ((16384, 1), "JPEG", ".jpg")


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + bytes(50)])
def test_what_is_no_picture_is_none(tmp_path: Path, content: bytes):
    (tmp_path / "x.png").write_bytes(content)
    assert fit_image(tmp_path / "x.png", MEGABYTE) is None


def test_a_picture_that_is_cut_off_or_gone_is_none(tmp_path: Path):
    path = save(tmp_path / "fox.jpg", noise())
    path.write_bytes(path.read_bytes()[:2000])
    assert fit_image(path, MEGABYTE) is None
    assert fit_image(tmp_path / "gone.png", MEGABYTE) is None


def test_a_picture_made_to_fill_memory_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = save(tmp_path / "large.png", Image.new("1", (2000, 2000)))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1_000_000)
    assert fit_image(path, MEGABYTE) is None
