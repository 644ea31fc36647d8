from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.comfyui.refusals import node_title, plain_value, rejection
from core.exceptions import ComfyUIError, PromptRejectedError, WorkflowError

GRAPH = {
    "1": {"class_type": "CheckpointLoaderSimple", "inputs": {}, "_meta": {"title": "Load the model"}},
    "5": {"class_type": "NoSuchNode", "inputs": {}},
}
CONFIG = ["INT", {"default": 20, "min": 1, "max": 10000}]


def body(kind: str, field: str | None = None, node: str = "1", **extra: Any) -> dict[str, Any]:
    if field is not None:
        extra = {"input_name": field, **extra}
    error = {
        "type": kind,
        "message": "Value not in list",
        "details": "Traceback: /srv/comfyui/nodes.py",
        "extra_info": extra,
    }
    return {
        "error": {"type": "prompt_outputs_failed_validation", "message": "", "details": "", "extra_info": {}},
        "node_errors": {node: {"errors": [error], "dependent_outputs": ["7"], "class_type": "SomeClass"}},
    }


def graph_body(kind: str, details: str = "", **extra: Any) -> dict[str, Any]:
    return {"error": {"type": kind, "message": "", "details": details, "extra_info": extra}, "node_errors": {}}


SENTENCES = [
    (
        body("value_not_in_list", "ckpt_name", received_value="absent.safetensors", input_config=[["a"] * 50]),
        'ComfyUI does not have "absent.safetensors" for ckpt_name of the node "Load the model"; '
        "choose another or install it.",
    ),
    (
        body("value_not_in_list", "lora_name", received_value="sub dir/b.safetensors"),
        'ComfyUI does not have "sub dir/b.safetensors" for lora_name of the node "Load the model"; '
        "choose another or install it.",
    ),
    (body("required_input_missing", "seed"), 'The node "Load the model" lacks its input seed; mend the workflow.'),
    (
        body("value_smaller_than_min", "steps", received_value=0, input_config=CONFIG),
        'steps of the node "Load the model" is 0, which is too small (at least 1).',
    ),
    (
        body("value_bigger_than_max", "steps", received_value=99999, input_config=CONFIG),
        'steps of the node "Load the model" is 99999, which is too big (at most 10000).',
    ),
    (
        body("value_bigger_than_max", "steps", received_value=99999),
        'steps of the node "Load the model" is 99999, which is too big.',
    ),
    (
        body("invalid_input_type", "steps", received_value="abc"),
        'steps of the node "Load the model" does not take the value "abc"; mend the workflow.',
    ),
    (
        body("custom_validation_failed", "image", received_value="fox.png"),
        'ComfyUI does not accept image of the node "Load the model": a file may be missing there.',
    ),
    (
        body("return_type_mismatch", "model"),
        'The link to model of the node "Load the model" is broken; mend the workflow.',
    ),
    (
        body("exception_during_inner_validation", "samples"),
        'The link to samples of the node "Load the model" is broken; mend the workflow.',
    ),
    (
        body("exception_during_validation"),
        'ComfyUI refused the node "Load the model"; ask whoever looks after the workflow.',
    ),
    (
        body("value_not_in_list"),
        'ComfyUI refused the node "Load the model"; ask whoever looks after the workflow.',
    ),
    (
        body("value_not_in_list", "ckpt_name", node="8", received_value="/srv/models/a.safetensors"),
        'ComfyUI does not have "a.safetensors" for ckpt_name of the node "SomeClass"; choose another or install it.',
    ),
    (graph_body("prompt_no_outputs"), "The workflow has no output; add a Save node to it."),
    (
        graph_body("invalid_prompt", "Node ID '#5'"),
        'ComfyUI lacks the node "NoSuchNode"; install the pack that brings it.',
    ),
    (
        graph_body("missing_node_type", "", class_type="NewNode"),
        'ComfyUI lacks the node "NewNode"; install the pack that brings it.',
    ),
    (graph_body("invalid_prompt", "Node ID '#77'"), "ComfyUI refused the workflow; ask whoever looks after it."),
    (graph_body("no_prompt"), "ComfyUI refused the workflow; ask whoever looks after it."),
    ({}, "ComfyUI refused the workflow; ask whoever looks after it."),
    ({"error": "text", "node_errors": []}, "ComfyUI refused the workflow; ask whoever looks after it."),
    ({"node_errors": {"1": None, "5": {"errors": []}}}, "ComfyUI refused the workflow; ask whoever looks after it."),
]


@pytest.mark.parametrize(("answer", "sentence"), SENTENCES)
def test_a_refusal_is_one_sentence(answer: dict[str, Any], sentence: str):
    assert rejection(answer, 400, GRAPH).message == sentence


def test_it_is_both_an_answer_and_a_fault_of_the_workflow():
    error = rejection(body("value_not_in_list", "ckpt_name", received_value="x"), 400, GRAPH)
    assert isinstance(error, ComfyUIError)
    assert isinstance(error, WorkflowError)
    assert (error.status_code, error.node, error.field) == (400, "Load the model", "ckpt_name")
    assert error.maybe_accepted is False


def test_the_field_of_a_missing_input_may_be_in_the_details_only():
    answer = body("required_input_missing")
    answer["node_errors"]["1"]["errors"][0]["details"] = "seed"
    assert rejection(answer, 400, GRAPH).field == "seed"


def test_the_log_is_told_everything_but_the_lists_of_models():
    detail = rejection(SENTENCES[0][0], 400, GRAPH).detail or ""
    assert "/srv/comfyui/nodes.py" in detail
    assert "input_config" not in detail


def test_a_number_that_no_computer_word_holds_is_no_obstacle():
    error = rejection(body("value_bigger_than_max", "seed", received_value=2**64), 400, GRAPH)
    assert str(2**64) in error.message


@pytest.mark.parametrize(
    ("graph", "node", "title"),
    [
        (GRAPH, "1", "Load the model"),
        (GRAPH, "5", "NoSuchNode"),
        (GRAPH, "9", None),
        (GRAPH, None, None),
        (None, "1", None),
        ({"1": {}}, "1", "1"),
        ({"1": "node"}, "1", None),
        ({"1": {"class_type": "A", "_meta": {"title": ""}}}, "1", "A"),
    ],
)
def test_what_a_person_calls_a_node(graph: Any, node: str | None, title: str | None):
    assert node_title(graph, node) == title


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("/srv/comfyui/models/a.safetensors", "a.safetensors"),
        (r"C:\models\a.safetensors", "a.safetensors"),
        (r"\\nas\share\a.safetensors", "a.safetensors"),
        ("D:/models/a.safetensors", "a.safetensors"),
        ("sub dir/b.safetensors", "sub dir/b.safetensors"),
        ("1/2 and 3 / 4", "1/2 and 3 / 4"),
        ("see https://example.org/a/b", "see https://example.org/a/b"),
        ('File "/srv/nodes.py", line 3', 'File "…", line 3'),
        ("custom_nodes/pack/node.py: bad", "…: bad"),
        ("two\n  lines", "two lines"),
        (0.5, "0.5"),
        ("x" * 81, "x" * 79 + "…"),
    ],
)
def test_a_value_as_it_may_be_shown(value: object, shown: str):
    assert plain_value(value) == shown


@given(st.text(max_size=200), st.integers(1, 100))
def test_a_shown_value_is_short_and_one_line(text: str, limit: int):
    shown = plain_value(text, limit)
    assert len(shown) <= limit
    assert len(shown.splitlines()) <= 1


def recorded_refusals(recordings: Path) -> dict[str, dict[str, Any]]:
    file = recordings / "http_errors_and_files.json"
    answers = json.loads(file.read_text()) if file.exists() else {}
    return {name: answer["body"] for name, answer in answers.items() if _is_refusal(answer.get("body"))}


def _is_refusal(answer: Any) -> bool:
    return isinstance(answer, dict) and bool(answer.get("error") or answer.get("node_errors"))


def test_every_recorded_refusal_is_a_short_sentence_without_inner_matters(recordings: Path):
    answers = {sentence: answer for answer, sentence in SENTENCES} | recorded_refusals(recordings)
    for name, answer in answers.items():
        error = rejection(answer, 400)
        assert isinstance(error, PromptRejectedError)
        assert error.message.endswith("."), name
        assert len(error.message) < 200, name
        assert not [word for word in ("/srv", ".py", "Traceback", "None", "\n") if word in error.message], name
        if answer.get("node_errors") and error.field is not None:
            assert f'"{error.node}"' in error.message, name
            assert error.field in error.message, name
