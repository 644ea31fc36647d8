"""Files that users send, by what is in them."""

from __future__ import annotations

import io
import struct
import threading
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.exceptions import ValidationError
from core.validators import pictures
from core.validators.media import inspect_file

SIZE = (60, 40)
GPS = 0x8825
#: Which corner of the picture is red when it is turned by the number in its EXIF data.
CORNERS = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}


def drawn(mode: str = "RGB", size: tuple[int, int] = SIZE) -> Image.Image:
    """Blue, with the corner at the top left in red."""
    image = Image.new("RGB", size, (20, 40, 200))
    image.paste((220, 30, 20), (0, 0, size[0] // 3, size[1] // 3))
    return image.convert(mode)


def exif(orientation: int = 1) -> Image.Exif:
    about = Image.Exif()
    about[0x0112] = orientation
    about[0x010F] = "private camera"
    about.get_ifd(GPS)[1] = "N"
    return about


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def pixel(image: Image.Image, corner: tuple[int, int]) -> tuple[int, ...]:
    return image.convert("RGB").getpixel((corner[0] * (image.width - 1), corner[1] * (image.height - 1)))


def is_red(colour: tuple[int, ...]) -> bool:
    return colour[0] > 150 and colour[2] < 100


class Sent:
    """A file that somebody sent."""

    def __init__(self, path: Path, data: bytes) -> None:
        self.path = path
        path.write_bytes(data)

    def inspected(self, kind: str = "images", max_megapixels: float = 50.0) -> str:
        return inspect_file(kind, self.path, max_megapixels=max_megapixels)

    def refused(self, kind: str = "images", **limits: float) -> str:
        with pytest.raises(ValidationError) as caught:
            self.inspected(kind, **limits)
        assert caught.value.field == kind
        assert str(self.path) not in str(caught.value)
        return str(caught.value)


@pytest.fixture
def sent(tmp_path: Path):
    return lambda data: Sent(tmp_path / "sent", data)


# What is a picture


@pytest.mark.parametrize("kind", ["images", "masks"])
@pytest.mark.parametrize(
    ("form", "mode", "extension"),
    [
        ("PNG", "RGB", "png"),
        ("PNG", "RGBA", "png"),
        ("PNG", "P", "png"),
        ("PNG", "L", "png"),
        ("PNG", "1", "png"),
        ("JPEG", "RGB", "jpg"),
        ("JPEG", "L", "jpg"),
        ("WEBP", "RGB", "webp"),
        ("WEBP", "RGBA", "webp"),
    ],
)
def test_a_common_picture_keeps_its_bytes(sent, kind: str, form: str, mode: str, extension: str):
    data = saved(drawn(mode), form)
    file = sent(data)
    assert file.inspected(kind) == extension
    assert file.path.read_bytes() == data


@pytest.mark.parametrize(
    ("form", "mode", "extension"),
    [("GIF", "P", "png"), ("BMP", "RGB", "png"), ("JPEG", "CMYK", "jpg"), ("PNG", "I;16", "png")],
)
def test_an_odd_one_is_made_a_common_one(sent, form: str, mode: str, extension: str):
    source = drawn("L").convert("I").point(lambda v: v * 257).convert("I;16") if mode == "I;16" else drawn(mode)
    file = sent(saved(source, form))
    assert file.inspected() == extension
    with Image.open(file.path) as image:
        assert (image.mode, image.size) == ("RGB", SIZE)
        corners = [pixel(image, (0, 0)), pixel(image, (1, 1))]
    grey = [int(0.3 * r + 0.59 * g + 0.11 * b) for r, g, b in ((220, 30, 20), (20, 40, 200))]
    expected = [(g, g, g) for g in grey] if mode == "I;16" else [(220, 30, 20), (20, 40, 200)]
    tolerance = 8 if mode == "RGB" else 60
    for colour, wanted in zip(corners, expected, strict=True):
        assert all(abs(a - b) <= tolerance for a, b in zip(colour, wanted, strict=True)), (colour, wanted)


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
def test_of_an_animation_the_first_frame_is_left(sent, form: str):
    frames = [Image.new("RGB", SIZE, colour) for colour in ("blue", "lime")]
    file = sent(saved(drawn(), form, save_all=True, append_images=frames, duration=50))
    assert file.inspected() == "png"
    with Image.open(file.path) as image:
        assert not getattr(image, "is_animated", False)
        assert is_red(pixel(image, (0, 0)))


@pytest.mark.parametrize("orientation", CORNERS)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_turned_upright(sent, form: str, orientation: int):
    file = sent(saved(drawn(), form, exif=exif(orientation)))
    file.inspected()
    with Image.open(file.path) as image:
        assert image.size == (SIZE if orientation < 5 else SIZE[::-1])
        assert is_red(pixel(image, CORNERS[orientation]))
        assert not dict(image.getexif())


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_nothing_private_is_left(sent, form: str, orientation: int):
    xmp = b"<x:xmpmeta>private place</x:xmpmeta>"
    extra = {"comment": b"private remark"} if form == "JPEG" else {}
    data = saved(drawn(), form, exif=exif(orientation), **({"xmp": xmp} if form != "PNG" else {}), **extra)
    if form == "PNG":
        text = b"Comment\0private remark"
        chunk = struct.pack(">I", len(text)) + b"tEXt" + text + struct.pack(">I", zlib.crc32(b"tEXt" + text))
        data = data[:33] + chunk + data[33:]
    file = sent(data + b"private trailer")
    assert b"private" in data
    file.inspected()
    assert b"private" not in file.path.read_bytes()


def test_its_colours_stay_what_they_are_meant_to_be(sent):
    for orientation in (1, 6):
        file = sent(saved(drawn(), "JPEG", exif=exif(orientation), icc_profile=b"profile"))
        file.inspected()
        with Image.open(file.path) as image:
            assert image.info["icc_profile"] == b"profile"


def test_a_picture_that_is_not_by_the_book_is_written_anew(sent):
    file = sent(saved(drawn(), "PNG", exif=exif(6))[:-12])  # its end is missing, and Pillow does not mind
    assert file.inspected() == "png"
    with Image.open(file.path) as image:
        assert is_red(pixel(image, CORNERS[6]))
        assert not dict(image.getexif())


# What is none


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"MZ\x90\0 an executable" + bytes(200),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"%!PS-Adobe-3.0 EPSF-3.0",
        b"II*\0" + bytes(100),
        b"PK\x03\x04" + bytes(100),
        b"\0\0\0\x20ftypisom" + bytes(100),
        b"a text of some length, which is not a picture",
    ],
)
def test_what_is_no_picture_is_refused(sent, data: bytes):
    assert "not a picture, whatever its name says" in sent(data).refused()


@pytest.mark.parametrize(
    "head", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\x40\0\0\0WEBPVP8 ", b"GIF89a", b"BM\x40\0\0\0\0\0\0\0"]
)
def test_what_only_begins_as_one_is_refused(sent, head: bytes):
    assert "incomplete or damaged" in sent(head + b"garbage" * 20).refused()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_picture_that_is_cut_off_is_refused(sent, form: str, share: float):
    noise = Image.effect_noise((200, 150), 90).convert("RGB")
    data = saved(noise, form)
    assert "incomplete or damaged" in sent(data[: int(len(data) * share)]).refused()


def test_a_picture_whose_pixels_end_early_is_refused(sent):
    """Every chunk is whole, and the last of the pixels were never written."""
    data = saved(drawn(), "PNG")
    lines = zlib.compress(bytes(61 * 20))
    body = b"IDAT" + lines
    chunk = struct.pack(">I", len(lines)) + body + struct.pack(">I", zlib.crc32(body))
    assert "incomplete or damaged" in sent(data[:33] + chunk + data[-12:]).refused()


# Sizes


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it has so many pixels and holds none of them."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    lines = b"IDAT" + zlib.compress(bytes(1000))
    chunks = [struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (head, lines, b"IEND")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        ((1, 1), "has 1 × 1 pixels: send one of at least 16 a side."),
        ((15, 100), "at least 16"),
        ((100, 15), "at least 16"),
        ((20_000, 100), "has 20000 × 100 pixels: send one of at most 16384 a side."),
        ((100, 20_000), "at most 16384"),
        ((8_000, 7_000), "has 8000 × 7000 pixels: send one of at most 50 million."),
        ((16_000, 16_000), "at most 50 million"),
        ((20_000, 20_000), "has 20000 × 20000 pixels"),
        ((2**31 - 1, 2**31 - 1), ""),
    ],
)
@pytest.mark.parametrize("kind", ["images", "masks"])
def test_sizes_are_refused_before_anything_is_decoded(sent, monkeypatch, kind: str, size, sentence: str):
    decoded: list[object] = []
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: decoded.append(self))
    assert sentence in sent(bomb(*size)).refused(kind)
    assert decoded == []


@pytest.mark.parametrize("size", [(16, 16), (16, 16_384), (16_384, 16)])
def test_the_smallest_and_the_longest_are_taken(sent, size: tuple[int, int]):
    assert sent(saved(Image.new("L", size), "PNG")).inspected() == "png"


def test_the_limit_on_pixels_is_the_configuration_s(sent):
    file = sent(saved(Image.new("L", (1000, 1000)), "PNG"))
    assert file.inspected(max_megapixels=1.0) == "png"
    assert "at most 0.99 million" in file.refused(max_megapixels=0.99)


def test_large_pictures_wait_for_each_other_and_small_ones_do_not(sent, monkeypatch):
    file = sent(saved(drawn(), "PNG"))
    looking = threading.Thread(target=file.inspected)
    with pictures._one_large:
        assert file.inspected() == "png"
        monkeypatch.setattr(pictures, "_LARGE", SIZE[0] * SIZE[1] - 1)
        looking.start()
        looking.join(0.05)
        assert looking.is_alive()
    looking.join(5)
    assert not looking.is_alive()


def test_a_large_jpeg_is_proven_without_holding_its_pixels(sent, monkeypatch):
    sizes: list[tuple[int, int]] = []
    file = sent(saved(Image.new("RGB", (2_000, 1_600), "red"), "JPEG"))
    original = Image.Image.getexif

    def note(image: Image.Image) -> Image.Exif:
        sizes.append(image.size)
        return original(image)

    monkeypatch.setattr(Image.Image, "getexif", note)
    assert file.inspected() == "jpg"
    assert sizes == [(250, 200)]
