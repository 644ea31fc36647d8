"""Group nodes, which came before subgraphs."""

from __future__ import annotations

from typing import Any

import pytest

from core.comfyui.workflows.editor_format import to_api
from core.exceptions import WorkflowError
from tests.core.comfyui.workflows.editor.samples import OBJECT_INFO, file, node


def member(kind: str, values: Any, widgets: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    slots = [{"name": name, "type": "*", "link": None, "widget": {"name": name}} for name in widgets]
    return {"type": kind, "widgets_values": values, "inputs": slots, "outputs": [], **more}


def grouped(group: Any, values: Any, inputs: Any = None, *others: dict[str, Any], name: str = "workflow>g") -> Any:
    return to_api(file(*others, node(7, name, values, inputs), extra={"groupNodes": {"g": group}}), OBJECT_INFO)


PAIR = {
    "nodes": [member("Latent", [64, 64]), member("Sampler", [1, "fixed", 2, 7.0])],
    "links": [[0, 0, 1, 3, 0, "LATENT"], [None, 0, 1, 0, 5, "MODEL"]],
    "external": [],
}


@pytest.mark.parametrize("name", ["workflow>g", "workflow/g"])
def test_a_group_becomes_its_nodes(name: str) -> None:
    loader = node(1, "Checkpoint")
    reader = node(2, "Any", [], {"source": (7, 0)})
    values = [128, 96, 77, "fixed", 3, 5.5]
    made = grouped(PAIR, values, {"model": (1, 0), "positive": None}, loader, reader, name=name)
    assert made.keys() == {"1", "2", "7:0", "7:1"}
    assert made["7:0"]["inputs"] == {"width": 128, "height": 96}
    assert made["7:1"]["inputs"] == {"seed": 77, "steps": 3, "cfg": 5.5, "model": ["1", 0], "latent_image": ["7:0", 0]}
    assert made["2"]["inputs"] == {"source": ["7:1", 0]}


@pytest.mark.parametrize("mode", [2, 4])
def test_a_group_is_on_whatever_its_mode(mode: int) -> None:
    whole = file(node(7, "workflow>g", [128, 96], mode=mode), extra={"groupNodes": {"g": PAIR}})
    assert to_api(whole, OBJECT_INFO).keys() == {"7:0", "7:1"}
    assert to_api({**whole, "extra": {}}, OBJECT_INFO) == {}


def test_values_that_a_group_does_not_have_are_as_new() -> None:
    made = grouped(PAIR, [128, 96, 77])
    assert made["7:0"]["inputs"] == {"width": 128, "height": 96}
    assert made["7:1"]["inputs"] == {"seed": 77, "steps": 20, "cfg": 8.0, "latent_image": ["7:0", 0]}


def test_the_control_of_a_seed_is_no_value_whatever_it_says() -> None:
    assert grouped(PAIR, [128, 96, 77, 3, 4])["7:1"]["inputs"]["steps"] == 4


def test_a_text_box_in_a_group_makes_a_text_of_its_value() -> None:
    assert grouped({"nodes": [member("Encode", ["a"])]}, [5])["7:0"]["inputs"] == {"text": "5"}


def test_the_value_that_a_primitive_had_put_into_a_group_is_the_groups_own() -> None:
    made = grouped(PAIR, [128, 96], {"width": (1, 0)}, node(1, "PrimitiveNode", [640]))
    assert made["7:0"]["inputs"] == {"width": 128, "height": 96}


def test_a_link_to_an_input_that_a_group_does_not_have_leads_nowhere() -> None:
    made = grouped(PAIR, [128], {"gone": (1, 0)}, node(1, "Int"))
    assert made["7:0"]["inputs"] == {"width": 128, "height": 512}


def test_an_output_that_is_used_inside_is_offered_only_when_it_is_used_outside_too() -> None:
    reader = node(2, "Any", [], {"source": (7, 0)})
    shared = {**PAIR, "external": [[0, 0, "LATENT"]]}
    assert grouped(shared, [], None, reader)["2"]["inputs"] == {"source": ["7:0", 0]}
    config = {"0": {"output": {"0": {"visible": True}}}}
    assert grouped({**PAIR, "config": config}, [], None, reader)["2"]["inputs"] == {"source": ["7:0", 0]}
    hidden = {"1": {"output": {"0": {"visible": False}}}}
    assert grouped({**PAIR, "config": hidden}, [], None, reader)["2"]["inputs"] == {}


def test_names_that_occur_twice_are_told_apart_as_the_editor_does() -> None:
    twice = {
        "nodes": [member("Encode", ["a"]), member("Encode", ["b"], title="T"), member("Encode", ["c"])],
        "links": [],
    }
    loader = node(1, "Checkpoint")
    inputs = {"clip": (1, 1), "T clip": (1, 2), "Encode clip": (1, 0)}
    made = grouped(twice, ["x", "y", "z"], inputs, loader)
    assert [made[f"7:{n}"]["inputs"] for n in range(3)] == [
        {"text": "x", "clip": ["1", 1]},
        {"text": "y", "clip": ["1", 2]},
        {"text": "z", "clip": ["1", 0]},
    ]
    four = {"nodes": [member("Encode", [n]) for n in "abcd"], "links": []}
    made = grouped(four, [], {"Encode 2 clip": (1, 2), "Encode 3 clip": (1, 1)}, loader)
    assert [made[f"7:{n}"]["inputs"].get("clip") for n in range(4)] == [None, None, ["1", 2], ["1", 1]]


def test_names_and_visibility_from_the_groups_dialog_count() -> None:
    config = {"0": {"input": {"clip": {"name": "my clip"}}}, "1": {"input": {"model": {"visible": False}}}}
    group = {"nodes": [member("Encode", ["a"]), member("Sampler", [])], "links": [], "config": config}
    made = grouped(group, ["x"], {"my clip": (1, 1), "model": (1, 0)}, node(1, "Checkpoint"))
    assert made["7:0"]["inputs"]["clip"] == ["1", 1]
    assert "model" not in made["7:1"]["inputs"]


def test_a_widget_that_became_a_socket_comes_last() -> None:
    group = {
        "nodes": [member("Latent", [64, 32], ("width",)), member("Int", [3, "fixed"])],
        "links": [[1, 0, 0, 0, 1, "INT"]],
    }
    made = grouped(group, [48, 4, "fixed"])
    assert made["7:0"]["inputs"] == {"width": ["7:1", 0], "height": 48}
    assert made["7:1"]["inputs"] == {"value": 4}
    free = {"nodes": [member("Latent", [64, 32], ("width",))], "links": []}
    made = grouped(free, [48], {"width": (1, 0)}, node(1, "Int"))
    assert made["7:0"]["inputs"] == {"width": ["1", 0], "height": 48}


def test_a_primitive_in_a_group_takes_a_value_and_keeps_it() -> None:
    group = {
        "nodes": [member("PrimitiveNode", [5, "fixed"]), member("Latent", [64, 32], ("width",)), member("Note", ["n"])],
        "links": [[0, 0, 1, 0, 0, "INT"]],
    }
    assert grouped(group, []) == {"7:1": grouped(group, [])["7:1"]}
    assert grouped(group, [])["7:1"]["inputs"] == {"width": 64, "height": 512}
    assert grouped(group, [96, "fixed", 8])["7:1"]["inputs"] == {"width": 64, "height": 8}
    group["nodes"][0]["outputs"] = [{"name": "BOOLEAN", "type": "BOOLEAN"}]
    assert grouped(group, [True, 8])["7:1"]["inputs"] == {"width": 64, "height": 8}


def test_reroutes_in_a_group_are_passed() -> None:
    pipe = {"type": "Reroute", "inputs": [{"name": "", "type": "*"}], "outputs": [{"name": "", "type": "*"}]}
    group = {"nodes": [member("Latent", [8, 8]), pipe, member("Any", [])], "links": [[0, 0, 1, 0], [1, 0, 2, 0]]}
    assert grouped(group, [])["7:2"]["inputs"] == {"source": ["7:0", 0]}
    entry = {"nodes": [pipe, member("Any", [])], "links": [[0, 0, 1, 0]]}
    assert grouped(entry, [])["7:1"]["inputs"] == {}
    lone = {"nodes": [pipe], "links": []}
    made = grouped(lone, [], {"": (1, 0)}, node(1, "Latent"), node(2, "Any", [], {"source": (7, 0)}))
    assert made["2"]["inputs"] == {"source": ["1", 0]}


def test_a_group_that_the_file_does_not_describe_is_a_class_that_is_missing() -> None:
    with pytest.raises(WorkflowError, match='"workflow>other"'):
        grouped(PAIR, [], None, name="workflow>other")


@pytest.mark.parametrize("group", [[], {"nodes": None}, {"nodes": [3]}, {"nodes": [{"type": None}]}])
def test_a_damaged_group_is_said(group: Any) -> None:
    with pytest.raises(WorkflowError, match="group node of this workflow is damaged"):
        grouped(group, [])


def test_a_group_that_contains_itself_is_said() -> None:
    with pytest.raises(WorkflowError, match="contains itself"):
        grouped({"nodes": [member("workflow>g", [])], "links": []}, [])
