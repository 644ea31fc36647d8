"""What node definitions say of inputs, in both shapes on the wire."""

from __future__ import annotations

from typing import Any

import pytest

from core.comfyui.workflows.specifications import options, specification, without_uploads


@pytest.mark.parametrize(
    ("spec", "listed"),
    [
        ([["a", "b"], {}], ["a", "b"]),
        ([[]], []),
        (["COMBO", {"options": ["a"]}], ["a"]),
        (["COMBO", {"options": None}], None),
        (["COMBO"], None),
        (["INT", {"options": ["a"]}], None),
        ("INT", None),
        ([], None),
        (None, None),
    ],
)
def test_both_shapes_of_a_list_are_read(spec: Any, listed: list[Any] | None):
    assert options(spec) == listed


DEFINITIONS: dict[str, Any] = {
    "Loader": {
        "input": {"required": {"file": ["STRING"], "empty": []}, "optional": {"file": ["INT"], "more": ["INT"]}}
    },
    "Damaged": {"input": {"required": "none"}},
}


@pytest.mark.parametrize(
    ("node_class", "name", "said"),
    [
        ("Loader", "file", ["STRING"]),
        ("Loader", "more", ["INT"]),
        ("Loader", "empty", None),
        ("Loader", "other", None),
        ("Damaged", "file", None),
        ("Unknown", "file", None),
    ],
)
def test_an_input_is_looked_up_among_the_required_ones_first(node_class: str, name: str, said: Any) -> None:
    assert specification(DEFINITIONS, node_class, name) == said


def loader(*spec: Any) -> dict[str, Any]:
    return {"Loader": {"input": {"required": {"file": list(spec)}}, "output": ["IMAGE"]}, "Damaged": None}


@pytest.mark.parametrize(
    ("before", "after", "alike"),
    [
        ([["a"], {"image_upload": True}], [["a", "b"], {"image_upload": True}], True),
        (["COMBO", {"video_upload": True, "options": ["a"]}], ["COMBO", {"video_upload": True, "options": []}], True),
        ([["a"], {"image_upload": False}], [["a", "b"], {"image_upload": False}], False),
        ([["a"], {}], [["a", "b"], {}], False),
        (["COMBO", {"options": ["a"]}], ["COMBO", {"options": ["b"]}], False),
        ([["a"], {"image_upload": True}], [["a"], {"image_upload": True, "tooltip": "new"}], False),
    ],
)
def test_lists_of_uploads_are_passed_over_in_both_shapes(before: list[Any], after: list[Any], alike: bool) -> None:
    assert (without_uploads(loader(*before)) == without_uploads(loader(*after))) is alike
