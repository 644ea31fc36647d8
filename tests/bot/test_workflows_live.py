"""A workflow that is saved into the folder is there: in the commands, in the lists, in the form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from playground.comfyui import ComfyUIServer
from playground.discord import Upload
from tests.bot.conftest import Stage, done, failed, graph_of, inputs
from tests.bot.graphs import animate, edit, node, paint, upscale

pytestmark = pytest.mark.integration


def save(folder: Path, name: str, graph: dict[str, Any]) -> None:
    (folder / f"{name}.json").write_bytes(orjson.dumps(graph))


def long_video() -> dict[str, Any]:
    """Words and a picture → video, by a node that has a length."""
    graph = animate()
    graph["7"] = node(
        "WanImageToVideo", width=320, height=320, length=9, batch_size=1, positive=["2", 0], negative=["3", 0],
        vae=["1", 2], start_image=["6", 0],
    )  # fmt: skip
    graph["4"]["inputs"] |= {"positive": ["7", 0], "negative": ["7", 1], "latent_image": ["7", 2], "denoise": 1.0}
    return graph


def options(stage: Stage, command: str = "generate") -> dict[str, dict[str, Any]]:
    found = next(each for each in stage.discord.commands if each["name"] == command)
    return {option["name"]: option for option in found["options"]}


async def test_a_new_file_brings_its_options_and_takes_them_away_again(
    stage: Stage, workflows: Path, png: bytes
) -> None:
    assert "length" not in options(stage)
    save(workflows, "clip", long_video())
    await stage.bot._follow_workflows()
    assert (options(stage)["length"]["min_value"], options(stage)["length"]["max_value"]) == (1, 257)
    made = await stage.generate(prompt="a fox", workflow="clip", length=5, image=Upload("fox.png", png))
    await made.until(done)
    assert inputs(graph_of(stage), "WanImageToVideo")["length"] == 5
    (workflows / "clip.json").unlink()
    await stage.bot._follow_workflows()
    assert "length" not in options(stage)


async def test_discord_is_told_only_of_commands_that_differ(stage: Stage, workflows: Path) -> None:
    def told() -> int:
        return sum(request.method == "PUT" and request.path.endswith("/commands") for request in stage.discord.requests)

    before = told()
    save(workflows, "clip", long_video())
    await stage.bot._follow_workflows()
    assert told() == before + 1
    save(workflows, "again", long_video())
    await stage.bot._follow_workflows()
    assert told() == before + 1


@pytest.mark.usefixtures("no_backoff")
async def test_discord_is_told_again_when_it_does_not_take_the_commands(stage: Stage, workflows: Path) -> None:
    save(workflows, "clip", long_video())
    fault = stage.discord.faults.reset("PUT", "*/commands", times=2)
    await stage.bot._follow_workflows()
    assert fault.hits == 2
    assert "length" in options(stage)


async def test_an_edit_appears_with_its_workflow(stage: Stage, workflows: Path) -> None:
    save(workflows, "flux_kontext_edit", edit())
    await stage.bot._follow_workflows()
    assert {"image", "prompt", "steps", "seed"} <= set(options(stage, "editflux"))


async def test_an_edit_goes_with_its_workflow_where_one_guild_has_the_commands(stage: Stage, workflows: Path) -> None:
    stage.bot.config = stage.bot.config.model_copy(
        update={"discord": stage.bot.config.discord.model_copy(update={"guild_id": stage.discord.guild.id})}
    )

    def of_the_guild() -> set[str]:
        return {each["name"] for each in stage.discord.commands if each.get("guild_id")}

    save(workflows, "flux_kontext_edit", edit())
    await stage.bot._follow_workflows()
    assert {"editflux", "generate"} <= of_the_guild()
    (workflows / "flux_kontext_edit.json").unlink()
    await stage.bot._follow_workflows()
    assert "generate" in of_the_guild()
    assert "editflux" not in of_the_guild()


async def test_the_list_of_workflows_asks_the_server_anew(
    stage: Stage, workflows: Path, comfyui: ComfyUIServer
) -> None:
    save(workflows, "mine", paint())
    comfyui.set_models("checkpoints", [])
    shown = await (await stage.ada.slash(stage.channel, "workflows")).until(lambda m: "Mine" in m.text)
    assert "Can't run. ComfyUI lacks model file" in shown.text


async def test_a_workflow_that_cannot_run_is_shown_as_such_and_not_offered(
    stage: Stage, workflows: Path, comfyui: ComfyUIServer
) -> None:
    graph = paint()
    graph["1"]["inputs"]["ckpt_name"] = "sd_xl_bose_1.0.safetensors"
    save(workflows, "mine", graph)
    (workflows / "broken.json").write_text("{")
    shown = await (await stage.ada.slash(stage.channel, "workflows")).until(lambda m: "Mine" in m.text)
    assert shown.ephemeral
    lack = (
        'ComfyUI lacks model file "sd\\_xl\\_bose\\_1.0.safetensors" in models/checkpoints '
        '(nearest: "sd\\_xl\\_base\\_1.0.safetensors"'
    )
    assert f"Can't run. {lack}" in shown.text
    assert "not valid JSON" in shown.text
    assert "Flux.1 dev · image" in shown.text
    choices = await stage.ada.autocomplete(stage.channel, "generate", focused="workflow", value="", prompt="x")
    assert [choice["value"] for choice in choices] == ["flux_lora", "hidream_lora"]
    refused = await (await stage.generate(prompt="a fox", workflow="mine")).until(failed)
    assert lack in refused.text
    assert comfyui.accepted == []


async def test_a_model_that_came_a_moment_ago_counts(stage: Stage, workflows: Path, comfyui: ComfyUIServer) -> None:
    graph = paint()
    graph["1"]["inputs"]["ckpt_name"] = "brand_new.safetensors"
    save(workflows, "mine", graph)
    await stage.bot.engine.library.refresh()
    comfyui.set_models("checkpoints", ["brand_new.safetensors"])
    await (await stage.generate(prompt="a fox", workflow="mine")).until(done)


async def test_a_picture_that_is_missing_is_asked_for(stage: Stage, workflows: Path, comfyui: ComfyUIServer) -> None:
    save(workflows, "mine", edit())
    refused = await (await stage.generate(prompt="a fox", workflow="mine")).until(failed)
    assert 'The workflow "Mine" needs a picture to work on; attach it.' in refused.text
    assert comfyui.accepted == []


async def test_too_many_pictures_are_refused_before_they_are_uploaded(
    stage: Stage, workflows: Path, comfyui: ComfyUIServer, png: bytes
) -> None:
    graph = edit()
    graph["6b"] = node("LoadImage", image="b.png")
    graph["7b"] = node("ImageBatch", image1=["6", 0], image2=["6b", 0])
    save(workflows, "two", graph | {"7": node("VAEEncode", pixels=["7b", 0], vae=["1", 2])})
    await stage.bot._follow_workflows()
    files = {"image": Upload("a.png", png), "image2": Upload("b.png", png)}
    refused = await (await stage.generate(prompt="x", workflow="hidream_lora", **files)).until(failed)
    assert "takes 1 picture only" in refused.text
    assert comfyui.count("POST", "/upload/image") == 0
    await (await stage.generate(prompt="x", workflow="two", **files)).until(done)
    assert comfyui.count("POST", "/upload/image") == 2


@pytest.mark.parametrize("settings", [{"only_graphs": True, "graphs": {"mine": edit()}}], indirect=True)
async def test_files_go_in_through_the_form(stage: Stage, png: bytes) -> None:
    form = await stage.form(prompt="a fox")
    opened = await (await stage.ada.click(form, label="Files")).answered()
    assert [field.label for field in opened.modal.fields] == ["Picture"]
    wrong = await (await stage.ada.submit(opened, {"Picture": Upload("a.txt", b"text")})).answered()
    assert "not a picture" in wrong.message.text
    opened = await (await stage.ada.click(form, label="Files")).answered()
    await stage.ada.submit(opened, {"Picture": Upload("a.png", png)})
    filled = await stage.channel.until(lambda m: "1 picture" in m.text)
    assert filled.id == form.id
    await (await stage.ada.click(filled, label="Generate")).until(done)
    name = inputs(graph_of(stage), "LoadImage")["image"]
    assert stage.comfyui.input_dir.joinpath(name).read_bytes() == png


@pytest.mark.parametrize("settings", [{"only_graphs": True, "graphs": {"mine": edit()}}], indirect=True)
async def test_a_file_goes_to_the_server_as_what_it_is(stage: Stage, png: bytes) -> None:
    await (await stage.generate(prompt="a fox", workflow="mine", image=Upload("Fox.JPG", png))).until(done)
    assert inputs(graph_of(stage), "LoadImage")["image"].endswith(".png")  # whatever it is called


@pytest.mark.parametrize("settings", [{"only_graphs": True, "graphs": {"mine": edit()}}], indirect=True)
async def test_a_file_that_does_not_arrive_leaves_the_form_as_it_was(stage: Stage, png: bytes) -> None:
    form = await stage.form(prompt="a fox")
    opened = await (await stage.ada.click(form, label="Files")).answered()
    stage.comfyui.faults.refuse("/upload/image", 500)
    sent = await stage.ada.submit(opened, {"Picture": Upload("a.png", png)})
    told = await sent.until(failed)
    assert told.ephemeral
    assert told.id != form.id
    assert next(m for m in stage.channel.messages if m.id == form.id).selects


async def test_files_that_come_after_generate_was_pressed_disturb_nothing(stage: Stage, png: bytes) -> None:
    form = await stage.form(prompt="a fox")
    opened = await (await stage.ada.click(form, label="Files")).answered()
    upload = stage.comfyui.pause_request("POST", "/upload/image")
    sent = await stage.ada.submit(opened, {"Picture": Upload("a.png", png)})
    await upload.reached()
    result = await (await stage.ada.click(form, label="Generate")).until(done)
    upload.release()
    told = await sent.until(failed)
    assert "closed" in told.text
    assert told.ephemeral
    assert done(next(m for m in stage.channel.messages if m.id == result.id))


async def test_few_choices_are_a_select_and_many_a_text_with_a_hint(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    opened = await (await stage.ada.click(form, label="More settings")).answered()
    scheduler, sampler = opened.modal.field("Scheduler"), opened.modal.field("Sampler")
    assert [option["label"] for option in scheduler.options][:2] == ["simple", "sgm_uniform"]
    assert sampler.options == []
    wrong = await (await stage.ada.submit(opened, {"Sampler": "dpmp_2m", "Scheduler": "beta"})).answered()
    assert 'did you mean "dpmpp\\_2m"?' in wrong.message.text
    opened = await (await stage.ada.click(form, label="More settings")).answered()
    assert opened.modal.field("Sampler").value == "dpmp_2m"
    saved = await stage.ada.submit(opened, {"Sampler": "DPMPP_2M", "Scheduler": "beta"})
    await saved.until(lambda m: "dpmpp" in m.text)
    await (await stage.ada.click(form, label="Generate")).until(done)
    sent = inputs(graph_of(stage), "KSampler")
    assert (sent["sampler_name"], sent["scheduler"]) == ("dpmpp_2m", "beta")


async def test_samplers_are_suggested(stage: Stage) -> None:
    choices = await stage.ada.autocomplete(stage.channel, "generate", focused="sampler", value="dpmpp_2m", prompt="x")
    assert choices[0]["value"] == "dpmpp_2m"


LISTED = {"mine": {"file": "mine.json", "choices": {"negative_prompt": ["blurry", "text, watermark"]}}}


@pytest.mark.parametrize(
    "settings", [{"only_graphs": True, "graphs": {"mine": paint()}, "workflows": LISTED}], indirect=True
)
async def test_texts_that_the_configuration_lists_are_suggested(stage: Stage) -> None:
    choices = await stage.ada.autocomplete(
        stage.channel, "generate", focused="negative_prompt", value="water", prompt="x"
    )
    assert [choice["value"] for choice in choices] == ["text, watermark"]


UPSCALE = {"2": node("ImageScaleBy", image=["1", 0], upscale_method="lanczos", scale_by=2.0)}


@pytest.mark.parametrize("settings", [{"graphs": {"upscale": upscale() | UPSCALE}}], indirect=True)
async def test_the_factor_of_an_upscale_reaches_the_graph(stage: Stage) -> None:
    opened = await (await stage.ada.click(await stage.picture(), label="Upscale")).answered()
    await (await stage.ada.submit(opened, {"Factor": "4"})).until(done)
    assert inputs(graph_of(stage), "ImageScaleBy")["scale_by"] == 4.0


@pytest.mark.parametrize("settings", [{"only_graphs": True}], indirect=True)
async def test_an_empty_folder_says_so_and_where_to_look(stage: Stage) -> None:
    shown = await (await stage.ada.slash(stage.channel, "workflows")).until(lambda m: bool(m.text))
    assert "There are no workflows" in shown.text
    refused = await (await stage.generate(prompt="a fox")).until(failed)
    assert "/workflows" in refused.text
