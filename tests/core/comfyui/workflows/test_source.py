"""From a file to a graph, whatever kind of file it is."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest

from core.comfyui.workflows.source import check_size, is_source, read_graph
from core.exceptions import MissingNodesError, WorkflowError
from tests.core.comfyui.workflows.editor.samples import OBJECT_INFO, file, node
from tests.core.comfyui.workflows.editor.test_embedded import mp4, png, webm, webp
from tests.core.comfyui.workflows.graphs import edit, plain, with_inputs

SAVED = file(
    node(1, "Load", ["a.png", "image"], outputs=("IMAGE", "MASK")),
    node(2, "Save", ["made"], {"images": (1, 0)}, types={"images": "IMAGE"}),
)
CONVERTED = {
    "1": {"class_type": "Load", "inputs": {"image": "a.png"}, "_meta": {"title": "Load"}},
    "2": {"class_type": "Save", "inputs": {"filename_prefix": "made", "images": ["1", 0]}, "_meta": {"title": "Save"}},
}


def refused(name: str, data: bytes, definitions: Any = None) -> WorkflowError:
    with pytest.raises(WorkflowError) as caught:
        read_graph(name, data, definitions)
    assert len(caught.value.message) < 200
    assert "\n" not in caught.value.message
    return caught.value


def test_a_graph_in_api_format_needs_no_definitions() -> None:
    assert read_graph("a.json", orjson.dumps(plain()), None) == plain()


def test_a_file_of_the_editor_is_converted_by_the_definitions() -> None:
    assert read_graph("a.json", orjson.dumps(SAVED), OBJECT_INFO) == CONVERTED


def test_a_file_of_the_editor_without_definitions_says_what_to_do() -> None:
    error = refused("a.json", orjson.dumps(SAVED))
    assert "editor's format" in error.message
    assert "start ComfyUI once" in error.message


def test_missing_classes_are_named() -> None:
    error = refused("a.json", orjson.dumps(SAVED), {"Load": OBJECT_INFO["Load"]})
    assert isinstance(error, MissingNodesError)
    assert [lacking.class_type for lacking in error.missing] == ["Save"]


MEDIA = {
    "a.png": png(prompt=plain()),
    "A.PNG": png(prompt=plain()),
    "a.webp": webp({0x0110: f"prompt:{json.dumps(plain())}"}),
    "a.mp4": mp4({"prompt": json.dumps(plain())}),
    "a.mov": mp4({"prompt": json.dumps(plain())}),
    "a.webm": webm({"PROMPT": json.dumps(plain())}),
    "a.mkv": webm({"PROMPT": json.dumps(plain())}),
}


@pytest.mark.parametrize("name", MEDIA)
def test_pictures_and_videos_carry_the_graph_that_made_them(name: str) -> None:
    assert is_source(name)
    assert read_graph(name, MEDIA[name], None) == plain()


def test_a_picture_that_carries_a_file_of_the_editor_is_converted() -> None:
    assert read_graph("a.png", png(workflow=SAVED), OBJECT_INFO) == CONVERTED
    assert "editor's format" in refused("a.png", png(workflow=SAVED)).message


@pytest.mark.parametrize(("name", "data"), [("a.png", png()), ("a.mp4", mp4({})), ("a.webp", b""), ("a.png", b"{}")])
def test_a_picture_without_a_workflow_says_what_to_take(name: str, data: bytes) -> None:
    assert "carries no workflow" in refused(name, data).message


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read_graph("a.json", b"\xef\xbb\xbf" + orjson.dumps(plain()), None) == plain()


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_python_writes_for_no_number_becomes_null(number: str) -> None:
    data = orjson.dumps(plain()).replace(b'"batch_size":1', f'"batch_size":{number}'.encode())
    assert read_graph("a.json", b"\xef\xbb\xbf" + data, None)["5"]["inputs"]["batch_size"] is None
    assert read_graph("a.json", data, None) == with_inputs(plain(), "5", batch_size=None)
    assert read_graph("a.png", png(prompt=data.decode()), None) == with_inputs(plain(), "5", batch_size=None)


def with_text(text: str) -> bytes:
    return orjson.dumps(plain()).replace(b'"a fox"', text.encode())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{'[' * 300}{']' * 300}", "holds a number, text or nesting"),
        (f"{'[' * 900}{']' * 900}", "holds a number, text or nesting"),
        (f"{'[' * 100_000}{']' * 100_000}", "JSON"),
        ('"\\ud800"', "holds a number, text or nesting"),
        (f"[NaN, {10**40}]", "holds a number, text or nesting"),
        (f"[NaN, {'9' * 5000}]", "JSON"),
        ("'a fox'", "not valid JSON"),
    ],
)
def test_what_no_editor_writes_is_refused(text: str, said: str) -> None:
    assert said in refused("a.json", with_text(text)).message


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"7",
        b"[]",
        b"{}",
        b'"text"',
        b"\xff\xfe",
        b'{"1": null}',
        b'{"1": {"class_type": 3, "inputs": {}}}',
        b'{"1": {"class_type": "A", "inputs": []}}',
        b'{"1": {"class_type": "A"}}',
        b'{"nodes": [], "links": 3}',
        b'{"nodes": [[]]}',
    ],
)
@pytest.mark.parametrize("definitions", [None, OBJECT_INFO])
def test_what_is_no_workflow_is_refused(data: bytes, definitions: Any) -> None:
    refused("a.json", data, definitions)


@pytest.mark.parametrize(
    "value",
    ["/etc/passwd", "\\\\host\\share", "C:\\secret.png", "c:/secret.png", "../up.png", "a/../../up.png", "~/x", "..",
     "a\\..\\b", "file:///etc/passwd", "http://host/x.png", " /etc/passwd"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["image", "video", "audio_file", "path", "directory", "ckpt_name", "filename_prefix"])
def test_a_file_outside_of_comfyuis_folders_is_refused(name: str, value: str) -> None:
    graph = {**edit(), "a": {"class_type": "LoadImage", "inputs": {name: value}, "_meta": {"title": "First"}}}
    error = refused("a.json", orjson.dumps(graph))
    assert (error.node, error.field) == ("First", name)
    assert value not in error.message


@pytest.mark.parametrize("value", ["a.png", "sub dir/a.png", "a..b.png", "sub\\a.png", "a.png [output]", "...", ""])
def test_a_file_inside_of_them_is_fine(value: str) -> None:
    assert read_graph("a.json", orjson.dumps(with_inputs(edit(), "a", image=value)), None)["a"]["inputs"] == {
        "image": value
    }


def test_a_prompt_may_speak_of_paths() -> None:
    graph = with_inputs(plain(), "6", text="/a fox/ from C:\\ and ../up")
    assert read_graph("a.json", orjson.dumps(graph), None) == graph


def test_strangers_that_stand_alone_are_dropped() -> None:
    stranger = {"inputs": {"UNKNOWN": "a note"}, "_meta": {"title": "Note"}}
    assert read_graph("a.json", orjson.dumps({**plain(), "99": stranger}), None) == plain()
    whole = {**SAVED, "nodes": [*SAVED["nodes"], node(3, "Stranger", ["a note"])]}
    assert read_graph("a.json", orjson.dumps(whole), OBJECT_INFO) == CONVERTED


def test_a_stranger_that_takes_part_is_refused() -> None:
    stranger = {"inputs": {"images": ["8", 0]}}
    assert "class_type" in refused("a.json", orjson.dumps({**plain(), "99": stranger})).message


@pytest.mark.parametrize("name", ["a.txt", "a", ".a.json", "a.json.bak", ".png", "notes.md", "a.gif"])
def test_other_files_are_none(name: str) -> None:
    assert not is_source(name)


@pytest.mark.parametrize(("name", "most"), [("a.json", 32), ("a.JSON", 32), ("a.png", 64), ("a.mp4", 64)])
def test_a_file_may_be_so_large_and_no_larger(name: str, most: int) -> None:
    check_size(name, most * 1024 * 1024)
    with pytest.raises(WorkflowError, match=f"larger than {most} MB"):
        check_size(name, most * 1024 * 1024 + 1)
