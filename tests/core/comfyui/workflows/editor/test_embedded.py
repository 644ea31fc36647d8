"""Workflows in pictures and videos, written here as ComfyUI and its libraries write them."""

from __future__ import annotations

import io
import json
import struct
import zlib
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.comfyui.workflows.editor import containers
from core.comfyui.workflows.editor_format import embedded_workflow

RUN: dict[str, Any] = {"1": {"class_type": "Encode", "inputs": {"text": "grün %"}}}
SAVED: dict[str, Any] = {"nodes": [], "links": []}
LARGE = "x" * 5000


def picture(kind: str, **more: Any) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (2, 2)).save(data, kind, **more)
    return data.getvalue()


def png(*, compress: bool = False, international: bool = False, **texts: Any) -> bytes:
    info = PngInfo()
    for key, value in texts.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=not international)
        (info.add_itxt if international else info.add_text)(key, text, zip=compress)
    return picture("PNG", pnginfo=info)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def webp(tags: dict[int, str]) -> bytes:
    exif = Image.Exif()
    for tag, text in tags.items():
        exif[tag] = text
    return picture("WEBP", exif=exif)


def box(kind: bytes, *bodies: bytes, long: bool = False) -> bytes:
    body = b"".join(bodies)
    if long:
        return struct.pack(">I4sQ", 1, kind, 16 + len(body)) + body
    return struct.pack(">I4s", 8 + len(body), kind) + body


def text_box(kind: bytes, text: str) -> bytes:
    return box(kind, box(b"data", struct.pack(">II", 1, 0), text.encode()))


def mp4(texts: dict[str, str], *, udta: bool = True, versioned: bool = True, long: bool = False) -> bytes:
    keys = box(b"keys", struct.pack(">II", 0, len(texts)), *(box(b"mdta", key.encode()) for key in texts))
    ilst = box(b"ilst", *(text_box(struct.pack(">I", n), text) for n, text in enumerate(texts.values(), 1)))
    meta = box(b"meta", bytes(4 * versioned), box(b"hdlr", bytes(25)), keys, ilst)
    moov = box(b"moov", box(b"mvhd", bytes(100)), box(b"udta", meta) if udta else meta, long=long)
    return box(b"ftyp", b"isom", bytes(4)) + box(b"mdat", bytes(50)) + moov


def element(kind: int, *bodies: bytes, size: bytes | None = None) -> bytes:
    body = b"".join(bodies)
    head = kind.to_bytes((kind.bit_length() + 7) // 8)
    return head + (size or (1 << 28 | len(body)).to_bytes(4)) + body


def webm(texts: dict[str, str], size: bytes | None = None) -> bytes:
    tags = [
        element(
            0x7373, element(0x63C0), element(0x67C8, element(0x45A3, k.encode()), element(0x4487, v.encode(), b"\0"))
        )
        for k, v in texts.items()
    ]
    return element(0x1A45DFA3, bytes(3)) + element(
        0x18538067, element(0xEC, bytes(9)), element(0x1254C367, *tags), size=size
    )


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("international", [False, True])
def test_a_png_gives_what_ran_before_what_was_saved(compress: bool, international: bool) -> None:
    written = png(
        compress=compress, international=international, workflow=SAVED, prompt={**RUN, "2": {**RUN["1"], "x": LARGE}}
    )
    assert embedded_workflow(written) == {**RUN, "2": {**RUN["1"], "x": LARGE}}


def test_a_file_of_the_editor_is_taken_where_nothing_ran() -> None:
    assert embedded_workflow(png(workflow=SAVED)) == SAVED
    assert embedded_workflow(png(workflow=SAVED, prompt="{broken")) == SAVED
    assert embedded_workflow(png(workflow=SAVED, prompt={})) == SAVED
    assert embedded_workflow(png(workflow=SAVED, prompt={"1": {"inputs": {}}})) == SAVED
    assert embedded_workflow(png(workflow=SAVED, prompt="[" * 100_000)) == SAVED


def test_an_animated_png_has_a_chunk_of_its_own() -> None:
    body = b"prompt\0" + json.dumps(RUN).encode()
    assert embedded_workflow(png()[:-12] + chunk(b"comf", body) + chunk(b"IEND", b"")) == RUN


def test_numbers_that_are_none_are_read() -> None:
    assert str(embedded_workflow(png(prompt={"1": {**RUN["1"], "is_changed": [float("nan")]}}))) == str(
        {"1": {**RUN["1"], "is_changed": [float("nan")]}}
    )


def test_integers_stay_exact() -> None:
    large = {"1": {"class_type": "A", "inputs": {"seed": 2**64 - 1}}}
    assert embedded_workflow(png(prompt=large)) == large


def test_a_webp_has_it_in_its_exif() -> None:
    assert (
        embedded_workflow(webp({0x0110: f"prompt:{json.dumps(RUN)}", 0x010F: f"workflow:{json.dumps(SAVED)}"})) == RUN
    )
    assert embedded_workflow(webp({0x010F: f"workflow:{json.dumps(SAVED)}", 0x0131: "no colon"})) == SAVED


@pytest.mark.parametrize("shape", [{}, {"udta": False}, {"versioned": False}, {"long": True}])
def test_an_mp4_has_it_in_its_metadata(shape: Any) -> None:
    texts = {"encoder": "Lavf", "workflow": json.dumps(SAVED), "prompt": json.dumps(RUN, ensure_ascii=False)}
    assert embedded_workflow(mp4(texts, **shape)) == RUN


def test_a_comment_may_hold_both() -> None:
    both = json.dumps({"prompt": json.dumps(RUN), "workflow": SAVED})
    ilst = box(b"ilst", text_box(b"\xa9too", "Lavf"), text_box(b"\xa9cmt", both))
    meta = box(b"meta", bytes(4), box(b"hdlr", bytes(25)), ilst)
    assert embedded_workflow(box(b"ftyp", b"isom") + box(b"moov", box(b"udta", meta))) == RUN
    assert embedded_workflow(mp4({"comment": json.dumps({"workflow": SAVED})})) == SAVED
    assert embedded_workflow(mp4({"comment": "[1]"})) is None


@pytest.mark.parametrize("size", [None, b"\x01" + b"\xff" * 7])
def test_a_webm_has_it_in_its_tags(size: bytes | None) -> None:
    written = webm({"ENCODER": "Lavf", "PROMPT": json.dumps(RUN), "WORKFLOW": json.dumps(SAVED)}, size)
    assert embedded_workflow(written) == RUN


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"{}", png(), webp({}), mp4({}), webm({}), png(parameters="a fox")])
def test_files_without_a_workflow_have_none(data: bytes) -> None:
    assert embedded_workflow(data) is None


WHOLE = {
    "png": png(prompt=RUN),
    "ztxt": png(prompt={**RUN, "2": {**RUN["1"], "x": LARGE}}, compress=True),
    "itxt": png(prompt=RUN, compress=True, international=True),
    "webp": webp({0x0110: f"prompt:{json.dumps(RUN)}"}),
    "mp4": mp4({"prompt": json.dumps(RUN)}),
    "webm": webm({"PROMPT": json.dumps(RUN)}),
}


@pytest.mark.parametrize("name", WHOLE)
def test_damage_ends_in_nothing_or_in_a_workflow(name: str) -> None:
    whole = WHOLE[name]
    intact = embedded_workflow(whole)
    assert intact is not None
    for cut in range(len(whole)):
        assert embedded_workflow(whole[:cut]) in (None, intact)
    for place in range(len(whole)):
        for byte in (0, 1, 255, whole[place] ^ 0x10):
            found = embedded_workflow(whole[:place] + bytes([byte]) + whole[place + 1 :])
            assert found is None or isinstance(found, dict)


def test_a_text_that_unpacks_to_too_much_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    large = {**RUN, "2": {**RUN["1"], "x": LARGE}}
    monkeypatch.setattr(containers, "LARGEST_TEXT", 1000)
    assert embedded_workflow(png(prompt=large, compress=True)) is None
    assert embedded_workflow(png(prompt=large, compress=True, international=True)) is None
    assert embedded_workflow(png(prompt=large)) is None
    assert embedded_workflow(mp4({"prompt": json.dumps(large)})) is None
    assert embedded_workflow(webm({"PROMPT": json.dumps(large)})) is None
    assert embedded_workflow(webp({0x0110: f"prompt:{json.dumps(large)}"})) is None
    assert embedded_workflow(png(prompt=RUN, compress=True)) == RUN
