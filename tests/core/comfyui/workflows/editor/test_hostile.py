"""Files that nobody saved: they end in one clear sentence, and in little time."""

from __future__ import annotations

import copy
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.comfyui.workflows.editor_format import is_editor_format, to_api
from core.exceptions import WorkflowError
from tests.core.comfyui.workflows.editor.samples import OBJECT_INFO, file, node, subgraph, with_subgraphs

SOON = 5.0
"""Seconds of work; what grows with the square of a file would take minutes."""


def refused(whole: Any, info: Any = OBJECT_INFO) -> str:
    started = time.thread_time()
    with pytest.raises(WorkflowError) as caught:
        to_api(whole, info)
    assert time.thread_time() - started < SOON
    message = str(caught.value)
    assert message.endswith(".")
    assert len(message) < 300
    return message


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def holding(kind: str, value: Any) -> Any:
    return {"nodes": [{"id": 1, "type": kind, "widgets_values": [value]}]}


@pytest.mark.parametrize(
    ("whole", "said"),
    [
        (None, "editor's format"),
        ([], "editor's format"),
        ({}, "editor's format"),
        ({"nodes": {}}, "editor's format"),
        ({"nodes": [None]}, "has no type"),
        ({"nodes": [{"id": 1}]}, "has no type"),
        ({"nodes": [{"type": "Int"}]}, "has no id"),
        ({"nodes": [{"type": "Int", "id": True}]}, "has no id"),
        ({"nodes": [{"type": "Int", "id": 1.5}]}, "has no id"),
        ({"nodes": [{"type": "Int", "id": "x" * 999}]}, "has no id"),
        ({"nodes": [{"type": "Int", "id": 10**5000}]}, "has no id"),
        ({"nodes": [{"type": "Int", "id": 1}, {"type": "Int", "id": "1"}]}, "Two nodes"),
        ({"nodes": [{"type": "Int", "id": 1, "inputs": {}}]}, '"inputs" of this workflow is damaged'),
        ({"nodes": [{"type": "Int", "id": 1, "inputs": [3]}]}, "input of node 1 is damaged"),
        ({"nodes": [{"type": "Int", "id": 1, "inputs": [{"name": "a", "link": [1]}]}]}, "input of node 1 is damaged"),
        ({"nodes": [], "links": "x"}, '"links" of this workflow is damaged'),
        ({"nodes": [], "links": [3]}, "link of this workflow is damaged"),
        ({"nodes": [], "links": [[1, 2]]}, "link of this workflow is damaged"),
        ({"nodes": [], "links": [[[], 1, 0, 2, 0]]}, "link of this workflow is damaged"),
        ({"nodes": [], "links": [{"id": 1}]}, "link of this workflow is damaged"),
        (holding("Int", nested(100)), "nested too deeply"),
        (holding("Int", nested(100_000)), "nested too deeply"),
        (holding("Encode", nested(100_000)), "nested too deeply"),
        (holding("Int", 10**5000), "too large"),
        (holding("Encode", 10**5000), "too large"),
        (file(*({"id": n, "type": "Int", "inputs": []} for n in range(10_001))), "10001 nodes"),
        (file(node(1, "Int", [], dict.fromkeys(map(str, range(1001))))), "1001 inputs"),
    ],
)
def test_a_damaged_file_is_said(whole: Any, said: str) -> None:
    assert said in refused(whole)


@pytest.mark.parametrize("info", [None, [], "x"])
def test_without_definitions_nothing_can_be_converted(info: Any) -> None:
    assert "definitions" in refused(file(node(1, "Int")), info)


def test_a_subgraph_that_contains_itself_is_said() -> None:
    one = subgraph("a", {}, {}, node(1, "b"))
    two = subgraph("b", {}, {}, node(1, "a"))
    assert "contains itself" in refused(with_subgraphs(file(node(1, "a")), one, two))
    assert "contains itself" in refused(with_subgraphs(file(node(1, "s")), subgraph("s", {}, {}, node(1, "s", mode=2))))


def test_subgraphs_that_are_nested_too_deeply_are_said() -> None:
    chain = [subgraph(f"s{n}", {}, {}, node(1, f"s{n + 1}")) for n in range(1000)]
    assert "nested over" in refused(with_subgraphs(file(node(1, "s0")), *chain))
    inward: dict[str, Any] = {"id": "s", "nodes": []}
    for _ in range(100_000):
        inward = {"id": "s", "nodes": [], "definitions": {"subgraphs": [inward]}}
    assert to_api(with_subgraphs(file(node(1, "s"), node(2, "Int", [1])), inward), OBJECT_INFO).keys() == {"2"}


def test_subgraphs_that_multiply_are_said() -> None:
    chain = [subgraph(f"s{n}", {}, {}, *(node(m, f"s{n + 1}") for m in range(4))) for n in range(40)]
    last = subgraph("s40", {}, {}, node(1, "Int"))
    assert "over 10000 nodes" in refused(with_subgraphs(file(node(1, "s0")), *chain, last))


def test_sockets_of_subgraphs_are_limited_and_checked() -> None:
    for side in ("inputs", "outputs"):
        many = {"id": "s", "nodes": [], side: [{}] * 1001}
        assert f"over 1000 {side}" in refused(with_subgraphs(file(node(1, "s")), many))
    assert "subgraph of this workflow is damaged" in refused(
        with_subgraphs(file(node(1, "s")), {"id": "s", "nodes": [], "outputs": [3]})
    )


def test_two_nodes_that_end_up_with_one_id_are_said() -> None:
    whole = with_subgraphs(file(node("1:2", "Int"), node(1, "s")), subgraph("s", {}, {}, node(2, "Int")))
    assert "id 1:2" in refused(whole)


def test_a_long_chain_is_followed_once() -> None:
    chain = [node(n, "Reroute", None, {"": (n - 1, 0)}, outputs=("*",)) for n in range(2, 5000)]
    ends = [node(n, "Any", [], {"source": (4999, 0)}) for n in range(5000, 9000)]
    whole = file(node(1, "Int", [1]), *chain, *ends)
    started = time.thread_time()
    made = to_api(whole, OBJECT_INFO)
    assert time.thread_time() - started < SOON
    assert made["8999"]["inputs"] == {"source": ["1", 0]}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
NAMES = st.sampled_from(["model", "seed", "source", "images.image3", "text", ""])
TYPES = st.sampled_from(["*", "INT", "MODEL,CLIP", "STRING"])
KINDS = st.sampled_from([*OBJECT_INFO, "Reroute", "PrimitiveNode", "Note", "s", "t", "workflow>g"])
VALUES = st.sampled_from(["{a|b}", "%Int.value%", 7.5, None]) | JSON


def _numbered(nodes: list[Any]) -> list[Any]:
    return [{"id": place, **entry} for place, entry in enumerate(nodes, 1)]


def files(noise: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Files of which every part may be noise instead."""
    ids = st.integers(1, 6) | noise
    ends = st.integers(-1, 3) | noise
    slot = st.fixed_dictionaries(
        {"name": NAMES | noise}, optional={"link": ids, "type": TYPES | noise, "widget": st.just({"name": "x"}) | noise}
    )
    proxy = st.tuples(st.sampled_from(["1", "2", "-1"]), NAMES)
    proxies = st.lists((proxy | proxy.map(lambda pair: (*pair, "1"))).map(list) | noise, max_size=3)
    node_ = st.fixed_dictionaries(
        {"type": KINDS | noise},
        optional={
            "id": noise,
            "mode": st.sampled_from([0, 2, 4]) | noise,
            "inputs": st.lists(slot, max_size=4) | noise,
            "outputs": st.lists(st.fixed_dictionaries({"type": TYPES | noise}), max_size=3) | noise,
            "widgets_values": st.lists(VALUES, max_size=5) | st.dictionaries(NAMES, VALUES, max_size=2) | noise,
            "properties": st.fixed_dictionaries(
                {
                    "proxyWidgets": proxies,
                    "proxyWidgetErrorQuarantine": noise,
                    "Run widget replace on values": st.booleans(),
                }
            )
            | noise,
            "title": st.text(max_size=3) | noise,
        },
    )
    nodes = st.lists(node_, max_size=6).map(_numbered) | noise
    border = st.sampled_from([-20, -10, 1, 2, 3, 4])
    link = st.tuples(st.integers(1, 6), border, ends, border, ends, TYPES).map(list)
    links = st.lists(link | noise, max_size=8) | noise
    socket = st.fixed_dictionaries({"name": NAMES | noise, "type": TYPES | noise}, optional={"linkIds": st.lists(ids)})
    sockets = st.lists(socket | noise, max_size=3) | noise
    scope = st.fixed_dictionaries({"nodes": nodes, "links": links}, optional={"inputs": sockets, "outputs": sockets})
    group = (
        st.fixed_dictionaries({"nodes": nodes}, optional={"links": links, "external": links, "config": JSON}) | noise
    )
    return st.builds(
        lambda root, one, two, group: {
            "nodes": root["nodes"],
            "links": root["links"],
            "definitions": {"subgraphs": [{**one, "id": "s"}, {**two, "id": "t"}]},
            "extra": {"groupNodes": {"g": group}},
        },
        *[scope] * 3,
        group,
    )


@given(files(st.nothing()) | files(JSON) | JSON)
@settings(max_examples=200)
def test_whatever_is_given_is_converted_or_refused(whole: Any) -> None:
    before = copy.deepcopy(whole)
    try:
        made = to_api(whole, OBJECT_INFO)
    except WorkflowError:
        pass
    else:
        assert is_editor_format(whole)
        assert made == to_api(whole, OBJECT_INFO)
        for entry in made.values():
            for value in entry["inputs"].values():
                assert not isinstance(value, list) or value[0] in made
    assert whole == before


@given(st.dictionaries(st.sampled_from(["Int", "Sampler", "Save"]), JSON | st.fixed_dictionaries({
    "input": JSON | st.fixed_dictionaries({"required": st.dictionaries(st.text(max_size=4), JSON | st.tuples(
        st.sampled_from(["INT", "COMBO", "COMFY_DYNAMICCOMBO_V3", "COMFY_AUTOGROW_V3", "COMFY_MATCHTYPE_V3"]) | JSON,
        JSON | st.fixed_dictionaries({"template": JSON, "options": JSON, "default": JSON}),
    ).map(list), max_size=3)}),
    "output": JSON, "input_order": JSON, "display_name": JSON, "output_node": JSON,
})))  # fmt: skip
@settings(max_examples=100)
def test_whatever_the_server_says_is_understood_or_refused(info: Any) -> None:
    whole = file(node(1, "Int", [1, 2, 3]), node(2, "Sampler", ["a", []], {"x": (1, 0)}), node(3, "Save", ["%a.b%"]))
    try:
        made = to_api(whole, info)
    except WorkflowError:
        pass
    else:
        assert made.keys() == {"1", "2", "3"}
