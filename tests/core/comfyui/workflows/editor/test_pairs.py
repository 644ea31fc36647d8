"""What the editor itself made of its own files, where such pairs lie beside the checkout."""

from __future__ import annotations

import copy
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from core.comfyui.workflows.editor_format import is_editor_format, to_api
from tests.core.comfyui.workflows.editor.samples import OBJECT_INFO, file, node
from tests.core.comfyui.workflows.graphs import SHARED

PAIRS = sorted((SHARED / "pairs").glob("*.json")) if SHARED.is_dir() else []

SMALL: dict[str, Any] = {
    "ui": file(
        node(1, "Checkpoint", ["b.ckpt"]),
        node(2, "Encode", ["a cat"], {"clip": (1, 1)}),
        node(3, "Latent", [64, 32]),
        node(
            4,
            "Sampler",
            [5, "randomize", 4, 7.5],
            {"model": (1, 0), "positive": (2, 0), "negative": None, "latent_image": (3, 0)},
        ),
        node(5, "Note", ["remember the milk"]),
    ),
    "api": {
        "1": {"inputs": {"ckpt_name": "b.ckpt"}, "class_type": "Checkpoint", "_meta": {"title": "Load Checkpoint"}},
        "2": {"inputs": {"text": "a cat", "clip": ["1", 1]}, "class_type": "Encode", "_meta": {"title": "Encode"}},
        "3": {"inputs": {"width": 64, "height": 32}, "class_type": "Latent", "_meta": {"title": "Latent"}},
        "4": {
            "inputs": {
                "seed": 5,
                "steps": 4,
                "cfg": 7.5,
                "model": ["1", 0],
                "positive": ["2", 0],
                "latent_image": ["3", 0],
            },
            "class_type": "Sampler",
            "_meta": {"title": "Sampler"},
        },
    },
}


def _definitions() -> dict[str, Any]:
    return {path.stem[12:]: json.loads(path.read_bytes()) for path in SHARED.glob("object_info_*.json")}


DEFINITIONS = _definitions()


def _differences(expected: Any, made: Any) -> Any:
    if not SHARED.is_dir():
        return [] if expected == made else [made]
    spec = importlib.util.spec_from_file_location("compare", SHARED / "compare.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.same(expected, made)


@pytest.mark.parametrize("path", [None, *PAIRS], ids=lambda path: path.stem if path else "small")
def test_a_file_becomes_what_the_editor_makes_of_it(path: Path | None) -> None:
    pair = json.loads(path.read_bytes()) if path else SMALL
    info = DEFINITIONS[pair["object_info"]] if path else OBJECT_INFO
    before = copy.deepcopy(pair["ui"])
    made = to_api(pair["ui"], info)
    assert _differences(pair["api"], made) == []
    assert made == to_api(pair["ui"], info)
    assert pair["ui"] == before
    assert is_editor_format(pair["ui"])
    assert not is_editor_format(pair["api"])


def test_the_small_file_is_converted_to_the_letter() -> None:
    assert to_api(SMALL["ui"], OBJECT_INFO) == SMALL["api"]


def test_nodes_come_in_the_order_of_their_ids() -> None:
    made = to_api(file(node(12, "Text"), node("b", "Text"), node(3, "Text"), node("a", "Text")), OBJECT_INFO)
    assert list(made) == ["3", "12", "b", "a"]


def test_the_graph_shares_nothing_with_the_file() -> None:
    whole = file(node(1, "Text", [["a", ["b"]]]))
    made = to_api(whole, OBJECT_INFO)
    made["1"]["inputs"]["value"]["__value__"][1].append("c")
    assert whole["nodes"][0]["widgets_values"] == [["a", ["b"]]]


def test_links_may_be_objects_at_the_root() -> None:
    whole = file(node(1, "Load", ["in.png", "image"]), node(2, "Any", [], {"source": (1, 1)}))
    names = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
    whole["links"] = [dict(zip(names, link, strict=True)) for link in whole["links"]]
    assert to_api(whole, OBJECT_INFO)["2"]["inputs"] == {"source": ["1", 1]}
