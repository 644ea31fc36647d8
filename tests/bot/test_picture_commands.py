"""Commands that work on pictures: their options, their workflows by the number of pictures, what reaches ComfyUI."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import orjson
import pytest
from PIL import Image

from playground.discord import PlaygroundError, Upload
from tests.bot.conftest import ROOT, Stage, done, failed, graph_of, inputs
from tests.bot.graphs import ACTIONS, animate, edit, node

pytestmark = pytest.mark.integration

QWEN = ("qwen_image_edit", "qwen_image_edit_2", "qwen_image_edit_3")


def shipped(*names: str) -> dict[str, Any]:
    return {name: orjson.loads((ROOT / "workflows" / f"{name}.json").read_bytes()) for name in names}


def with_graphs(graphs: dict[str, Any], **settings: Any) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("settings", [{"graphs": graphs, **settings}], indirect=True)


def pictures(count: int) -> list[Upload]:
    """Pictures that can be told apart."""
    made = []
    for n in range(1, count + 1):
        out = BytesIO()
        Image.new("RGB", (48, 32), (60 * n, 0, 0)).save(out, "PNG")
        made.append(Upload(f"{n}.png", out.getvalue()))
    return made


def options_of(stage: Stage, name: str) -> dict[str, dict[str, Any]]:
    command = next(command for command in stage.discord.commands if command["name"] == name)
    return {option["name"]: option for option in command["options"]}


def loaded(stage: Stage) -> set[bytes]:
    """The pictures of the graph that was sent."""
    graph = graph_of(stage)
    files = [node["inputs"]["image"] for node in graph.values() if node["class_type"] == "LoadImage"]
    return {(stage.comfyui.input_dir / file).read_bytes() for file in files}


@with_graphs(shipped(*QWEN))
@pytest.mark.parametrize("count", [1, 2, 3])
async def test_all_pictures_of_an_edit_reach_the_graph_in_their_order(stage: Stage, png: bytes, count: int) -> None:
    sent = pictures(count)
    given = dict(zip(("image", "image2", "image3"), sent, strict=False))
    reply = await stage.ada.slash(stage.channel, "editqwen", **given, prompt="put the hat on the cat", steps=3, seed=0)
    message = await reply.until(done)
    job = await stage.job()
    assert job.request.workflow == QWEN[count - 1]
    assert loaded(stage) == {picture.data for picture in sent}
    places = stage.bot.engine.workflows.get(job.request.workflow).bindings.files("images")
    names = [graph_of(stage)[place.node_id]["inputs"][place.input_name] for place in places]
    assert [(stage.comfyui.input_dir / name).read_bytes() for name in names] == [picture.data for picture in sent]
    sampler = inputs(graph_of(stage), "KSampler")
    assert (sampler["steps"], sampler["seed"]) == (3, 0)
    assert "Edit with Qwen" in message.text


@with_graphs(shipped(*QWEN))
async def test_a_gap_between_the_pictures_is_none(stage: Stage, png: bytes) -> None:
    first, second = pictures(2)
    reply = await stage.ada.slash(stage.channel, "editqwen", image=first, image3=second, prompt="both")
    await reply.until(done)
    assert (await stage.job()).request.workflow == "qwen_image_edit_2"
    assert loaded(stage) == {first.data, second.data}


@with_graphs(shipped(QWEN[0], QWEN[2]))
async def test_a_number_of_pictures_that_no_workflow_takes_is_a_sentence(stage: Stage, png: bytes) -> None:
    first, second = pictures(2)
    reply = await stage.ada.slash(stage.channel, "editqwen", image=first, image2=second, prompt="both")
    assert "number of pictures: 1, 3" in (await reply.until(failed)).text
    assert stage.comfyui.count("POST", "/upload") == 0


@with_graphs(shipped(QWEN[0]))
async def test_pictures_that_no_workflow_takes_are_not_offered(stage: Stage) -> None:
    assert "image2" not in options_of(stage, "editqwen")


@with_graphs(shipped(QWEN[1]))
async def test_a_second_picture_is_asked_for_where_there_is_no_workflow_for_one(stage: Stage) -> None:
    options = options_of(stage, "editqwen")
    assert [name for name, option in options.items() if option.get("required")] == ["image", "image2", "prompt"]
    assert "image3" not in options


@with_graphs({"mine": edit(), "both": shipped(QWEN[1])[QWEN[1]]}, generation={"editflux_workflow": ["mine", "both"]})
async def test_every_edit_can_have_workflows_for_several_pictures(stage: Stage, png: bytes) -> None:
    first, second = pictures(2)
    reply = await stage.ada.slash(stage.channel, "editflux", image=first, image2=second, prompt="both")
    assert "Edit with Flux" in (await reply.until(done)).text
    assert (await stage.job()).request.workflow == "both"


def masked() -> dict[str, Any]:
    mask = node("LoadImageMask", image="m.png", channel="red")
    return edit() | {"10": mask, "7": node("VAEEncodeForInpaint", pixels=["6", 0], vae=["1", 2], mask=["10", 0])}


@with_graphs({"flux_kontext_edit": masked()})
async def test_a_workflow_that_needs_a_mask_as_well_serves_no_edit(stage: Stage) -> None:
    assert "editflux" not in {command["name"] for command in stage.discord.commands}


@with_graphs(ACTIONS)
async def test_a_value_out_of_range_is_refused_before_a_picture_is_fetched(stage: Stage, png: bytes) -> None:
    with pytest.raises(PlaygroundError):
        await stage.ada.slash(stage.channel, "editflux", image=Upload("cat.png", png), prompt="blue", steps=99)
    reply = await stage.ada.slash(
        stage.channel, "editflux", image=Upload("cat.png", png), prompt="blue", sampler="nonsense"
    )
    assert "Sampler must be" in (await reply.until(failed)).text
    assert stage.comfyui.count("POST", "/upload") == 0


UPSCALE = {
    "graphs": shipped("upscale"),
    "workflows": {
        "upscale": {
            "file": "upscale.json",
            "choices": {"upscale_factor": [2, 4, 8]},
            "limits": {"denoise": {"max": 0.6}},
            "defaults": {"denoise": 0},
        }
    },
}


@pytest.mark.parametrize("settings", [UPSCALE], indirect=True)
async def test_an_upscale_offers_what_its_workflow_has(stage: Stage, png: bytes) -> None:
    options = options_of(stage, "upscale")
    assert list(options)[:5] == ["image", "prompt", "factor", "strength", "steps"]
    assert [choice["value"] for choice in options["factor"]["choices"]] == [2, 4, 8]
    assert options["strength"]["max_value"] == 0.6
    assert [name for name, option in options.items() if option.get("required")] == ["image"]
    sent = {"image": Upload("cat.png", png), "factor": 4.0, "strength": 0.3, "steps": 2, "seed": 7}
    message = await (await stage.ada.slash(stage.channel, "upscale", **sent)).until(done)
    sampler = inputs(graph_of(stage), "KSampler")
    assert (sampler["denoise"], sampler["steps"], sampler["seed"]) == (0.3, 2, 7)
    assert inputs(graph_of(stage), "ImageScaleBy")["scale_by"] == 4.0
    assert "Upscale" in message.text


@pytest.mark.parametrize("settings", [UPSCALE], indirect=True)
async def test_an_upscale_of_nothing_but_a_picture(stage: Stage, png: bytes) -> None:
    message = await (await stage.ada.slash(stage.channel, "upscale", image=Upload("cat.png", png))).until(done)
    assert loaded(stage) == {png}
    assert "KSampler" not in {node["class_type"] for node in graph_of(stage).values()}
    assert not any(name in message.text for name in ("Steps", "CFG", "Seed"))
    assert not {"Reroll", "Edit prompt"} & {button["label"] for button in message.buttons}
    info = await (await stage.ada.click(message, label="Info")).until(lambda message: "own record" in message.text)
    assert not any(name in info.text for name in ("Steps", "CFG", "Seed"))


@with_graphs(ACTIONS)
async def test_an_upscale_without_anything_to_choose_takes_the_picture_only(stage: Stage, png: bytes) -> None:
    assert list(options_of(stage, "upscale")) == ["image", "private"]
    await (await stage.ada.slash(stage.channel, "upscale", image=Upload("cat.png", png))).until(done)


@with_graphs(shipped("video_wan_i2v"))
async def test_an_animation_takes_its_length_and_needs_no_words(stage: Stage, png: bytes) -> None:
    options = options_of(stage, "animate")
    assert list(options)[:3] == ["image", "prompt", "length"]
    assert [name for name, option in options.items() if option.get("required")] == ["image"]
    picture = Upload("cat.png", png)
    message = await (await stage.ada.slash(stage.channel, "animate", image=picture, length=33)).until(done)
    assert message.attachments[0].filename.endswith(".mp4")
    assert loaded(stage) == {png}
    assert 33 in [node["inputs"].get("length") for node in graph_of(stage).values()]
    worded = await stage.ada.slash(stage.channel, "animate", image=picture, prompt="it runs")
    assert "it runs" in (await worded.until(done)).text


@with_graphs({"video_wan_i2v": animate()})
async def test_an_animation_by_a_workflow_of_ones_own(stage: Stage, png: bytes) -> None:
    picture = Upload("cat.png", png)
    await (await stage.ada.slash(stage.channel, "animate", image=picture, prompt="it runs", steps=2)).until(done)
    assert inputs(graph_of(stage), "KSampler")["steps"] == 2


async def test_nothing_is_offered_that_no_workflow_serves(stage: Stage) -> None:
    names = {command["name"] for command in stage.discord.commands}
    assert not {"upscale", "animate", "editflux", "editqwen"} & names


@with_graphs(ACTIONS)
async def test_a_command_whose_workflow_goes_meanwhile_is_a_sentence(stage: Stage, png: bytes) -> None:
    (stage.outputs.parent / "workflows" / "upscale.json").unlink()
    reply = await stage.ada.slash(stage.channel, "upscale", image=Upload("cat.png", png))
    assert "not set up" in (await reply.until(failed)).text


@with_graphs(ACTIONS)
async def test_what_was_submitted_is_delivered_by_the_next_bot(stage: Stage, png: bytes) -> None:
    gate = stage.comfyui.pause("progress")
    reply = await stage.ada.slash(stage.channel, "editqwen", image=Upload("cat.png", png), prompt="blue")
    await gate.reached()
    await stage.stop()
    gate.release()
    await stage.start()
    assert "Edit with Qwen" in (await reply.until(done)).text
    assert len(stage.comfyui.accepted) == 1


@with_graphs(shipped("video_wan_i2v"))
async def test_generate_with_a_picture_films_it_where_the_workflow_makes_videos(stage: Stage, png: bytes) -> None:
    reply = await stage.generate(prompt="it runs", workflow="video_wan_i2v", image=Upload("cat.png", png), length=17)
    message = await reply.until(done)
    assert message.attachments[0].filename.endswith(".mp4")
    assert loaded(stage) == {png}
