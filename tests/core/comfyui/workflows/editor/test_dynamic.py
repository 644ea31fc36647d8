"""Inputs that come and go with a choice or a link."""

from __future__ import annotations

from typing import Any

import pytest

from core.comfyui.workflows.editor_format import to_api
from tests.core.comfyui.workflows.editor.samples import OBJECT_INFO, file, node

SIZE = {
    "options": [
        {"key": "by size", "inputs": {"required": {"width": ["INT", {"default": 5}], "crop": [["off", "on"]]}}},
        {"key": "by factor", "inputs": {"required": {"factor": ["FLOAT", {"default": 2.0}]}}},
        {"key": "like", "inputs": {"required": {"other": ["IMAGE"]}, "optional": {"n": ["INT", {}]}}},
        {"key": "none", "inputs": {"required": {}}},
    ]
}
RESIZE = {
    "input": {
        "required": {
            "image": ["COMFY_MATCHTYPE_V3", {"template": {"template_id": "t", "allowed_types": "IMAGE,MASK"}}],
            "size": ["COMFY_DYNAMICCOMBO_V3", SIZE],
            "last": ["INT", {"default": 1}],
        }
    },
    "output": ["COMFY_MATCHTYPE_V3"],
}
BATCH = {
    "input": {
        "required": {
            "images": [
                "COMFY_AUTOGROW_V3",
                {"template": {"input": {"required": {"image": ["IMAGE"]}}, "prefix": "image", "min": 2, "max": 9}},
            ]
        }
    },
    "output": ["IMAGE"],
}
INFO = {**OBJECT_INFO, "Resize": RESIZE, "Batch": BATCH}


def resized(values: Any, inputs: Any = None, widgets: tuple[str, ...] = ()) -> Any:
    whole = file(node(1, "Load", ["in.png"]), node(9, "Int", [3]), node(2, "Resize", values, inputs, widgets=widgets))
    return to_api(whole, INFO)["2"]["inputs"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["by size", 64, "on", 9], {"size": "by size", "size.width": 64, "size.crop": "on", "last": 9}),
        (["by factor", 1.5, 9], {"size": "by factor", "size.factor": 1.5, "last": 9}),
        (["like", 3, 9], {"size": "like", "size.n": 3, "last": 9}),
        (["none", 9], {"size": "none", "last": 9}),
        (["gone", 9], {"size": "gone", "last": 9}),
        ([], {"size": "by size", "size.width": 5, "size.crop": "off", "last": 1}),
        ({"size": "by factor", "last": 4}, {"size": "by factor", "size.factor": 2.0, "last": 4}),
    ],
)
def test_a_choice_brings_its_own_inputs_right_after_it(values: Any, expected: Any) -> None:
    assert resized(values) == expected


def test_inputs_of_a_choice_may_be_linked() -> None:
    made = resized(["by size", 64, "on", 9], {"size.width": (9, 0), "image": (1, 0)}, ("size.width",))
    assert made == {"size": "by size", "size.width": ["9", 0], "size.crop": "on", "last": 9, "image": ["1", 0]}
    assert resized(["like", 3, 9], {"size.other": (1, 0)})["size.other"] == ["1", 0]


def test_a_linked_widget_of_another_choice_is_gone() -> None:
    both: dict[str, Any] = {"size.width": (9, 0), "size.crop": (9, 0)}
    made = resized(["none", 9], both, ("size.width", "size.crop"))
    assert made.keys() == {"size", "last"}


def test_choices_may_contain_choices() -> None:
    outer = {"options": [{"key": "more", "inputs": {"required": {"size": ["COMFY_DYNAMICCOMBO_V3", SIZE]}}}]}
    info = {"Deep": {"input": {"required": {"mode": ["COMFY_DYNAMICCOMBO_V3", outer], "n": ["INT", {}]}}, "output": []}}
    made = to_api(file(node(1, "Deep", ["more", "by factor", 3.5, 8])), info)["1"]["inputs"]
    assert made == {"mode": "more", "mode.size": "by factor", "mode.size.factor": 3.5, "n": 8}


def test_a_group_that_grows_has_what_is_linked() -> None:
    links: Any = {f"images.image{n}": (1, 0) for n in range(4)} | {"images.image4": None}
    made = to_api(file(node(1, "Load", ["in.png"]), node(2, "Batch", [], links)), INFO)["2"]["inputs"]
    assert made == {f"images.image{n}": ["1", 0] for n in range(4)}


def test_widgets_that_grow_stand_after_the_others_when_a_link_made_them() -> None:
    template = {"input": {"required": {"v": ["INT", {"default": 4}]}}, "names": ["a", "b", "c2", "d"], "min": 1}
    info = {
        **OBJECT_INFO,
        "Sum": {
            "input": {"required": {"vs": ["COMFY_AUTOGROW_V3", {"template": template}], "n": ["INT", {}]}},
            "output": ["INT"],
        },
    }
    assert to_api(file(node(1, "Sum", [1, 2, 3])), info)["1"]["inputs"] == {"vs.a": 1, "vs.b": 2, "n": 3}
    grown = file(node(9, "Int"), node(1, "Sum", [1, 2, 3, 5], {"vs.c2": (9, 0)}, widgets=("vs.c2",)))
    made = to_api(grown, info)["1"]["inputs"]
    assert made == {"vs.a": 1, "vs.b": 2, "n": 3, "vs.c2": ["9", 0], "vs.d": 4}


def test_a_socket_that_follows_what_is_linked_is_bypassed_by_the_type_that_was_saved() -> None:
    off = node(2, "Resize", ["none", 1], {"image": (1, 0)}, mode=4, types={"image": "IMAGE"}, outputs=("IMAGE",))
    whole = file(node(1, "Load", ["in.png"]), off, node(3, "Scale", [8], {"image": (2, 0)}))
    assert to_api(whole, INFO)["3"]["inputs"]["image"] == ["1", 0]


def test_a_group_that_the_server_does_not_describe_has_what_is_linked() -> None:
    info = {**OBJECT_INFO, "Odd": {"input": {"required": {"images": ["COMFY_AUTOGROW_V3", {}]}}, "output": []}}
    made = to_api(file(node(1, "Load", ["in.png"]), node(2, "Odd", [], {"images.image0": (1, 0)})), info)
    assert made["2"]["inputs"] == {"images.image0": ["1", 0]}
