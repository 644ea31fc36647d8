"""The official templates that lie labelled beside some checkouts, and a few of their shapes that always count."""

from __future__ import annotations

import importlib.util
from typing import Any

import orjson

from core.comfyui.workflows.roles import bind
from tests.core.comfyui.workflows.graphs import SHARED, edit, guided, plain, two_stages

MAIN_FLOOR, ALL_FLOOR, NAMES_ONLY_FLOOR = 0.99, 0.99, 0.97


OWN = [
    (plain(), {"positive": ["6.text"], "negative": ["7.text"], "seed": ["3.seed"], "width": ["5.width"]}),
    (guided(), {"positive": ["words.value"], "negative": [], "seed": ["noise.noise_seed"], "steps": ["count.value"]}),
    (edit(), {"positive": ["6.prompt"], "images": ["b.image", "a.image"], "width": []}),
    (two_stages(), {"positive": ["pos.text"], "seed": ["first.noise_seed"], "length": ["cond.length"]}),
]


def share(*, with_definitions: bool) -> tuple[float, float]:
    """The shares of graphs of which the main roles, and all roles, are found."""
    if not SHARED.is_dir():
        right = [
            all(bind(graph).to_dict().get(role, []) == places for role, places in label.items()) for graph, label in OWN
        ]
        return sum(right) / len(right), sum(right) / len(right)
    spec = importlib.util.spec_from_file_location("check_roles", SHARED / "check_roles.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: tuple[float, float] = module.main(
        lambda graph, info: bind(graph, info if with_definitions else None).to_dict()
    )
    return found


def test_the_labelled_graphs_are_understood() -> None:
    main_roles, all_roles = share(with_definitions=True)
    assert main_roles >= MAIN_FLOOR
    assert all_roles >= ALL_FLOOR


def test_they_are_understood_by_their_names_alone_too() -> None:
    _, all_roles = share(with_definitions=False)
    assert all_roles >= NAMES_ONLY_FLOOR


def test_what_is_broken_is_said_and_what_is_not_is_not() -> None:
    labels: dict[str, Any] = {path.stem: orjson.loads(path.read_bytes()) for path in (SHARED / "roles").glob("*.json")}
    definitions = (
        {
            version: orjson.loads((SHARED / f"object_info_{version}.json").read_bytes())
            for version in ("0.3.64", "0.11.1")
        }
        if labels
        else {}
    )
    for name, label in labels.items():
        pair = orjson.loads((SHARED / "pairs" / f"{name}.json").read_bytes())
        if any("class_type" not in node for node in pair["api"].values()):
            continue
        found = bind(pair["api"], definitions[pair["object_info"]])
        told = {problem.fatal for problem in found.problems if problem.role != "positive"}
        assert (True in told) is bool(label.get("broken")), name
        assert (False in told) is bool(label["bad_saved_values"]), name
        loras = {str(loader.place): loader.needed for loader in found.loras}
        if not label.get("broken"):
            assert loras == {lora["place"]: lora["needed"] for lora in label["roles"]["loras"]}, name
            assert set(found.outputs) == {(o["node"], o["media"]) for o in label["roles"]["outputs"]}, name
    for make in (plain, guided, two_stages, edit):
        assert bind(make()).problems == ()
