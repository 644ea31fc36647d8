"""The demo server takes every shipped workflow as it is built, and gives the kind of result that it promises."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from PIL import Image

from core.comfyui.workflows.updater import LoraChoice, WorkflowParameters
from playground.comfyui import DEMO_LORAS, ComfyUIServer
from tests.workflows.shipped import SHIPPED, Graph, workflow_of

NAMES = ("first.png", "second.png", "third.png")
FREE = [name for name, shipped in SHIPPED.items() if shipped.starts_from_nothing]
WISHES = {"prompt": "a red fox", "seed": 7, "loras": (LoraChoice(DEMO_LORAS[0], 0.5),)}


class Demo:
    """A client of a demo server, and the results in its output folder."""

    def __init__(self, server: ComfyUIServer, session: aiohttp.ClientSession) -> None:
        self.server = server
        self.session = session

    async def upload(self, name: str, colour: str = "red", size: tuple[int, int] = (60, 40)) -> None:
        content = BytesIO()
        Image.new("RGB", size, colour).save(content, "PNG")
        form = aiohttp.FormData()
        form.add_field("image", content.getvalue(), filename=name)
        async with self.session.post(f"{self.server.url}/upload/image", data=form) as answer:
            assert answer.status == 200

    async def run(self, graph: Graph) -> list[dict[str, Any]]:
        """Post a graph and wait for it: the entries of all that it saved."""
        async with self.session.post(f"{self.server.url}/prompt", json={"prompt": graph}) as answer:
            body = await answer.json()
        assert (answer.status, body.get("node_errors")) == (200, {}), body
        await self.server.wait_for(lambda: body["prompt_id"] in self.server.history)
        entry = self.server.history[body["prompt_id"]]
        assert entry["status"]["completed"], entry["status"]["messages"][-1]
        return [saved for shown in entry["outputs"].values() for saved in shown["images"]]

    def picture(self, entry: dict[str, Any]) -> Image.Image:
        return Image.open(self.server.output_dir / entry["subfolder"] / entry["filename"])


@pytest.fixture
async def demo(request: pytest.FixtureRequest) -> AsyncIterator[Demo]:
    """A server with three pictures; it does not draw, unless that is the parameter."""
    async with ComfyUIServer(draw=getattr(request, "param", False)) as server, aiohttp.ClientSession() as session:
        client = Demo(server, session)
        for name, colour in zip(NAMES, ("red", "lime", "blue"), strict=True):
            await client.upload(name, colour)
        yield client


def mean(picture: Image.Image) -> bytes:
    """Red, green and blue of a picture as a whole."""
    return picture.resize((1, 1), Image.Resampling.BOX).tobytes()


drawn = pytest.mark.parametrize("demo", [True], indirect=True, ids=["drawn"])


def built(name: str, images: int | None = None, **parameters: Any) -> Graph:
    """A workflow's graph with as many pictures as it takes, or as are named."""
    count = len(SHIPPED[name].images) if images is None else images
    given = {"images": NAMES[:count]} if count else {}
    return workflow_of(name).build(WorkflowParameters(**given, **parameters))


@pytest.mark.parametrize("name", SHIPPED)
async def test_each_runs_as_it_is_built(demo: Demo, name: str) -> None:
    for wishes in ({}, WISHES):
        (saved,) = await demo.run(built(name, **wishes))
        assert saved["filename"].endswith(".mp4" if SHIPPED[name].type == "video" else ".png")
        assert (saved["subfolder"], saved["type"]) == ("discomfy", "output")


@pytest.mark.parametrize("name", FREE)
async def test_each_of_those_starts_from_a_picture_and_gives_a_batch(demo: Demo, name: str) -> None:
    assert len(await demo.run(built(name, images=1, denoise=0.5, batch_size=3))) == 3


async def test_a_refining_pass_runs(demo: Demo) -> None:
    assert await demo.run(built("upscale", denoise=0.3))


@drawn
@pytest.mark.parametrize("factor", [2, 4, 8])
async def test_a_picture_is_enlarged_by_the_factor(demo: Demo, factor: int) -> None:
    (saved,) = await demo.run(built("upscale", upscale_factor=float(factor)))
    picture = demo.picture(saved)
    assert picture.size == (60 * factor, 40 * factor)
    assert picture.getpixel((10, 10)) == (255, 0, 0)


@drawn
@pytest.mark.parametrize(("name", "second"), [("qwen_image_edit_2", True), ("qwen_image_edit", False)])
async def test_an_edit_gives_the_picture_back_changed_and_shows_the_others(demo: Demo, name: str, second: bool) -> None:
    (saved,) = await demo.run(built(name, prompt="blue", steps=20))
    picture = demo.picture(saved)
    assert picture.size == (1248, 832)
    red, _, blue = mean(picture.crop((0, 0, 900, 600)))
    assert 255 > red > blue > 0
    red, green, _ = mean(picture.crop((1150, 20, 1240, 100)))
    assert (green > red) is second


@drawn
@pytest.mark.parametrize("name", ["video_wan_i2v", "video_wan_t2v"])
async def test_a_video_has_its_frames_in_its_size(demo: Demo, name: str) -> None:
    (saved,) = await demo.run(built(name, length=9, width=256, height=320, fps=8.0))
    movie = (demo.server.output_dir / saved["subfolder"] / saved["filename"]).read_bytes()
    sizes = movie[movie.index(b"stsz") + 4 :]
    assert int.from_bytes(sizes[8:12], "big") == 9
    track = movie[movie.index(b"tkhd") :]
    assert (256).to_bytes(2, "big") + b"\0\0" + (320).to_bytes(2, "big") in track[:100]
