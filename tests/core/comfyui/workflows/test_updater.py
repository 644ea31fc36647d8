"""Parameters arrive where they belong, and nothing else changes."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from core.comfyui.workflows.updater import LoraChoice, WorkflowParameters, WorkflowUpdater
from core.validators.image import PromptParameters
from tests.core.comfyui.workflows.graphs import edit, guided, node, plain, two_stages, upscale, with_inputs

UPDATER = WorkflowUpdater()


def changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Place → new value, for a graph that kept its nodes."""
    assert before.keys() == after.keys()
    return {
        f"{node_id}.{name}": value
        for node_id, node in after.items()
        for name, value in node["inputs"].items()
        if before[node_id]["inputs"].get(name) != value
    }


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"prompt": "a hare"}, {"6.text": "a hare"}),
        ({"negative_prompt": ""}, {"7.text": ""}),
        ({"seed": 0}, {"3.seed": 0}),
        ({"steps": 9}, {"3.steps": 9}),
        ({"cfg": 3.5}, {"3.cfg": 3.5}),
        ({"denoise": 0.5}, {"3.denoise": 0.5}),
        ({"width": 1024, "height": 64}, {"5.width": 1024, "5.height": 64}),
        ({"batch_size": 4}, {"5.batch_size": 4}),
        ({"guidance": 2.0}, {}),
        ({}, {}),
    ],
)
def test_each_parameter_changes_its_places_only(parameters: dict[str, Any], expected: dict[str, Any]) -> None:
    assert changes(plain(), UPDATER.update(plain(), WorkflowParameters(**parameters))) == expected


def test_the_graph_given_stays_as_it_is_and_untouched_nodes_are_shared() -> None:
    graph = plain()
    before = copy.deepcopy(graph)
    after = UPDATER.update(graph, WorkflowParameters(prompt="a hare", steps=3))
    assert graph == before
    assert {node_id for node_id in graph if after[node_id] is not graph[node_id]} == {"3", "6"}
    after["6"]["inputs"]["text"] = "changed later"
    assert graph == before


def test_a_change_to_the_dict_between_two_updates_is_noticed() -> None:
    graph = plain()
    UPDATER.update(graph, WorkflowParameters(steps=3))
    graph["count"] = node("PrimitiveInt", value=20)
    graph["3"]["inputs"]["steps"] = ["count", 0]
    assert changes(graph, UPDATER.update(graph, WorkflowParameters(steps=3))) == {"count.value": 3}


def test_values_are_followed_to_their_source_and_links_kept() -> None:
    parameters = WorkflowParameters(prompt="a hare", steps=9, width=512)
    assert changes(guided(), UPDATER.update(guided(), parameters)) == {
        "words.value": "a hare",
        "count.value": 9,
        "latent.width": 512,
        "flow.width": 512,
    }


@pytest.mark.parametrize(("saved", "driven"), [(1, "guide.guidance"), (1.0, "guide.guidance"), (4.0, "3.cfg")])
def test_cfg_drives_guidance_where_a_saved_cfg_of_one_cannot_be_meant(saved: float, driven: str) -> None:
    graph = plain()
    graph["guide"] = node("FluxGuidance", guidance=3.5, conditioning=["6", 0])
    graph = with_inputs(graph, "3", cfg=saved, positive=["guide", 0])
    assert changes(graph, UPDATER.update(graph, WorkflowParameters(cfg=6.5))) == {driven: 6.5}


def test_cfg_drives_guidance_where_there_is_no_cfg_and_guidance_has_the_last_word() -> None:
    assert changes(guided(), UPDATER.update(guided(), WorkflowParameters(cfg=6.5))) == {"guide.guidance": 6.5}
    both = WorkflowParameters(cfg=6.5, guidance=2.0)
    assert changes(guided(), UPDATER.update(guided(), both)) == {"guide.guidance": 2.0}


@pytest.mark.parametrize(("steps", "middle"), [(20, 10), (5, 2), (3, 2), (2, 1), (1, 1)])
def test_a_hand_over_moves_with_the_steps(steps: int, middle: int) -> None:
    after = UPDATER.update(two_stages(), WorkflowParameters(steps=steps))
    first, second = after["first"]["inputs"], after["second"]["inputs"]
    assert (first["steps"], first["start_at_step"], first["end_at_step"]) == (steps, 0, middle)
    assert (second["steps"], second["start_at_step"], second["end_at_step"]) == (steps, middle, 10000)


def test_a_hand_over_that_two_samplers_share_moves_once() -> None:
    graph = two_stages()
    graph["split"] = node("PrimitiveInt", value=2)
    graph["first"]["inputs"]["end_at_step"] = ["split", 0]
    graph["second"]["inputs"].update(start_at_step=["split", 0], end_at_step=4)
    after = UPDATER.update(graph, WorkflowParameters(steps=8))
    assert after["split"]["inputs"]["value"] == 4
    assert after["second"]["inputs"]["end_at_step"] == 8
    assert after["first"]["inputs"]["end_at_step"] == ["split", 0]


def test_sigmas_that_are_split_move_with_the_steps() -> None:
    graph = guided()
    graph["cut"] = node("SplitSigmas", sigmas=["sigmas", 0], step=10)
    graph = with_inputs(graph, "run", sigmas=["cut", 1])
    assert UPDATER.update(graph, WorkflowParameters(steps=30))["cut"]["inputs"]["step"] == 15


def test_minus_one_draws_a_seed_that_every_sampler_gets_and_that_can_be_read_back() -> None:
    asked: list[int] = []

    def draw(maximum: int) -> int:
        asked.append(maximum)
        return 77

    updater = WorkflowUpdater(draw)
    after = updater.update(plain(), WorkflowParameters(seed=-1))
    assert after["3"]["inputs"]["seed"] == 77
    assert asked == [2**32 - 1]
    assert updater.values(after)["seed"] == 77


def test_of_prompt_parameters_only_what_was_set_counts() -> None:
    after = UPDATER.update(plain(), PromptParameters(prompt="a hare", width=1024))
    assert changes(plain(), after) == {"6.text": "a hare", "5.width": 1024}
    drawn = WorkflowUpdater(lambda maximum: 12).update(plain(), PromptParameters(prompt="a fox", seed=-1))
    assert changes(plain(), drawn) == {"3.seed": 12}


def test_pictures_go_in_in_their_order() -> None:
    after = UPDATER.update(edit(), WorkflowParameters(images=("1.png", "2.png")))
    assert changes(edit(), after) == {"b.image": "1.png", "a.image": "2.png"}
    assert changes(edit(), UPDATER.update(edit(), WorkflowParameters(images=("1.png",)))) == {"b.image": "1.png"}


def test_supported_and_unsupported_are_told() -> None:
    assert UPDATER.supported(plain()) == {
        "prompt", "negative_prompt", "seed", "steps", "cfg", "sampler", "scheduler", "width", "height", "batch_size",
        "loras", "images",
    }  # fmt: skip
    assert UPDATER.supported(upscale()) == {"images"}
    wanted = WorkflowParameters(prompt="x", cfg=2.0, images=("a", "b"), loras=(LoraChoice("l"),))
    assert UPDATER.unsupported(upscale(), wanted) == ("prompt", "cfg", "loras", "images")
    assert UPDATER.unsupported(plain(), WorkflowParameters(steps=2, guidance=1.0)) == ("guidance",)


def test_saved_values_are_read_by_parameter() -> None:
    values = UPDATER.values(guided())
    assert values["cfg"] == values["guidance"] == 3.5
    assert (values["steps"], values["seed"], values["width"], values["prompt"]) == (20, 3, 1024, "a fox")
