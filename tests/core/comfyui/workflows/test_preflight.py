"""A graph against what a server has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.comfyui.workflows.preflight import Missing, lacking, missing

UPLOAD = [["fox.png"], {"image_upload": True}]
DEFINITIONS = {
    "Loader": {"input": {"required": {"ckpt_name": [["a.safetensors", "sub dir/b.safetensors"], {"tooltip": "x"}]}}},
    "Newer": {"input": {"required": {"name": ["COMBO", {"options": ["euler", 1, 0.5]}]}}},
    "Optional": {"input": {"required": {"steps": ["INT", {"min": 1}]}, "optional": {"mode": [["on", "off"]]}}},
    "LoadImage": {"input": {"required": {"image": UPLOAD}}},
    "Odd": {
        "input": {"required": None, "optional": {"a": [], "b": None, "c": ["COMBO"], "d": ["COMBO", {"remote": {}}]}}
    },
    "Nothing": {},
    "Save": {"input": {"required": {"images": ["IMAGE"]}}, "output_node": True},
    "CheckpointLoaderSimple": {"input": {"required": {"ckpt_name": [["sd/sdxl_base.safetensors", "other.ckpt"]]}}},
}


def node(node_class: str, title: str | None = None, **inputs: Any) -> dict[str, Any]:
    described = {"class_type": node_class, "inputs": inputs}
    return described if title is None else {**described, "_meta": {"title": title}}


@pytest.mark.parametrize(
    "described",
    [
        node("Loader", ckpt_name="a.safetensors"),
        node("Loader", ckpt_name="sub dir/b.safetensors"),
        node("Loader", ckpt_name=["7", 0]),
        node("Loader", another="x"),
        node("Newer", name="euler"),
        node("Newer", name=1),
        node("Optional", steps=0, mode="on"),
        node("LoadImage", image="not there yet.png"),
        node("Odd", a="x", b="x", c="x", d="x"),
        node("Nothing", a="x"),
    ],
)
def test_what_is_there_is_not_missing(described: dict[str, Any]):
    assert missing({"1": described}, DEFINITIONS) == []


@pytest.mark.parametrize(
    ("described", "gap", "said"),
    [
        (
            node("CheckpointLoaderSimple", "Load the model", ckpt_name="sdxl_bse.safetensors"),
            Missing(
                "Load the model", "ckpt_name", "sdxl_bse.safetensors", "checkpoints",
                nearest=("sd/sdxl_base.safetensors",),
            ),
            'model file "sdxl_bse.safetensors" in models/checkpoints (nearest: "sd/sdxl_base.safetensors")',
        ),
        (
            node("Loader", "Load", ckpt_name="zzz.safetensors"),
            Missing("Load", "ckpt_name", "zzz.safetensors", "checkpoints"),
            'model file "zzz.safetensors" in models/checkpoints',
        ),
        (
            node("Newer", name="eulr"),
            Missing("Newer", "name", "eulr", nearest=("euler",)),
            'name "eulr" of node "Newer" (nearest: "euler")',
        ),
        (node("Optional", mode="maybe"), Missing("Optional", "mode", "maybe"), 'mode "maybe" of node "Optional"'),
        (node("NoSuchNode", "Magic"), Missing("Magic", None, "NoSuchNode"), 'node class "NoSuchNode"'),
        (node("NoSuchNode", ""), Missing("NoSuchNode", None, "NoSuchNode"), 'node class "NoSuchNode"'),
        (
            {"class_type": "Nice", "inputs": {}, "_meta": {"title": "N", "cnr_id": "nice-pack"}},
            Missing("N", None, "Nice", pack="nice-pack"),
            'node class "Nice" (of the pack nice-pack)',
        ),
        (
            {"class_type": "Nice", "inputs": {}, "_meta": {"title": "N", "aux_id": "somebody/nice"}},
            Missing("N", None, "Nice", pack="somebody/nice"),
            'node class "Nice" (of the pack somebody/nice)',
        ),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(described: dict[str, Any], gap: Missing, said: str):
    (found,) = missing({"1": described}, DEFINITIONS)
    assert (found, found.named) == (gap, said)


def test_values_count_where_they_reach_an_output():
    graph = {
        "1": node("Loader", ckpt_name="x.safetensors"),
        "2": node("Loader", ckpt_name="y.safetensors"),
        "3": node("Save", images=["1", 0]),
        "4": node("NoSuchNode"),
    }
    assert [gap.value for gap in missing(graph, DEFINITIONS)] == ["x.safetensors", "NoSuchNode"]


def test_one_sentence_says_it_all_and_is_cut():
    gaps = [Missing("n", None, f"Class{number}") for number in range(8)]
    assert lacking(gaps[:2]) == 'ComfyUI lacks node class "Class0" and node class "Class1".'
    assert lacking(gaps).endswith('node class "Class5" and 2 more.')


@pytest.mark.parametrize("path", ["/etc/passwd/x.safetensors", "C:\\models\\x.safetensors"])
def test_no_path_of_somebodys_machine_is_told(path: str):
    (found,) = missing({"1": node("Loader", ckpt_name=path)}, DEFINITIONS)
    assert '"x.safetensors"' in found.named


def test_gaps_come_in_the_order_of_the_graph():
    graph = {"9": node("B"), "1": node("Loader", ckpt_name="x"), "5": node("A")}
    assert [gap.value for gap in missing(graph, DEFINITIONS)] == ["B", "x", "A"]


def test_the_recorded_graphs_run_on_the_recorded_server(recordings: Path):
    graphs = {"small": ({"1": node("Loader", ckpt_name="a.safetensors")}, DEFINITIONS)}
    if (recordings / "get" / "object_info.json").exists():
        recorded = json.loads((recordings / "get" / "object_info.json").read_text())
        graphs |= {
            file.stem: (json.loads(file.read_text()), recorded) for file in sorted(recordings.glob("workflows/*.json"))
        }
    assert {name: gaps for name, (graph, known) in graphs.items() if (gaps := missing(graph, known))} == {}
