"""What files say about how they were made."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from core.media import metadata
from core.media.metadata import document_of, read_metadata
from tests.core.comfyui.workflows.editor.test_embedded import SAVED, mp4, picture, png, webm, webp
from tests.core.comfyui.workflows.test_particulars import graph, node

TOLD = "an owl\nSteps: 4, Sampler: Euler, Seed: 9, CFG scale: 1"


def read(tmp_path: Path, data: bytes, definitions: Any = None) -> metadata.Metadata:
    path = tmp_path / "file"
    path.write_bytes(data)
    return read_metadata(path, definitions)


@pytest.mark.parametrize(
    "data",
    [
        png(prompt=graph(), workflow=SAVED),
        webp({0x0110: f"prompt:{json.dumps(graph())}"}),
        mp4({"prompt": json.dumps(graph())}),
        webm({"PROMPT": json.dumps(graph())}),
    ],
    ids=["png", "webp", "mp4", "webm"],
)
def test_the_graph_in_a_file_tells_how_it_was_made(tmp_path: Path, data: bytes) -> None:
    found = read(tmp_path, data)
    assert found.particulars.texts["prompt"] == "a fox\nin the snow"
    assert found.document is not None
    assert json.loads(found.document) == graph()


def test_the_words_of_other_programs_count_where_no_graph_is(tmp_path: Path) -> None:
    found = read(tmp_path, png(parameters=TOLD))
    assert (found.particulars.texts["prompt"], found.particulars.values["seed"]) == ("an owl", 9)
    assert found.document is None
    assert "snow" in read(tmp_path, png(prompt=graph(), parameters=TOLD)).particulars.texts["prompt"]
    assert read(tmp_path, png(prompt={"1": node("A", x=["2", 0])}, parameters=TOLD)).particulars.values["seed"] == 9


def test_the_format_of_the_editor_takes_the_definitions(tmp_path: Path) -> None:
    saved = {
        "nodes": [
            {"id": 1, "type": "Save", "inputs": [], "outputs": [], "widgets_values": ["a.ckpt"]},
        ],
        "links": [],
    }
    without = read(tmp_path, png(workflow=saved))
    assert not without.particulars
    assert without.document is not None
    assert json.loads(without.document) == saved
    save = {"input": {"required": {"ckpt_name": [["a.ckpt"], {}]}}, "output": [], "output_node": True}
    assert read(tmp_path, png(workflow=saved), {"Save": save}).particulars.models == ("a.ckpt",)
    assert read(tmp_path, png(workflow=saved), {}).document == without.document


@pytest.mark.parametrize("data", [b"", b"words", picture("PNG"), picture("JPEG"), png(prompt="[" * 100_000)])
def test_a_file_that_says_nothing(tmp_path: Path, data: bytes) -> None:
    found = read(tmp_path, data)
    assert not found.particulars
    assert found.document is None


def test_what_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = png(prompt=graph())
    for name in ("_LONGEST", "_MOST", "_LARGEST"):
        with monkeypatch.context() as patched:
            patched.setattr(metadata, name, 500)
            assert not read(tmp_path, written).particulars


def test_a_graph_that_takes_long_to_read_is_handed_on_unread(tmp_path: Path) -> None:
    combined = {
        f"m{i}": node("X", text="t", **{f"conditioning_{j}": [f"m{j}", 0] for j in range(i)}) for i in range(100)
    }
    samplers = {f"s{i}": {**graph()["d"], "inputs": {**graph()["d"]["inputs"]}} for i in range(100)}
    for sampler in samplers.values():
        sampler["inputs"]["positive"] = ["m99", 0]
    hostile = graph(**combined, **samplers)
    began = time.thread_time()
    found = read(tmp_path, png(prompt=hostile))
    assert time.thread_time() - began < 2
    assert not found.particulars
    assert found.document is not None


def test_a_document_is_plain_ascii() -> None:
    assert document_of({"1": {"text": "狐\ud800"}}) == b'{"1": {"text": "\\u72d0\\ud800"}}'
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"x": deep}
    assert document_of(deep) is None
    while deep:  # taken apart by hand: Python's own way down has an end
        deep = deep.pop("x")
