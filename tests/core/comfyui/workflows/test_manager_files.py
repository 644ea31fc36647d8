"""Files in the workflows folder that are not what they seem, and names of files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import orjson
import pytest

from config.models import WorkflowEntry
from core.comfyui.workflows.manager import WorkflowManager
from tests.core.comfyui.workflows.editor.test_embedded import png
from tests.core.comfyui.workflows.graphs import edit, plain, with_inputs

needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders here")
needs_any_name = pytest.mark.skipif(sys.platform != "linux", reason="names of files are text here")


@needs_pipes
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    assert WorkflowManager(tmp_path, {}).problems() == {
        "pipe": "The file pipe.json is no ordinary file: put the workflow itself there."
    }


@needs_pipes
def test_a_device_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "nothing.json").symlink_to(os.devnull)
    assert "no ordinary file" in WorkflowManager(tmp_path, {}).problems()["nothing"]


def test_a_link_to_a_file_elsewhere_is_followed(tmp_path: Path) -> None:
    folder = tmp_path / "workflows"
    folder.mkdir()
    (tmp_path / "elsewhere.json").write_bytes(orjson.dumps(plain()))
    (folder / "here.json").symlink_to(tmp_path / "elsewhere.json")
    assert WorkflowManager(folder, {}).load_workflow("here") == plain()


@needs_any_name
@pytest.mark.parametrize("content", [orjson.dumps(plain()), b"{"])
def test_a_name_that_is_no_text_is_shown_as_text(tmp_path: Path, content: bytes) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.json")).write_bytes(content)
    manager = WorkflowManager(tmp_path, {})
    said = [
        *(w.name for w in manager.available()),
        *(w.label for w in manager.available()),
        *manager.problems().items(),
    ]
    assert said
    assert orjson.loads(orjson.dumps(said))
    assert manager.locate("caf\ufffd")[1].read_bytes() == content


@pytest.mark.skipif(sys.platform == "win32", reason="this time is that of the file's creation there")
def test_a_file_that_keeps_its_time_and_size_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_bytes(orjson.dumps(with_inputs(plain(), "3", steps=20)))
    manager, before = WorkflowManager(tmp_path, {}), path.stat()
    assert manager.get("one").defaults["steps"] == 20
    path.write_bytes(orjson.dumps(with_inputs(plain(), "3", steps=30)))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    while path.stat().st_ctime_ns == before.st_ctime_ns:  # the clock of a file system goes in steps
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert manager.get("one").defaults["steps"] == 30


@pytest.mark.parametrize("picture", ["one.PNG", "one.png", "One.png"])
def test_a_picture_takes_no_name_away_from_a_graph(tmp_path: Path, picture: str) -> None:
    (tmp_path / "one.json").write_bytes(orjson.dumps(plain()))
    (tmp_path / picture).write_bytes(png(prompt=edit()))
    manager = WorkflowManager(tmp_path, {})
    assert manager.load_workflow("one") == plain()
    assert manager.load_workflow(picture) == edit()


@pytest.mark.parametrize("file", [" .json", "_.json", "-_-.png"])
def test_a_name_without_letters_is_no_blank(tmp_path: Path, file: str) -> None:
    (tmp_path / file).write_bytes(png(prompt=plain()) if file.endswith(".png") else orjson.dumps(plain()))
    assert [found.label for found in WorkflowManager(tmp_path, {}).available()] == ["Workflow"]


def test_a_label_of_blanks_is_none(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_bytes(orjson.dumps(plain()))
    entries = {
        "main": WorkflowEntry(file="one.json", label="  "),
        "other": WorkflowEntry(file="one.json", name=" Two "),
    }
    assert [found.label for found in WorkflowManager(tmp_path, entries).available()] == ["Main", "Two"]
