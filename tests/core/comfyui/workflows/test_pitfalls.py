"""What went wrong with workflows in other programs of this kind, one test each."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import orjson
import pytest

from core.comfyui.workflows.manager import WorkflowManager
from core.comfyui.workflows.updater import LoraChoice, WorkflowParameters, WorkflowUpdater
from core.exceptions import ValidationError
from core.validators.image import PromptParameters
from core.validators.limits import DEFAULT_LIMITS
from tests.core.comfyui.workflows.graphs import edit, guided, plain, renamed, sampler, styled, with_inputs

UPDATER = WorkflowUpdater()
SHIPPED = Path(__file__).resolve().parents[4] / "workflows"


def test_ids_need_not_be_numbers() -> None:
    graph = renamed(plain(), {"3": "12:8:3", "6": "the prompt"})
    after = UPDATER.update(graph, WorkflowParameters(prompt="x", seed=1))
    assert after["12:8:3"]["inputs"]["seed"] == 1
    assert after["the prompt"]["inputs"]["text"] == "x"


def test_titles_are_not_looked_at_to_find_a_node() -> None:
    graph = plain()
    for entry in graph.values():
        entry["_meta"] = {"title": "KSAMPLER positive NEGATIVE prompt"}
    after = UPDATER.update(graph, WorkflowParameters(prompt="x", negative_prompt="y"))
    assert (after["6"]["inputs"]["text"], after["7"]["inputs"]["text"]) == ("x", "y")


def test_a_request_does_not_change_the_template(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(orjson.dumps(plain()))
    manager = WorkflowManager(tmp_path, {})
    first = manager.get("a").build(WorkflowParameters(prompt="x", loras=(LoraChoice("l"),)))
    first["4"]["inputs"]["ckpt_name"] = "changed"
    manager.load_workflow("a").clear()
    assert manager.load_workflow("a") == plain()


def test_settings_reach_other_samplers_than_the_usual_one() -> None:
    graph = with_inputs(guided(), "sigmas", denoise=0.7)
    after = UPDATER.update(graph, WorkflowParameters(steps=33, denoise=0.4))
    assert after["count"]["inputs"]["value"] == 33
    assert after["sigmas"]["inputs"]["denoise"] == 0.4


def test_what_has_no_place_is_not_offered() -> None:
    no_cfg = guided()
    no_cfg["guider"]["inputs"]["conditioning"] = ["text", 0]
    assert not {"cfg", "guidance", "negative_prompt"} & UPDATER.supported(no_cfg)


def test_no_lora_leaves_no_loader_behind() -> None:
    after = UPDATER.update(styled(), WorkflowParameters(loras=()))
    assert "lora_name" not in json.dumps(after)


def test_seed_zero_is_a_seed() -> None:
    updater = WorkflowUpdater(lambda maximum: pytest.fail("a seed was drawn"))
    assert updater.update(plain(), WorkflowParameters(seed=0))["3"]["inputs"]["seed"] == 0
    assert updater.update(plain(), PromptParameters(prompt="x", seed=0))["3"]["inputs"]["seed"] == 0


def test_two_samplers_get_one_seed() -> None:
    graph = plain()
    graph["again"] = sampler(denoise=0.5, seed=9, latent_image=["3", 0])
    after = WorkflowUpdater(lambda maximum: 31).update(
        with_inputs(graph, "8", samples=["again", 0]), WorkflowParameters(seed=-1)
    )
    assert (after["3"]["inputs"]["seed"], after["again"]["inputs"]["seed"]) == (31, 31)


def test_a_drawn_seed_can_be_told() -> None:
    after = UPDATER.update(plain(), WorkflowParameters(seed=-1))
    assert UPDATER.values(after)["seed"] == after["3"]["inputs"]["seed"]


def test_form_and_program_have_the_same_limits() -> None:
    batch = DEFAULT_LIMITS["batch_size"]
    assert PromptParameters(prompt="x", batch_size=int(batch.max)).batch_size == batch.max
    with pytest.raises(ValidationError) as program:
        PromptParameters(prompt="x", batch_size=int(batch.max) + 1)
    with pytest.raises(ValidationError) as form:
        batch.parse(str(int(batch.max) + 1))
    assert program.value.message == form.value.message


def test_the_second_picture_is_passed_on_and_a_third_is_reported() -> None:
    after = UPDATER.update(edit(), WorkflowParameters(images=("1.png", "2.png")))
    assert {after["a"]["inputs"]["image"], after["b"]["inputs"]["image"]} == {"1.png", "2.png"}
    assert UPDATER.unsupported(edit(), WorkflowParameters(images=("1", "2"))) == ()
    assert UPDATER.unsupported(edit(), WorkflowParameters(images=("1", "2", "3"))) == ("images",)


def test_a_new_workflow_is_one_file(tmp_path: Path) -> None:
    manager = WorkflowManager(tmp_path, {})
    assert manager.available() == []
    (tmp_path / "my_new-one.json").write_bytes(orjson.dumps(edit()))
    (found,) = manager.available()
    assert (found.name, found.label, found.type) == ("my_new-one", "My new one", "edit")


def test_a_name_within_a_name_means_nothing() -> None:
    graph = copy.deepcopy(styled())
    graph["l1"]["inputs"]["lora_name"] = "taiwan.safetensors"
    graph["l2"]["inputs"]["lora_name"] = "hypernova_girl_style.safetensors"
    assert UPDATER.update(graph, WorkflowParameters(loras=())) == plain()
