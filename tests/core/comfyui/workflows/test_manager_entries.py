"""What a workflow's entry in the configuration changes, and files that were never meant to be read."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import orjson
import pytest

from config.models import WorkflowEntry
from core.comfyui.workflows.manager import WorkflowManager
from core.comfyui.workflows.parameters import WorkflowParameters
from core.comfyui.workflows.workflow import Workflow, WorkflowType
from core.exceptions import WorkflowError
from tests.core.comfyui.workflows.graphs import edit, node, plain, styled, upscale, with_inputs


@pytest.fixture
def load(tmp_path: Path) -> Any:
    """Loads a graph with what an entry says about it."""

    def read(graph: Any, **entry: Any) -> Workflow:
        (tmp_path / "one.json").write_bytes(orjson.dumps(graph))
        return WorkflowManager(tmp_path, {"main": WorkflowEntry(file="one.json", **entry)}).get("main")

    return read


@pytest.mark.parametrize(
    ("names", "shown"),
    [({}, "Main"), ({"name": "By name"}, "By name"), ({"name": "By name", "label": "By label"}, "By label")],
)
def test_the_label_counts_before_the_name_and_the_key(load: Any, names: dict[str, str], shown: str) -> None:
    assert load(plain(), **names).label == shown


def test_a_declared_type_counts(load: Any) -> None:
    assert load(edit()).type is WorkflowType.EDIT
    assert load(edit(), type="upscale").type is WorkflowType.UPSCALE


def test_declared_bindings_count_and_an_empty_list_takes_a_role_away(load: Any) -> None:
    found = load(plain(), bindings={"positive": "7.text", "negative": [], "cfg": []})
    assert found.bindings.to_dict()["positive"] == ["7.text"]
    assert "prompt" in found.supported
    assert found.supported & {"negative_prompt", "cfg"} == set()
    assert found.build(WorkflowParameters(prompt="a hare"))["7"]["inputs"]["text"] == "a hare"
    assert "cfg" not in found.defaults


@pytest.mark.parametrize(
    ("bindings", "said"),
    [
        ({"positive": "99.text"}, "no such node"),
        ({"positive": "6.words"}, "that node's inputs are"),
        ({"steps": "6.text"}, "holds no number"),
        ({"positive": "5.width"}, "holds no text"),
    ],
)
def test_a_binding_that_does_not_fit_is_a_problem_that_names_it(load: Any, bindings: Any, said: str) -> None:
    with pytest.raises(WorkflowError, match=said):
        load(plain(), bindings=bindings)


def test_choices_are_the_only_values_allowed(load: Any) -> None:
    found = load(plain(), choices={"width": [512, 640], "sampler": ["euler"]}, defaults={"width": 640})
    assert found.limits["width"].choices == (512, 640)
    assert found.limits["sampler"].describe() == "one of euler"
    assert found.graph()["5"]["inputs"]["width"] == 640
    with pytest.raises(Exception, match="one of 512, 640"):
        found.limits["width"].check(576)


def test_a_choice_out_of_range_is_a_problem(load: Any) -> None:
    with pytest.raises(WorkflowError, match="Steps must be"):
        load(plain(), choices={"steps": [20, 500]})


@pytest.mark.parametrize(
    ("said", "entry"), [("choices", {"choices": {"steps": [500]}}), ("defaults", {"defaults": {"steps": 500}})]
)
def test_what_is_out_of_range_is_looked_for_in_the_configuration(load: Any, said: str, entry: Any) -> None:
    with pytest.raises(WorkflowError, match=f"In the {said} of the configuration: Steps must be"):
        load(plain(), **entry)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"limits": {"length": {"max": 81}}}, "The range for length has no place"),
        ({"choices": {"upscale_factor": [2, 4]}}, "The range for upscale_factor has no place"),
        ({"loras": "flux/*"}, "The filter for LoRAs has no place"),
    ],
)
def test_what_an_entry_says_without_effect_is_reported(load: Any, entry: Any, said: str) -> None:
    assert [problem for problem in load(upscale(), **entry).problems if said in problem]
    assert load(plain(), limits={"denoise": {"max": 0.8}}, loras="flux/*").problems == ()


def test_limits_replace_the_usual_ones(load: Any) -> None:
    limits = load(plain(), limits={"width": {"min": 512, "max": 1024, "step": 32}}).limits
    assert (limits["width"].min, limits["width"].max, limits["width"].step) == (512, 1024, 32)
    assert limits["height"].step == 64


@pytest.mark.parametrize(
    ("patterns", "fitting", "others"),
    [
        ((), ("a.safetensors", "flux/b.safetensors"), ()),
        ("flux/*", ("flux/a.safetensors", "Flux\\B.safetensors"), ("sdxl/a.safetensors", "a.safetensors")),
        (["flux/*", "*_F1D*"], ("flux/a.safetensors", "x_f1d.safetensors"), ("sdxl/a.safetensors",)),
    ],
)
def test_the_lora_filter_knows_folders_and_no_case(load: Any, patterns: Any, fitting: Any, others: Any) -> None:
    found = load(styled(), loras=patterns)
    assert [found.takes_lora(file) for file in fitting] == [True] * len(fitting)
    assert [found.takes_lora(file) for file in others] == [False] * len(others)


def test_declared_loras_are_the_styles(load: Any) -> None:
    found = load(styled(), bindings={"loras": ["l2.lora_name"]})
    assert [loader.file for loader in found.bindings.styles] == ["watercolor.safetensors"]


def cyclic() -> Any:
    graph = plain()
    graph["4"] = node("LoraLoader", lora_name="x", strength_model=1.0, model=["5", 0], clip=["4", 1])
    graph["5"]["inputs"]["model"] = ["4", 0]
    return graph


def long_chain(length: int) -> Any:
    graph: Any = {"0": node("LoadImage", image="a.png")}
    for number in range(1, length):
        graph[str(number)] = node("ImageInvert", image=[str(number - 1), 0])
    graph[str(length)] = node("SaveImage", images=[str(length - 1), 0], filename_prefix="x")
    return graph


HOSTILE = {
    "a cycle": cyclic(),
    "a node that is fed by itself": with_inputs(plain(), "8", samples=["8", 0]),
    "a link to nowhere": with_inputs(plain(), "8", samples=["99", 0]),
    "too many nodes": long_chain(10_001),
    "inputs that are no object": {**plain(), "8": {"class_type": "VAEDecode", "inputs": [1]}},
    "a class that is no text": {**plain(), "8": {"class_type": 8, "inputs": {}}},
    "a node that is no object": {**plain(), "8": "VAEDecode"},
    "a path in a file input": with_inputs(edit(), "a", image="/etc/passwd"),
    "a path up": with_inputs(edit(), "b", image="../../x.png"),
    "nothing that saves": {key: value for key, value in plain().items() if key != "9"},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_in_one_sentence_and_leaves_the_others_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / "bad.json").write_bytes(orjson.dumps(HOSTILE[name]))
    (tmp_path / "good.json").write_bytes(orjson.dumps(plain()))
    manager = WorkflowManager(tmp_path, {})
    assert [found.name for found in manager.available()] == ["good"]
    with pytest.raises(WorkflowError) as caught:
        manager.get("bad")
    assert manager.problems() == {"bad": caught.value.message}
    assert len(caught.value.message) < 200
    assert "/etc" not in caught.value.message


def test_the_longest_chain_is_read(tmp_path: Path) -> None:
    (tmp_path / "long.json").write_bytes(orjson.dumps(long_chain(9_999)))
    assert WorkflowManager(tmp_path, {}).get("long").type is WorkflowType.UPSCALE


@pytest.mark.parametrize("role", ["seed", "steps", "width", "sampler_name", "text", "image"])
@pytest.mark.parametrize("value", [None, True, {}, {"a": 1}, [], ["3"], [3, 0], "", "x" * 100_000, 2**63, -1, 1e300])
def test_values_of_any_type_are_read_or_refused(tmp_path: Path, role: str, value: Any) -> None:
    graph = copy.deepcopy({**edit(), "in": upscale()["in"]})
    for described in graph.values():
        if role in described["inputs"]:
            described["inputs"][role] = value
    (tmp_path / "one.json").write_bytes(orjson.dumps(graph))
    manager = WorkflowManager(tmp_path, {})
    usable = manager.available()
    for found in usable:
        found.build(WorkflowParameters(seed=1, steps=2, prompt="a fox"))
    assert usable or manager.problems()
    assert all(len(text) < 1000 for text in manager.problems().values())
