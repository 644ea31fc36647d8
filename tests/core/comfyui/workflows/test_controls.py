"""Numbers that a size, a length or a rate is computed from, and whose titles say so."""

from __future__ import annotations

from typing import Any

import pytest

from core.comfyui.workflows.roles import bind
from core.comfyui.workflows.updater import WorkflowParameters, WorkflowUpdater
from tests.core.comfyui.workflows.graphs import node, plain, two_stages, with_inputs


def places(graph: dict[str, Any], *roles: str) -> dict[str, list[str]]:
    found = bind(graph).to_dict()
    return {role: found.get(role, []) for role in roles}


def computed(width: str = "Width", height: str = "Height") -> dict[str, Any]:
    """`plain`, sampled at half of a size that stands elsewhere."""
    graph = plain()
    graph["w"] = node("PrimitiveInt", width, value=1280)
    graph["h"] = node("PrimitiveInt", height, value=720)
    graph["half w"] = node("ComfyMathExpression", expression="a/2", values__a=["w", 0])
    graph["half h"] = node("ComfyMathExpression", expression="a/2", values__a=["h", 0])
    return with_inputs(graph, "5", width=["half w", 1], height=["half h", 1])


def filmed() -> dict[str, Any]:
    """`two_stages` of a length that is counted from seconds and a rate."""
    graph = two_stages()
    graph["seconds"] = node("PrimitiveInt", "Duration", value=5)
    graph["rate"] = node("PrimitiveInt", "Frame Rate (int)", value=25)
    graph["frames"] = node("ComfyMathExpression", expression="a*b+1", values__a=["seconds", 0], values__b=["rate", 0])
    graph["exact"] = node("ComfyMathExpression", expression="a*1.0", values__a=["rate", 0])
    graph = with_inputs(graph, "cond", length=["frames", 1])
    return with_inputs(graph, "video", fps=["exact", 0])


def test_a_size_is_where_what_it_is_computed_from_is_called_so() -> None:
    bound = bind(computed())
    assert places(computed(), "width", "height") == {"width": ["w.value"], "height": ["h.value"]}
    assert (
        'value of "Width" (w), which width of "EmptyLatentImage" (5) is computed from'
        in bound.roles["width"].reasons[0]
    )
    made = WorkflowUpdater().update(computed(), WorkflowParameters(width=640))
    assert made["w"]["inputs"]["value"] == 640
    assert made["5"]["inputs"]["width"] == ["half w", 1]


@pytest.mark.parametrize("title", ["Number", "Max Width", "Original width", "Widths"])
def test_another_title_makes_no_place(title: str) -> None:
    assert places(computed(width=title), "width", "height") == {"width": [], "height": ["h.value"]}


def test_two_that_are_called_so_make_no_place() -> None:
    graph = computed()
    graph["w2"] = node("PrimitiveInt", "Width", value=640)
    graph["half w"]["inputs"] |= {"expression": "a+b", "values.b": ["w2", 0]}
    assert places(graph, "width") == {"width": []}


def test_what_is_measured_on_a_picture_is_not_computed_from_what_made_the_picture() -> None:
    graph = computed()
    graph["in"] = node("LoadImage", image="a.png")
    graph["grown"] = node("ImagePad", left=["w", 0], image=["in", 0])
    graph["size"] = node("GetImageSize", image=["grown", 0])
    graph["half w"]["inputs"]["values.a"] = ["size", 0]
    assert places(graph, "width") == {"width": []}


def test_a_picture_that_is_resized_to_what_is_computed_leads_there_too() -> None:
    graph = computed()
    graph["in"] = node("LoadImage", image="a.png")
    graph["resized"] = node("ImageScale", width=["half w", 1], height=["half h", 1], image=["in", 0])
    graph["size"] = node("GetImageSize", image=["resized", 0])
    graph = with_inputs(graph, "5", width=["size", 0], height=["size", 1])
    assert places(graph, "width", "height") == {"width": ["w.value"], "height": ["h.value"]}
    assert 'width of "ImageScale" (resized) is computed from' in bind(graph).roles["width"].reasons[0]


def test_a_size_that_is_computed_in_the_same_way_follows() -> None:
    graph = computed()
    graph["w2"], graph["h2"] = node("PrimitiveInt", "Width", value=1280), node("PrimitiveInt", "Height", value=720)
    graph["less w"] = node("ComfyMathExpression", expression="a-8", values__a=["w2", 0])
    graph["less h"] = node("ComfyMathExpression", expression="a-8", values__a=["h2", 0])
    graph["crop"] = node("ImageScale", width=["less w", 1], height=["less h", 1], image=["8", 0])
    graph = with_inputs(graph, "9", images=["crop", 0])
    assert places(graph, "width", "height") == {"width": ["w.value", "w2.value"], "height": ["h.value", "h2.value"]}
    assert places(with_inputs(graph, "w2", value=640), "width") == {"width": ["w.value"]}


def test_frames_that_are_counted_give_a_duration_and_a_rate() -> None:
    assert places(filmed(), "length", "duration", "fps") == {
        "length": [],
        "duration": ["seconds.value"],
        "fps": ["rate.value"],
    }


def test_a_picture_has_no_duration() -> None:
    graph = filmed()
    graph["save"] = node("SaveImage", filename_prefix="x", images=["decode", 0])
    assert places(graph, "duration") == {"duration": []}


def test_a_formula_that_is_but_a_name_is_plain() -> None:
    graph = plain()
    graph["n"] = node("PrimitiveInt", value=30)
    graph["same"] = node("ComfyMathExpression", expression=" a ", values__a=["n", 0])
    graph["more"] = node("ComfyMathExpression", expression="a+1", values__a=["n", 0])
    assert places(with_inputs(graph, "3", steps=["same", 1]), "steps") == {"steps": ["n.value"]}
    assert places(with_inputs(graph, "3", steps=["more", 1]), "steps") == {"steps": []}
