"""What somebody chose, checked against the workflow."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from config.models import WorkflowEntry
from core.comfyui.workflows.manager import WorkflowManager
from core.comfyui.workflows.parameters import LoraChoice
from core.exceptions import ValidationError
from core.generators.requests import inputs_of, make_request, settings_of

ROOT = Path(__file__).parents[3]


@pytest.fixture
def fox(house):
    """A workflow without a place for a guidance or pictures."""
    return house.engine.workflows.get("fox")


def refused(*args: Any, **options: Any) -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        make_request(*args, **options)
    return caught.value


async def test_what_was_chosen_is_in_it_and_nothing_else_but_a_seed(fox):
    request = make_request(fox, " a red fox ", {"steps": 12, "cfg": 4})
    assert request.workflow == "fox"
    given = {name for name, value in asdict(request.parameters).items() if value is not None}
    assert given == {"prompt", "seed", "steps", "cfg"}
    assert (request.parameters.prompt, request.parameters.steps, request.parameters.cfg) == ("a red fox", 12, 4.0)


@pytest.mark.parametrize("values", [{}, {"seed": -1}])
async def test_a_seed_is_drawn_once(fox, values: dict[str, int]):
    first, second = (make_request(fox, "a fox", values) for _ in range(2))
    assert 0 <= first.parameters.seed < 2**64
    assert first.parameters.seed != second.parameters.seed
    graphs = [fox.build(first.parameters) for _ in range(2)]
    assert graphs[0] == graphs[1]
    assert graphs[0]["3"]["inputs"]["seed"] == first.parameters.seed


@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1])
async def test_a_seed_that_was_chosen_stays(fox, seed: int):
    assert make_request(fox, "a fox", {"seed": seed}).parameters.seed == seed


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"steps": 0}, "steps"),
        ({"steps": 51}, "steps"),
        ({"cfg": 0.5}, "cfg"),
        ({"width": 500}, "width"),
        ({"batch_size": 10}, "batch_size"),
        ({"seed": -2}, "seed"),
    ],
)
async def test_a_value_out_of_range_is_refused(fox, values: dict[str, Any], field: str):
    assert refused(fox, "a fox", values).field == field


async def test_a_prompt_that_is_too_long_is_refused(fox):
    assert refused(fox, "x" * 501, {}).field == "prompt"


async def test_the_ranges_are_the_workflows(build_house):
    house = await build_house(
        workflows={"fox": {"file": "fox.json", "limits": {"steps": {"max": 8}, "width": {"max": 4096}}}}
    )
    fox = house.engine.workflows.get("fox")
    assert make_request(fox, "a fox", {"width": 4096}).parameters.width == 4096
    assert refused(fox, "a fox", {"steps": 9}).field == "steps"


@pytest.mark.parametrize(
    ("values", "options", "field", "why"),
    [
        ({"guidance": 3.5}, {}, "guidance", "has no guidance"),
        ({"nonsense": 1}, {}, "nonsense", "has no nonsense"),
        ({}, {"images": ("a.png", "b.png")}, "images", "picture"),
    ],
)
async def test_what_the_workflow_has_no_place_for_is_refused(fox, values, options, field: str, why: str):
    error = refused(fox, "a fox", values, **options)
    assert error.field == field
    assert error.message.startswith('The workflow "Red fox"')
    assert why in error.message


async def test_a_workflow_that_needs_no_prompt_keeps_its_own(fox):
    request = make_request(fox, "", {})
    assert request.parameters.prompt is None
    assert fox.build(request.parameters)["2"]["inputs"]["text"] == "a red fox"


async def test_loras_are_left_taken_out_or_set(fox):
    choice = LoraChoice("fox.safetensors", 0.8)
    assert make_request(fox, "a fox", {}).parameters.loras is None
    assert make_request(fox, "a fox", {}, loras=[]).parameters.loras == ()
    assert make_request(fox, "a fox", {}, loras=[choice]).parameters.loras == (choice,)
    assert refused(fox, "a fox", {}, loras=[LoraChoice("fox.safetensors", 9)]).field == "lora_strength"


FILES = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}},
    "2": {"class_type": "LoadImageMask", "inputs": {"image": "b.png", "channel": "alpha"}},
    "3": {
        "class_type": "ImageCompositeMasked",
        "inputs": {"destination": ["1", 0], "source": ["1", 0], "mask": ["2", 0], "x": 0, "y": 0},
    },
    "4": {"class_type": "SaveImage", "inputs": {"images": ["3", 0], "filename_prefix": "x"}},
}


async def test_files_of_each_kind_go_where_there_is_room(house, add_workflow):
    add_workflow("files", FILES)
    files = house.engine.workflows.get("files")
    request = make_request(files, "", {}, images=("mine.png",), masks=("my mask.png",))
    graph = files.build(request.parameters)
    assert (graph["1"]["inputs"]["image"], graph["2"]["inputs"]["image"]) == ("mine.png", "my mask.png")
    assert request.parameters.seed is None
    assert refused(files, "a fox", {}).field == "prompt"
    assert refused(files, "", {}, masks=("a", "b")).message == (
        'The workflow "Files" takes 1 mask only; leave the others out or choose another workflow.'
    )
    assert refused(files, "", {}, videos=("a.mp4",)).message == (
        'The workflow "Files" takes no video; leave it out or choose another workflow.'
    )


async def test_a_strength_acts_when_a_picture_is_there_to_start_from(fox):
    request = make_request(fox, "a fox", {"denoise": 0.4}, images=("mine.png",))
    assert fox.build(request.parameters)["3"]["inputs"]["denoise"] == 0.4
    error = refused(fox, "a fox", {"denoise": 0.4})
    assert error.field == "denoise"
    assert "has no strength without a picture to start from" in error.message


async def test_what_would_not_act_is_no_part_of_a_request(house):
    entry = WorkflowEntry(file="upscale.json", defaults={"denoise": 0})
    upscale = WorkflowManager(ROOT / "workflows", {"upscale": entry}).get("upscale")
    chosen = {"steps": 30, "seed": 7, "upscale_factor": 4.0}
    loras = [LoraChoice("a.safetensors")]
    idle = make_request(upscale, "sharp", chosen, images=("a.png",), loras=loras).parameters
    assert {name for name, value in asdict(idle).items() if value is not None} == {"upscale_factor", "images"}
    whole = make_request(upscale, "sharp", {**chosen, "denoise": 0.3}, images=("a.png",), loras=loras).parameters
    assert (whole.prompt, whole.steps, whole.seed, len(whole.loras or ())) == ("sharp", 30, 7, 1)
    assert refused(upscale, "sharp", {"steps": 99}, images=("a.png",)).field == "steps"


@pytest.mark.parametrize("strength", [0, 0.4, 1, 1.0])
async def test_any_strength_is_a_choice_like_the_others(fox, strength: float):
    parameters = make_request(fox, "a fox", {"denoise": strength}, images=("mine.png",)).parameters
    assert parameters.denoise == strength
    assert fox.build(parameters)["3"]["inputs"]["denoise"] == strength


@pytest.mark.parametrize(
    ("entry", "strength"),
    [
        ({}, 0.75),
        ({"defaults": {"denoise": 0.5}}, 0.5),
        ({"defaults": {"denoise": 1.0}}, 1.0),
        ({"limits": {"denoise": {"max": 0.6}}}, 0.6),
        ({"choices": {"denoise": [0.2, 0.7]}}, 0.7),
    ],
)
async def test_the_strength_that_nobody_chose_is_part_of_the_request(build_house, entry: dict[str, Any], strength):
    house = await build_house(workflows={"fox": {"file": "fox.json", **entry}})
    fox = house.engine.workflows.get("fox")
    assert fox.problems == ()
    parameters = make_request(fox, "a fox", {}, images=("mine.png",)).parameters
    assert parameters.denoise == strength
    assert fox.build(parameters)["3"]["inputs"]["denoise"] == strength
    assert make_request(fox, "a fox", {}).parameters.denoise is None


async def test_names_are_taken_in_any_case_and_others_refused(house, fox):
    await house.engine.library.refresh()
    known = house.engine.workflows.get("fox")
    request = make_request(known, "a fox", {"sampler": " EULER ", "scheduler": "normal"})
    assert (request.parameters.sampler, request.parameters.scheduler) == ("euler", "normal")
    error = refused(known, "a fox", {"sampler": "my own"})
    assert error.field == "sampler"
    assert error.message.startswith("Sampler must be one of euler")


async def test_choices_of_the_configuration_hold(build_house):
    house = await build_house(workflows={"fox": {"file": "fox.json", "choices": {"steps": [4, 8]}}})
    fox = house.engine.workflows.get("fox")
    assert make_request(fox, "a fox", {"steps": 8}).parameters.steps == 8
    assert refused(fox, "a fox", {"steps": 6}).message == "Steps must be one of 4, 8."


async def test_a_lora_that_is_not_for_the_workflow_is_refused(build_house):
    house = await build_house(workflows={"fox": {"file": "fox.json", "loras": ["sdxl/*"]}})
    fox = house.engine.workflows.get("fox")
    assert make_request(fox, "a fox", {}, loras=[LoraChoice("sdxl/ink.safetensors")]).parameters.loras
    error = refused(fox, "a fox", {}, loras=[LoraChoice("flux/ink.safetensors")])
    assert error.field == "loras"
    assert "is not for the workflow" in error.message


async def test_what_a_workflow_can_be_told_is_said_in_words(house, fox, add_workflow):
    assert inputs_of(fox)[:5] == ["prompt", "picture to start from", "LoRA", "width", "height"]
    add_workflow("files", FILES)
    assert inputs_of(house.engine.workflows.get("files")) == ["picture", "mask"]


def test_a_parameter_that_only_echoes_another_is_shown_once() -> None:
    flux = WorkflowManager(ROOT / "workflows", {}).get("flux_lora")
    assert "cfg" in flux.supported
    assert settings_of(flux)[:4] == ["width", "height", "steps", "guidance"]
    assert "denoise" not in settings_of(flux)
    assert "denoise" in settings_of(flux, started=True)
    sdxl = WorkflowManager(ROOT / "workflows", {}).get("sdxl")
    assert "cfg" in settings_of(sdxl)


def test_inputs_are_told_in_words() -> None:
    edit = WorkflowManager(ROOT / "workflows", {}).get("qwen_image_edit_2")
    assert inputs_of(edit)[:3] == ["prompt", "2 pictures", "LoRA"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "needs 2 pictures to work on; attach them"),
        ({"images": ("a.png",)}, "needs 1 more picture to work on; attach it"),
    ],
)
def test_what_a_workflow_works_on_is_asked_for(given: dict[str, Any], said: str) -> None:
    edit = WorkflowManager(ROOT / "workflows", {}).get("qwen_image_edit_2")
    error = refused(edit, "a fox", {}, **given)
    assert error.field == "images"
    assert said in error.message
    request = make_request(edit, "a fox", {}, images=("a.png", "b.png"))
    assert request.parameters.images == ("a.png", "b.png")


def test_a_mask_that_the_picture_carries_is_not_asked_for(tmp_path: Path) -> None:
    graph = {
        "in": {"class_type": "LoadImage", "inputs": {"image": "x.png"}},
        "mask": {"class_type": "LoadImageMask", "inputs": {"image": "m.png", "channel": "red"}},
        "put": {
            "class_type": "ImageCompositeMasked",
            "inputs": {
                "destination": ["in", 0], "source": ["in", 0], "mask": ["in", 1], "x": 0, "y": 0,
                "resize_source": False,
            },
        },
        "out": {"class_type": "SaveImage", "inputs": {"images": ["put", 0], "filename_prefix": "x"}},
    }  # fmt: skip
    (tmp_path / "own.json").write_text(json.dumps(graph))
    own = WorkflowManager(tmp_path, {}).get("own")
    assert own.bindings.to_dict()["masks"] == ["in.image"]
    assert "masks" not in own.supported
    assert own.build(make_request(own, "", {}, images=("a.png",)).parameters)["in"]["inputs"] == {"image": "a.png"}
    assert refused(own, "", {}, images=("a.png",), masks=("m.png",)).field == "masks"
    graph["put"]["inputs"]["mask"] = ["mask", 0]
    (tmp_path / "two.json").write_text(json.dumps(graph))
    two = WorkflowManager(tmp_path, {}).get("two")
    assert "a mask" in refused(two, "", {}, images=("a.png",)).message
    sent = two.build(make_request(two, "", {}, images=("a.png",), masks=("m2.png",)).parameters)
    assert (sent["in"]["inputs"]["image"], sent["mask"]["inputs"]["image"]) == ("a.png", "m2.png")


def test_a_seed_of_the_configuration_is_taken_when_nobody_chooses_one() -> None:
    entry = WorkflowEntry(file="sdxl.json", defaults={"seed": 7})
    fixed = WorkflowManager(ROOT / "workflows", {"fixed": entry}).get("fixed")
    assert make_request(fixed, "a fox", {}).parameters.seed == 7
    assert make_request(fixed, "a fox", {"seed": 0}).parameters.seed == 0
    seeds = {make_request(fixed, "a fox", {"seed": -1}).parameters.seed for _ in range(3)}
    assert len(seeds) > 1
    drawn = WorkflowManager(ROOT / "workflows", {"drawn": WorkflowEntry(file="sdxl.json", defaults={"seed": -1})})
    assert drawn.get("drawn").seed is None
