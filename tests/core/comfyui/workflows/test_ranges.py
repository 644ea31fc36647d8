"""What the parameters of a graph may be, by the definitions of its nodes."""

from __future__ import annotations

from typing import Any

import pytest

from core.comfyui.workflows.ranges import limits_of
from core.comfyui.workflows.roles import bind
from core.validators.limits import DEFAULT_LIMITS, Range
from tests.core.comfyui.workflows.graphs import Graph, guided, node, plain, two_stages


def number(kind: str, **options: float) -> list[Any]:
    return [kind, options]


DEFINITIONS = {
    "KSampler": {
        "input": {
            "required": {
                "steps": number("INT", min=1, max=10000),
                "cfg": number("FLOAT", min=0.0, max=100.0, step=0.1),
                "sampler_name": [["euler", "dpmpp_2m"]],
                "scheduler": ["COMBO", {"options": ["normal", "simple"]}],
                "denoise": number("FLOAT", min=0.0, max=1.0, step=0.01),
            }
        }
    },
    "EmptyLatentImage": {
        "input": {
            "required": {
                "width": number("INT", min=16, max=16384, step=8),
                "height": number("INT", min=16, max=1024, step=8),
                "batch_size": number("INT", min=1, max=2),
            }
        }
    },
    "WanImageToVideo": {"input": {"required": {"length": number("INT", min=1, max=16384, step=4)}}},
    "CreateVideo": {"input": {"required": {"fps": number("FLOAT", min=1.0, max=60.0, step=1.0)}}},
    "PrimitiveInt": {"input": {"required": {"value": number("INT", min=-(2**63), max=2**63)}}},
    "BasicScheduler": {"input": {"required": {"steps": number("INT", min=3, max=30)}}},
}


def found(graph: Graph, definitions: dict[str, Any] | None = DEFINITIONS) -> dict[str, Range]:
    return dict(limits_of(graph, bind(graph), definitions))


def test_without_definitions_the_public_ranges_hold() -> None:
    assert found(plain(), None) == dict(DEFAULT_LIMITS)


def test_definitions_narrow_and_give_the_step() -> None:
    ranges = found(plain())
    assert (ranges["width"].min, ranges["width"].max, ranges["width"].step) == (256, 2048, 8)
    assert ranges["height"].max == 1024
    assert ranges["batch_size"].max == 2
    assert (ranges["steps"].min, ranges["steps"].max, ranges["steps"].step) == (1, 50, None)
    assert (ranges["cfg"].min, ranges["cfg"].max, ranges["cfg"].step) == (1.0, 20.0, None)


def test_frames_that_are_counted_are_no_more_than_the_public_ones() -> None:
    graph = two_stages()
    graph["seconds"] = node("PrimitiveInt", "Duration", value=5)
    graph["rate"] = node("PrimitiveInt", "Frame rate", value=25)
    graph["frames"] = node("ComfyMathExpression", expression="a*b", values__a=["seconds", 0], values__b=["rate", 0])
    graph["cond"]["inputs"]["length"] = ["frames", 1]
    graph["video"]["inputs"]["fps"] = ["rate", 0]
    ranges = found(graph)
    assert (ranges["duration"].max, ranges["fps"].max) == (10, 51)
    graph["seconds"]["inputs"]["value"] = 60
    assert (found(graph)["duration"].max, found(graph)["fps"].max) == (60, 25)


def test_lists_are_the_only_choices() -> None:
    ranges = found(plain())
    assert ranges["sampler"].choices == ("euler", "dpmpp_2m")
    assert ranges["scheduler"].choices == ("normal", "simple")


def test_frames_go_up_from_the_least() -> None:
    length = found(two_stages())["length"]
    assert length.check(81) == 81
    assert length.describe() == "1 to 257 in steps of 4 from 1"
    with pytest.raises(Exception, match="steps of 4"):
        length.check(80)


@pytest.mark.parametrize(("name", "value"), [("width", 4096), ("width", 1100), ("steps", 120), ("cfg", 0.5)])
def test_what_is_saved_is_allowed(name: str, value: float) -> None:
    graph = plain()
    node_id = "5" if name == "width" else "3"
    graph[node_id]["inputs"][name] = value
    for definitions in (None, DEFINITIONS):
        assert found(graph, definitions)[name].check(value) == value


def test_a_value_that_is_held_elsewhere_is_bounded_where_it_goes() -> None:
    graph = guided()
    assert bind(graph).to_dict()["steps"] == ["count.value"]
    assert (found(graph)["steps"].min, found(graph)["steps"].max) == (3, 30)


def test_a_value_that_is_worked_with_is_not_bounded_where_it_goes() -> None:
    graph = guided()
    graph["count"] = node("Twice", value=20, factor=2)
    assert bind(graph).to_dict()["steps"] == ["count.value"]
    assert (found(graph)["steps"].min, found(graph)["steps"].max) == (1, 50)


def test_definitions_that_leave_nothing_of_the_public_range_do_not_count() -> None:
    beyond = {"KSampler": {"input": {"required": {"steps": number("INT", min=100, max=200)}}}}
    assert (found(plain(), beyond)["steps"].min, found(plain(), beyond)["steps"].max) == (1, 50)


def test_what_two_places_allow_is_what_both_do() -> None:
    graph = two_stages()
    definitions = {
        "KSamplerAdvanced": {
            "input": {"required": {"steps": number("INT", min=2, max=40), "sampler_name": [["euler", "lcm"]]}}
        }
    }
    assert (found(graph, definitions)["steps"].min, found(graph, definitions)["steps"].max) == (2, 40)
    assert found(graph, definitions)["sampler"].choices == ("euler", "lcm")


@pytest.mark.parametrize("damage", [None, [], {"input": None}, {"input": {"required": {"steps": "INT"}}}])
def test_damaged_definitions_say_nothing(damage: Any) -> None:
    graph = plain()
    assert limits_of(graph, bind(graph), {"KSampler": damage})["steps"] == DEFAULT_LIMITS["steps"]
