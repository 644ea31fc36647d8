"""Which value belongs to which widget."""

from __future__ import annotations

from typing import Any

import pytest

from core.comfyui.workflows.editor_format import to_api
from core.exceptions import MissingNode, MissingNodesError
from tests.core.comfyui.workflows.editor.samples import OBJECT_INFO, file, node


def inputs(required: dict[str, Any], values: Any, optional: dict[str, Any] | None = None, **more: Any) -> Any:
    """The inputs of a single node of a class with these inputs."""
    info = {"One": {"input": {"required": required, "optional": optional or {}}, "output": [], **more}}
    return to_api(file(node(1, "One", values)), info)["1"]["inputs"]


INT, TEXT = ["INT", {"default": 7}], ["STRING", {"default": "d"}]


def test_required_widgets_come_before_optional_ones_in_the_order_that_the_class_gives() -> None:
    made = inputs({"b": INT, "a": INT}, [1, 2, 3], {"c": INT}, input_order={"required": ["a", "b"], "optional": ["c"]})
    assert made == {"a": 1, "b": 2, "c": 3}
    assert inputs({"b": INT, "a": INT}, [1, 2, 3], {"c": INT}) == {"b": 1, "a": 2, "c": 3}


def test_sockets_and_hidden_inputs_take_no_value() -> None:
    made = inputs({"image": ["IMAGE"], "forced": ["INT", {"forceInput": True}], "n": INT}, [3])
    assert made == {"n": 3}


def test_an_optional_input_that_prefers_a_link_is_no_widget() -> None:
    assert inputs({"n": INT}, [3], {"seed_override": ["INT", {"defaultInput": True}]}) == {"n": 3}
    assert inputs({"n": ["INT", {"defaultInput": True}]}, [3]) == {"n": 3}


@pytest.mark.parametrize(
    ("spec", "values", "expected"),
    [
        (["INT", {"control_after_generate": True}], [5, "randomize", 9], 9),
        (["INT", {"control_after_generate": False}], [5, 9], 9),
        (["FLOAT", {"control_after_generate": True}], [5, "fixed", 9], 9),
        (["COMBO", {"options": ["x"], "control_after_generate": True}], ["x", "fixed", "", 9], 9),
        (["COMBO", {"options": ["x"], "control_after_generate": True}], ["x", "fixed", 9], 9),
        (["STRING", {"control_after_generate": True}], ["x", 9], 9),
        (["INT", {"control_after_generate": True}], [5, 6, 9], 9),
        (["INT", {"control_after_generate": True}], [5, 6], 7),
    ],
)
def test_what_controls_a_value_after_a_run_is_skipped(spec: Any, values: list[Any], expected: int) -> None:
    assert inputs({"x": spec, "n": INT}, values)["n"] == expected


def test_a_seed_is_controlled_unless_its_class_says_no() -> None:
    assert inputs({"seed": ["INT", {}], "n": INT}, [1, "fixed", 2]) == {"seed": 1, "n": 2}
    assert inputs({"noise_seed": ["INT", {}], "n": INT}, [1, "fixed", 2]) == {"noise_seed": 1, "n": 2}
    assert inputs({"seed": ["INT", {"control_after_generate": False}], "n": INT}, [1, 2]) == {"seed": 1, "n": 2}
    assert inputs({"seed": ["FLOAT", {}], "n": INT}, [1, 2]) == {"seed": 1, "n": 2}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (["INT", {"default": 3}], 3),
        (["INT", {}], 0),
        (["FLOAT"], 0),
        (["STRING", {}], ""),
        (["BOOLEAN", {}], False),
        ([["first", "second"]], "first"),
        ([["first", "second"], {"default": "second"}], "second"),
        (["COMBO", {"options": ["one"]}], "one"),
        ([["first", "second"], {"default": ""}], "first"),
        (["INT", {"default": None}], 0),
    ],
)
def test_a_missing_value_is_the_default(spec: Any, expected: Any) -> None:
    assert inputs({"x": spec}, []) == {"x": expected}
    assert inputs({"x": spec}, None) == {"x": expected}
    assert inputs({"x": spec}, {}) == {"x": expected}


def test_a_list_without_choices_has_no_value_of_its_own() -> None:
    assert inputs({"x": ["COMBO", {}], "y": [[]]}, []) == {}
    assert inputs({"x": ["COMBO", {}], "y": [[]]}, ["kept", None]) == {"x": "kept", "y": None}


def test_a_list_shows_its_first_choice_for_null() -> None:
    assert inputs({"x": [["first", "second"], {"default": "second"}], "n": INT}, [None, None]) == {
        "x": "first",
        "n": None,
    }


def test_choices_that_were_made_up_for_a_node_are_sent_with_it() -> None:
    menu = {"choice": ["COMBO", {"options": []}]}
    expected = {"choice": "b", "index": 1, "option1": "a", "option2": "b", "option3": ""}
    assert inputs(menu, ["b", 0, "a", "b", ""]) == expected
    assert inputs(menu, ["c", 0, "a", "b", ""]) == {**expected, "choice": "c", "index": -1}
    assert inputs(menu, ["b", 0, "a", "b"]) == expected
    assert inputs(menu, [None, 0, "a", "b", ""]) == {**expected, "choice": "a", "index": 0}
    assert inputs(menu, ["b"]) == {"choice": "b"}


def test_buttons_among_the_values_are_passed_over() -> None:
    scene = {"file": [["a.glb"]], "image": ["LOAD_3D", {}], "width": INT}
    made = inputs(scene, ["a.glb", "upload3dmodel", "uploadExtraResources", "clear", "", 640])
    assert made == {"file": "a.glb", "image": "", "width": 640}
    assert inputs(scene, ["a.glb", "", 640]) == made


def test_a_curve_is_marked_as_one() -> None:
    assert inputs({"c": ["CURVE", {}]}, [[[0, 1]]]) == {"c": {"__type__": "CURVE", "__value__": [[0, 1]]}}


def test_definitions_that_change_are_read_again() -> None:
    info = {"One": {"input": {"required": {"a": INT}}, "output": []}}
    assert to_api(file(node(1, "One", [1, 2])), info)["1"]["inputs"] == {"a": 1}
    info["One"]["input"]["required"]["b"] = INT
    assert to_api(file(node(1, "One", [1, 2])), info)["1"]["inputs"] == {"a": 1, "b": 2}
    info["One"]["input"]["required"]["a"] = ["IMAGE"]
    assert to_api(file(node(1, "One", [1, 2])), info)["1"]["inputs"] == {"b": 1}


def test_values_beyond_the_widgets_are_left_out_and_unknown_choices_and_ranges_kept() -> None:
    made = inputs({"x": [["a"]], "n": ["INT", {"min": 0, "max": 3}]}, ["gone", 99, "image", None])
    assert made == {"x": "gone", "n": 99}


def test_values_may_be_given_by_name() -> None:
    assert inputs({"a": INT, "b": TEXT}, {"b": "x", "videopreview": {"hidden": True}}) == {"a": 7, "b": "x"}


def test_old_files_have_a_value_for_inputs_that_are_no_widgets_any_more() -> None:
    spec = {"text": TEXT, "forced": ["STRING", {"forceInput": True}], "seed": ["INT", {}]}
    assert inputs(spec, ["a", "dummy", 3, "fixed"]) == {"text": "a", "seed": 3}
    assert inputs(spec, ["a", 3, "fixed"]) == {"text": "a", "seed": 3}


def test_lists_are_wrapped_and_objects_and_integers_stay_as_they_are() -> None:
    large = 2**64 - 1
    made = inputs({"a": TEXT, "b": TEXT, "c": INT}, [["x", 1], {"k": [1]}, large])
    assert made == {"a": {"__value__": ["x", 1]}, "b": {"k": [1]}, "c": large}


@pytest.mark.parametrize(
    ("value", "text"),
    [(["a", ["b", None], 1.0], "a,b,,1"), ({"k": 1}, "[object Object]"), (True, "true"), (2.5, "2.5"), (None, "")],
)
def test_a_text_box_holds_texts_alone(value: Any, text: str) -> None:
    assert inputs({"x": ["STRING", {"multiline": True}]}, [value]) == {"x": text}


def test_a_linked_widget_keeps_its_place_among_the_values() -> None:
    whole = file(
        node(1, "Int", [3, "fixed"]),
        node(2, "Sampler", [5, "fixed", 9, 2.5], {"steps": (1, 0)}, widgets=("steps",)),
    )
    assert to_api(whole, OBJECT_INFO)["2"]["inputs"] == {"seed": 5, "steps": ["1", 0], "cfg": 2.5}


def test_an_input_of_several_types_may_have_a_widget() -> None:
    assert inputs({"x": ["IMAGE,INT", {"widgetType": "INT"}], "n": INT}, [4, 5]) == {"x": 4, "n": 5}
    assert inputs({"x": ["IMAGE,INT", {}], "n": INT}, [5]) == {"n": 5}


def test_what_is_drawn_on_the_screen_has_its_place_among_the_values() -> None:
    made = inputs({"model": [["m"]], "image": ["LOAD_3D"], "width": INT}, ["m", "", 1024])
    assert made["width"] == 1024


def test_the_title_is_the_nodes_else_the_classes() -> None:
    one, two, three = node(1, "Int", title="Mine"), node(2, "Checkpoint"), node(3, "Text")
    made = to_api(file(one, two, three), OBJECT_INFO)
    assert [made[i]["_meta"] for i in "123"] == [{"title": "Mine"}, {"title": "Load Checkpoint"}, {"title": "Text"}]


def test_the_pack_of_a_node_is_kept() -> None:
    made = to_api(
        file(node(1, "Int", properties={"cnr_id": "comfy-core", "aux_id": "a/b", "ver": "1", "x": 1})), OBJECT_INFO
    )
    assert made["1"]["_meta"] == {"title": "Int", "cnr_id": "comfy-core", "aux_id": "a/b", "ver": "1"}


def test_all_classes_that_the_server_lacks_are_named_with_their_packs() -> None:
    nodes = (
        node(1, "Int"),
        node(2, "FancySave", [], {"x": (1, 0)}, properties={"cnr_id": "fancy", "aux_id": "me/fancy"}, title="My save"),
        node(3, "FancySave", [], {"x": (1, 0)}),
        node(4, "Other", [], {"x": (1, 0)}, properties={"cnr_id": 3, "aux_id": "me/other"}),
        node(5, "Panel", []),
        node(6, "Third", [], {"x": (1, 0)}),
    )
    with pytest.raises(MissingNodesError) as caught:
        to_api(file(*nodes), OBJECT_INFO)
    assert caught.value.missing == (
        MissingNode("FancySave", "fancy", "My save"),
        MissingNode("Other", "me/other", "Other"),
        MissingNode("Third", None, "Third"),
    )
    assert caught.value.node == "My save"


@pytest.mark.parametrize(
    "nodes", [(node(1, "Fancy"), node(2, "Any", [], {"source": (1, 0)})), (node(1, "Fancy"),)], ids=["feeding", "alone"]
)
def test_a_class_that_is_needed_is_missing_whatever_is_linked(nodes: Any) -> None:
    with pytest.raises(MissingNodesError, match='lacks the node class "Fancy": install it, or take it out'):
        to_api(file(*nodes), OBJECT_INFO)


def test_a_class_that_the_server_lacks_does_not_matter_where_it_is_off() -> None:
    assert to_api(file(node(1, "Int"), node(2, "Fancy", mode=2), node(3, "Fancy", mode=4)), OBJECT_INFO).keys() == {"1"}


def test_a_stranger_that_is_connected_to_nothing_is_written_as_the_editor_does() -> None:
    made = to_api(file(node(1, "Int"), node(2, "Panel", ["a", 2.5, {"x": [1]}, None])), OBJECT_INFO)
    expected = {"UNKNOWN": "a", "UNKNOWN_1": 2.5, "UNKNOWN_2": '{"x":[1]}', "UNKNOWN_3": "null"}
    assert made["2"] == {"inputs": expected, "_meta": {"title": ""}}
