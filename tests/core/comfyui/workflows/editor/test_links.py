"""Where an input gets its value: links, bypassed and muted nodes, reroutes, primitives."""

from __future__ import annotations

from typing import Any

import pytest

from core.comfyui.workflows.editor.links import suits
from core.comfyui.workflows.editor_format import to_api
from core.exceptions import WorkflowError
from tests.core.comfyui.workflows.editor.samples import OBJECT_INFO, Origin, file, node

LOADER = node(1, "Checkpoint", ["a.ckpt"])


def graph(*nodes: dict[str, Any], **info: Any) -> Any:
    return to_api(file(*nodes), {**OBJECT_INFO, **info})


STEPS = {"input": {"required": {"steps": ["INT", {"min": 0}]}}, "output": []}


def lora(mode: int, **inputs: Any) -> dict[str, Any]:
    return node(2, "Lora", ["x", 0.5], inputs or {"model": (1, 0), "clip": (1, 1)}, mode=mode)


def test_the_name_of_an_input_counts_and_not_its_place() -> None:
    swapped = node(3, "Lora", ["x", 0.5], {"clip": (1, 1), "model": (1, 0)})
    assert graph(node(1, "Checkpoint"), swapped)["3"]["inputs"] == {
        "lora_name": "x",
        "strength": 0.5,
        "model": ["1", 0],
        "clip": ["1", 1],
    }


def test_an_input_that_the_class_does_not_know_is_written_when_it_is_linked() -> None:
    made = graph(
        node(1, "Load"), node(2, "Any", [], {"stale": (1, 0), "unlinked": None, "gone": (1, 1)}, widgets=("gone",))
    )
    assert made["2"]["inputs"] == {"stale": ["1", 0]}


@pytest.mark.parametrize("origin", [(99, 0), (2, 0)])
def test_a_link_to_what_is_not_there_is_removed_and_the_widget_keeps_its_value(origin: tuple[int, int]) -> None:
    made = graph(
        node(2, "Int", [8, "fixed"], mode=2),
        node(3, "Sampler", [1, "fixed", 20, 7.0], {"latent_image": origin, "steps": origin}, widgets=("steps",)),
    )
    assert made["3"]["inputs"] == {"seed": 1, "steps": 20, "cfg": 7.0}


def test_a_link_that_the_file_does_not_have_is_removed() -> None:
    whole = file(node(3, "Sampler", [1, "fixed", 20, 7.0], {"steps": None, "model": None}, widgets=("steps",)))
    whole["nodes"][0]["inputs"][0]["link"] = 7
    whole["nodes"][0]["inputs"][1]["link"] = 8
    whole["links"] = [None]
    assert to_api(whole, OBJECT_INFO)["3"]["inputs"] == {"seed": 1, "steps": 20, "cfg": 7.0}


def test_a_muted_node_goes_and_its_consumers_lose_the_input() -> None:
    made = graph(LOADER, lora(2), node(3, "Encode", ["t"], {"clip": (2, 1)}))
    assert made.keys() == {"1", "3"}
    assert made["3"]["inputs"] == {"text": "t"}


@pytest.mark.parametrize("mode", [0, 1, 3, None])
def test_a_node_in_any_other_mode_is_on(mode: Any) -> None:
    assert graph(node(1, "Int", [1], mode=mode)).keys() == {"1"}


def test_a_bypassed_node_hands_on_the_input_beside_the_output() -> None:
    made = graph(LOADER, lora(4), node(3, "Encode", ["t"], {"clip": (2, 1)}), node(4, "Sampler", [], {"model": (2, 0)}))
    assert "2" not in made
    assert made["3"]["inputs"]["clip"] == ["1", 1]
    assert made["4"]["inputs"]["model"] == ["1", 0]


def test_bypassed_nodes_in_a_row_hand_on() -> None:
    second = node(5, "Lora", [], {"model": (2, 0), "clip": (2, 1)}, mode=4)
    made = graph(LOADER, lora(4), second, node(3, "Encode", ["t"], {"clip": (5, 1)}))
    assert made["3"]["inputs"]["clip"] == ["1", 1]


ODD = {
    "input": {"required": {"mask": ["MASK"], "first": ["IMAGE"], "second": ["IMAGE"], "either": ["LATENT,VAE"]}},
    "output": ["LATENT", "IMAGE", "IMAGE", "MASK", "VAE,CLIP"],
}


@pytest.mark.parametrize(
    ("slot", "linked", "expected"),
    [
        (2, {"first": (1, 0), "second": (1, 1)}, ["1", 1]),  # beside it, and it suits
        (1, {"first": (1, 0), "second": (1, 1)}, ["1", 0]),
        (0, {"first": (1, 0), "mask": (1, 1)}, ["1", 0]),  # beside it is a mask: the first image
        (0, {"second": (1, 1)}, None),  # the first image is not linked: nothing comes
    ],
)
def test_a_bypassed_node_hands_on_by_type(slot: int, linked: Any, expected: Any) -> None:
    odd = node(2, "Odd", [], linked, mode=4)
    made = graph(node(1, "Load", ["in.png"]), odd, node(3, "Scale", [8], {"image": (2, slot)}), Odd=ODD)
    assert made["3"]["inputs"].get("image") == expected


def test_a_bypassed_node_hands_on_what_is_compatible_where_nothing_is_exact() -> None:
    odd = node(2, "Odd", [], {"either": (1, 2)}, mode=4)
    made = graph(LOADER, odd, node(3, "Decode", [], {"vae": (2, 4)}), Odd=ODD)
    assert made["3"]["inputs"] == {"vae": ["1", 2]}


def test_a_bypassed_node_with_nothing_that_suits_drops_the_input() -> None:
    decode = node(2, "Decode", [], {"samples": (1, 0)}, mode=4)
    assert graph(node(1, "Latent"), decode, node(3, "Save", ["x"], {"images": (2, 0)}))["3"]["inputs"] == {
        "filename_prefix": "x"
    }


def test_what_takes_anything_gets_the_input_at_the_same_place_else_the_first() -> None:
    odd = node(2, "Odd", [], {"mask": (1, 1), "first": (1, 0)}, mode=4)
    made = graph(node(1, "Load"), odd, node(3, "Any", [], {"source": (2, 1)}), Odd=ODD)
    assert made["3"]["inputs"] == {"source": ["1", 0]}
    made = graph(node(1, "Load"), odd, node(3, "Any", [], {"source": (2, 4)}), Odd=ODD)
    assert made["3"]["inputs"] == {"source": ["1", 1]}


@pytest.mark.parametrize(("kind", "expected"), [("IMAGE", ["1", 0]), ("*", ["1", 1]), ("COMFY_MATCHTYPE_V3", ["1", 1])])
def test_a_socket_that_follows_what_is_linked_wants_the_type_that_was_saved(kind: str, expected: Any) -> None:
    switch = {
        "input": {"required": {"a": ["COMFY_MATCHTYPE_V3", {"template": {"allowed_types": "*"}}]}},
        "output": ["COMFY_MATCHTYPE_V3"],
    }
    odd = node(2, "Odd", [], {"mask": (1, 1), "first": (1, 0)}, mode=4)
    reader = node(3, "Switch", [], {"a": (2, 0)}, types={"a": kind})
    assert graph(node(1, "Load"), odd, reader, Odd=ODD, Switch=switch)["3"]["inputs"] == {"a": expected}


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [((), ["1", 0]), (("COMFY_MATCHTYPE_V3",), ["1", 0]), (("IMAGE",), ["1", 0]), (("X",), None)],
)
def test_an_output_that_follows_what_is_linked_is_of_the_type_that_was_saved(outputs: Any, expected: Any) -> None:
    resize = {
        "input": {"required": {"a": ["COMFY_MATCHTYPE_V3", {"template": {"allowed_types": "IMAGE,MASK"}}]}},
        "output": ["COMFY_MATCHTYPE_V3"],
    }
    off = node(2, "Resize", [], {"a": (1, 0)}, outputs=outputs, mode=4)
    made = graph(node(1, "Load"), off, node(3, "Scale", [8], {"image": (2, 0)}), Resize=resize)
    assert made["3"]["inputs"].get("image") == expected


def test_sockets_of_widgets_come_after_the_others_when_a_node_is_bypassed() -> None:
    off = node(2, "Sampler", [], {"seed": (9, 0), "model": (1, 0)}, mode=4, widgets=("seed",))
    made = graph(LOADER, node(9, "Int", [1]), off, node(3, "Any", [], {"source": (2, 0)}))
    assert made["3"]["inputs"] == {"source": ["1", 0]}


def test_a_bypassed_class_that_the_server_lacks_goes_by_what_the_file_says() -> None:
    off = node(
        2, "Fancy", [], {"a": (1, 1), "b": (1, 0)}, mode=4, types={"a": "MASK", "b": "IMAGE"}, outputs=("IMAGE",)
    )
    made = graph(node(1, "Load"), off, node(3, "Scale", [8], {"image": (2, 0)}))
    assert made["3"]["inputs"]["image"] == ["1", 0]


@pytest.mark.parametrize(("mode", "expected"), [(0, ["1", 0]), (4, ["1", 0]), (2, None)])
def test_reroutes_are_passed_in_any_chain(mode: int, expected: Any) -> None:
    first = node(5, "Reroute", None, {"": (1, 0)}, outputs=("*",))
    second = node(6, "Reroute", None, {"": (5, 0)}, outputs=("*",), mode=mode)
    made = graph(LOADER, first, second, node(3, "Sampler", [], {"model": (6, 0)}))
    assert made.keys() == {"1", "3"}
    assert made["3"]["inputs"].get("model") == expected


def test_a_reroute_that_nothing_feeds_drops_the_input() -> None:
    made = graph(node(5, "Reroute", None, {"": None}), node(3, "Any", [], {"source": (5, 0)}))
    assert made["3"]["inputs"] == {}


def test_behind_a_reroute_a_bypassed_node_sees_the_type_that_is_wanted() -> None:
    odd = node(2, "Odd", [], {"mask": (1, 1), "first": (1, 0)}, mode=4)
    reroute = node(4, "Reroute", None, {"": (2, 0)}, outputs=("*",))
    made = graph(node(1, "Load"), odd, reroute, node(3, "Scale", [8], {"image": (4, 0)}), Odd=ODD)
    assert made["3"]["inputs"]["image"] == ["1", 0]


def test_numbers_of_slots_may_be_texts_and_types_lists() -> None:
    off = node(2, "Fancy", [], {"a": (1, 1), "b": (1, 0)}, mode=4, outputs=("IMAGE",))
    whole = file(node(1, "Load"), off, node(3, "Scale", [8], {"image": (2, 0)}))
    for slot, kinds in zip(whole["nodes"][1]["inputs"], (["MASK", "LATENT"], ["IMAGE", "MASK"]), strict=True):
        slot["type"] = kinds
    for link in whole["links"]:
        link[2] = str(link[2])
    assert to_api(whole, OBJECT_INFO)["3"]["inputs"]["image"] == ["1", 0]


@pytest.mark.parametrize("origin", [(-10, 0), (2, 7), (2, -1)])
def test_a_link_from_an_output_that_is_not_there_gives_nothing(origin: tuple[int, int]) -> None:
    made = graph(LOADER, lora(4), node(3, "Sampler", [], {"model": origin}))
    assert "model" not in made["3"]["inputs"]


@pytest.mark.parametrize("mode", [0, 2, 4])
def test_a_primitive_puts_its_value_into_the_widget_whatever_its_mode(mode: int) -> None:
    primitive = node(5, "PrimitiveNode", [777, "randomize"], outputs=("INT",), mode=mode)
    made = graph(primitive, node(3, "Sampler", [1, "fixed", 20, 7.0], {"seed": (5, 0)}, widgets=("seed",)))
    assert made == {"3": made["3"]}
    assert made["3"]["inputs"] == {"seed": 777, "steps": 20, "cfg": 7.0}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("steps", 4.5, 5),
        ("steps", 4, 4),
        ("seed", 2**64 - 1, 2**64 - 1),
        ("cfg", 7.26, 7.3),
        ("cfg", 250.0, 100.0),
        ("cfg", 3, 3),
    ],
)
def test_a_number_from_a_primitive_is_rounded_as_the_widget_does(name: str, value: Any, expected: Any) -> None:
    primitive = node(5, "PrimitiveNode", [value, "fixed"])
    made = graph(primitive, node(3, "Sampler", [1, "fixed", 20, 7.0], {name: (5, 0)}, widgets=(name,)))
    assert made["3"]["inputs"][name] == expected
    assert type(made["3"]["inputs"][name]) is type(expected) or name == "cfg"


def test_a_primitive_rounds_to_the_step_of_its_target() -> None:
    made = graph(node(5, "PrimitiveNode", [515]), node(3, "Latent", [64, 64], {"width": (5, 0)}, widgets=("width",)))
    assert made["3"]["inputs"] == {"width": 512, "height": 64}


@pytest.mark.parametrize("values", [None, []])
def test_a_primitive_without_a_value_changes_nothing(values: Any) -> None:
    made = graph(node(5, "PrimitiveNode", values), node(3, "Latent", [64, 64], {"width": (5, 0)}, widgets=("width",)))
    assert made["3"]["inputs"] == {"width": 64, "height": 64}


@pytest.mark.parametrize(("value", "expected"), [("30", 30), ("x", None), (True, 1), ("", 0)])
def test_a_widget_for_numbers_makes_a_number_of_what_a_primitive_gives(value: Any, expected: Any) -> None:
    targets = [node(i, "Sampler", [1, "fixed", 20, 7.0], {"steps": (5, 0)}, widgets=("steps",)) for i in (3, 4)]
    made = graph(node(5, "PrimitiveNode", [value], outputs=("INT",)), *targets, Sampler=STEPS)
    assert [made[i]["inputs"] for i in "34"] == [{"steps": expected}, {"steps": expected}]


def test_a_text_box_makes_a_text_of_what_a_primitive_gives() -> None:
    made = graph(
        node(5, "PrimitiveNode", [3], outputs=("INT",)),
        node(2, "Sampler", [1, "fixed", 20, 7.0], {"steps": (5, 0)}, widgets=("steps",)),
        node(3, "Encode", ["own"], {"text": (5, 0)}, widgets=("text",)),
        node(4, "Text", ["own"], {"value": (5, 0)}, widgets=("value",)),
    )
    assert [made["2"]["inputs"]["steps"], made["3"]["inputs"]["text"], made["4"]["inputs"]["value"]] == [3, "3", 3]


@pytest.mark.parametrize("fills", [True, False])
def test_a_primitive_fills_placeholders_in_where_it_says_so(fills: bool) -> None:
    primitive = node(5, "PrimitiveNode", ["%Latent.width% {a|b}"], properties={"Run widget replace on values": fills})
    made = graph(
        primitive, node(1, "Latent", [64, 32]), node(3, "Encode", ["own"], {"text": (5, 0)}, widgets=("text",))
    )
    assert made["3"]["inputs"]["text"] == ("64 a" if fills else "%Latent.width% a")


def test_a_primitive_reaches_no_input_without_a_widget() -> None:
    assert graph(node(5, "PrimitiveNode", [1]), node(3, "Any", [], {"source": (5, 0)}))["3"]["inputs"] == {}


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [("STRING", ["a"], "a"), ("STRING", [], ""), ("*", ["a"], "own"), ("MODEL", ["a"], "own")],
)
def test_a_primitive_is_made_after_its_first_target_though_that_has_no_widget(
    kind: str, values: Any, expected: str
) -> None:
    made = graph(
        node(5, "PrimitiveNode", values, outputs=("STRING",)),
        node(1, "First", [], {"a": (5, 0)}),
        node(3, "Text", ["own"], {"value": (5, 0)}, widgets=("value",)),
        First={"input": {"required": {"a": [kind, {"forceInput": True}]}}, "output": []},
    )
    assert [made["1"]["inputs"], made["3"]["inputs"]] == [{}, {"value": expected}]


def test_a_primitive_is_not_passed_through_reroutes() -> None:
    reroute = node(6, "Reroute", None, {"": (5, 0)})
    made = graph(node(5, "PrimitiveNode", [9]), reroute, node(3, "Int", [1], {"value": (6, 0)}, widgets=("value",)))
    assert made["3"]["inputs"] == {"value": 1}


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("INT", 3, 16),
        ("INT", 500, 100),
        ("INT", None, 16),
        ("FLOAT", 32, 64),
        ("*", 32, 64),
    ],
)
def test_a_primitive_keeps_within_what_all_its_targets_accept(kind: str, value: Any, expected: int) -> None:
    info = {
        "One": {"input": {"required": {"a": ["INT", {"min": 16, "max": 200}]}}, "output": []},
        "Two": {"input": {"required": {"a": ["INT", {"min": 0, "max": 100}]}}, "output": []},
    }
    made = graph(
        node(5, "PrimitiveNode", [value], outputs=(kind,)),
        node(1, "One", [64], {"a": (5, 0)}, widgets=("a",)),
        node(2, "Two", [1], {"a": (5, 0)}, widgets=("a",)),
        **info,
    )
    assert [made[i]["inputs"]["a"] for i in "12"] == [expected, expected]


def test_what_targets_of_a_primitive_do_not_share_is_no_limit() -> None:
    info = {
        "One": {"input": {"required": {"a": ["FLOAT", {"min": 0.0, "max": 1.0, "step": 0.1}]}}, "output": []},
        "Two": {"input": {"required": {"a": ["FLOAT", {"min": 5.0, "max": 9.0, "step": 0.1}]}}, "output": []},
    }
    made = graph(
        node(5, "PrimitiveNode", [0.42], outputs=("FLOAT",)),
        node(1, "One", [1], {"a": (5, 0)}, widgets=("a",)),
        node(2, "Two", [6], {"a": (5, 0)}, widgets=("a",)),
        **info,
    )
    assert [made[i]["inputs"]["a"] for i in "12"] == [0.4, 5.0]


def test_the_text_of_a_primitive_is_changed_as_that_of_the_widget() -> None:
    made = graph(
        node(5, "PrimitiveNode", ["a /* no */{b|c}"]), node(3, "Encode", ["own"], {"text": (5, 0)}, widgets=("text",))
    )
    assert made["3"]["inputs"]["text"] == "a b"


def test_a_list_takes_null_from_a_primitive_only_when_it_has_no_choices() -> None:
    targets = [node(3, "Scale", [64, "fill"], {"mode": (5, 0)}, widgets=("mode",))]
    assert graph(node(5, "PrimitiveNode", [None]), *targets)["3"]["inputs"]["mode"] == "fit"
    info = {"One": {"input": {"required": {"a": [[]]}}, "output": []}}
    targets = [node(1, "One", ["x"], {"a": (5, 0)}, widgets=("a",)), *targets]
    assert graph(node(5, "PrimitiveNode", [None]), *targets, **info)["3"]["inputs"]["mode"] is None


def test_a_bypassed_node_has_the_outputs_of_the_file_too() -> None:
    passing = node(2, "Any", [], {"source": (1, 0)}, outputs=("STRING",), mode=4)
    made = graph(node(1, "Text", ["x"]), passing, node(3, "Encode", ["own"], {"text": (2, 0)}, widgets=("text",)))
    assert made["3"]["inputs"]["text"] == ["1", 0]


def test_after_a_widget_that_is_unknown_the_next_unknown_input_stays() -> None:
    linked: dict[str, Origin | None] = {"source": (1, 0), "old": (1, 0), "older": (1, 0), "oldest": (1, 0)}
    made = graph(node(1, "Int"), node(2, "Any", [], linked, widgets=("old", "older", "oldest")))
    assert made["2"]["inputs"] == {"source": ["1", 0], "older": ["1", 0]}


def test_an_input_that_was_renamed_is_written_while_its_widget_is_known() -> None:
    whole = file(node(1, "Int", [4]), node(2, "Sampler", [1, "fixed", 20, 7.0], {"old": (1, 0)}, widgets=("old",)))
    whole["nodes"][1]["inputs"][0]["widget"] = {"name": "steps"}
    assert to_api(whole, OBJECT_INFO)["2"]["inputs"] == {"seed": 1, "steps": 20, "cfg": 7.0, "old": ["1", 0]}
    whole["nodes"][1]["inputs"][0]["widget"] = {"name": "gone"}
    assert "old" not in to_api(whole, OBJECT_INFO)["2"]["inputs"]
    whole["nodes"][1]["inputs"][0]["widget"] = {"name": ["damaged"]}
    assert "old" not in to_api(whole, OBJECT_INFO)["2"]["inputs"]


def test_notes_vanish_and_give_nothing() -> None:
    made = graph(node(1, "Note", ["a"]), node(2, "MarkdownNote", ["b"]), node(3, "Any", [], {"source": (1, 0)}))
    assert made == {"3": made["3"]}
    assert made["3"]["inputs"] == {}


@pytest.mark.parametrize("mode", [0, 4])
def test_a_circle_of_what_is_only_passed_is_said(mode: int) -> None:
    one = node(1, "Reroute", None, {"": (2, 0)}, outputs=("*",), mode=mode, title="Loop")
    two = node(2, "Reroute", None, {"": (1, 0)}, outputs=("*",), mode=mode, title="Loop")
    with pytest.raises(WorkflowError, match=r"Loop \([12]\).*circle") as caught:
        graph(one, two, node(3, "Any", [], {"source": (1, 0)}))
    assert caught.value.node == "Loop"


@pytest.mark.parametrize(
    ("one", "other", "fits"),
    [
        ("IMAGE", "IMAGE", True),
        ("IMAGE", "image", True),
        ("IMAGE", "MASK", False),
        ("IMAGE,MASK", "MASK", True),
        ("IMAGE,MASK", "LATENT,MASK", True),
        ("IMAGE,MASK", "LATENT", False),
        ("*", "LATENT", True),
        ("LATENT", "", True),
        ("IMAGE,*", "LATENT", True),
    ],
)
def test_types_that_suit(one: str, other: str, fits: bool) -> None:
    assert suits(one, other) is fits
    assert suits(other, one) is fits
