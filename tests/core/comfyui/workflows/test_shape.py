"""What is no graph in API format is refused in one sentence, whatever it is."""

from __future__ import annotations

from typing import Any

import pytest

from core.comfyui.workflows.roles import bind
from core.comfyui.workflows.shape import MAX_NODES
from core.comfyui.workflows.updater import WorkflowParameters, WorkflowUpdater
from core.exceptions import WorkflowError
from tests.core.comfyui.workflows.graphs import node, plain, with_inputs

CIRCLE = {"a": node("A", x=["b", 0]), "b": node("B", x=["a", 0])}
DANGLING = with_inputs(plain(), "3", model=["gone", 0])


@pytest.mark.parametrize(
    ("thing", "said"),
    [
        (None, "not a workflow"),
        ([], "not a workflow"),
        ("text", "not a workflow"),
        ({}, "empty"),
        ({"nodes": [], "links": [], "version": 0.4}, "Export (API)"),
        ({"nodes": [{"id": 1, "type": "KSampler"}], "links": []}, "Export (API)"),
        ({"1": "KSampler"}, "class_type"),
        ({"1": {"inputs": {}}}, "class_type"),
        ({"1": {"class_type": 5, "inputs": {}}}, "class_type"),
        ({"1": {"class_type": "KSampler"}}, "inputs"),
        ({"1": {"class_type": "KSampler", "inputs": [1]}}, "inputs"),
        ({1: node("KSampler")}, "ids are texts"),
        (CIRCLE, "circle"),
        ({"a": node("A", x=["a", 0])}, "circle"),
        (DANGLING, "missing"),
        ({str(i): node("X") for i in range(MAX_NODES + 1)}, "most that is accepted"),
    ],
)
def test_a_wrong_thing_is_refused_in_one_sentence(thing: Any, said: str) -> None:
    for attempt in (lambda: bind(thing), lambda: WorkflowUpdater().update(thing, WorkflowParameters(steps=3))):
        with pytest.raises(WorkflowError) as refused:
            attempt()
        assert said in refused.value.message
        assert "\n" not in refused.value.message
        assert len(refused.value.message) < 200


def test_a_dangling_link_names_node_and_field() -> None:
    with pytest.raises(WorkflowError) as refused:
        bind(DANGLING)
    assert (refused.value.node, refused.value.field) == ("KSampler", "model")


@pytest.mark.parametrize("value", [object(), {1, 2}, 2**80, "\ud800"])
def test_a_value_that_no_json_file_holds_is_refused(value: Any) -> None:
    with pytest.raises(WorkflowError, match="JSON"):
        WorkflowUpdater().update(with_inputs(plain(), "3", steps=value), WorkflowParameters(prompt="x"))


def test_a_dict_that_contains_itself_is_refused() -> None:
    graph = plain()
    graph["3"]["inputs"]["self"] = graph
    with pytest.raises(WorkflowError):
        WorkflowUpdater().update(graph, WorkflowParameters(prompt="x"))


def test_neither_depth_nor_shared_branches_exhaust_anything() -> None:
    """Chains far deeper than Python's stack, and a lattice with 2**3000 paths."""
    graph = plain()
    conditioning, model, steps, text, latent = ["6", 0], ["4", 0], 20, "a fox", ["5", 0]
    for i in range(1500):
        graph[f"c{i}"] = node("ConditioningCombine", conditioning_1=conditioning, conditioning_2=conditioning)
        graph[f"m{i}"] = node("LoraLoaderModelOnly", lora_name="a.st", strength_model=1, model=model)
        graph[f"s{i}"] = node("PrimitiveInt", value=steps)
        graph[f"t{i}"] = node("StringConcatenate", string_a=text, string_b=text, delimiter="")
        graph[f"w{i}"] = node("ComfySwitchNode", switch=True, on_true=latent, on_false=["5", 0])
        conditioning, model, steps, text, latent = [f"c{i}", 0], [f"m{i}", 0], [f"s{i}", 0], [f"t{i}", 0], [f"w{i}", 0]
    graph["6"]["inputs"]["text"] = text
    graph["3"]["inputs"].update(positive=conditioning, model=model, steps=steps, latent_image=latent)
    places = bind(graph).to_dict()
    assert places["positive"] == ["t0.string_a", "t0.string_b"]
    assert places["steps"] == ["s0.value"]
    assert places["width"] == ["5.width"]
    assert len(places["loras"]) == 1500
