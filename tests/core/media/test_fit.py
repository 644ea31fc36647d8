from __future__ import annotations

import io
import json
from pathlib import Path
from threading import Event

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.media import fit
from core.media.fit import Fitted, fit_image
from core.media.picture import MAX_PIXELS, Picture

MEGABYTE = 2**20
GRAPH = json.dumps({"1": {"class_type": "KSampler", "inputs": {"seed": 7}}})


def save(path: Path, image: Image.Image, **options: object) -> Path:
    image.save(path, **options)
    return path


def noise(mode: str = "RGB", size: tuple[int, int] = (300, 200)) -> Image.Image:
    return Image.merge("RGB", [Image.effect_noise(size, 90) for _ in range(3)]).convert(mode)


def opened(fitted: Fitted | None) -> tuple[Image.Image, str]:
    assert fitted is not None
    return Image.open(io.BytesIO(fitted.data)), fitted.extension


def colour(fitted: Fitted | None, at: tuple[int, int] = (0, 0)) -> tuple[int, ...]:
    pixel = opened(fitted)[0].convert("RGBA").getpixel(at)
    assert isinstance(pixel, tuple)
    return pixel


def near(pixel: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return all(abs(a - b) < 12 for a, b in zip(pixel, wanted, strict=True))


def noted(mode: str = "RGB", **texts: str) -> tuple[Image.Image, PngInfo]:
    notes = PngInfo()
    for name, text in texts.items():
        notes.add_text(name, text)
    return noise(mode), notes


def test_a_picture_keeps_its_size_in_pixels(tmp_path: Path):
    path = save(tmp_path / "fox.png", noise())
    fitted = fit_image(path, path.stat().st_size // 2)
    image, extension = opened(fitted)
    assert (image.size, image.format, extension) == ((300, 200), "WEBP", ".webp")
    assert fitted is not None
    assert not fitted.smaller


def test_where_there_is_room_nothing_of_it_is_lost(tmp_path: Path):
    picture = noise()
    image, _ = opened(fit_image(save(tmp_path / "fox.png", picture), MEGABYTE))
    assert image.tobytes() == picture.tobytes()


@pytest.mark.parametrize("part", [0.9, 0.5, 0.25])
def test_no_better_quality_would_have_fitted(tmp_path: Path, part: float):
    picture = noise()
    path = save(tmp_path / "fox.png", picture)
    limit = int(path.stat().st_size * part)
    fitted = fit_image(path, limit)
    assert fitted is not None

    def encoded(quality: int) -> int:
        buffer = io.BytesIO()
        picture.save(buffer, "WEBP", quality=quality, method=2)
        return buffer.tell()

    fitting = [quality for quality in range(40, 101) if encoded(quality) <= limit]
    assert len(fitted.data) == encoded(max(fitting))


def test_exactly_the_limit_fits(tmp_path: Path):
    path = save(tmp_path / "fox.png", noise())
    best = fit_image(path, 60_000)
    assert best is not None
    assert fit_image(path, len(best.data)) == best


def test_a_large_picture_is_judged_by_a_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fit, "_TILE", 8)
    path = save(tmp_path / "fox.png", noise(size=(400, 300)))
    sizes: list[tuple[int, int]] = []
    saved = fit._Fitting._saved

    def watched(self: fit._Fitting, pixels: Image.Image, *args: object, **how: object) -> bytes:
        sizes.append(pixels.size)
        return saved(self, pixels, *args, **how)  # type: ignore[arg-type] - passed through

    monkeypatch.setattr(fit._Fitting, "_saved", watched)
    fitted = fit_image(path, 60_000)
    assert fitted is not None
    assert 50_000 < len(fitted.data) <= 60_000
    assert (64, 64) in sizes
    assert sizes.count((400, 300)) <= 4


def test_a_sample_counts_once_what_is_there_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fit, "_TILE", 8)
    picture = noise(size=(400, 300))
    notes = PngInfo()
    notes.add_text("prompt", json.dumps("x" * 5_000))
    path = save(tmp_path / "fox.png", picture, pnginfo=notes, icc_profile=bytes(1_000))
    fitted = fit_image(path, 60_000)
    image, _ = opened(fitted)
    assert fitted is not None
    assert 50_000 < len(fitted.data) <= 60_000
    assert len(image.getexif()) == 1


@pytest.mark.parametrize("size", [(4000, 9), (9, 4000)])
def test_a_sample_of_a_strip_is_a_strip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]):
    monkeypatch.setattr(fit, "_TILE", 8)
    image, _ = opened(fit_image(save(tmp_path / "fox.png", noise(size=size)), 50_000))
    assert image.size == size


def test_only_when_no_quality_fits_it_has_fewer_pixels(tmp_path: Path):
    path = save(tmp_path / "fox.png", noise())
    fitted = fit_image(path, 5_000)
    image, _ = opened(fitted)
    assert fitted is not None
    assert fitted.smaller
    assert len(fitted.data) <= 5_000
    assert image.width < 300
    assert image.width / image.height == pytest.approx(1.5, abs=0.05)


def test_what_cannot_fit_is_none(tmp_path: Path):
    assert fit_image(save(tmp_path / "fox.png", noise()), 20) is None


@settings(max_examples=40)
@given(
    limit=st.integers(1, 40_000),
    size=st.tuples(st.integers(1, 120), st.integers(1, 120)),
    mode=st.sampled_from(["RGB", "RGBA", "L", "P"]),
    keep=st.booleans(),
)
def test_the_limit_holds(tmp_path: Path, limit: int, size: tuple[int, int], mode: str, keep: bool):
    notes = PngInfo()
    notes.add_text("prompt", GRAPH)
    fitted = fit_image(save(tmp_path / "x.png", noise(mode, size), pnginfo=notes), limit, keep=keep)
    assert fitted is None or len(fitted.data) <= limit


# What a picture is made of


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_stays(tmp_path: Path, mode: str):
    clear = Image.new("RGBA", (8, 8), (255, 0, 0, 0)).convert(mode)
    options = {"transparency": 0} if mode == "P" else {}
    assert colour(fit_image(save(tmp_path / "clear.png", clear, **options), MEGABYTE))[3] == 0


@pytest.mark.parametrize(("mode", "name"), [("L", "a.png"), ("1", "a.png"), ("CMYK", "a.jpg"), ("I;16", "a.png")])
def test_every_mode_is_taken(tmp_path: Path, mode: str, name: str):
    image, _ = opened(fit_image(save(tmp_path / name, Image.new(mode, (8, 8))), MEGABYTE))
    assert image.mode == "RGB"


@pytest.mark.parametrize("name", ["grey.png", "grey.tif"])
def test_sixteen_bits_of_grey_are_as_light_as_they_were(tmp_path: Path, name: str):
    path = save(tmp_path / name, Image.new("I;16", (8, 8), 128 * 257))
    assert near(colour(fit_image(path, MEGABYTE)), (128, 128, 128, 255))


def test_floats_are_none(tmp_path: Path):
    assert fit_image(save(tmp_path / "deep.tif", Image.new("F", (8, 8), 0.5)), MEGABYTE) is None


def test_an_alpha_that_hides_nothing_is_left_out(tmp_path: Path):
    image, _ = opened(fit_image(save(tmp_path / "a.png", Image.new("RGBA", (8, 8), "red")), MEGABYTE))
    assert image.mode == "RGB"


def test_colours_keep_their_profile(tmp_path: Path):
    path = save(tmp_path / "fox.png", noise(), icc_profile=b"a profile")
    image, _ = opened(fit_image(path, 60_000))
    assert image.info["icc_profile"] == b"a profile"


def test_a_profile_of_inks_does_not_stay_with_colours_of_light(tmp_path: Path):
    path = save(tmp_path / "fox.jpg", noise("CMYK"), icc_profile=b"a profile of inks", quality=100)
    image, _ = opened(fit_image(path, 60_000))
    assert "icc_profile" not in image.info


def test_a_picture_that_lies_on_its_side_is_turned(tmp_path: Path):
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = Image.new("RGB", (30, 10), "blue")
    lying.paste("red", (0, 0, 15, 10))
    image, _ = opened(fit_image(save(tmp_path / "a.jpg", lying, exif=exif, quality=100), MEGABYTE))
    assert image.size == (10, 30)
    assert image.getexif().get(0x0112, 1) == 1
    pixel = image.convert("RGB").getpixel((5, 5))
    assert isinstance(pixel, tuple)
    assert near(pixel, (254, 0, 0))


def test_what_is_too_long_for_webp_becomes_a_jpeg(tmp_path: Path):
    path = save(tmp_path / "long.png", Image.new("RGBA", (16384, 1), (0, 0, 255, 255)))
    image, extension = opened(fit_image(path, MEGABYTE))
    assert (image.size, image.format, extension) == ((16384, 1), "JPEG", ".jpg")


def test_what_shows_through_is_white_in_a_jpeg(tmp_path: Path):
    path = save(tmp_path / "long.png", Image.new("RGBA", (16384, 8), (255, 0, 0, 0)))
    assert near(colour(fit_image(path, MEGABYTE)), (255, 255, 255, 255))


def test_what_is_too_long_for_jpeg_too_is_scaled_down(tmp_path: Path):
    fitted = fit_image(save(tmp_path / "long.png", Image.new("RGB", (70_000, 4))), MEGABYTE)
    image, _ = opened(fitted)
    assert fitted is not None
    assert fitted.smaller
    assert image.width <= 65_500


def test_what_webp_would_take_minutes_for_becomes_a_jpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fit, "_WEBP_MAX_PIXELS", 50_000)
    assert opened(fit_image(save(tmp_path / "fox.png", noise()), MEGABYTE))[1] == ".jpg"
    clear = Image.new("RGBA", (300, 200), (255, 0, 0, 0))
    assert opened(fit_image(save(tmp_path / "clear.png", clear), MEGABYTE))[1] == ".webp"


# What was written to it


def test_prompt_and_workflow_of_a_png_go_where_comfyui_has_them_in_a_webp(tmp_path: Path):
    picture, notes = noted(prompt=GRAPH, workflow='{"nodes": []}', other="not of ours")
    image, _ = opened(fit_image(save(tmp_path / "fox.png", picture, pnginfo=notes), 60_000))
    exif = image.getexif()
    assert exif[0x0110] == f"prompt:{GRAPH}"
    assert exif[0x010F] == 'workflow:{"nodes": []}'
    assert len(exif) == 2


def test_letters_that_exif_lacks_are_written_as_json_can(tmp_path: Path):
    notes = PngInfo()
    notes.add_itxt("prompt", '{"text": "Füchse 狐"}')
    image, _ = opened(fit_image(save(tmp_path / "fox.png", noise(), pnginfo=notes), 60_000))
    assert json.loads(image.getexif()[0x0110].removeprefix("prompt:")) == {"text": "Füchse 狐"}


def test_what_was_written_to_a_jpeg_stays_with_it(tmp_path: Path):
    exif = Image.Exif()
    exif[0x010E] = "a fox"
    image, _ = opened(fit_image(save(tmp_path / "fox.jpg", noise(), exif=exif, quality=100), 60_000))
    assert image.getexif()[0x010E] == "a fox"


def test_notes_that_would_take_the_room_of_the_picture_are_left_out(tmp_path: Path):
    picture, notes = noted(prompt=json.dumps("x" * 30_000))
    image, _ = opened(fit_image(save(tmp_path / "fox.png", picture, pnginfo=notes), 60_000))
    assert len(image.getexif()) == 0


def test_notes_that_a_jpeg_has_no_room_for_are_left_out(tmp_path: Path):
    notes = PngInfo()
    notes.add_text("prompt", json.dumps("x" * 80_000))
    path = save(tmp_path / "long.png", Image.new("RGB", (16384, 8)), pnginfo=notes)
    image, _ = opened(fit_image(path, MEGABYTE))
    assert (image.format, len(image.getexif())) == ("JPEG", 0)


def test_asked_not_to_it_keeps_none_of_it(tmp_path: Path):
    picture, notes = noted(prompt=GRAPH)
    exif = Image.Exif()
    exif[0x010E] = "class_type"
    fitted = fit_image(save(tmp_path / "fox.png", picture, pnginfo=notes, exif=exif), 60_000, keep=False)
    assert fitted is not None
    assert b"class_type" not in fitted.data


# What is no picture


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + bytes(50), b"v/1\x01" + bytes(90)])
def test_what_is_no_picture_is_none(tmp_path: Path, content: bytes):
    (tmp_path / "x.png").write_bytes(content)
    assert fit_image(tmp_path / "x.png", MEGABYTE) is None


def test_a_picture_that_is_cut_off_or_gone_is_none(tmp_path: Path):
    path = save(tmp_path / "fox.jpg", noise())
    path.write_bytes(path.read_bytes()[:2000])
    assert fit_image(path, MEGABYTE) is None
    assert fit_image(tmp_path / "gone.png", MEGABYTE) is None


@settings(max_examples=150)
@given(
    kind=st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "AVIF"]),
    wrong=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=6),
)
def test_a_damaged_picture_raises_nothing(tmp_path: Path, kind: str, wrong: list[tuple[int, int]]):
    buffer = io.BytesIO()
    noise(size=(9, 7)).save(buffer, kind)
    data = bytearray(buffer.getvalue())
    for at, value in wrong:
        data[at % len(data)] = value
    (tmp_path / "x").write_bytes(data)
    fitted = fit_image(tmp_path / "x", MEGABYTE)
    assert fitted is None or len(fitted.data) <= MEGABYTE


def test_a_picture_made_to_fill_memory_is_none(tmp_path: Path):
    path = save(tmp_path / "large.png", Image.new("1", (8, 8)))
    data = bytearray(path.read_bytes())
    data[16:24] = (MAX_PIXELS // 1000).to_bytes(4, "big") + (1001).to_bytes(4, "big")
    path.write_bytes(data)
    assert fit_image(path, MEGABYTE) is None


def test_what_pillow_would_refuse_is_taken_and_its_limit_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = save(tmp_path / "large.png", noise())
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1_000)
    fitted = fit_image(path, MEGABYTE)
    assert fitted is not None
    assert Image.MAX_IMAGE_PIXELS == 1_000


def test_the_largest_are_worked_on_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fit, "_LARGE", 50_000)
    held: list[bool] = []
    load = fit.load

    def watched(path: Path) -> Picture:
        held.append(fit._one_at_a_time.locked())
        return load(path)

    monkeypatch.setattr(fit, "load", watched)
    for size in ((300, 200), (200, 100)):
        assert fit_image(save(tmp_path / "fox.png", noise(size=size)), 60_000) is not None
    assert held == [True, False]
    assert not fit._one_at_a_time.locked()


def test_told_to_stop_it_stops(tmp_path: Path):
    stop = Event()
    stop.set()
    assert fit_image(save(tmp_path / "fox.png", noise()), MEGABYTE, stop=stop) is None
