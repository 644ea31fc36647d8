from __future__ import annotations

import inspect

import pytest

from core import exceptions
from core.exceptions import (
    ComfyUIError,
    DisComfyError,
    FailureReason,
    GenerationError,
    MissingNode,
    MissingNodesError,
    PromptRejectedError,
    RateLimitError,
    ValidationError,
    WorkflowError,
)


def test_all_errors_are_of_one_tree():
    errors = [kind for _, kind in inspect.getmembers(exceptions, inspect.isclass) if issubclass(kind, Exception)]
    assert len(errors) == 8
    assert all(issubclass(kind, DisComfyError) for kind in errors)


@pytest.mark.parametrize(
    ("error", "attributes"),
    [
        (ValidationError("no"), {"field": None}),
        (ValidationError("no", "steps"), {"field": "steps"}),
        (ValidationError("no", field="steps", detail="x"), {"field": "steps", "detail": "x"}),
        (ComfyUIError("no"), {"status_code": None, "maybe_accepted": False, "detail": None}),
        (ComfyUIError("no", status_code=500, maybe_accepted=True), {"status_code": 500, "maybe_accepted": True}),
        (WorkflowError("no"), {"node": None, "field": None}),
        (WorkflowError("no", node="Save", field="images"), {"node": "Save", "field": "images"}),
        (GenerationError("no"), {"reason": FailureReason.ERROR, "node": None, "prompt_id": None}),
        (GenerationError("no", reason=FailureReason.LOST, prompt_id="p"), {"reason": "lost", "prompt_id": "p"}),
        (RateLimitError("no"), {"retry_after": 0.0}),
        (RateLimitError("no", retry_after=3.5), {"retry_after": 3.5}),
        (
            PromptRejectedError("no", 400, node="Save", field="images", detail="x"),
            {"status_code": 400, "node": "Save", "field": "images", "detail": "x", "maybe_accepted": False},
        ),
    ],
)
def test_an_error_is_its_sentence_and_carries_data(error: DisComfyError, attributes: dict[str, object]):
    assert (str(error), error.message) == ("no", "no")
    assert {name: getattr(error, name) for name in attributes} == attributes


def test_a_refused_prompt_is_both_an_answer_and_a_fault_of_the_workflow():
    assert issubclass(PromptRejectedError, ComfyUIError)
    assert issubclass(PromptRejectedError, WorkflowError)


def test_missing_nodes_are_named_with_their_packs():
    one = MissingNode("Fancy\nSave", "fancy", "My save")
    error = MissingNodesError((one,))
    assert str(error) == (
        'The ComfyUI server lacks the node class "Fancy Save" (pack "fancy"): '
        "install it, or take it out of the workflow."
    )
    assert (error.missing, error.node) == ((one,), "My save")
    two = MissingNodesError((one, MissingNode("x" * 90, None, "x")))
    assert str(two) == (
        f'The ComfyUI server lacks the node classes "Fancy Save" (pack "fancy") and "{"x" * 79}…": '
        "install them, or take them out of the workflow."
    )


def test_no_more_than_five_missing_nodes_are_named():
    error = MissingNodesError(tuple(MissingNode(name, None, name) for name in "ABCDEFG"))
    assert str(error) == (
        'The ComfyUI server lacks the node classes "A", "B", "C", "D", "E" and 2 more: '
        "install them, or take them out of the workflow."
    )
    assert len(error.missing) == 7
