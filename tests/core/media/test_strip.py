from __future__ import annotations

import io
import json
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageSequence
from PIL.PngImagePlugin import PngInfo

from core.media.strip import bare_picture, holds_graph

SECRET = json.dumps({"1": {"class_type": "KSampler"}})
XMP = f"<x:xmpmeta>{SECRET}</x:xmpmeta>".encode()


def noise(size: tuple[int, int] = (60, 40), mode: str = "RGB") -> Image.Image:
    return Image.merge("RGB", [Image.effect_noise(size, 90) for _ in range(3)]).convert(mode)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)  # type: ignore[arg-type] - as Pillow takes them
    return buffer.getvalue()


def exif(orientation: int | None = None) -> Image.Exif:
    made = Image.Exif()
    made[0x0110] = f"prompt:{SECRET}"
    if orientation is not None:
        made[0x0112] = orientation
    return made


def frames(data: bytes) -> list[tuple[bytes, object]]:
    with Image.open(io.BytesIO(data)) as image:
        return [
            (frame.convert("RGBA").tobytes(), frame.info.get("duration")) for frame in ImageSequence.Iterator(image)
        ]


def moving(kind: str, **options: object) -> bytes:
    first, *others = [noise() for _ in range(4)]
    return encoded(first, kind, save_all=True, append_images=others, duration=[50, 100, 150, 200], loop=0, **options)


def png_texts() -> PngInfo:
    notes = PngInfo()
    notes.add_text("prompt", SECRET)
    notes.add_text("workflow", SECRET, zip=True)
    notes.add_itxt("parameters", SECRET)
    notes.add(b"comf", b"prompt\0" + SECRET.encode(), after_idat=True)
    return notes


def test_a_png_keeps_its_pixels_and_its_colours_alone():
    picture = noise(mode="RGBA")
    data = encoded(picture, "PNG", pnginfo=png_texts(), exif=exif(), icc_profile=b"a profile", dpi=(72, 72))
    bare = bare_picture(data + SECRET.encode())
    image = Image.open(io.BytesIO(bare))
    assert image.tobytes() == picture.tobytes()
    assert image.info.keys() == {"icc_profile", "dpi"}
    assert b"class_type" not in bare
    assert set(kinds(bare)) == {b"IHDR", b"iCCP", b"pHYs", b"IDAT", b"IEND"}


def kinds(png: bytes) -> list[bytes]:
    found, at = [], 8
    while at < len(png):
        length, kind = struct.unpack_from(">I4s", png, at)
        assert zlib.crc32(png[at + 4 : at + 8 + length]) == struct.unpack_from(">I", png, at + 8 + length)[0]
        found.append(kind)
        at += 12 + length
    return found


def test_colours_of_a_palette_and_what_shows_through_stay():
    image = noise(mode="P")
    data = encoded(image, "PNG", transparency=3, pnginfo=png_texts())
    with Image.open(io.BytesIO(bare_picture(data))) as bare:
        assert bare.convert("RGBA").tobytes() == Image.open(io.BytesIO(data)).convert("RGBA").tobytes()


@pytest.mark.parametrize(
    ("kind", "options"),
    [("PNG", {"pnginfo": png_texts()}), ("WEBP", {"exif": exif(), "xmp": XMP}), ("GIF", {"comment": SECRET.encode()})],
)
def test_what_moves_moves_on_as_it_did(kind: str, options: dict[str, object]):
    data = moving(kind, **options)
    bare = bare_picture(data)
    assert b"class_type" in data
    assert b"class_type" not in bare
    assert frames(bare) == frames(data)
    assert Image.open(io.BytesIO(bare)).info["loop"] == 0


@pytest.mark.parametrize(
    "options", [{"quality": 80}, {"lossless": True}, {"quality": 80, "icc_profile": b"a profile!"}]
)
def test_a_webp_keeps_its_pixels_alone(options: dict[str, object]):
    picture = noise(mode="RGBA")
    data = encoded(picture, "WEBP", exif=exif(), xmp=XMP, **options)
    bare = bare_picture(data + SECRET.encode())
    image = Image.open(io.BytesIO(bare))
    assert image.tobytes() == Image.open(io.BytesIO(data)).tobytes()
    assert image.info.get("icc_profile") == options.get("icc_profile")
    assert image.info.keys() & {"exif", "xmp"} == set()
    assert b"class_type" not in bare
    assert struct.unpack_from("<I", bare, 4)[0] == len(bare) - 8
    assert bare[20] & 0x0C == 0  # the flags of EXIF and XMP


def test_a_plain_webp_is_what_it_was():
    data = encoded(noise(), "WEBP", quality=80)
    assert bare_picture(data) == data


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_jpeg_keeps_its_pixels_alone(mode: str, progressive: bool):
    how = {"progressive": progressive, "restart_marker_blocks": 4, "icc_profile": b"a profile", "dpi": (72, 72)}
    data = encoded(noise(mode=mode), "JPEG", exif=exif(), comment=SECRET, xmp=XMP, **how)
    photoshop = SECRET.encode()
    data = data[:2] + struct.pack(">BBH", 0xFF, 0xED, len(photoshop) + 2) + photoshop + data[2:]
    bare = bare_picture(data + SECRET.encode())
    image = Image.open(io.BytesIO(bare))
    assert image.tobytes() == Image.open(io.BytesIO(data)).tobytes()
    assert image.mode == mode
    assert image.info["icc_profile"] == b"a profile"
    assert image.info["dpi"] == (72, 72)
    assert b"class_type" not in bare
    assert bare_picture(bare) == bare


def test_padding_before_a_marker_is_no_marker():
    data = encoded(noise(), "JPEG")
    assert bare_picture(data[:2] + b"\xff\xff" + data[2:]) == bare_picture(data)


@pytest.mark.parametrize(
    ("kind", "options"), [("JPEG", {}), ("PNG", {}), ("WEBP", {}), ("WEBP", {"icc_profile": b"x"})]
)
def test_how_a_picture_is_to_be_turned_belongs_to_it(kind: str, options: dict[str, object]):
    bare = bare_picture(encoded(noise(), kind, exif=exif(6), **options))
    kept = Image.open(io.BytesIO(bare)).getexif()
    assert dict(kept) == {0x0112: 6}
    assert b"class_type" not in bare


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_of_an_upright_picture_no_exif_is_left(kind: str):
    bare = bare_picture(encoded(noise(), kind, exif=exif(1)))
    assert b"Exif" not in bare
    assert dict(Image.open(io.BytesIO(bare)).getexif()) == {}


def test_exif_in_the_other_order_of_bytes_is_read():
    little = struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, 0x0112, 3, 1, 8, 0, 0)
    bare = bare_picture(encoded(noise(), "JPEG", exif=b"Exif\0\0" + little))
    assert dict(Image.open(io.BytesIO(bare)).getexif()) == {0x0112: 8}


def test_a_program_that_is_no_loop_is_taken_out_of_a_gif():
    data = moving("GIF")
    block = b"\x21\xff\x0bXMP DataXMP" + bytes((len(SECRET),)) + SECRET.encode() + b"\0"
    at = data.index(b"\x21\xff")
    assert bare_picture(data[:at] + block + data[at:] + SECRET.encode()) == bare_picture(data)


def test_a_bitmap_has_no_place_for_notes():
    data = encoded(noise(), "BMP")
    assert bare_picture(data) is data


@pytest.mark.parametrize("data", [b"", b"text", encoded(noise(), "TIFF"), encoded(noise(), "AVIF")])
def test_other_kinds_have_to_be_encoded_anew(data: bytes):
    with pytest.raises(ValueError, match="a kind"):
        bare_picture(data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
@pytest.mark.parametrize("part", [0.05, 0.3, 0.6, 0.95])
def test_a_file_that_is_cut_off_is_refused(kind: str, part: float):
    data = encoded(noise(), kind)
    with pytest.raises(ValueError, match=r"cut off|damaged"):
        bare_picture(data[: int(len(data) * part) + 12])


@given(
    kind=st.sampled_from(["PNG", "JPEG", "WEBP", "GIF"]),
    wrong=st.lists(st.tuples(st.integers(4, 600), st.integers(0, 255)), max_size=8),
)
def test_a_damaged_file_is_refused_or_taken(kind: str, wrong: list[tuple[int, int]]):
    data = bytearray(encoded(noise((9, 7)), kind, **({"comment": b"a fox"} if kind in ("GIF", "JPEG") else {})))
    for at, value in wrong:
        data[at % len(data)] = value
    try:
        bare = bare_picture(bytes(data))
    except ValueError:
        return
    assert len(bare) <= len(data) + 50


@pytest.mark.parametrize("word", ["class_type", "last_node_id", "last_link_id"])
@pytest.mark.parametrize("before", [0, 2**20 - 5, 2**20, 2**21 + 7])
def test_a_graph_is_found_wherever_it_stands(tmp_path: Path, word: str, before: int):
    (tmp_path / "x.glb").write_bytes(bytes(before) + f'"{word}":'.encode() + bytes(9))
    assert holds_graph(tmp_path / "x.glb")


def test_a_file_without_a_graph_holds_none(tmp_path: Path):
    (tmp_path / "x.glb").write_bytes(bytes(2**20 + 3) + b"class type")
    assert not holds_graph(tmp_path / "x.glb")
