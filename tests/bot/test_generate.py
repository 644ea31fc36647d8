"""/generate as a user meets it: command in, message with the picture out."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from playground.comfyui import ComfyUIServer
from playground.discord import PlaygroundError, Upload
from tests.bot.conftest import Stage, done, failed, graph_of, inputs

pytestmark = pytest.mark.integration


async def test_a_workflow_named_starts_at_once_and_ends_in_the_picture(stage: Stage) -> None:
    reply = await stage.generate(prompt="a red fox", workflow="flux_lora", seed=7, steps=3, width=512, height=768)
    await reply.answered()
    assert reply.response_type == 5
    message = await reply.until(done)
    sampler = inputs(graph_of(stage), "KSampler")
    assert (sampler["seed"], sampler["steps"]) == (7, 3)
    assert inputs(graph_of(stage), "CLIPTextEncode")["text"] == "a red fox"
    assert inputs(graph_of(stage), "EmptySD3LatentImage") == {"width": 512, "height": 768, "batch_size": 1}
    assert message.attachments[0].data.startswith(b"\x89PNG")
    for part in ("a red fox", "Flux.1 dev", "Size 512 × 768 · Steps 3 · Guidance 3.5 · Seed 7 · "):
        assert part in message.text
    assert [m.id for m in stage.channel.messages] == [message.id]


async def test_the_picture_is_kept_on_disk_under_its_job(stage: Stage) -> None:
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    await reply.until(done)
    assert [path.stem for path in stage.outputs.iterdir()] == [f"{stage.comfyui.accepted[0]}_1"]


async def test_a_healthy_job_costs_three_requests(stage: Stage) -> None:
    await stage.picture()  # the first one finds out that the server is there
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    stage.comfyui.requests.clear()
    await reply.until(done)
    asked = [request.path.split("/")[1] for request in stage.comfyui.requests if request.path != "/ws"]
    assert asked == ["prompt", "history", "view"]


async def test_a_seed_is_drawn_and_told_and_zero_is_a_seed(stage: Stage) -> None:
    drawn = await (await stage.generate(prompt="a fox", workflow="flux_lora")).until(done)
    seed = inputs(graph_of(stage), "KSampler")["seed"]
    assert str(seed) in drawn.text
    await (await stage.generate(prompt="a fox", workflow="flux_lora", seed=0)).until(done)
    assert inputs(graph_of(stage), "KSampler")["seed"] == 0


async def test_progress_names_node_and_step(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress", skip=2)
    reply = await stage.generate(prompt="a fox", workflow="flux_lora", steps=5)
    await gate.reached()
    message = await reply.until(lambda m: "step 2 of 5" in m.text)
    assert "%" in message.text
    assert not message.attachments
    gate.release()
    await reply.until(done)


async def test_a_waiting_job_says_how_many_are_before_it(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress")
    first = await stage.generate(prompt="one", workflow="flux_lora")
    await gate.reached()
    second = await stage.generate(prompt="two", workflow="flux_lora")
    await second.until(lambda m: "1 before this one" in m.text)
    gate.release()
    await first.until(done)
    await second.until(done)


async def test_a_batch_comes_as_one_message(stage: Stage) -> None:
    reply = await stage.generate(prompt="foxes", workflow="flux_lora", batch_size=3)
    message = await reply.until(done)
    assert len(message.attachments) == 3


async def test_a_lora_is_found_by_a_part_of_its_name_and_put_into_the_graph(
    stage: Stage, comfyui: ComfyUIServer
) -> None:
    comfyui.set_models("loras", ["styles/Watercolour Wash.safetensors", "b.safetensors"])
    choices = await stage.ada.autocomplete(stage.channel, "generate", focused="lora", value="water", prompt="x")
    assert choices == [{"name": "styles/Watercolour Wash.safetensors", "value": "styles/Watercolour Wash.safetensors"}]
    options = {"lora": choices[0]["value"], "lora_strength": 0.5}
    message = await (await stage.generate(prompt="a fox", workflow="flux_lora", **options)).until(done)
    loader = inputs(graph_of(stage), "LoraLoaderModelOnly")
    assert (loader["lora_name"], loader["strength_model"]) == ("styles/Watercolour Wash.safetensors", 0.5)
    assert "at 0.5" in message.text


async def test_an_unknown_lora_is_refused_with_the_nearest_name(stage: Stage, comfyui: ComfyUIServer) -> None:
    comfyui.set_models("loras", ["watercolour.safetensors"])
    reply = await stage.generate(prompt="a fox", workflow="flux_lora", lora="watercolor")
    message = await reply.until(failed)
    assert 'did you mean "watercolour.safetensors"?' in message.text
    assert stage.comfyui.accepted == []


async def test_workflows_are_completed_by_their_labels(stage: Stage) -> None:
    choices = await stage.ada.autocomplete(stage.channel, "generate", focused="workflow", value="hid", prompt="x")
    assert {"name": "HiDream I1", "value": "hidream_lora"} in choices


async def test_what_a_workflow_has_no_place_for_is_refused(stage: Stage) -> None:
    reply = await stage.generate(prompt="a fox", workflow="flux_lora", negative_prompt="rain")
    message = await reply.until(failed)
    assert "has no negative prompt" in message.text
    assert stage.comfyui.accepted == []


async def test_a_width_between_two_steps_is_refused_with_the_range(stage: Stage) -> None:
    reply = await stage.generate(prompt="a fox", workflow="flux_lora", width=500)
    assert "256" in (await reply.until(failed)).text


async def test_a_picture_to_start_from_reaches_the_graph(stage: Stage, png: bytes) -> None:
    picture = Upload("my cat.png", png)
    reply = await stage.generate(prompt="a fox", workflow="flux_lora", image=picture)
    await reply.until(done)
    name = inputs(graph_of(stage), "LoadImage")["image"]
    assert (stage.comfyui.input_dir / name).read_bytes() == picture.data
    assert inputs(graph_of(stage), "KSampler")["denoise"] < 1


@pytest.mark.parametrize(("given", "strength"), [({}, 0.75), ({"strength": 0.3}, 0.3), ({"strength": 1.0}, 1)])
async def test_how_much_of_the_picture_is_changed_is_chosen_and_told(
    stage: Stage, png: bytes, given: dict[str, float], strength: float
) -> None:
    reply = await stage.generate(prompt="a fox", workflow="flux_lora", image=Upload("cat.png", png), **given)
    message = await reply.until(done)
    assert inputs(graph_of(stage), "KSampler")["denoise"] == strength
    assert f" · Strength {strength:g} · " in message.text


async def test_what_is_no_picture_is_refused_before_it_is_fetched(stage: Stage) -> None:
    reply = await stage.generate(prompt="a fox", workflow="flux_lora", image=Upload("notes.txt", b"words"))
    await reply.until(failed)
    assert stage.comfyui.count("POST", "/upload") == 0
    assert stage.comfyui.accepted == []


async def test_a_prompt_pings_nobody_and_formats_nothing(stage: Stage) -> None:
    reply = await stage.generate(prompt="@everyone **bold** <@1>", workflow="flux_lora")
    message = await reply.until(done)
    assert message.pings == frozenset() or not message.pings
    assert "**bold**" not in message.text


async def test_a_prompt_beyond_the_limit_cannot_be_sent(stage: Stage) -> None:
    with pytest.raises(PlaygroundError):
        await stage.generate(prompt="x" * 501)


async def test_a_picture_to_start_from_keeps_to_size_and_batch(stage: Stage, png: bytes) -> None:
    picture = Upload("cat.png", png)
    reply = await stage.generate(
        prompt="a fox", workflow="hidream_lora", image=picture, width=512, height=768, batch_size=2
    )
    message = await reply.until(done)
    scale = inputs(graph_of(stage), "ImageScale")
    assert (scale["width"], scale["height"]) == (512, 768)
    assert inputs(graph_of(stage), "RepeatLatentBatch")["amount"] == 2
    assert len(message.attachments) == 2


async def test_a_workflow_without_words_is_not_offered_and_refuses_them(stage: Stage, tmp_path: Path) -> None:
    graph = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "x.png"}},
        "2": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}},
        "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "x"}},
    }
    (tmp_path / "workflows" / "invert.json").write_bytes(orjson.dumps(graph))
    choices = await stage.ada.autocomplete(stage.channel, "generate", focused="workflow", value="", prompt="x")
    assert "flux_lora" in [choice["value"] for choice in choices]
    assert "invert" not in [choice["value"] for choice in choices]
    form = await stage.form(prompt="a fox")
    assert "Invert" not in [option["label"] for option in form.component("Workflow")["options"]]
    message = await (await stage.generate(prompt="a fox", workflow="invert")).until(failed)
    assert "takes no words" in message.text
