"""What the configuration declares about a graph comes before what can be read there."""

from __future__ import annotations

import pytest

from core.comfyui.workflows.roles import bind
from core.exceptions import WorkflowError
from tests.core.comfyui.workflows.graphs import Graph, guided, node, plain, styled


def doubtful() -> Graph:
    """Two texts of equal rank."""
    graph = plain()
    graph["more"] = node("CLIPTextEncode", text="a hill", clip=["4", 1])
    graph["both"] = node("ConditioningCombine", conditioning_1=["6", 0], conditioning_2=["more", 0])
    graph["3"]["inputs"]["positive"] = ["both", 0]
    return graph


def test_a_declared_prompt_ends_the_doubt() -> None:
    assert bind(doubtful()).refusal is not None
    bound = bind(doubtful(), declared={"positive": ["more.text"]})
    assert bound.refusal is None
    assert bound.ambiguous == frozenset()
    assert bound.to_dict()["positive"] == ["more.text"]
    assert bound.roles["positive"].reason == "declared in the configuration"
    assert bound.saved("positive") == "a hill"


def test_other_roles_stay_as_they_were_read() -> None:
    read, bound = bind(plain()), bind(plain(), declared={"steps": ["3.steps"], "negative": []})
    assert "negative" not in bound.roles
    assert {role: b.places for role, b in bound.roles.items()} == {
        role: b.places for role, b in read.roles.items() if role != "negative"
    }


def test_a_link_is_followed_to_its_source() -> None:
    assert bind(guided(), declared={"positive": ["text.text"]}).to_dict()["positive"] == ["words.value"]


def test_what_is_declared_twice_is_one_place() -> None:
    twice = ["text.text", "words.value", "text.text"]
    assert bind(guided(), declared={"positive": twice}).to_dict()["positive"] == ["words.value"]


def test_names_may_have_dots() -> None:
    graph = plain()
    graph["a.b"] = node("Writer", x__text="hello", clip=["4", 1])
    graph["3"]["inputs"]["positive"] = ["a.b", 0]
    assert bind(graph, declared={"positive": ["a.b.x.text"]}).to_dict()["positive"] == ["a.b.x.text"]


def test_declared_loras_are_the_users_and_the_others_are_needed() -> None:
    bound = bind(styled(), declared={"loras": ["l2.lora_name"]})
    assert [(loader.place.node_id, loader.needed) for loader in bound.loras] == [("l1", True), ("l2", False)]
    assert bind(styled(), declared={"loras": []}).styles == ()


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"positive": ["99.text"]}, "no such node"),
        ({"positive": ["text"]}, "no such node"),
        ({"positive": ["6.words"]}, "that node's inputs are: text, clip"),
        ({"positive": ["6.clip"]}, "is computed"),
        ({"positive": ["3.steps"]}, "holds no text"),
        ({"steps": ["6.text"]}, "holds no number"),
    ],
)
def test_what_does_not_fit_the_graph_is_refused(declared: dict[str, list[str]], said: str) -> None:
    with pytest.raises(WorkflowError, match=said):
        bind(plain(), declared=declared)
