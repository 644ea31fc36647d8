from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.comfyui.events import ExecutionFailed, ExecutionInterrupted
from core.comfyui.results import Ending, ExecutionResult, read_entry, result_of
from core.exceptions import DisComfyError, FailureReason, GenerationError

P = "e2a8bf2a-bbd0-4a8c-b6a6-01d5d3a43f47"
GRAPH = {
    "51": {"class_type": "SaveImage", "inputs": {}},
    "6": {"class_type": "VAEDecode", "inputs": {}, "_meta": {"title": "Decode the latent"}},
    "7": {"class_type": "SaveImage", "inputs": {}},
}
PICTURE = {"images": [{"filename": "okpart_00001_.png", "subfolder": "", "type": "output"}]}
PREVIEW = {"images": [{"filename": "ComfyUI_temp_a_00001_.png", "subfolder": "", "type": "temp"}]}
ERROR = {
    "prompt_id": P,
    "node_id": "6",
    "node_type": "VAEDecode",
    "executed": ["51"],
    "exception_message": "tuple index out of range\n",
    "exception_type": "IndexError",
    "traceback": ['  File "/srv/comfyui/execution.py", line 496, in execute\n'],
    "current_inputs": {"samples": ["tensor([[0.1254]])"], "api_key": ["sk-secret"]},
    "current_outputs": ["51"],
}
INTERRUPTED = {"prompt_id": P, "node_id": "6", "node_type": "KSampler", "executed": []}


def entry(outputs: dict[str, Any], *messages: tuple[str, dict[str, Any]], completed: bool = False) -> dict[str, Any]:
    start = ["execution_start", {"prompt_id": P, "timestamp": 1}]
    status = {"status_str": "success" if completed else "error", "completed": completed}
    return {
        "prompt": [3, P, GRAPH, {}, ["51", "7"]],
        "outputs": outputs,
        "status": {**status, "messages": [start, *map(list, messages)]},
        "meta": {},
    }


def outcome(entry: dict[str, Any], **options: Any) -> ExecutionResult:
    return result_of(P, read_entry(entry), **options)


def failure(entry: dict[str, Any], **options: Any) -> GenerationError:
    with pytest.raises(GenerationError) as caught:
        outcome(entry, **options)
    assert caught.value.prompt_id == P
    return caught.value


def test_a_success_has_its_outputs_in_the_order_of_the_graph_in_the_history():
    result = outcome(entry({"7": PICTURE, "51": PICTURE}, completed=True))
    assert (result.prompt_id, [output.node for output in result.outputs], result.problem) == (P, ["51", "7"], None)


def test_the_graph_that_was_posted_goes_before_the_one_in_the_history():
    posted = {"7": GRAPH["7"], "51": GRAPH["51"]}
    result = outcome(entry({"51": PICTURE, "7": PICTURE}, completed=True), graph=posted)
    assert [output.node for output in result.outputs] == ["7", "51"]


def test_an_error_names_the_node_and_tells_the_log_the_rest():
    error = failure(entry({}, ("execution_error", ERROR)))
    assert error.message == 'The node "Decode the latent" failed: tuple index out of range'
    assert (error.reason, error.node) == (FailureReason.ERROR, "Decode the latent")
    assert error.detail == "IndexError: tuple index out of range\n"
    assert "secret" not in repr(vars(error))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"exception_message": ""}, 'The node "Decode the latent" failed: IndexError'),
        ({"exception_message": "\n first\nsecond"}, 'The node "Decode the latent" failed: first'),
        ({"node_id": "99"}, 'The node "VAEDecode" failed: tuple index out of range'),
        ({"exception_type": "torch.OutOfMemoryError"}, "ComfyUI ran out of memory; try a smaller size or batch."),
        (
            {"exception_message": "[Errno 2] No such file or directory: '/srv/comfyui/input/fox.png'"},
            "The node \"Decode the latent\" failed: [Errno 2] No such file or directory: 'fox.png'",
        ),
        ({"exception_message": 'File "/srv/nodes.py" broke'}, 'The node "Decode the latent" failed: File "…" broke'),
    ],
)
def test_what_went_wrong_in_a_sentence(told: dict[str, str], said: str):
    assert failure(entry({}, ("execution_error", {**ERROR, **told}))).message == said


def test_a_long_cause_is_cut():
    error = failure(entry({}, ("execution_error", {**ERROR, "exception_message": "no " * 200})))
    assert len(error.message) < 200
    assert error.message.endswith("…")


def test_interrupted_is_told_from_failed():
    error = failure(entry({}, ("execution_interrupted", INTERRUPTED)))
    assert (error.reason, error.message) == (
        FailureReason.INTERRUPTED,
        "Somebody stopped the job in ComfyUI; submit it again.",
    )
    ours = failure(entry({}, ("execution_interrupted", INTERRUPTED)), cancelled=True)
    assert (ours.reason, ours.message) == (FailureReason.INTERRUPTED, "Cancelled.")


def test_what_was_kept_before_a_failure_is_a_result_with_a_problem():
    result = outcome(entry({"51": PICTURE}, ("execution_error", ERROR)))
    assert [output.filename for output in result.outputs] == ["okpart_00001_.png"]
    assert isinstance(result.problem, GenerationError)
    assert result.problem.node == "Decode the latent"


def test_a_cancelled_prompt_keeps_nothing():
    error = failure(entry({"51": PICTURE}, ("execution_interrupted", INTERRUPTED)), cancelled=True)
    assert error.message == "Cancelled."


def test_a_prompt_that_was_over_before_it_was_cancelled_is_a_result():
    assert outcome(entry({"51": PICTURE}, completed=True), cancelled=True).outputs


def test_previews_kept_before_a_failure_are_no_result():
    assert failure(entry({"51": PREVIEW}, ("execution_error", ERROR))).node == "Decode the latent"
    assert outcome(entry({"51": PREVIEW}, completed=True)).outputs


def test_a_run_without_output_says_so():
    error = failure(entry({}, completed=True))
    assert error.reason is FailureReason.NO_OUTPUT
    assert "Save node" in error.message


def test_outputs_that_were_refused_are_a_problem_of_the_result():
    missing = {"type": "custom_validation_failed", "extra_info": {"input_name": "image"}, "details": "/srv/x"}
    node_errors = {"7": {"errors": [missing], "dependent_outputs": ["7"], "class_type": "SaveImage"}}
    result = outcome(entry({"51": PICTURE}, completed=True), node_errors=node_errors)
    assert isinstance(result.problem, DisComfyError)
    assert 'image of the node "SaveImage"' in result.problem.message


@pytest.mark.parametrize(
    "status",
    [{"completed": False}, {"completed": False, "messages": None}, {"completed": False, "messages": [3, ["a"], None]}],
)
def test_a_failure_that_nobody_explains_still_fails(status: dict[str, Any]):
    error = failure({"outputs": {}, "status": status})
    assert (error.reason, error.message) == (FailureReason.ERROR, "ComfyUI could not finish the job; try again.")


@pytest.mark.parametrize("odd", [{}, {"outputs": None, "status": None, "prompt": None}, {"prompt": [1]}])
def test_an_odd_entry_is_a_run_without_output(odd: dict[str, Any]):
    assert failure(odd).reason is FailureReason.NO_OUTPUT


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (ExecutionFailed(P, "6", "VAEDecode", "IndexError", "tuple index out of range"), FailureReason.ERROR),
        (ExecutionInterrupted(P, "6"), FailureReason.INTERRUPTED),
    ],
)
def test_an_ending_can_be_made_of_what_was_heard(cause: Any, reason: FailureReason):
    with pytest.raises(GenerationError) as caught:
        result_of(P, Ending({}, completed=False, cause=cause), graph=GRAPH)
    assert caught.value.reason is reason
    assert result_of(P, Ending({"7": PICTURE}, completed=True), graph=GRAPH).outputs[0].node == "7"


#: Recorded run → kinds and folders of what it gave, or why it gave nothing.
RECORDED = {
    "audio_preview": ["audio temp"],
    "err_corrupt_image": FailureReason.ERROR,
    "nomodel_mp4": ["video output"],
    "nomodel_webp": ["animation output"],
    "s11_save_image_websocket": FailureReason.NO_OUTPUT,
    "s17_partial_success_then_error": ["image output"],
    "s2_all_cached": ["image output"],
    "s4_interrupted": FailureReason.INTERRUPTED,
    "s5_interrupted_by_id": FailureReason.INTERRUPTED,
    "s6_err_wrong_vae": FailureReason.ERROR,
    "s6_partial_error": FailureReason.ERROR,
    "save_latent": ["file output"],
    "sd15_batch4": ["image output"] * 4,
    "sd15_preview": ["image temp"],
    "text_preview": ["text output"],
    "wan_i2v_apng": ["animation output"],
    "wan_i2v_webm": ["video output"],
}


def test_every_recorded_history_is_read(recordings: Path, tmp_path: Path):
    copy = tmp_path / "s17_partial_success_then_error.json"
    copy.write_text(json.dumps({P: entry({"51": PICTURE}, ("execution_error", ERROR))}))
    for file in [copy, *sorted(recordings.glob("history/*.json"))]:
        ((prompt_id, recorded),) = json.loads(file.read_text()).items()
        try:
            result = result_of(prompt_id, read_entry(recorded))
        except GenerationError as exc:
            told, text = exc.reason, exc.message
        else:
            told = [f"{output.kind} {output.type}" for output in result.outputs]
            text = str(result.problem or "")
        assert told == RECORDED.get(file.stem, told), file.stem
        assert "/srv" not in text, file.stem
        assert ".py" not in text, file.stem
