"""What holds for every graph and every update."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.comfyui.workflows.bindings import Bindings
from core.comfyui.workflows.roles import bind
from core.comfyui.workflows.updater import LoraChoice, Plan, WorkflowParameters, WorkflowUpdater
from tests.core.comfyui.workflows.graphs import SAMPLES, SHARED, renamed

UPDATER = WorkflowUpdater(lambda maximum: maximum)
PAIRS = sorted((SHARED / "pairs").glob("*.json")) if SHARED.is_dir() else []


def graphs() -> dict[str, dict[str, Any]]:
    """The small graphs, and those of the templates that can be told a prompt."""
    found = {name: make() for name, make in SAMPLES.items()}
    for path in PAIRS:
        graph = orjson.loads(path.read_bytes())["api"]
        if all("class_type" in node for node in graph.values()) and bind(graph).refusal is None:
            found[path.stem] = graph
    return found


GRAPHS = graphs()
CHOICES = st.lists(st.builds(LoraChoice, st.text(min_size=1, max_size=9), st.floats(-2, 2)), max_size=3).map(tuple)
PARAMETERS = st.builds(
    WorkflowParameters,
    prompt=st.none() | st.text(max_size=20).filter(str.isprintable),
    negative_prompt=st.none() | st.just("ugly"),
    seed=st.none() | st.integers(-1, 2**64 - 1),
    steps=st.none() | st.integers(1, 50),
    cfg=st.none() | st.floats(1, 20),
    guidance=st.none() | st.floats(0, 30),
    denoise=st.none() | st.floats(0, 1),
    width=st.none() | st.integers(1, 32).map(lambda n: n * 64),
    height=st.none() | st.integers(1, 32).map(lambda n: n * 64),
    batch_size=st.none() | st.integers(1, 4),
    images=st.none() | st.lists(st.just("x.png"), max_size=3).map(tuple),
)
NAMES = st.sampled_from(sorted(GRAPHS))


def without_start(graph: dict[str, Any], parameters: WorkflowParameters) -> WorkflowParameters:
    """The parameters, less the pictures where a graph has no loader for them: there they would add nodes."""
    return parameters if bind(graph).places("images") else replace(parameters, images=None)


def bound(bindings: Bindings) -> set[tuple[str, str]]:
    places = {tuple(place) for binding in bindings.roles.values() for place in binding.places}
    return places | {tuple(handover.place) for handover in bindings.handovers}


@given(NAMES, PARAMETERS)
def test_an_update_touches_bound_fields_only(name: str, parameters: WorkflowParameters) -> None:
    graph = GRAPHS[name]
    before = copy.deepcopy(graph)
    after = UPDATER.update(graph, without_start(graph, parameters))
    assert graph == before
    assert after.keys() == graph.keys()
    places = bound(bind(graph))
    for node_id, node in after.items():
        old = graph[node_id]
        assert {**node, "inputs": None} == {**old, "inputs": None}
        assert node["inputs"].keys() == old["inputs"].keys()
        changed = {name for name, value in node["inputs"].items() if value != old["inputs"][name]}
        assert changed <= {input_name for owner, input_name in places if owner == node_id}
        assert not any(isinstance(old["inputs"][name], list) for name in changed)


@given(NAMES, PARAMETERS, CHOICES)
def test_updating_a_fresh_copy_in_place_gives_the_same(
    name: str, parameters: WorkflowParameters, choices: tuple[LoraChoice, ...]
) -> None:
    wanted = replace(parameters, loras=choices)
    graph = GRAPHS[name]
    before = copy.deepcopy(graph)
    after = UPDATER.update(graph, wanted)
    assert graph == before
    assert UPDATER.update_bound(copy.deepcopy(graph), Plan.of(bind(graph)), wanted) == after


@given(NAMES, CHOICES)
def test_loras_only_add_and_remove_loaders_and_the_links_between(name: str, choices: tuple[LoraChoice, ...]) -> None:
    graph = GRAPHS[name]
    after = UPDATER.update(graph, WorkflowParameters(loras=choices))
    bind(after)
    for node_id in after.keys() & graph.keys():
        if "lora_name" not in graph[node_id]["inputs"]:
            old, new = graph[node_id]["inputs"], after[node_id]["inputs"]
            assert {n: v for n, v in new.items() if not isinstance(v, list)} == {
                n: v for n, v in old.items() if not isinstance(v, list)
            }
    assert all("lora_name" in graph[node_id]["inputs"] for node_id in graph.keys() - after.keys())
    assert all(after[node_id]["inputs"]["lora_name"] for node_id in after.keys() - graph.keys())
    needed = {loader.place.node_id for loader in bind(graph).loras if loader.needed}
    assert all(after[node_id]["inputs"]["lora_name"] == graph[node_id]["inputs"]["lora_name"] for node_id in needed)


@given(NAMES, PARAMETERS, st.data())
def test_ids_are_opaque(name: str, parameters: WorkflowParameters, data: st.DataObject) -> None:
    graph = GRAPHS[name]
    order = data.draw(st.permutations([*graph, *(f"12:{i}" for i in range(3))]))
    names = {node_id: f"{order.index(node_id)}:{node_id[::-1]}." for node_id in graph}
    other = renamed(graph, names)
    parameters = without_start(graph, parameters)
    assert UPDATER.update(other, parameters) == renamed(UPDATER.update(graph, parameters), names)
    expected = {
        role: [f"{names[place.node_id]}.{place.input_name}" for place in binding.places]
        for role, binding in bind(graph).roles.items()
    }
    assert bind(other).to_dict() == expected


@pytest.mark.parametrize("name", sorted(GRAPHS))
def test_an_update_with_nothing_set_changes_nothing(name: str) -> None:
    assert UPDATER.update(GRAPHS[name], WorkflowParameters()) == GRAPHS[name]
