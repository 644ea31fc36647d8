"""Subgraphs: ids, values from outside, and what is off."""

from __future__ import annotations

from typing import Any

import pytest

from core.comfyui.workflows.editor_format import to_api
from core.exceptions import WorkflowError
from tests.core.comfyui.workflows.editor.samples import OBJECT_INFO, file, node, subgraph, with_subgraphs

TYPES = {"model": "MODEL", "text": "STRING", "seed": "INT"}


def inner() -> dict[str, Any]:
    """Inputs model, text and seed; the text goes to two nodes; a sampler comes out."""
    return subgraph(
        "inner",
        TYPES,
        {"LATENT": ("LATENT", (3, 0)), "MODEL": ("MODEL", (-10, 0))},
        node(1, "Encode", ["own text"], {"text": (-10, 1)}, widgets=("text",)),
        node(2, "Text", ["other text"], {"value": (-10, 1)}, widgets=("value",)),
        node(
            3,
            "Sampler",
            [5, "fixed", 20, 7.0],
            {"model": (-10, 0), "positive": (1, 0), "seed": (-10, 2)},
            widgets=("seed",),
        ),
    )


def host(node_id: int, values: Any, inputs: Any = None, kind: str = "inner", **more: Any) -> dict[str, Any]:
    return node(node_id, kind, values, inputs, types=TYPES, **more)


def graph(*nodes: dict[str, Any], definitions: Any = None) -> Any:
    return to_api(with_subgraphs(file(*nodes), *(definitions or [inner()])), OBJECT_INFO)


LOADER = node(9, "Checkpoint", ["a.ckpt"])


def test_inner_nodes_have_the_ids_of_both() -> None:
    made = graph(LOADER, host(12, ["hello", 3], {"model": (9, 0)}), node(13, "Any", [], {"source": (12, 0)}))
    assert list(made) == ["9", "13", "12:1", "12:2", "12:3"]
    assert made["13"]["inputs"] == {"source": ["12:3", 0]}
    assert made["12:1"]["inputs"] == {"text": "hello"}
    assert made["12:2"]["inputs"] == {"value": "hello"}
    assert made["12:3"]["inputs"] == {"seed": 3, "steps": 20, "cfg": 7.0, "model": ["9", 0], "positive": ["12:1", 0]}


def test_instances_of_one_definition_have_their_own_values() -> None:
    made = graph(host(12, ["one", 1]), host(22, ["two", 2]))
    assert [made[i]["inputs"]["text"] for i in ("12:1", "22:1")] == ["one", "two"]
    assert [made[i]["inputs"]["seed"] for i in ("12:3", "22:3")] == [1, 2]


@pytest.mark.parametrize("values", [None, [], {}])
def test_without_values_outside_those_of_the_first_widget_inside_count(values: Any) -> None:
    made = graph(host(12, values))
    assert made["12:1"]["inputs"]["text"] == "own text"
    assert made["12:2"]["inputs"]["value"] == "own text"
    assert made["12:3"]["inputs"]["seed"] == 5


def test_a_value_outside_that_is_null_is_one_except_for_a_list() -> None:
    definition = subgraph(
        "inner",
        {"seed": "INT", "mode": "COMBO"},
        {},
        node(1, "Int", [5], {"value": (-10, 0)}, widgets=("value",)),
        node(2, "Scale", [64, "fill"], {"mode": (-10, 1)}, widgets=("mode",)),
    )
    made = graph(host(12, [None, None]), definitions=[definition])
    assert made["12:1"]["inputs"] == {"value": None}
    assert made["12:2"]["inputs"] == {"width": 64, "mode": "fit"}


def test_values_outside_go_by_place_alone() -> None:
    definition = subgraph(
        "inner",
        {"seed": "INT", "steps": "INT"},
        {},
        node(3, "Sampler", [5, "fixed", 20, 7.0], {"seed": (-10, 0), "steps": (-10, 1)}, widgets=("seed", "steps")),
    )
    made = graph(host(12, [8, "randomize", 30]), definitions=[definition])["12:3"]["inputs"]
    assert (made["seed"], made["steps"]) == (8, "randomize")


def test_an_input_that_reaches_no_widget_takes_no_value() -> None:
    definition = subgraph(
        "inner",
        {"nothing": "INT", "gone": "INT", "width": "INT"},
        {},
        node(3, "Latent", [1, 2], {"width": (-10, 2)}, widgets=("width",)),
    )
    definition["inputs"][1]["linkIds"] = [99]
    assert graph(host(12, [640]), definitions=[definition])["12:3"]["inputs"] == {"width": 640, "height": 2}


def test_a_link_outside_wins_over_values() -> None:
    text = node(7, "Text", ["linked"])
    made = graph(text, host(12, ["outer", 3], {"text": (7, 0)}, widgets=("text",)))
    assert made["12:1"]["inputs"]["text"] == ["7", 0]
    assert made["12:2"]["inputs"]["value"] == ["7", 0]
    assert made["12:3"]["inputs"]["seed"] == 3


def test_a_link_outside_whose_source_is_off_leaves_the_widget_inside_alone() -> None:
    made = graph(node(7, "Text", ["linked"], mode=2), host(12, ["outer", 3], {"text": (7, 0)}, widgets=("text",)))
    assert made["12:1"]["inputs"]["text"] == "own text"


def test_a_primitive_outside_does_not_reach_the_widget_inside() -> None:
    made = graph(node(7, "PrimitiveNode", [41.6]), host(12, ["t", 3], {"seed": (7, 0)}, widgets=("seed",)))
    assert made["12:3"]["inputs"]["seed"] == 5


def test_an_input_of_a_name_that_is_gone_is_fed_where_its_link_says() -> None:
    text, number = node(7, "Text", ["linked"]), node(8, "Int", [4])
    outer = host(12, ["t", 3], {"first": (9, 0), "renamed": (7, 0), "seed": (8, 0)}, widgets=("seed",))
    made = graph(LOADER, text, number, outer)
    assert made["12:1"]["inputs"]["text"] == ["7", 0]
    assert made["12:3"]["inputs"]["model"] == ["9", 0]
    assert made["12:3"]["inputs"]["seed"] == ["8", 0]


def test_inputs_are_found_by_name_in_the_order_of_the_definition() -> None:
    made = graph(LOADER, host(12, ["t", 3], {"seed": None, "gone": (9, 1), "model": (9, 0)}))
    assert made["12:3"]["inputs"]["model"] == ["9", 0]
    assert made["12:3"]["inputs"]["seed"] == 3


def test_inputs_of_one_name_are_told_apart_by_their_types() -> None:
    definition = subgraph(
        "inner",
        {"x": "MODEL", "y": "CLIP"},
        {},
        node(3, "Lora", [], {"model": (-10, 0), "clip": (-10, 1)}),
    )
    definition["inputs"][1]["name"] = "x"
    outer = node(12, "inner", [], {"x": (9, 1), "y": (9, 0)})
    outer["inputs"][0].update(type="CLIP")
    outer["inputs"][1].update(type="MODEL", name="x")
    made = graph(LOADER, outer, definitions=[definition])["12:3"]["inputs"]
    assert (made["model"], made["clip"]) == (["9", 0], ["9", 1])


def test_what_goes_straight_through_is_followed() -> None:
    made = graph(LOADER, host(12, [], {"model": (9, 0)}), node(3, "Sampler", [], {"model": (12, 1)}))
    assert made["3"]["inputs"]["model"] == ["9", 0]


def test_an_output_that_nothing_feeds_drops_the_input() -> None:
    definition = subgraph("inner", {}, {}, node(1, "Text", ["x"]))
    definition["outputs"] = [{"name": "a", "type": "STRING", "linkIds": []}]
    made = graph(
        host(12, []),
        node(3, "Any", [], {"source": (12, 0)}),
        node(4, "Any", [], {"source": (12, 5)}),
        definitions=[definition],
    )
    assert made["3"]["inputs"] == made["4"]["inputs"] == {}


def test_links_are_found_where_a_definition_does_not_list_them() -> None:
    definition = inner()
    for socket in (*definition["inputs"], *definition["outputs"]):
        del socket["linkIds"]
    made = graph(host(12, ["hello", 3]), node(13, "Any", [], {"source": (12, 0)}), definitions=[definition])
    assert made["12:1"]["inputs"]["text"] == "hello"
    assert made["13"]["inputs"] == {"source": ["12:3", 0]}


def test_the_border_nodes_may_have_other_ids() -> None:
    definition = subgraph("inner", {"t": "STRING"}, {}, node(1, "Text", ["x"], {"value": (-77, 0)}, widgets=("value",)))
    definition |= {"inputNode": {"id": -77}, "inputs": [{"name": "t", "type": "STRING"}]}
    assert graph(host(12, ["outer"]), definitions=[definition])["12:1"]["inputs"] == {"value": "outer"}


@pytest.mark.parametrize("mode", [2, 4])
def test_a_subgraph_that_is_off_is_gone_with_everything_in_it(mode: int) -> None:
    made = graph(
        LOADER, host(12, ["t", 1], {"model": (9, 0)}, mode=mode), node(3, "Sampler", [], {"latent_image": (12, 0)})
    )
    assert made.keys() == {"9", "3"}
    assert "latent_image" not in made["3"]["inputs"]


def test_a_bypassed_subgraph_hands_on_by_its_outer_sockets() -> None:
    made = graph(LOADER, host(12, ["t", 1], {"model": (9, 0)}, mode=4), node(3, "Sampler", [], {"model": (12, 1)}))
    assert made["3"]["inputs"]["model"] == ["9", 0]


def middle(mode: int = 0) -> dict[str, Any]:
    return subgraph(
        "middle",
        TYPES,
        {"LATENT": ("LATENT", (8, 0))},
        host(
            8,
            ["middle text", 6],
            {"model": (-10, 0), "text": (-10, 1), "seed": (-10, 2)},
            widgets=("text", "seed"),
            mode=mode,
        ),
    )


def test_subgraphs_nest() -> None:
    outer = host(12, ["outermost", 9], {"model": (5, 0)}, kind="middle")
    made = graph(node(5, "Checkpoint"), outer, node(4, "Any", [], {"source": (12, 0)}), definitions=[middle(), inner()])
    assert made.keys() == {"5", "4", "12:8:1", "12:8:2", "12:8:3"}
    assert made["4"]["inputs"] == {"source": ["12:8:3", 0]}
    assert made["12:8:1"]["inputs"] == {"text": "outermost"}
    assert made["12:8:3"]["inputs"]["model"] == ["5", 0]
    assert made["12:8:3"]["inputs"]["positive"] == ["12:8:1", 0]


def test_the_value_of_the_outermost_subgraph_that_has_one_counts() -> None:
    made = graph(host(12, [], kind="middle"), definitions=[middle(), inner()])
    assert made["12:8:1"]["inputs"] == {"text": "middle text"}
    nested = {**middle(), "definitions": {"subgraphs": [inner()]}}
    assert graph(host(12, [], kind="middle"), definitions=[nested]) == made


def test_a_subgraph_that_is_off_within_another_gives_nothing_but_keeps_its_nodes() -> None:
    outer = host(12, ["x", 1], kind="middle")
    made = graph(outer, node(4, "Any", [], {"source": (12, 0)}), definitions=[middle(2), inner()])
    assert made.keys() == {"4", "12:8:1", "12:8:2", "12:8:3"}
    assert made["4"]["inputs"] == {}


def test_a_class_that_is_missing_in_what_is_off_does_not_matter() -> None:
    strange = subgraph("inner", {}, {}, node(1, "Fancy", []), node(2, "Any", [], {"source": (1, 0)}))
    made = graph(host(12, [], kind="middle"), definitions=[subgraph("middle", {}, {}, host(8, [], mode=4)), strange])
    assert "class_type" not in made["12:8:1"]


@pytest.mark.parametrize(("values", "expected"), [([3], 3), ([], 2), (None, 2)])
def test_what_older_files_name_counts_more_than_a_link_inside(values: Any, expected: int) -> None:
    definition = subgraph("inner", {}, {}, node(1, "Int"), node(2, "Int", [2], {"value": (1, 0)}, widgets=("value",)))
    outer = host(12, values, properties={"proxyWidgets": [["2", "value"], ["2", "gone"], ["9", "value"]]})
    assert graph(outer, definitions=[definition])["12:2"]["inputs"] == {"value": expected}


def test_older_files_name_the_widgets_that_their_values_belong_to() -> None:
    proxies = [["3", "seed"], ["3", "control_after_generate"], ["-1", "text"], "damaged", ["3", "steps"], ["2", "no"]]
    made = graph(host(12, [4, "fixed", "from outside", 0, 33, None], properties={"proxyWidgets": proxies}))
    assert made["12:1"]["inputs"]["text"] == "from outside"
    assert made["12:3"]["inputs"] == {"seed": 4, "steps": 33, "cfg": 7.0, "positive": ["12:1", 0]}
    outer = host(12, [44], kind="middle", properties={"proxyWidgets": [["8", "seed"]]})
    unlinked = subgraph("middle", {}, {}, host(8, ["middle text", 6]))
    assert graph(outer, definitions=[unlinked, inner()])["12:8:3"]["inputs"]["seed"] == 44


def test_an_input_that_older_files_call_in_two_ways_has_the_value_of_its_own_name() -> None:
    outer = host(12, ["own name", "inner name"], properties={"proxyWidgets": [["-1", "text"], ["1", "text"]]})
    assert graph(outer)["12:1"]["inputs"]["text"] == "own name"


@pytest.mark.parametrize(("shown", "expected"), [('[["3", "steps"]]', 4), ("[[", 20), ("5", 20), ("[" * 10**6, 20)])
def test_what_older_files_name_may_be_a_text(shown: str, expected: int) -> None:
    assert graph(host(12, [4], properties={"proxyWidgets": shown}))["12:3"]["inputs"]["steps"] == expected


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ([["8", "value"]], [70, 2]),
        ([["8", "value"], ["8", "value_1"]], [70, 71]),
        ([["8", "value", "2"], ["8", "value", "1"]], [71, 70]),
        ([["8", "2: value"], ["8", "9:1: value"]], [71, 70]),
        ([["8", "value_1", "7"], ["8", "gone"]], [1, 70]),
        ([["8", "value", None], ["7", "value"]], [70, 2]),
    ],
)
def test_what_a_subgraph_within_shows_is_named_by_name_and_node(shown: Any, expected: list[int]) -> None:
    within = subgraph("within", {}, {}, node(1, "Int", [0]), node(2, "Int", [0]))
    showing = host(8, [1, 2], kind="within", properties={"proxyWidgets": [["1", "value"], ["2", "value"]]})
    definitions = [subgraph("middle", {}, {}, showing), within]
    made = graph(host(12, [70, 71], kind="middle", properties={"proxyWidgets": shown}), definitions=definitions)
    assert [made[i]["inputs"]["value"] for i in ("12:8:1", "12:8:2")] == expected


def test_no_more_values_are_named_than_a_node_may_have_inputs() -> None:
    shown = [["9", "x"]] * 1000 + [["3", "steps"]]
    assert graph(host(12, [8] * 1001, properties={"proxyWidgets": shown}))["12:3"]["inputs"]["steps"] == 20
    assert graph(host(12, [8] * 1001, properties={"proxyWidgets": shown[1:]}))["12:3"]["inputs"]["steps"] == 8


def test_an_input_of_a_subgraph_within_is_named_by_its_name_or_its_widget() -> None:
    seed = node(1, "Int", [0], {"value": (-10, 0)}, widgets=("value",))
    within = subgraph("within", {"seed": "INT"}, {}, seed)
    definitions = [subgraph("middle", {}, {}, host(8, [1], kind="within")), within]
    for name in (["seed"], ["value"], ["value", "1"], ["seed", "1"]):
        outer = host(12, [5], kind="middle", properties={"proxyWidgets": [["8", *name]]})
        assert graph(outer, definitions=definitions)["12:8:1"]["inputs"] == {"value": 5}


def test_values_that_a_newer_editor_could_not_place_belong_to_inputs_by_name() -> None:
    kept = [
        {"originalEntry": ["-1", "text"], "hostValue": "kept"},
        {"originalEntry": ["-1", "text"], "hostValue": "again"},
        {"originalEntry": ["1", "seed"], "hostValue": 5},
        {"originalEntry": ["-1", "seed"]},
        {"originalEntry": "damaged", "hostValue": 5},
        "damaged",
    ]
    made = graph(host(12, ["outer", 3], properties={"proxyWidgetErrorQuarantine": kept}))
    assert made["12:1"]["inputs"]["text"] == "kept"
    assert made["12:3"]["inputs"]["seed"] == 3


def test_an_input_drives_the_widget_of_an_input_that_was_renamed() -> None:
    definition = subgraph(
        "inner", {"n": "INT"}, {}, node(1, "Latent", [1, 2], {"breadth": (-10, 0)}, widgets=("breadth",))
    )
    definition["nodes"][0]["inputs"][0]["widget"] = {"name": "width"}
    made = graph(host(12, []), definitions=[definition])["12:1"]["inputs"]
    assert made == {"width": 1, "height": 2, "breadth": 1}


def test_a_primitive_inside_may_be_set_from_outside() -> None:
    definition = subgraph(
        "inner", {}, {}, node(1, "PrimitiveNode", [1]), node(2, "Int", [0], {"value": (1, 0)}, widgets=("value",))
    )
    assert graph(host(12, []), definitions=[definition])["12:2"]["inputs"] == {"value": 1}
    outer = host(12, [5], properties={"proxyWidgets": [["1", "value"]]})
    assert graph(outer, definitions=[definition])["12:2"]["inputs"] == {"value": 5}


def test_a_subgraph_without_a_definition_is_a_class_that_is_missing() -> None:
    with pytest.raises(WorkflowError, match='"lost"'):
        graph(node(1, "Int"), host(12, [], {"model": (1, 0)}, kind="lost"))
