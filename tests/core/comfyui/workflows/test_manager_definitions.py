"""The workflows folder and the server's node definitions: files of the editor, ranges, reading anew."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import pytest

from config import reset_config
from config.models import WorkflowEntry
from core.comfyui.definitions import FILE
from core.comfyui.workflows.manager import WorkflowManager
from core.exceptions import WorkflowError
from tests.core.comfyui.workflows.editor.samples import OBJECT_INFO, file, node
from tests.core.comfyui.workflows.editor.test_embedded import mp4, png
from tests.core.comfyui.workflows.graphs import plain

STEPS = {"KSampler": {"input": {"required": {"steps": ["INT", {"min": 1, "max": 30}]}}}}
FEWER_STEPS = {"KSampler": {"input": {"required": {"steps": ["INT", {"min": 2, "max": 24}]}}}}
OF_THE_EDITOR = file(
    node(1, "Load", ["a.png", "image"], outputs=("IMAGE", "MASK")),
    node(2, "Save", ["made"], {"images": (1, 0)}, types={"images": "IMAGE"}),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one.json").write_bytes(orjson.dumps(plain()))
    return tmp_path


def test_pictures_and_videos_are_workflows_too(folder: Path) -> None:
    (folder / "from a picture.png").write_bytes(png(prompt=plain()))
    (folder / "film.MP4").write_bytes(mp4({"prompt": orjson.dumps(plain()).decode()}))
    (folder / "notes.txt").write_bytes(b"mine")
    (folder / ".hidden.json").write_bytes(b"{")
    manager = WorkflowManager(folder, {})
    assert [found.name for found in manager.available()] == ["one", "film", "from a picture"]
    assert manager.problems() == {}
    assert manager.get("film.MP4").graph() == manager.get("from a picture").graph() == plain()


def test_two_files_of_one_stem_are_two_workflows(folder: Path) -> None:
    (folder / "one.png").write_bytes(png(prompt=plain()))
    assert [found.name for found in WorkflowManager(folder, {}).available()] == ["one", "one.png"]


def test_a_file_of_the_editor_is_read_when_the_definitions_are_there(folder: Path) -> None:
    (folder / "saved.json").write_bytes(orjson.dumps(OF_THE_EDITOR))
    manager = WorkflowManager(folder, {})
    assert "start ComfyUI once" in manager.problems()["saved"]
    manager.learn(OBJECT_INFO)
    assert manager.problems() == {}
    assert manager.load_workflow("saved")["2"]["inputs"]["images"] == ["1", 0]


def test_definitions_that_are_known_from_before_are_recalled_once_and_when_needed(folder: Path) -> None:
    asked = []

    def recall() -> Any:
        asked.append(True)
        return OBJECT_INFO

    (folder / "saved.json").write_bytes(orjson.dumps(OF_THE_EDITOR))
    manager = WorkflowManager(folder, {}, recall=recall)
    assert asked == []
    assert manager.get("saved").name == "saved"
    assert manager.definitions is OBJECT_INFO
    assert asked == [True]


def test_without_entries_the_data_folder_of_the_configuration_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.json").write_bytes(orjson.dumps({"storage": {"data": "kept"}}))
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / FILE).write_bytes(orjson.dumps(OBJECT_INFO))
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "saved.json").write_bytes(orjson.dumps(OF_THE_EDITOR))
    monkeypatch.chdir(tmp_path)
    reset_config()
    try:
        assert list(WorkflowManager().load_workflow("saved")) == ["1", "2"]
    finally:
        reset_config()


def test_ranges_come_from_the_definitions_and_follow_them(folder: Path) -> None:
    manager = WorkflowManager(folder, {})
    before = manager.get("one")
    assert (before.limits["steps"].min, before.limits["steps"].max) == (1, 50)
    manager.learn(STEPS)
    assert manager.get("one").limits["steps"].max == 30
    manager.learn(FEWER_STEPS)
    assert (manager.get("one").limits["steps"].min, manager.get("one").limits["steps"].max) == (2, 24)
    assert before.limits["steps"].max == 50


def test_what_new_definitions_make_unusable_keeps_its_last_good_version(folder: Path) -> None:
    (folder / "saved.json").write_bytes(orjson.dumps(OF_THE_EDITOR))
    manager = WorkflowManager(folder, {}, recall=lambda: OBJECT_INFO)
    good = manager.get("saved")
    manager.learn({"Load": OBJECT_INFO["Load"]})
    assert manager.get("saved") is good
    assert '"Save"' in manager.problems()["saved"]
    manager.learn(OBJECT_INFO)
    assert manager.problems() == {}
    assert manager.get("saved") is not good


def test_what_is_unchanged_is_read_once_a_lesson(folder: Path) -> None:
    manager = WorkflowManager(folder, {})
    manager.learn(STEPS)
    first = manager.get("one")
    assert manager.get("one") is first
    manager.learn(STEPS)
    assert manager.get("one") is not first


def test_what_is_recalled_late_does_not_take_the_place_of_what_was_learnt(folder: Path) -> None:
    asked: list[None] = []

    def recall() -> Any:
        asked.append(None)
        if len(asked) == 1:
            manager.learn(FEWER_STEPS)
        return STEPS

    manager = WorkflowManager(folder, {}, recall=recall)
    assert manager.get("one").limits["steps"].max == 24
    assert manager.definitions is FEWER_STEPS


def test_whatever_is_switched_off_is_located_and_not_handed_out(folder: Path) -> None:
    entry = WorkflowEntry(file="one.json", enabled=False)
    manager = WorkflowManager(folder, {"main": entry})
    assert manager.locate("one") == manager.locate("main") == ("main", folder / "one.json", entry)
    (folder / "two.png").write_bytes(b"")
    assert manager.locate("two.png") == ("two", folder / "two.png", None)
    for name in ("three", "../one", ""):
        with pytest.raises(WorkflowError):
            manager.locate(name)


def test_several_threads_see_whole_workflows_while_definitions_change(folder: Path) -> None:
    for number in range(8):
        (folder / f"w{number}.json").write_bytes(orjson.dumps(plain()))
    (folder / "broken.json").write_bytes(b"{")
    manager = WorkflowManager(folder, {})
    names = {"one", *(f"w{number}" for number in range(8))}
    together = threading.Barrier(6)

    def look() -> None:
        together.wait()
        for _ in range(5):
            assert {found.name for found in manager.available()} == names
            assert list(manager.problems()) == ["broken"]

    def teach(definitions: Any) -> None:
        together.wait()
        for _ in range(3):
            manager.learn(definitions)

    with ThreadPoolExecutor(6) as pool:
        tasks = [pool.submit(look) for _ in range(4)]
        tasks += [pool.submit(teach, definitions) for definitions in (STEPS, FEWER_STEPS)]
        for task in tasks:
            task.result()
    last = 30 if manager.definitions is STEPS else 24
    assert {found.limits["steps"].max for found in manager.available()} == {last}


def test_missing_classes_are_told_in_the_words_of_every_other_list(folder: Path) -> None:
    strange = node(3, "Stylish", title="Style", properties={"cnr_id": "style-pack"}, outputs=("IMAGE",))
    saved = file(strange, node(2, "Save", ["made"], {"images": (3, 0)}, types={"images": "IMAGE"}))
    (folder / "saved.json").write_bytes(orjson.dumps(saved))
    manager = WorkflowManager(folder, {})
    manager.learn(OBJECT_INFO)
    assert manager.problems() == {"saved": 'ComfyUI lacks node class "Stylish" (of the pack style-pack).'}
