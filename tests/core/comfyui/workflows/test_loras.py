"""LoRAs: which are whose, and how they get in and out."""

from __future__ import annotations

from typing import Any

import pytest

from core.comfyui.workflows.loras import is_needed
from core.comfyui.workflows.roles import bind
from core.comfyui.workflows.updater import LoraChoice, WorkflowParameters, WorkflowUpdater
from tests.core.comfyui.workflows.graphs import guided, node, plain, styled, two_stages, with_inputs


def update(graph: dict[str, Any], *choices: LoraChoice) -> dict[str, Any]:
    return WorkflowUpdater().update(graph, WorkflowParameters(loras=choices))


def chain(graph: dict[str, Any], node_id: str, name: str = "model") -> list[str]:
    """What a link is fed by, from the consumer up: LoRA files, then the loader's id."""
    found = []
    link = graph[node_id]["inputs"].get(name)
    while link:
        source = graph[link[0]]
        found.append(source["inputs"].get("lora_name", link[0]))
        link = source["inputs"].get(name)
    return found


A, B, C = LoraChoice("a.st", 0.8), LoraChoice("b.st", -0.5), LoraChoice("c.st")


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ((), ["4"]),
        ((A,), ["a.st", "4"]),
        ((A, B), ["b.st", "a.st", "4"]),
        ((A, B, C), ["c.st", "b.st", "a.st", "4"]),
    ],
)
@pytest.mark.parametrize("graph", [styled(), plain()], ids=["with loaders", "without"])
def test_exactly_the_chosen_ones_are_chained(
    graph: dict[str, Any], choices: tuple[LoraChoice, ...], expected: list[str]
) -> None:
    after = update(graph, *choices)
    assert chain(after, "3") == expected
    assert chain(after, "6", "clip") == chain(after, "7", "clip") == expected
    assert bind(after).refusal is None
    strengths = {
        node["inputs"]["lora_name"]: (node["inputs"]["strength_model"], node["inputs"]["strength_clip"])
        for node in after.values()
        if "lora_name" in node["inputs"]
    }
    assert strengths == {choice.name: (choice.strength, choice.strength) for choice in choices}


def test_unset_leaves_the_saved_ones() -> None:
    after = WorkflowUpdater().update(styled(), WorkflowParameters(steps=3))
    assert chain(after, "3") == ["watercolor.safetensors", "ink_style.safetensors", "4"]


def test_taken_out_means_gone_from_the_graph() -> None:
    assert update(styled()).keys() == plain().keys()
    assert update(styled()) == plain()


def test_a_model_without_a_text_encoder_of_its_own_gets_the_model_only_loader() -> None:
    after = update(guided(), A)
    (added,) = after.keys() - guided().keys()
    assert after[added]["class_type"] == "LoraLoaderModelOnly"
    assert after[added]["inputs"] == {"lora_name": "a.st", "strength_model": 0.8, "model": ["unet", 0]}
    assert chain(after, "guider") == ["flow", "a.st", "unet"]


def test_a_checkpoint_whose_clip_is_not_used_gets_the_model_only_loader() -> None:
    graph = plain()
    graph["clip"] = node("CLIPLoader", clip_name="t", type="x")
    graph = with_inputs(with_inputs(graph, "6", clip=["clip", 0]), "7", clip=["clip", 0])
    (added,) = update(graph, A).keys() - graph.keys()
    assert update(graph, A)[added]["class_type"] == "LoraLoaderModelOnly"


def test_each_stage_gets_it_and_keeps_what_it_needs() -> None:
    after = update(two_stages(), A, B)
    assert chain(after, "first") == ["lightx2v_high.safetensors", "b.st", "a.st", "12:1"]
    assert chain(after, "second") == ["lightx2v_low.safetensors", "b.st", "a.st", "12:2"]
    assert update(two_stages()) == two_stages()


def test_a_style_between_needed_ones_is_the_only_one_that_goes() -> None:
    graph = two_stages()
    graph["look"] = node("LoraLoaderModelOnly", lora_name="inkwash.st", strength_model=1, model=["fast1", 0])
    graph = with_inputs(graph, "first", model=["look", 0])
    assert chain(update(graph), "first") == ["lightx2v_high.safetensors", "12:1"]
    assert chain(update(graph, A), "first") == ["a.st", "lightx2v_high.safetensors", "12:1"]
    assert chain(update(graph, A), "second") == ["lightx2v_low.safetensors", "12:2"]


def test_loaders_in_parallel_branches_are_set_alike() -> None:
    graph = styled()
    graph["l2"]["inputs"].update(model=["4", 0], clip=["4", 1])
    graph = with_inputs(with_inputs(graph, "6", clip=["l1", 1]), "7", clip=["l1", 1])
    after = update(graph, A, B)
    assert chain(after, "3") == chain(after, "6", "clip") == ["b.st", "a.st", "4"]


def test_a_loader_on_a_branch_that_is_off_is_taken_out_too() -> None:
    graph = plain()
    graph["look"] = node("LoraLoaderModelOnly", lora_name="ink_style.st", strength_model=1, model=["4", 0])
    graph["which"] = node("ComfySwitchNode", switch=False, on_true=["look", 0], on_false=["4", 0])
    graph = with_inputs(graph, "3", model=["which", 0])
    after = update(graph)
    assert "look" not in after
    assert after["which"]["inputs"]["on_true"] == ["4", 0]


def test_ids_of_new_nodes_do_not_collide() -> None:
    graph = {**plain(), "lora_1": node("Note", text="taken"), "lora_2": node("Note", text="taken")}
    after = update(graph, A, B)
    assert after.keys() - graph.keys() == {"lora_3", "lora_4"}
    assert after["lora_1"] == graph["lora_1"]


def test_consumers_do_not_share_one_list() -> None:
    after = update(plain(), A)
    assert after["6"]["inputs"]["clip"] == after["7"]["inputs"]["clip"]
    assert after["6"]["inputs"]["clip"] is not after["7"]["inputs"]["clip"]


@pytest.mark.parametrize(
    ("file", "base", "expected"),
    [
        ("Qwen-Image-Lightning-4steps-V1.0.safetensors", "qwen_image_fp8.safetensors", True),
        ("Flux_2-Turbo-LoRA_comfyui.safetensors", "flux2_dev.safetensors", True),
        ("lightx2v_T2V_14B_cfg_step_distill_v2.safetensors", "wan2.1_t2v.safetensors", True),
        ("wan2.2/wan2.2_i2v_lightx2v_4steps_high.safetensors", "wan2.2_i2v.safetensors", True),
        ("Hyper-SDXL-8steps-lora.safetensors", "sd_xl_base_1.0.safetensors", True),
        ("flux1-depth-dev-lora.safetensors", "flux1-dev.safetensors", True),
        ("ltx-2-19b-ic-lora-canny-control.safetensors", "ltx-2-19b-dev.safetensors", True),
        ("Qwen-Edit-2509-Multiple-angles.safetensors", "qwen_image_edit_2509.safetensors", True),
        ("pixel_art_style_z_image_turbo.safetensors", "z_image_turbo_bf16.safetensors", False),
        ("pixel_art_z_image_turbo.safetensors", "z_image_turbo_bf16.safetensors", False),
        ("lightning_storms_style.safetensors", "sd_xl_base_1.0.safetensors", False),
        ("taiwan.safetensors", "wan2.1_t2v.safetensors", False),
        ("qwen_image_union_diffsynth_lora.safetensors", "qwen_image_fp8.safetensors", True),
        ("uso-flux1-dit-lora-v1.safetensors", "flux1-dev.safetensors", True),
        ("meditation_textile.safetensors", "sd_xl_base_1.0.safetensors", False),
        ("family_reunion_composed.safetensors", "sd_xl_base_1.0.safetensors", False),
        ("watercolor.safetensors", "flux1-dev.safetensors", False),
    ],
)
def test_names_tell_with_care_which_a_workflow_needs(file: str, base: str, expected: bool) -> None:
    assert is_needed(file, [base]) is expected


@pytest.mark.parametrize(("steps", "cfg", "needed"), [(4, 1, True), (20, 1, False), (4, 5.0, False)])
def test_the_only_lora_of_a_graph_that_is_too_quick_for_its_model_is_needed(
    steps: int, cfg: float, needed: bool
) -> None:
    graph = plain()
    graph["odd"] = node("LoraLoaderModelOnly", lora_name="rank32.st", strength_model=1, model=["4", 0])
    graph = with_inputs(graph, "3", model=["odd", 0], steps=steps, cfg=cfg)
    assert [loader.needed for loader in bind(graph).loras] == [needed]


def test_a_lora_of_a_text_writer_is_no_style_of_the_picture() -> None:
    graph = plain()
    graph["gemma"] = node(
        "LoraLoader", lora_name="talk.safetensors", strength_model=1, strength_clip=1, model=["4", 0], clip=["4", 1],
    )  # fmt: skip
    graph["write"] = node("TextGenerate", prompt="a fox", clip=["gemma", 1])
    graph = with_inputs(graph, "6", text=["write", 0])
    assert [loader.needed for loader in bind(graph).loras] == [True]
    after = update(graph, A)
    assert chain(after, "3") == ["a.st", "4"]
    assert chain(after, "write", "clip")[0] == "talk.safetensors"


def test_a_lora_that_is_hooked_onto_a_conditioning_is_needed() -> None:
    graph = plain()
    graph["hook"] = node("CreateHookLora", lora_name="ink.safetensors", strength_model=1.0, strength_clip=1.0)
    graph["set"] = node("ConditioningSetProperties", cond_NEW=["6", 0], hooks=["hook", 0], strength=1.0)
    graph["3"]["inputs"]["positive"] = ["set", 0]
    bound = bind(graph)
    assert bound.to_dict()["loras"] == ["hook.lora_name"]
    assert [(loader.file, loader.needed) for loader in bound.loras] == [("ink.safetensors", True)]
    after = WorkflowUpdater().update(graph, WorkflowParameters(loras=(LoraChoice("a"),)))
    assert after["hook"] == graph["hook"]
    assert [n["inputs"]["lora_name"] for n in after.values() if n["class_type"] == "LoraLoader"] == ["a"]
