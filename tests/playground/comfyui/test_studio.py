from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from playground.comfyui.faults import Faults
from playground.comfyui.recipes import NodeError
from playground.comfyui.settings import Settings
from playground.comfyui.studio import Studio


@pytest.fixture
async def studio():
    studio = Studio(Settings(), Faults())
    yield studio
    await studio.close()


async def test_a_picture_is_measured_the_right_way_up(studio: Studio, tmp_path: Path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (30, 20)).save(tmp_path / "turned.jpg", exif=exif)
    assert await studio.measure(tmp_path / "turned.jpg") == (20, 30)


@pytest.mark.parametrize("kind", ["bomb", "cut", "missing", "text"])
async def test_what_cannot_be_read_fails_its_node_alone(studio: Studio, tmp_path: Path, kind: str):
    path = tmp_path / "in.bmp"
    Image.new("RGB", (30, 20)).save(path)
    content = bytearray(path.read_bytes())
    if kind == "bomb":
        content[18:26] = (40_000).to_bytes(4, "little") * 2
    elif kind == "cut":
        del content[200:]
    elif kind == "text":
        content = bytearray(b"no picture")
    path.write_bytes(content)
    if kind == "missing":
        path.unlink()
    with pytest.raises((NodeError, OSError)):
        await studio.measure(path)
