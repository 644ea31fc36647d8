"""The graphs that are shipped: complete, of core nodes, and every control of theirs acts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from core.comfyui.workflows.manager import WorkflowManager
from core.comfyui.workflows.roles import bind
from core.comfyui.workflows.updater import LoraChoice, WorkflowParameters, WorkflowUpdater

FOLDER = Path(__file__).resolve().parents[2] / "workflows"
DEFINITIONS = FOLDER.parents[1] / "shared" / "comfyui" / "editor_format" / "object_info_0.3.64.json"
FILES = {
    "flux_lora": {"flux1-dev.safetensors", "clip_l.safetensors", "t5xxl_fp16.safetensors", "ae.safetensors"},
    "flux_krea_lora": {
        "flux1-krea-dev_fp8_scaled.safetensors", "clip_l.safetensors", "t5xxl_fp16.safetensors", "ae.safetensors",
    },
    "hidream_lora": {
        "hidream_i1_full_fp8.safetensors", "clip_l_hidream.safetensors", "clip_g_hidream.safetensors",
        "t5xxl_fp8_e4m3fn_scaled.safetensors", "llama_3.1_8b_instruct_fp8_scaled.safetensors", "ae.safetensors",
    },
}  # fmt: skip
COMMON = {"prompt", "seed", "steps", "cfg", "width", "height", "batch_size", "loras"}
SAVED = {
    "flux_lora": {"steps": 20, "cfg": 3.5, "guidance": 3.5, "width": 1024, "height": 1024, "batch_size": 1},
    "flux_krea_lora": {"steps": 20, "cfg": 4.5, "guidance": 4.5, "width": 1024, "height": 1024, "batch_size": 1},
    "hidream_lora": {"steps": 50, "cfg": 5.0, "width": 1024, "height": 1024, "batch_size": 1},
}
CONTROLS = {
    "prompt": ({"prompt": "a red fox"}, "prompt.text"),
    "seed": ({"seed": 9}, "sampler.seed"),
    "steps": ({"steps": 7}, "sampler.steps"),
    "width": ({"width": 512}, "latent.width"),
    "height": ({"height": 512}, "latent.height"),
    "batch_size": ({"batch_size": 3}, "latent.batch_size"),
    "guidance": ({"guidance": 2.0}, "guidance.guidance"),
    "negative_prompt": ({"negative_prompt": "fog"}, "negative.text"),
}


def graph_of(name: str) -> dict[str, Any]:
    return orjson.loads((FOLDER / f"{name}.json").read_bytes())


@pytest.mark.parametrize("name", FILES)
def test_each_is_usable_and_written_for_the_official_files(name: str) -> None:
    found = WorkflowManager(FOLDER, {}).get(name)
    assert found.problems == ()
    assert found.type == "image"
    assert found.supported >= COMMON
    assert found.defaults.items() >= SAVED[name].items()
    named = {v for n in found.graph().values() for v in n["inputs"].values() if str(v).endswith(".safetensors")}
    assert named == FILES[name]


@pytest.mark.parametrize("name", FILES)
def test_each_fits_the_definitions_of_its_nodes(name: str) -> None:
    graph = graph_of(name)
    assert all(node["_meta"]["title"] and node.keys() == {"class_type", "inputs", "_meta"} for node in graph.values())
    assert bind(graph).refusal is None
    definitions = orjson.loads(DEFINITIONS.read_bytes()) if DEFINITIONS.is_file() else {}
    for node in graph.values() if definitions else ():
        definition = definitions[node["class_type"]]
        assert definition["python_module"].startswith(("nodes", "comfy_extras."))
        inputs = {**definition["input"]["required"], **definition["input"].get("optional", {})}
        assert node["inputs"].keys() <= inputs.keys()
        assert definition["input"]["required"].keys() <= node["inputs"].keys()
        for field, value in node["inputs"].items():
            kind = inputs[field][0]
            if isinstance(value, list):
                source = definitions[graph[value[0]]["class_type"]]
                assert source["output"][value[1]] == kind
            elif isinstance(kind, list):
                assert value in kind or str(value).endswith(".safetensors")
            elif kind in ("INT", "FLOAT"):
                bounds = inputs[field][1]
                assert bounds["min"] <= value <= bounds["max"]
    if definitions:
        assert bind(graph, definitions).refusal is None


@pytest.mark.parametrize("name", FILES)
def test_every_control_acts_at_its_place_and_nowhere_else(name: str) -> None:
    graph, updater = graph_of(name), WorkflowUpdater()
    supported = updater.supported(graph)
    controls = {key: value for key, value in CONTROLS.items() if key in supported}
    cfg = "sampler.cfg" if name == "hidream_lora" else "guidance.guidance"
    for parameters, place in [*controls.values(), ({"cfg": 2.5}, cfg)]:
        after = updater.update(graph, WorkflowParameters(**parameters))
        changed = {
            f"{node_id}.{field}"
            for node_id, node in after.items()
            for field, value in node["inputs"].items()
            if value != graph[node_id]["inputs"][field]
        }
        assert changed == {place}
    assert supported - controls.keys() == {"cfg", "loras", "images"}


@pytest.mark.parametrize("name", FILES)
def test_chosen_loras_are_put_in_behind_the_model(name: str) -> None:
    graph = graph_of(name)
    after = WorkflowUpdater().update(graph, WorkflowParameters(loras=(LoraChoice("a"), LoraChoice("b", 0.5))))
    first, second = sorted(after.keys() - graph.keys())
    assert after[first]["inputs"] == {"lora_name": "a", "strength_model": 1.0, "model": ["model", 0]}
    assert after[second]["inputs"] == {"lora_name": "b", "strength_model": 0.5, "model": [first, 0]}
    consumer = "shift" if name == "hidream_lora" else "sampler"
    assert after[consumer]["inputs"]["model"] == [second, 0]
    assert [n for n in after.values() if n["inputs"].get("model") == ["model", 0]] == [after[first]]
