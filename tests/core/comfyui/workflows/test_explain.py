"""How a file was read, and why."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
import pytest

from config.models import WorkflowEntry
from core.comfyui.workflows.explain import Driven, ExplainedLora, ExplainedOutput, ExplainedRole, Explanation, explain
from core.comfyui.workflows.manager import WorkflowManager
from tests.core.comfyui.workflows.editor.samples import OBJECT_INFO, file
from tests.core.comfyui.workflows.editor.samples import node as saved_node
from tests.core.comfyui.workflows.editor.test_embedded import png
from tests.core.comfyui.workflows.graphs import SAMPLES, edit, guided, node, plain, styled, two_stages, with_inputs


def read(graph: Any, definitions: Any = None, name: str = "one.json", **entry: Any) -> Explanation:
    data = graph if isinstance(graph, bytes) else orjson.dumps(graph)
    configured = WorkflowEntry(file=name, **entry) if entry else None
    return explain("one", name, data, configured, definitions)


def roles(found: Explanation) -> dict[str, ExplainedRole]:
    return {role.role: role for role in found.roles}


def test_what_is_known_of_a_file() -> None:
    found = read(plain())
    assert (found.name, found.file, found.label, found.type) == ("one", "one.json", "One", "image")
    assert (found.ready, found.enabled, found.problem, found.problems, found.lacks) == (True, True, None, (), ())
    assert found.outputs == (ExplainedOutput("9", "SaveImage", "image"),)
    assert found.starts_from_picture


def test_a_role_names_the_input_it_drives_its_default_its_range_and_why() -> None:
    steps = roles(read({**plain(), "3": {**plain()["3"], "_meta": {"title": "Paint"}}}))["steps"]
    (place,) = steps.places
    assert (place.node, place.title, place.field, place.value) == ("3", "Paint", "steps", 20)
    assert 'steps of "Paint" (3)' in place.reason
    assert (steps.parameters, steps.default, steps.range) == (("steps",), 20, "1 to 50")
    assert (steps.others, steps.inert, steps.ambiguous) == ((), False, False)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_place_is_told_with_its_value_and_a_reason(name: str) -> None:
    graph = SAMPLES[name]()
    found = read(graph)
    assert found.roles
    for role in found.roles:
        assert all(place.reason for place in role.places)
        assert all(graph[at.node]["inputs"][at.field] == at.value for at in (*role.places, *role.others))


def test_a_value_over_links_is_explained_where_it_is_held() -> None:
    found = roles(read(guided()))
    assert [(place.node, place.field) for place in found["steps"].places] == [("count", "value")]
    assert "steps" in found["steps"].places[0].reason
    assert found["guidance"].parameters == ("cfg", "guidance")
    assert found["guidance"].range == "0 to 30"


def test_ranges_are_those_of_the_definitions_and_the_configuration() -> None:
    definitions = {"KSampler": {"input": {"required": {"steps": ["INT", {"min": 2, "max": 24}]}}}}
    assert roles(read(plain(), definitions))["steps"].range == "2 to 24"
    assert roles(read(plain(), definitions, limits={"steps": {"max": 8}}))["steps"].range == "2 to 8"


def test_what_the_configuration_says() -> None:
    found = read(
        plain(),
        label="Mine",
        description="For all",
        enabled=False,
        type="upscale",
        defaults={"seed": -1, "steps": 9},
        bindings={"positive": "7.text", "negative": []},
        choices={"width": [512, 640]},
    )
    assert (found.label, found.description, found.enabled, found.type) == ("Mine", "For all", False, "upscale")
    by_role = roles(found)
    assert "negative" not in by_role
    assert (by_role["seed"].default, by_role["steps"].default, by_role["steps"].places[0].value) == (-1, 9, 9)
    assert by_role["width"].range == "one of 512, 640"
    assert by_role["positive"].reason == "declared in the configuration"
    assert by_role["positive"].places == (Driven("7", "CLIPTextEncode", "text", "blurry"),)


def test_places_that_are_left_alone_and_roles_that_cannot_act() -> None:
    graph = plain()
    graph["10"] = node("KSampler", **{**graph["3"]["inputs"], "steps": 7, "latent_image": ["3", 0], "denoise": 0.4})
    graph["8"]["inputs"]["samples"] = ["10", 0]
    steps = roles(read(graph))["steps"]
    assert [(place.node, place.value) for place in (*steps.places, *steps.others)] == [("3", 20), ("10", 7)]
    assert steps.ambiguous
    assert "keeps its 7" in steps.reason
    assert roles(read(two_stages()))["negative"].inert


def test_loras_are_needed_or_styles() -> None:
    assert read(styled()).loras == (
        ExplainedLora("l1", "LoraLoader", "ink_style.safetensors", False),
        ExplainedLora("l2", "LoraLoader", "watercolor.safetensors", False),
    )
    assert roles(read(styled()))["loras"].range == "-2 to 2"
    assert [loader.needed for loader in read(two_stages()).loras] == [True, True]


def test_a_workflow_with_two_prompts_is_refused_and_shown() -> None:
    graph = plain()
    graph["10"] = node("CLIPTextEncode", "Sky", text="a wide sky", clip=["4", 1])
    graph["11"] = node("ConditioningCombine", conditioning_1=["6", 0], conditioning_2=["10", 0])
    graph["3"]["inputs"]["positive"] = ["11", 0]
    found = read(graph)
    assert (found.type, found.ready) == (None, False)
    assert found.problem is not None
    assert "Several texts could be the prompt" in found.problem
    assert found.problems == (found.problem,)
    by_role = roles(found)
    assert {place.node for place in by_role["positive"].places} == {"6", "10"}
    assert by_role["positive"].ambiguous
    assert by_role["steps"].range == "1 to 50"


EDITOR = file(
    saved_node(1, "Checkpoint", ["a.ckpt"], outputs=("MODEL", "CLIP", "VAE")),
    saved_node(2, "Encode", ["a fox"], {"clip": (1, 1)}, outputs=("CONDITIONING",)),
    saved_node(3, "Latent", [512, 640], outputs=("LATENT",)),
    saved_node(
        4, "Sampler", [7, "fixed", 20, 8.0],
        {"model": (1, 0), "positive": (2, 0), "negative": (2, 0), "latent_image": (3, 0)}, outputs=("LATENT",),
    ),
    saved_node(5, "Decode", [], {"samples": (4, 0), "vae": (1, 2)}, outputs=("IMAGE",)),
    saved_node(
        6, "Sharpen", [0.5], {"image": (5, 0)}, types={"image": "IMAGE"}, outputs=("IMAGE",),
        properties={"cnr_id": "sharp-pack"},
    ),
    saved_node(7, "Save", ["x"], {"images": (6, 0)}),
)  # fmt: skip


def test_a_workflow_with_a_missing_class_is_refused_and_the_rest_of_it_is_shown() -> None:
    found = read(EDITOR, OBJECT_INFO)
    assert (found.type, found.ready) == (None, False)
    assert found.problem is not None
    assert '"Sharpen"' in found.problem
    assert "sharp-pack" in found.problem
    assert any("Sharpen" in lack for lack in found.lacks)
    by_role = roles(found)
    assert [(place.node, place.field) for place in by_role["steps"].places] == [("4", "steps")]
    assert by_role["seed"].default == 7


def test_a_missing_class_of_a_graph_in_api_format_is_lacking_and_the_rest_is_shown() -> None:
    known = {n["class_type"]: {} for n in plain().values()} | {"SaveImage": {"output_node": True}}
    graph = {**plain(), "10": node("Sharpen", image=["8", 0])}
    graph["9"]["inputs"]["images"] = ["10", 0]
    found = read(graph, known)
    assert (found.type, found.ready) == ("image", False)
    assert found.problem == 'ComfyUI lacks node class "Sharpen".'
    assert found.lacks == ('node class "Sharpen"',)
    assert "steps" in roles(found)


def test_without_definitions_a_file_of_the_editor_is_not_read() -> None:
    found = read(EDITOR)
    assert "start ComfyUI once" in str(found.problem)
    assert (found.ready, found.roles) == (False, ())


def test_a_refused_graph_is_shown_as_it_is_declared() -> None:
    graph = {node_id: part for node_id, part in plain().items() if node_id != "9"}
    found = read(graph, bindings={"positive": "7.text"})
    assert not found.ready
    assert "saves or shows a result" in str(found.problem)
    assert [place.node for place in roles(found)["positive"].places] == ["7"]


def test_a_declaration_that_does_not_fit_is_said_and_the_graph_shown_without_it() -> None:
    found = read(plain(), bindings={"positive": "99.text"})
    assert "no such node" in str(found.problem)
    assert [place.node for place in roles(found)["positive"].places] == ["6"]


def test_limits_that_allow_nothing_are_said_and_the_graph_shown_with_the_usual_ones() -> None:
    found = read(plain(), limits={"width": {"min": 4096}})
    assert "allow nothing" in str(found.problem)
    assert roles(found)["width"].range == "256 to 2048 in steps of 64"


DAMAGED = [
    *(None, True, 3, "x", [], [1], {"input": None}, {"input": []}, {"input": {"required": None, "optional": [3]}}),
    *({"input": {"required": {"steps": spec, "text": spec, "image": spec}}} for spec in (None, 3, "INT", [], {}, [{}])),
    *(
        {"input": {"required": {"steps": ["INT", config], "width": ["INT", config]}}, "output": output}
        for config, output in (
            (None, None),
            ([], "IMAGE"),
            ({"min": "a", "max": None, "step": 0}, 3),
            ({"min": 9, "max": 1, "step": -2}, [None]),
            ({"min": math.inf, "max": math.nan, "step": math.inf}, {}),
            ({"options": 3, "image_upload": 1}, [["a"]]),
        )
    ),
    {"output_name": 3, "output_node": "x", "display_name": []},
]


@pytest.mark.parametrize("definition", DAMAGED)
@pytest.mark.parametrize("name", SAMPLES)
def test_definitions_that_a_pack_has_damaged_are_passed_over(name: str, definition: Any) -> None:
    graph = SAMPLES[name]()
    classes = {described["class_type"] for described in graph.values()}
    savers = {name: {"output_node": True} for name in classes if name.startswith("Save")}
    found = read(graph, {**dict.fromkeys(classes, definition), **savers})
    assert "seed" in roles(found) or "images" in roles(found)
    assert found.outputs == read(graph).outputs


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{", orjson.dumps(with_inputs(edit(), "a", image="/etc/passwd")), b'{"1": {}}'],
)
def test_what_cannot_be_read_is_said(data: bytes) -> None:
    found = read(data)
    assert found.problem is not None
    assert found.problems == (found.problem,)
    assert (found.state, found.ready, found.type, found.roles) == (found.problem, False, None, ())


def test_pictures_are_explained_like_files() -> None:
    assert read(png(prompt=plain()), name="a.png").roles == read(plain()).roles


@pytest.mark.parametrize("data", [*[orjson.dumps(build()) for build in SAMPLES.values()], b"{", b"{}"])
def test_the_problem_is_the_one_that_the_folder_tells(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "one.json").write_bytes(data)
    assert read(data).problem == WorkflowManager(tmp_path, {}).problems().get("one")


def test_its_keys_are_stable() -> None:
    made = json.loads(json.dumps(asdict(read(styled()))))
    assert list(made) == [
        *("name", "file", "label", "description", "enabled", "type", "ready", "state", "problem"),
        *("starts_from_picture", "problems", "lacks", "roles", "loras", "outputs"),
    ]
    assert list(made["roles"][0]) == [
        *("role", "parameters", "places", "default", "range", "reason", "others", "inert", "ambiguous"),
    ]
    assert list(made["roles"][0]["places"][0]) == ["node", "title", "field", "value", "reason"]
    assert list(made["loras"][0]) == ["node", "title", "file", "needed"]
    assert list(made["outputs"][0]) == ["node", "title", "media"]
