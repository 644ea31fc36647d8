"""A ComfyUI that answers nonsense: every job ends in a sentence, and nothing is written where it should not be."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st

from core.comfyui.client import ComfyUIClient
from core.comfyui.events import ExecutionFailed, parse_binary, parse_message, parse_text
from core.comfyui.outputs import Output, collect_outputs
from core.comfyui.receipt import read_receipt
from core.comfyui.refusals import plain_value, rejection
from core.comfyui.results import describe_failure, read_entry, result_of
from core.exceptions import ComfyUIError, DisComfyError, GenerationError
from core.progress.tracker import ProgressTracker

_NAMES = """
type data prompt_id node nodes value max status exec_info queue_remaining sid output outputs images filename subfolder
animated text completed messages execution_error execution_interrupted exception_type exception_message node_id
node_type error details extra_info class_type input_name received_value input_config node_errors errors number prompt
state finished value_smaller_than_min required_input_missing prompt_no_outputs title _meta a.png ../x
"""
_EVENTS = """
status execution_start execution_cached executing progress progress_state executed execution_success
execution_interrupted execution_error
"""
WORDS, KINDS = _NAMES.split(), _EVENTS.split()
#: Any JSON, much of it made of the words that mean something.
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(WORDS)
nonsense = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=5), inner),
    max_leaves=12,
)
mappings = st.dictionaries(st.sampled_from(WORDS), nonsense)


def fit_to_read(sentence: str) -> bool:
    return 0 < len(sentence) < 500 and "\n" not in sentence and "Traceback" not in sentence


def attempt(read: Callable[[], Any]) -> Any:
    """What it returns, or the error of ours that it raises."""
    try:
        return read()
    except DisComfyError as exc:
        return exc


# The parts that read


@given(st.sampled_from(KINDS) | nonsense, nonsense)
def test_events_are_read_or_passed_over(kind: Any, data: Any):
    event = parse_message(kind, data)
    if event is not None:
        tracker = ProgressTracker({"a.png": {"class_type": "X", "inputs": {}}})
        tracker.handle(event)
        metrics = tracker.get_metrics()
        assert 0 <= metrics.percentage <= 100
        assert len(f"{metrics.step} {metrics.total_steps}") < 50


@given(st.binary(max_size=200))
def test_frames_are_read_or_passed_over(frame: bytes):
    parse_text(frame)
    parse_binary(frame)
    for kind in (1, 3, 4):
        parse_binary(struct.pack(">II", kind, 20) + frame)


@pytest.mark.parametrize("value", ["NaN", "nan", "7", None, True, [], 1e300, -(2**60), 10**40])
def test_a_number_that_counts_nothing_is_passed_over(value: Any):
    for data in ({"value": value, "max": 9}, {"value": 1, "max": value}):
        assert parse_message("progress", {"prompt_id": "x", "node": "1", **data}) is None
    assert parse_message("status", {"status": {"exec_info": {"queue_remaining": value}}}) is None


@given(nonsense, mappings, st.booleans())
def test_an_entry_of_the_history_comes_to_a_result_or_a_sentence(entry: Any, known: Any, cancelled: bool):
    came = attempt(lambda: result_of("id", read_entry(entry), node_errors=known, cancelled=cancelled))
    assert fit_to_read(came.message) if isinstance(came, GenerationError) else came.outputs


@given(mappings, nonsense)
def test_a_refusal_becomes_a_sentence(body: dict[str, Any], graph: Any):
    assert fit_to_read(rejection(body, 400, graph if isinstance(graph, dict) else None).message)


@given(st.text(), st.text(), st.text())
def test_a_failure_becomes_a_sentence(node: str, kind: str, message: str):
    assert fit_to_read(describe_failure(ExecutionFailed("id", node, node, kind, message), {}).message)


@given(nonsense)
def test_the_answer_to_a_post_is_a_receipt_or_an_error(answer: Any):
    came = attempt(lambda: read_receipt(answer, None))
    if isinstance(came, ComfyUIError):
        assert came.maybe_accepted
    else:
        assert isinstance(came.prompt_id, str)
        assert isinstance(came.number, int | float)


def test_a_receipt_for_another_prompt_is_an_error():
    with pytest.raises(ComfyUIError, match="ids of its own") as caught:
        read_receipt({"prompt_id": "theirs", "number": 1}, "ours")
    assert not caught.value.maybe_accepted


# Sizes


@pytest.mark.parametrize(
    "text", ["a" * 3_000_000, "/a" * 999_999, "'\"" * 999_999, "a.py " * 500_000, "C:\\" * 900_000]
)
def test_the_length_of_a_message_costs_no_time(text: str):
    """Patterns that look for paths would take hours for the first of these, if they looked at all of it."""
    assert len(plain_value(text)) <= 80
    assert len(describe_failure(ExecutionFailed("id", text, text, text, text), {}).message) < 500


def test_a_refusal_that_is_nested_without_end_becomes_a_sentence():
    deep: Any = []
    for _ in range(5_000):
        deep = [deep]
    error = rejection({"error": {"type": "x", "extra_info": {"y": deep}}, "node_errors": {"1": deep}}, 400)
    assert fit_to_read(error.message)
    assert len(error.detail or "") <= 10_000


def test_of_very_many_results_the_first_are_taken_and_it_is_said():
    files = [{"filename": f"{number}.png"} for number in range(100_000)]
    result = result_of("id", read_entry({"outputs": {"7": {"images": files}}}))
    assert [output.filename for output in result.outputs] == [f"{number}.png" for number in range(500)]
    assert result.problem is not None
    assert result.problem.message == "Of 100000 results only the first 500 are taken."
    failed = {"outputs": {"7": {"images": files}}, "status": {"completed": False}}
    assert len(result_of("id", read_entry(failed)).outputs) == 500


def test_a_text_without_end_is_cut():
    (output,) = collect_outputs({"7": {"text": ["x" * 3_000_000]}})
    assert output.text == "x" * 1_000_000


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("../x.png", ""),
        ("x.png", "../.."),
        ("a/../../x.png", ""),
        ("..\\x.png", ""),
        ("..", ""),
        ("/etc/passwd", ""),
        ("x.png", "/etc"),
        ("\\\\host\\x.png", ""),
        ("x\0.png", ""),
        ("x\n.png", ""),
        ("x" * 10_000 + ".png", ""),
        ("", ""),
        (7, ""),
        (None, ""),
        ("x.png", 7),
        ("x.png", ["sub"]),
    ],
)
def test_names_that_make_no_sense_are_passed_over(name: Any, folder: Any):
    entries = [{"filename": name, "subfolder": folder, "type": "output"}, {"filename": "good.png"}]
    assert [output.filename for output in collect_outputs({"7": {"images": entries}})] == ["good.png"]


@pytest.mark.parametrize("name", ["a..png", "..a.png", "sub/a.png", "狐 .png", "a b.png", "👩‍🎨.png"])
def test_odd_names_that_do_make_sense_are_kept(name: str):
    assert collect_outputs({"7": {"images": [{"filename": name}]}})[0].filename == name


@pytest.mark.parametrize("kind", [7, [], {}])
def test_a_folder_that_is_none_is_passed_over(kind: Any):
    outputs = collect_outputs({"7": {"images": [{"filename": "a.png", "type": kind or ""}, {"filename": "b.png"}]}})
    assert Output in {type(output) for output in outputs}


# Whole jobs


@pytest.fixture(autouse=True)
def without_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


def history(**entry: Any) -> Callable[[str | None], bytes]:
    return lambda prompt_id: orjson.dumps({prompt_id: entry})


def files(*names: Any) -> Callable[[str | None], bytes]:
    return history(outputs={"5": {"images": [{"filename": name, "type": "output"} for name in names]}})


HTML = b"<!DOCTYPE html><title>Sign in</title>"
NOTHING = "produced nothing"
CELLS = [
    ("/history", lambda prompt_id: orjson.dumps({prompt_id: ["x"]}), "makes no sense"),
    ("/history", lambda prompt_id: orjson.dumps({prompt_id: "x"}), "makes no sense"),
    ("/history", lambda prompt_id: orjson.dumps({prompt_id: 7}), "makes no sense"),
    ("/history", history(), NOTHING),
    ("/history", history(outputs="x"), NOTHING),
    ("/history", history(outputs={"5": "x"}), NOTHING),
    ("/history", history(outputs={"5": {"images": "x"}}), NOTHING),
    ("/history", history(outputs={"5": {"images": [["x"], 7, None, {}]}}), NOTHING),
    ("/history", history(prompt="x", outputs=[], status=[]), NOTHING),
    ("/history", history(status={"completed": False, "messages": "x"}), "could not finish"),
    ("/history", history(status={"completed": False, "messages": [["execution_error", "x"], 7]}), "could not finish"),
    ("/history", files("../../x.png"), NOTHING),
    ("/history", files("/etc/passwd"), NOTHING),
    ("/history", files("x\0.png"), NOTHING),
    ("/history", files("x" * 10_000), NOTHING),
    ("/history", files(7), NOTHING),
    ("/view", HTML, "sent something else"),
    ("/view", b"", "sent something else"),
    (
        "/prompt",
        b'{"prompt_id": "11111111-2222-4333-8444-555555555555", "number": 1}',
        "ids of its own",
    ),
    ("/prompt", b"[]", "answer was lost"),
    ("/prompt", b'{"prompt_id": 7}', "answer was lost"),
    ("/prompt", HTML, "answer was lost"),
]


@pytest.mark.usefixtures("swift")
@pytest.mark.parametrize(("path", "body", "sentence"), CELLS)
async def test_a_job_ends_in_a_sentence(house, tmp_path, path: str, body: Any, sentence: str):
    house.server.faults.answer(path, body)
    handle = await house.engine.jobs.submit(house.request())
    with pytest.raises(DisComfyError, match=sentence) as caught:
        await handle.result()
    assert fit_to_read(caught.value.message)
    assert handle.job.error == caught.value.message
    house.server.faults.clear()
    assert (await (await house.engine.jobs.submit(house.request(seed=9))).result()).files
    assert {file.parent.name for file in tmp_path.rglob("*.p*g*")} <= {"results", "output"}


@pytest.mark.parametrize(
    "body",
    [
        b'{"queue_running": "x", "queue_pending": 7}',
        b'{"queue_running": {}, "queue_pending": {}}',
        b'{"queue_running": [7], "queue_pending": [[]]}',
        b"[]",
        b"[[[",
        HTML,
    ],
)
@pytest.mark.usefixtures("swift")
async def test_a_queue_that_makes_no_sense_ends_the_job_when_it_stays_so(build_house, body: bytes):
    house = await build_house(comfyui={"offline_timeout": 0, "silence_timeout": 0.2})
    gate = house.server.pause("progress")
    handle = await house.engine.jobs.submit(house.request())
    await gate.reached()
    house.server.faults.answer("/queue", body)
    with pytest.raises(DisComfyError) as caught:
        await handle.result()
    assert fit_to_read(caught.value.message)
    gate.release()


@pytest.mark.parametrize("declared", [True, False])
async def test_an_answer_of_very_many_bytes_is_not_read(comfyui, rest, monkeypatch, declared: bool):
    monkeypatch.setattr("core.comfyui.transport.MAX_ANSWER", 1_000)
    body = json.dumps({"x": "y" * 2_000}).encode()
    rest.get(re.compile(r".*"), body=body, headers={"Content-Length": str(len(body))} if declared else {}, repeat=True)
    async with ComfyUIClient(comfyui.url) as client:
        for ask in (client.get_queue, client.get_object_info, client.get_system_stats, client.get_features):
            with pytest.raises(ComfyUIError, match="too large to be read"):
                await ask()


async def test_a_refusal_of_very_many_bytes_is_not_read(comfyui, rest, monkeypatch):
    monkeypatch.setattr("core.comfyui.transport.MAX_ANSWER", 1_000)
    rest.get(re.compile(r".*"), status=400, body=b"x" * 2_000)
    async with ComfyUIClient(comfyui.url) as client:
        with pytest.raises(ComfyUIError, match="too large to be read") as caught:
            await client.get_queue()
    assert caught.value.status_code == 400


async def test_json_that_is_nested_without_end_is_a_lost_answer(comfyui):
    comfyui.faults.answer("/queue", b'{"a":' * 100_000 + b"1" + b"}" * 100_000)
    async with ComfyUIClient(comfyui.url) as client:
        with pytest.raises(ComfyUIError, match="answer was lost"):
            await client.get_queue()


async def test_a_frame_without_end_closes_the_socket_and_not_the_job(house, monkeypatch, until):
    monkeypatch.setattr("core.comfyui.transport.MAX_FRAME", 20_000)
    house.server.faults.preview_bytes = 50_000
    house.server.settings.previews = True
    gate = house.server.pause("end")
    handle = await house.engine.jobs.submit(house.request())
    await gate.reached()
    await until(lambda: not house.engine.generator._executor._socket.connected)
    gate.release()
    assert (await handle.result()).files
