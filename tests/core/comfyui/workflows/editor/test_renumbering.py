"""Ids that occur twice in a file."""

from __future__ import annotations

from typing import Any

import pytest

from core.comfyui.workflows.editor_format import to_api
from tests.core.comfyui.workflows.editor.samples import OBJECT_INFO, file, node, subgraph, with_subgraphs


def graph(*definitions: dict[str, Any], hosts: Any = ((12, "a"), (13, "b")), **more: Any) -> Any:
    nodes = [node(node_id, kind, [], outputs=("INT",)) for node_id, kind in hosts]
    whole = file(*nodes, node(1, "Any", [], {"source": (12, 0)}), **more)
    return to_api(with_subgraphs(whole, *definitions), OBJECT_INFO)


def numbers(kind: str, first: int | str, second: int | str) -> dict[str, Any]:
    linked = node(second, "Int", [2], {"value": (first, 0)}, widgets=("value",))  # pyright: ignore[reportArgumentType]
    return subgraph(kind, {}, {"INT": ("INT", (second, 0))}, node(first, "Int", [1]), linked)  # pyright: ignore[reportArgumentType]


def test_a_node_whose_id_is_taken_gets_the_next_number() -> None:
    made = graph(numbers("a", 1, 20), numbers("b", 20, 30), last_node_id=40)
    assert made.keys() == {"1", "12:41", "12:20", "13:42", "13:30"}
    assert made["1"]["inputs"] == {"source": ["12:20", 0]}
    assert made["12:20"]["inputs"] == {"value": ["12:41", 0]}
    assert made["13:30"]["inputs"] == {"value": ["13:42", 0]}


@pytest.mark.parametrize(("more", "expected"), [({}, "31"), ({"state": {"lastNodeId": 99}}, "100")])
def test_the_next_number_is_after_all_that_were_met(more: Any, expected: str) -> None:
    made = graph(numbers("a", 20, 30), numbers("b", 20, 31), hosts=((12, "a"), (13, "b")), **more)
    assert made.keys() == {"1", "12:20", "12:30", f"13:{expected}", "13:31" if expected != "31" else "13:32"}


def test_the_node_of_a_subgraph_within_another_may_be_renumbered() -> None:
    outer = subgraph("a", {}, {"INT": ("INT", (1, 0))}, node(1, "b", [], outputs=("INT",)))
    made = graph(outer, numbers("b", 20, 30), hosts=((12, "a"),), last_node_id=50)
    assert made.keys() == {"1", "12:51:20", "12:51:30"}
    assert made["1"]["inputs"] == {"source": ["12:51:30", 0]}


@pytest.mark.parametrize("taken", ["9" * 50, "x"])
def test_ids_that_are_no_numbers_are_renumbered_too(taken: str) -> None:
    made = graph(numbers("a", taken, 30), numbers("b", taken, 32), last_node_id=7)
    assert made.keys() == {"1", f"12:{taken}", "12:30", "13:31", "13:32"}
