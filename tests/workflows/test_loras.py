"""LoRAs that somebody chose are put in behind the model of every stage, and what a workflow needs stays."""

from __future__ import annotations

import pytest

from core.comfyui.workflows.updater import LoraChoice, WorkflowParameters, WorkflowUpdater
from tests.workflows.shipped import SHIPPED, Graph, graph_of

TWO = (LoraChoice("a.safetensors"), LoraChoice("b.safetensors", 0.5))
STAGES = [(name, *stage) for name, shipped in SHIPPED.items() for stage in shipped.stages]


def put_in(name: str, *choices: LoraChoice) -> Graph:
    return WorkflowUpdater().update(graph_of(name), WorkflowParameters(loras=choices))


@pytest.mark.parametrize(("name", "loader", "consumer"), STAGES)
def test_chosen_loras_are_chained_between_the_model_and_what_it_fed(name: str, loader: str, consumer: str) -> None:
    after = put_in(name, *TWO)
    chain = [after[consumer]]
    while chain[-1]["inputs"]["model"] != [loader, 0]:
        chain.append(after[chain[-1]["inputs"]["model"][0]])
    last, first = chain[1:]
    assert [first["inputs"]["lora_name"], last["inputs"]["lora_name"]] == [choice.name for choice in TWO]
    assert [first["inputs"]["strength_model"], last["inputs"]["strength_model"]] == [1.0, 0.5]
    assert {node["class_type"] for node in (first, last)} == {
        "LoraLoader" if loader == "checkpoint" else "LoraLoaderModelOnly"
    }


@pytest.mark.parametrize("name", SHIPPED)
def test_each_stage_has_them_once_and_nothing_else_changes(name: str) -> None:
    graph, after = graph_of(name), put_in(name, *TWO)
    assert len(after) == len(graph) + len(TWO) * len(SHIPPED[name].stages)
    loaders = {loader for loader, _ in SHIPPED[name].stages}
    for node_id, node in graph.items():
        for field, value in node["inputs"].items():
            fed_by_loader = isinstance(value, list) and value[0] in loaders and field in ("model", "clip")
            assert fed_by_loader or after[node_id]["inputs"][field] == value


@pytest.mark.parametrize("name", ["sdxl", "upscale"])
def test_the_words_go_through_the_loras_of_a_checkpoint_too(name: str) -> None:
    after = put_in(name, *TWO)
    for side in ("prompt", "negative"):
        source, slot = after[side]["inputs"]["clip"]
        assert (after[source]["inputs"]["lora_name"], slot) == ("b.safetensors", 1)


@pytest.mark.parametrize("name", ["video_wan_i2v", "video_wan_t2v"])
def test_speed_loras_are_needed_and_neither_offered_nor_taken_out(name: str) -> None:
    graph = graph_of(name)
    assert WorkflowUpdater().values(graph)["loras"] == ()
    assert put_in(name) == graph
