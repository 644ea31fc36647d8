"""Texts in EXIF, of WebP and JPEG."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image

from core.comfyui.workflows.editor.containers import read_texts

USER_COMMENT, PART = 0x9286, 0x8769


def saved(kind: str, comment: bytes = b"", **tags: str) -> bytes:
    exif = Image.Exif()
    for tag, text in zip((0x010F, 0x0110), tags.items(), strict=False):
        exif[tag] = ":".join(text)
    if comment:
        exif.get_ifd(PART)[USER_COMMENT] = comment
    data = io.BytesIO()
    Image.new("RGB", (2, 2)).save(data, kind, exif=exif)
    return data.getvalue()


@pytest.mark.parametrize("kind", ["WEBP", "JPEG"])
def test_what_comfyui_and_its_packs_write(kind: str) -> None:
    graph = json.dumps({"1": {"class_type": "A", "inputs": {}}})
    assert dict(read_texts(saved(kind, prompt=graph, workflow="{}"))) == {"prompt": graph, "workflow": "{}"}


@pytest.mark.parametrize("kind", ["WEBP", "JPEG"])
@pytest.mark.parametrize(
    "comment",
    [
        b"UNICODE\0" + "ein Füchslein, 狐".encode("utf-16-be"),
        b"UNICODE\0" + "ein Füchslein, 狐".encode("utf-16-le"),
        b"ASCII\0\0\0" + "ein Füchslein, 狐".encode() + b"\0",
    ],
)
def test_a_comment_is_what_was_told(kind: str, comment: bytes) -> None:
    assert list(read_texts(saved(kind, comment))) == [("parameters", "ein Füchslein, 狐")]


@pytest.mark.parametrize("kind", ["WEBP", "JPEG"])
def test_damage_ends_the_reading(kind: str) -> None:
    whole = saved(kind, b"UNICODE\0" + "fox".encode("utf-16-be"), prompt="{}")
    for place in range(len(whole)):
        for byte in (0, 255, whole[place] ^ 0x10):
            list(read_texts(whole[:place]))
            list(read_texts(whole[:place] + bytes([byte]) + whole[place + 1 :]))


def test_a_comment_that_is_too_large_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.comfyui.workflows.editor.containers.LARGEST_TEXT", 100)
    assert list(read_texts(saved("JPEG", b"ASCII\0\0\0" + b"x" * 100))) == []
