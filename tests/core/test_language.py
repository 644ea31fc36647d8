"""Whatever core says to people, it can say in their language: only values stay as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from config.models import Limit, WorkflowEntry
from core.comfyui.events import ExecutionFailed
from core.comfyui.refusals import rejection
from core.comfyui.results import Ending, cancelled_error, describe_failure, read_entry, result_of
from core.comfyui.transport import RefusedError
from core.comfyui.workflows.editor_format import to_api
from core.comfyui.workflows.manager import WorkflowManager
from core.comfyui.workflows.parameters import MEDIA, LoraChoice
from core.comfyui.workflows.preflight import Missing, lacking, refused
from core.comfyui.workflows.shape import check_shape
from core.comfyui.workflows.source import read_graph
from core.exceptions import DisComfyError, MissingNode, MissingNodesError
from core.generators import file_words
from core.generators.requests import inputs_of, make_request
from core.jobs.endings import error_of
from core.jobs.models import Job
from core.progress.tracker import ProgressTracker
from core.validators.image import VALIDATORS, PromptParameters
from core.validators.limits import DEFAULT_LIMITS, Range
from core.validators.words import LABELS, NOUNS, noun, word
from utils.language import phrase, told

ROOT = Path(__file__).parents[2]
ODD = {"value": "VALUE-9", "node": "NODE-9", "field": "FIELD-9"}


@pytest.fixture
def bare(pseudo: Callable[[str], str]) -> Callable[[str], list[str]]:
    """The words of a text that are in no language: its values."""
    return lambda text: re.findall(r"[^\W\d_][\w.-]*", pseudo(told(text, "de")))


def message_of(provoke: Callable[..., Any], *args: Any, **options: Any) -> str:
    with pytest.raises(DisComfyError) as caught:
        provoke(*args, **options)
    return caught.value.message


def varied() -> Iterator[Range]:
    for known in DEFAULT_LIMITS.values():
        yield known
        if known.kind is str:
            yield replace(known, choices=("x1",))
        else:
            yield replace(known, choices=(2, 4))
            yield replace(known, step=7)
            yield replace(known, step=7, base=3)


@pytest.mark.parametrize("limits", list(varied()), ids=str)
def test_ranges(limits: Range, bare: Callable[[str], list[str]]) -> None:
    for text in (limits.label, limits.describe(), limits.error().message):
        assert set(bare(text)) <= {"x1"}
    assert limits.label in LABELS.values()


def test_a_name_that_is_meant(bare: Callable[[str], list[str]]) -> None:
    sampler = replace(DEFAULT_LIMITS["sampler"], choices=("euler",))
    assert bare(message_of(sampler.check, "eulr")) == ["eulr", "euler"]
    assert bare(message_of(sampler.chosen, "eulr")) == ["eulr", "euler"]
    assert bare(message_of(sampler.preset, "x")) == ["euler"]
    assert bare(message_of(DEFAULT_LIMITS["steps"].narrowed, Limit(min=90))) == ["steps"]


def test_words(bare: Callable[[str], list[str]]) -> None:
    assert LABELS.keys() == NOUNS.keys() == DEFAULT_LIMITS.keys()
    for name in LABELS:
        assert word(name) == DEFAULT_LIMITS[name].label
        assert noun(name) == word(name).lower()
        assert bare(word(name)) == bare(noun(name)) == []
    assert [bare(kind) for kind in MEDIA.values()] == [[]] * 4
    assert (word("my_own"), noun("my_own")) == ("My own", "my own")


@pytest.mark.parametrize("kind", MEDIA)
def test_files(kind: str, bare: Callable[[str], list[str]]) -> None:
    texts = [file_words.counted(kind, n) for n in (1, 3)]
    texts += [file_words.refused(kind, "fox", room) for room in (0, 1, 2)]
    for n in (1, 2):
        texts += [file_words.needed(kind, "fox", n), file_words.more_needed(kind, "fox", n)]
    assert all(set(bare(text)) <= {"fox"} for text in texts)
    assert len({*texts}) == len(texts)
    assert all(MEDIA[kind] in text for text in texts)
    validator = VALIDATORS[kind](allowed_extensions={"x1"})
    for name, kind_of, size in (("a.x2", None, 1), ("a.x1", "text/plain", 1), ("a.x1", None, 9**9), ("a.x1", None, 0)):
        file: Any = SimpleNamespace(filename=name, content_type=kind_of, size=size)
        found = validator.validate(file)
        assert found.error_message is not None
        assert set(bare(found.error_message)) <= {"x1"}
    assert bare(validator.words.damaged) == []


@pytest.mark.parametrize("values", [{}, {"prompt": 3}, {"prompt": "a", "x9": 1}, {"prompt": "a", "steps": 0}], ids=str)
def test_parameters(values: dict[str, Any], bare: Callable[[str], list[str]]) -> None:
    assert set(bare(message_of(PromptParameters.model_validate, values))) <= {"x9"}


def test_requests(bare: Callable[[str], list[str]]) -> None:
    label = {"Sdxl", "Qwen", "image", "edit"}
    manager = WorkflowManager(
        ROOT / "workflows",
        {
            "sdxl": WorkflowEntry(file="sdxl.json", loras=("x/*",)),
            "qwen_image_edit_2": WorkflowEntry(file="qwen_image_edit_2.json"),
        },
    )
    sdxl, edit = manager.get("sdxl"), manager.get("qwen_image_edit_2")
    texts = [
        message_of(make_request, sdxl, "a", {"lyrics": "x"}),
        message_of(make_request, sdxl, "a", {"denoise": 0.5}),
        message_of(make_request, sdxl, "a", {}, images=("a", "b")),
        message_of(make_request, sdxl, "a", {}, videos=("a",)),
        message_of(make_request, edit, "a", {}),
        message_of(make_request, edit, "a", {}, images=("a",)),
        message_of(make_request, sdxl, "a", {}, loras=[LoraChoice("L9")]),
        *inputs_of(sdxl),
        *inputs_of(edit),
    ]
    assert {found for text in texts for found in bare(text)} <= label | {"L9"}


KINDS = (
    *("value_not_in_list", "required_input_missing", "value_smaller_than_min", "value_bigger_than_max"),
    *("invalid_input_type", "custom_validation_failed", "return_type_mismatch", "whatever"),
)


@pytest.mark.parametrize("received", [None, "VALUE-9"])
@pytest.mark.parametrize("limits", [None, ["INT", {"min": 1, "max": 2}]])
@pytest.mark.parametrize("kind", KINDS)
def test_refusals_of_a_node(kind: str, limits: Any, received: Any, bare: Callable[[str], list[str]]) -> None:
    extra = {"input_name": ODD["field"], "received_value": received, "input_config": limits}
    report = {"class_type": ODD["node"], "errors": [{"type": kind, "extra_info": extra}]}
    error = rejection({"node_errors": {"1": report}}, 400)
    assert set(bare(error.message)) <= set(ODD.values())
    assert ODD["node"] in bare(error.message)


@pytest.mark.parametrize("extra", [{}, {"class_type": "NODE-9"}])
@pytest.mark.parametrize("kind", ["prompt_no_outputs", "whatever"])
def test_refusals_of_a_graph(kind: str, extra: dict[str, str], bare: Callable[[str], list[str]]) -> None:
    assert set(bare(rejection({"error": {"type": kind, "extra_info": extra}}).message)) <= {"NODE-9"}


@pytest.mark.parametrize("status", [400, 404, 413, 502])
def test_answers(status: int, bare: Callable[[str], list[str]]) -> None:
    assert bare(RefusedError(status, b"", "GET /x").message) == []


def test_ends_of_a_run(bare: Callable[[str], list[str]]) -> None:
    many = {"1": {"images": [{"filename": f"{n}.png", "subfolder": "", "type": "output"} for n in range(501)]}}
    problem = result_of("p", Ending(many, completed=True)).problem
    assert problem is not None
    failed = ExecutionFailed("p", "1", "NODE-9", "ValueError", "CAUSE-9")
    job: Any = Job.__new__(Job)
    job.id, job.cancel_requested = "j", False
    texts = [
        problem.message,
        cancelled_error("p").message,
        message_of(read_entry, 3),
        message_of(result_of, "p", Ending({}, completed=True)),
        message_of(result_of, "p", Ending({}, completed=False)),
        describe_failure(replace(failed, exception_type="torch.OutOfMemoryError"), {}).message,
        error_of(job, RuntimeError("inner")).message,
    ]
    assert [bare(text) for text in texts] == [[]] * len(texts)
    assert bare(describe_failure(failed, {}).message) == ["NODE-9", "CAUSE-9"]


def test_what_a_server_lacks(bare: Callable[[str], list[str]]) -> None:
    gaps = [
        Missing("n", None, "A9"),
        Missing("n", None, "A9", pack="A9"),
        Missing("A9", "A9", "A9"),
        Missing("A9", "A9", "A9", nearest=("A9",)),
        Missing("A9", "A9", "A9", folder="A9"),
        Missing("A9", "A9", "A9", folder="A9", nearest=("A9", "A9")),
        *(Missing("n", None, "A9") for _ in range(3)),
    ]
    for some in (gaps[:1], gaps[:2], gaps):
        assert set(bare(lacking(some))) == set(bare(refused(some))) == {"A9"}
    nodes = tuple(MissingNode("A9", pack, "A9") for pack in (None, "A9") * 4)
    for several in (nodes[:1], nodes):
        assert set(bare(MissingNodesError(several).message)) == {"A9"}


def test_names_stand_in_the_quotation_marks_of_the_language() -> None:
    near = Missing("n", "ckpt", "A9", folder="x", nearest=("B9",))
    assert told(lacking([near]), "de") == "In ComfyUI fehlt: Modelldatei „A9“ in models/x (am ähnlichsten: „B9“)."
    absent = MissingNodesError((MissingNode("A9", None, "n"),)).message
    assert told(absent, "fr").startswith("Il manque au serveur ComfyUI la classe de nœud «\u00a0A9\u00a0»")
    for text in (
        message_of(WorkflowManager(ROOT / "workflows", {}).get, "A9"),
        message_of(PromptParameters, prompt="x", A9=1),
    ):
        assert "„A9“" in told(text, "de")


def test_files_of_workflows(bare: Callable[[str], list[str]]) -> None:
    outside = {"A9": {"class_type": "A9", "inputs": {"image": "/etc/x"}, "_meta": {"title": "A9"}}}
    texts = [
        message_of(read_graph, "A9.json", b"{", None),
        message_of(read_graph, "A9.png", b"", None),
        message_of(read_graph, "A9.json", b'{"nodes": [], "links": [], "version": 0.4}', None),
        message_of(read_graph, "A9.json", json.dumps(outside).encode(), None),
        message_of(to_api, {}, {}),
        message_of(to_api, {"nodes": [{}], "links": []}, {}),
        message_of(to_api, {"nodes": [{"type": "A9"}], "links": []}, {}),
        message_of(to_api, {"nodes": [{"type": "A9", "id": 1, "inputs": [3]}], "links": []}, {}),
        message_of(to_api, {"nodes": [], "links": [3]}, {}),
        *(message_of(check_shape, graph) for graph in (3, {}, {1: {}}, {"A9": {}}, {"A9": {"class_type": "A9"}})),
    ]
    assert {found for text in texts for found in bare(text)} <= {"A9", "A9.json", "A9.png", "image"}


def test_a_folder_of_workflows(tmp_path: Path, bare: Callable[[str], list[str]]) -> None:
    (tmp_path / "b9.json").write_text("{")
    graph = json.loads((ROOT / "workflows" / "sdxl.json").read_text())
    (tmp_path / "c9.json").write_text(json.dumps(graph))
    entries = {
        "a9": WorkflowEntry(file="a9.json"),
        "b9": WorkflowEntry(file="b9.json"),
        "c9": WorkflowEntry(file="c9.json", defaults={"lyrics": "x", "fps": 9}),
        "d9": WorkflowEntry(file="c9.json", enabled=False),
        "e9": WorkflowEntry(file="c9.json", bindings={"positive": ("x9.text",)}),
    }
    manager = WorkflowManager(tmp_path, entries)
    texts = [*manager.problems().values(), *(message_of(manager.get, name) for name in ("a9", "d9", "f9", "../x"))]
    texts += WorkflowManager(tmp_path / "none", {}).problems().values()
    (tmp_path / "g9.json").mkdir()
    texts.append(manager.problems()["g9"])
    assert len(texts) == 10
    values = {"a9.json", "b9.json", "g9.json", "d9", "f9", "lyrics", "fps", "positive", "x9.text"}
    assert {found for text in texts for found in bare(text)} <= values


def test_phases(bare: Callable[[str], list[str]]) -> None:
    tracker = ProgressTracker()
    seen = [tracker.get_metrics().phase]
    tracker.add_callback(lambda metrics: seen.append(metrics.phase))
    tracker.mark_failed(phrase("It failed."))
    assert [bare(text) for text in seen] == [[], []]
    tracker.mark_completed()
    assert bare(tracker.get_metrics().phase) == []
    assert bare(tracker.get_metrics().error_message or "") == []
