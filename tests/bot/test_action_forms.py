"""The forms of what can be done with a picture: what they ask for, kindly, and that they outlive the bot."""

from __future__ import annotations

from typing import Any

import pytest

from playground.discord import Interaction, PlaygroundError, Upload
from tests.bot.conftest import WORKFLOWS, Stage, done, graph_of, inputs, settled
from tests.bot.graphs import ACTIONS, edit, node
from tests.bot.test_picture_commands import QWEN, loaded, pictures, shipped

pytestmark = pytest.mark.integration


def with_graphs(graphs: dict[str, Any], **settings: Any) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("settings", [{"graphs": graphs, **settings}], indirect=True)


def enlarging() -> dict[str, Any]:
    """Picture → larger picture, by a factor."""
    return {
        "1": node("LoadImage", image="start.png"),
        "2": node("ImageScaleBy", image=["1", 0], upscale_method="lanczos", scale_by=2.0),
        "3": node("SaveImage", images=["2", 0], filename_prefix="out"),
    }


async def opened(stage: Stage, label: str, **options: Any) -> Interaction:
    form = await (await stage.ada.click(await stage.picture(**options), label=label)).answered()
    assert form.modal is not None
    return form


def labels(form: Interaction) -> list[str]:
    assert form.modal is not None
    return [field.label for field in form.modal.fields]


async def refused(sent: Interaction) -> str:
    await sent.answered()
    assert sent.message is not None
    assert sent.message.ephemeral
    return sent.message.text


@with_graphs(shipped(*QWEN))
@pytest.mark.parametrize("more", [0, 1, 2])
async def test_an_edit_takes_more_pictures_and_the_workflow_for_so_many(stage: Stage, png: bytes, more: int) -> None:
    stage.comfyui.settings.sample = png
    form = await opened(stage, "Qwen edit", prompt="a cat")
    assert labels(form)[:2] == ["Prompt", "More pictures, in their order"]
    assert len(labels(form)) <= 5
    sent = pictures(2)[:more]
    await (await stage.ada.submit(form, {"Prompt": "with a hat", "More pictures, in their order": sent})).until(done)
    job = await stage.told()
    assert job.request.workflow == QWEN[more]
    assert loaded(stage) == {png, *(picture.data for picture in sent)}
    names = job.request.parameters.images or ()
    assert [(stage.comfyui.input_dir / name).read_bytes() for name in names[1:]] == [each.data for each in sent]


@with_graphs(shipped(QWEN[1]))
async def test_a_second_picture_is_asked_for_where_there_is_no_workflow_for_one(stage: Stage) -> None:
    form = await opened(stage, "Qwen edit")
    assert labels(form)[:2] == ["Prompt", "Another picture"]
    with pytest.raises(PlaygroundError):
        await stage.ada.submit(form, {"Prompt": "with a hat"})
    await (await stage.ada.submit(form, {"Prompt": "with a hat", "Another picture": pictures(1)})).until(done)


@with_graphs(shipped(*QWEN))
async def test_what_is_no_picture_is_refused_before_anything_is_fetched(stage: Stage) -> None:
    form = await opened(stage, "Qwen edit")
    sent = {"Prompt": "with a hat", "More pictures, in their order": Upload("notes.txt", b"words")}
    assert "picture" in await refused(await stage.ada.submit(form, sent))
    assert stage.comfyui.count("POST", "/upload") == 0


@with_graphs(
    {"upscale": enlarging()},
    workflows={
        "upscale": {"file": "upscale.json", "choices": {"upscale_factor": [2, 4, 8]}},
        "flux_lora": {"file": "flux_lora.json"},
    },
)
async def test_a_factor_is_chosen_from_a_list(stage: Stage) -> None:
    form = await opened(stage, "Upscale")
    assert form.modal is not None
    assert [option["label"] for option in form.modal.field("Factor").options] == ["2", "4", "8"]
    await (await stage.ada.submit(form, {"Factor": "4"})).until(done)
    assert inputs(graph_of(stage), "ImageScaleBy")["scale_by"] == 4


@with_graphs(ACTIONS)
async def test_a_form_from_before_a_restart_submits_and_once(stage: Stage) -> None:
    form = await opened(stage, "Flux edit")
    await settled()
    await stage.stop()
    await stage.start()
    await (await stage.ada.submit(form, {"Prompt": "a blue fox", "Steps": "2"})).until(done)
    assert inputs(graph_of(stage), "CLIPTextEncode")["text"] == "a blue fox"
    await stage.told()
    assert "sent already" in await refused(await stage.ada.submit(form, {"Prompt": "a blue fox"}))
    assert len(stage.comfyui.accepted) == 2


@with_graphs(ACTIONS)
async def test_a_form_whose_submission_was_refused_can_be_sent_again(stage: Stage) -> None:
    form = await opened(stage, "Flux edit")
    assert "between 1 and 50" in await refused(await stage.ada.submit(form, {"Prompt": "blue", "Steps": "99"}))
    await (await stage.ada.submit(form, {"Prompt": "blue", "Steps": "9"})).until(done)


@with_graphs(ACTIONS)
async def test_its_values_are_checked_against_the_workflow_of_now(stage: Stage) -> None:
    form = await opened(stage, "Flux edit")
    path = stage.outputs.parent / "workflows" / "flux_kontext_edit.json"
    path.unlink()
    assert "not set up" in await refused(await stage.ada.submit(form, {"Prompt": "blue"}))
    assert len(stage.comfyui.accepted) == 1


@with_graphs({"mine": edit()}, generation={"animate_workflow": "mine"})
async def test_an_animation_asks_for_a_strength_where_it_has_one(stage: Stage) -> None:
    form = await opened(stage, "Animate", prompt="a red fox")
    assert labels(form) == ["Prompt", "Strength", "Steps", "Seed"]
    await (await stage.ada.submit(form, {"Strength": "0.3"})).until(done)
    assert inputs(graph_of(stage), "KSampler")["denoise"] == 0.3
    assert inputs(graph_of(stage), "CLIPTextEncode")["text"] == "a red fox"


@with_graphs(ACTIONS)
async def test_what_was_written_into_a_form_is_given_back_where_something_is_wrong_with_it(stage: Stage) -> None:
    form = await opened(stage, "Flux edit")
    told = await refused(await stage.ada.submit(form, {"Prompt": "a *blue* fox", "Steps": "99"}))
    assert "**Prompt**\n```\na *blue* fox\n```" in told


@with_graphs(
    {**shipped("upscale"), "mine": edit()},
    workflows={**WORKFLOWS, "upscale": {"file": "upscale.json", "defaults": {"denoise": 0}}},
    generation={"animate_workflow": "mine"},
)
async def test_what_was_said_of_a_picture_outlives_an_upscale_that_has_no_use_for_it(stage: Stage) -> None:
    form = await opened(stage, "Upscale", prompt="a red fox")
    larger = await (await stage.ada.submit(form, {})).until(done)
    form = await (await stage.ada.click(larger, label="Animate")).answered()
    assert form.modal is not None
    assert form.modal.field("Prompt").value == "a red fox"
    start = await (await stage.ada.click(larger, label="Use as start")).until(lambda m: bool(m.selects))
    assert "a red fox" in start.text


@pytest.mark.parametrize("settings", [{"graphs": ACTIONS, "security": {"buttons": "author"}}], indirect=True)
async def test_where_buttons_are_their_authors_a_form_of_before_is_too(stage: Stage) -> None:
    form = await opened(stage, "Flux edit")
    bob = stage.discord.user("bob")
    form.user = bob
    assert "Only whoever asked" in await refused(await bob.submit(form, {"Prompt": "blue"}))
