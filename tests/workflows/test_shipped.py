"""The graphs that are shipped: complete, of core nodes, for the official files, and named in the settings."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from core.comfyui.workflows.manager import WorkflowManager
from core.comfyui.workflows.roles import bind
from tests.workflows.shipped import FOLDER, SHARED, SHIPPED, configured, graph_of, workflow_of

VERSIONS = ("0.3.64", "0.11.1")
NEUTRAL = {
    "a photograph of a lighthouse at dusk",
    "a lighthouse at dusk, waves roll onto the shore",
    "change the time of day to dusk",
    "put everything into one scene",
    "a sharp picture, fine details",
    "blurry, low quality, distorted",
}


def test_every_file_is_known_here_and_in_the_settings() -> None:
    names = {path.stem for path in FOLDER.iterdir()}
    assert names == SHIPPED.keys() == configured().workflows.keys()
    assert {key: entry.file for key, entry in configured().workflows.items()} == {n: f"{n}.json" for n in names}


@pytest.mark.parametrize("name", SHIPPED)
def test_each_is_usable_and_written_for_the_official_files(name: str) -> None:
    found, wanted = workflow_of(name), SHIPPED[name]
    assert found.problems == ()
    assert found.type == wanted.type
    saved = WorkflowManager(FOLDER, {}).get(name).defaults
    assert saved.items() >= wanted.saved.items()
    assert {key: value for key, value in found.defaults.items() if value != saved[key]} == {}
    named = {str(value) for node in found.graph().values() for value in node["inputs"].values()}
    assert {value.removesuffix(".safetensors") for value in named if value.endswith(".safetensors")} == wanted.files


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_saved_lies_within_the_limits(name: str) -> None:
    found = workflow_of(name)
    for parameter, value in found.defaults.items():
        if parameter in found.limits:
            assert found.limits[parameter].check(value) == value


@pytest.mark.parametrize("name", SHIPPED)
def test_no_prompt_and_no_style_of_anybodys_is_shipped(name: str) -> None:
    graph = graph_of(name)
    texts = {node["inputs"].get("text", node["inputs"].get("prompt")) for node in graph.values()} - {None}
    assert texts <= NEUTRAL
    assert bind(graph).styles == ()


@pytest.mark.parametrize("name", SHIPPED)
def test_every_node_has_a_title(name: str) -> None:
    graph = graph_of(name)
    assert all(node["_meta"]["title"] and node.keys() == {"class_type", "inputs", "_meta"} for node in graph.values())


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", SHIPPED)
def test_each_fits_the_definitions_of_its_nodes(name: str, version: str) -> None:
    graph = graph_of(name)
    assert bind(graph).refusal is None
    file = SHARED / f"object_info_{version}.json"
    definitions = orjson.loads(file.read_bytes()) if file.is_file() else {}
    for node in graph.values() if definitions else ():
        definition = definitions[node["class_type"]]
        assert definition["python_module"].startswith(("nodes", "comfy_extras."))
        inputs = {**definition["input"]["required"], **definition["input"].get("optional", {})}
        assert node["inputs"].keys() <= inputs.keys()
        assert definition["input"]["required"].keys() <= node["inputs"].keys()
        for field, value in node["inputs"].items():
            check_input(graph, definitions, value, inputs[field])
    if definitions:
        assert bind(graph, definitions).to_dict() == bind(graph).to_dict()


def check_input(graph: dict[str, Any], definitions: dict[str, Any], value: Any, spec: list[Any]) -> None:
    kind, options = spec[0], spec[1] if len(spec) > 1 else {}
    listed = kind if isinstance(kind, list) else options.get("options")
    if isinstance(value, list):
        assert definitions[graph[value[0]]["class_type"]]["output"][value[1]] == kind
    elif listed is not None:
        assert value in listed or str(value).endswith((".safetensors", ".png"))
    elif kind in ("INT", "FLOAT"):
        assert options["min"] <= value <= options["max"]
        assert kind == "FLOAT" or (value - options["min"]) % options.get("step", 1) == 0
