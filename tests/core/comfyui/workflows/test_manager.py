"""The workflows folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from config import reset_config
from config.models import WorkflowEntry
from core.comfyui.workflows.manager import WorkflowManager
from core.comfyui.workflows.updater import WorkflowParameters, WorkflowUpdater
from core.comfyui.workflows.workflow import load
from core.exceptions import WorkflowError
from tests.core.comfyui.workflows.graphs import edit, node, plain, sampler, two_stages, upscale, with_inputs
from utils.files import write_atomically


def save(folder: Path, name: str, graph: Any) -> Path:
    path = folder / name
    # another file each time: the clock of a file system goes in steps
    write_atomically(path, graph if isinstance(graph, bytes) else orjson.dumps(graph))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save(tmp_path, "one.json", plain())
    save(tmp_path, "two_pictures.json", edit())
    return tmp_path


def entry(**values: Any) -> WorkflowEntry:
    return WorkflowEntry(**{"file": "one.json", **values})


@pytest.mark.parametrize("name", ["main", "one", "one.json"])
def test_names_are_config_keys_stems_and_file_names(folder: Path, name: str) -> None:
    manager = WorkflowManager(folder, {"main": entry(name="The main one", description="For all")})
    found = manager.get(name)
    assert (found.name, found.label, found.description) == ("main", "The main one", "For all")
    assert manager.load_workflow(name) == plain()


def test_configured_ones_come_first_and_other_files_are_there_too(folder: Path) -> None:
    manager = WorkflowManager(folder, {"zeta": entry()})
    assert [(found.name, found.label) for found in manager.available()] == [
        ("zeta", "Zeta"),
        ("two_pictures", "Two pictures"),
    ]


def test_one_file_can_be_two_workflows(folder: Path) -> None:
    manager = WorkflowManager(folder, {"a": entry(), "b": entry(defaults={"steps": 8})})
    assert manager.get("a").defaults["steps"] == 20
    assert manager.get("b").defaults["steps"] == 8


@pytest.mark.parametrize("name", ["", ".", "..", "../one", "a/b", "a\\b", "/etc/passwd", "nothing"])
def test_other_names_are_refused(folder: Path, name: str) -> None:
    with pytest.raises(WorkflowError):
        WorkflowManager(folder, {}).get(name)


def test_a_disabled_one_is_not_offered_and_says_so(folder: Path) -> None:
    manager = WorkflowManager(folder, {"main": entry(enabled=False)})
    assert [found.name for found in manager.available()] == ["two_pictures"]
    with pytest.raises(WorkflowError, match="switched off"):
        manager.get("one")


def test_configured_defaults_are_in_the_graph_and_shown(folder: Path) -> None:
    defaults = {"steps": 8, "cfg": 2.5, "seed": -1, "lora_strength": 0.6, "prompt": "a hare"}
    found = WorkflowManager(folder, {"main": entry(defaults=defaults)}).get("main")
    inputs = found.graph()["3"]["inputs"]
    assert (inputs["steps"], inputs["cfg"], inputs["seed"]) == (8, 2.5, 5)
    assert found.graph()["6"]["inputs"]["text"] == "a hare"
    assert found.defaults.items() >= defaults.items()
    assert found.defaults["width"] == 512
    assert found.problems == ()


def test_a_saved_prompt_is_no_default(folder: Path) -> None:
    assert "prompt" not in WorkflowManager(folder, {}).get("one").defaults


def test_a_hand_over_starts_from_the_configured_steps(tmp_path: Path) -> None:
    save(tmp_path, "one.json", two_stages())
    found = WorkflowManager(tmp_path, {"main": entry(defaults={"steps": 20})}).get("main")
    assert found.graph()["first"]["inputs"]["end_at_step"] == 10
    assert found.build(WorkflowParameters(steps=10))["first"]["inputs"]["end_at_step"] == 5


def test_limits_are_the_public_ones_with_the_entrys_in_their_place(folder: Path) -> None:
    limits = WorkflowManager(folder, {"main": entry(limits={"width": {"max": 4096}, "steps": {"min": 4, "max": 9}})})
    found = limits.get("main").limits
    assert (found["width"].min, found["width"].max, found["width"].step) == (256, 4096, 64)
    assert (found["steps"].min, found["steps"].max) == (4, 9)
    assert found["cfg"].max == 20.0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"defaults": {"steps": 99}}, "Steps must be"),
        ({"limits": {"width": {"min": 4096}}}, "allow nothing"),
        ({"file": "gone.json"}, "not in the workflows folder"),
    ],
)
def test_an_entry_that_cannot_be_met_is_a_problem(folder: Path, changes: dict[str, Any], said: str) -> None:
    manager = WorkflowManager(folder, {"main": entry(**changes)})
    assert said in manager.problems()["main"]
    assert "main" not in [found.name for found in manager.available()]
    with pytest.raises(WorkflowError, match=said):
        manager.get("main")


def test_a_default_without_a_place_is_reported_and_the_rest_works(folder: Path) -> None:
    manager = WorkflowManager(folder, {"main": entry(defaults={"guidance": 3.0, "steps": 8})})
    assert "guidance" in manager.problems()["main"]
    assert manager.load_workflow("main")["3"]["inputs"]["steps"] == 8


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"nodes": [], "links": []}', b"\xff", b"[" * 2000, b"{}", b'{"1": {"inputs": {}}}'],
)
def test_a_broken_file_is_a_problem_of_its_own(folder: Path, content: bytes) -> None:
    save(folder, "bad.json", content)
    manager = WorkflowManager(folder, {})
    assert [found.name for found in manager.available()] == ["one", "two_pictures"]
    assert list(manager.problems()) == ["bad"]
    with pytest.raises(WorkflowError):
        manager.get("bad")


def test_what_cannot_be_read_keeps_the_last_good_version_too(folder: Path) -> None:
    manager = WorkflowManager(folder, {})
    assert manager.get("one").name == "one"
    (folder / "one.json").unlink()
    (folder / "one.json").mkdir()
    assert manager.get("one").graph() == plain()
    assert "can't be read" in manager.problems()["one"]


def test_a_file_that_nobody_has_thought_of_takes_no_other_along(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble(name: str, *rest: Any) -> Any:
        if name == "strange":
            raise LookupError("unheard of")
        return load(name, *rest)

    monkeypatch.setattr("core.comfyui.workflows.manager.load", stumble)
    save(folder, "strange.json", plain())
    manager = WorkflowManager(folder, {})
    for _ in range(3):
        assert [found.name for found in manager.available()] == ["one", "two_pictures"]
        assert manager.problems() == {"strange": "Its file strange.json can't be read: see the log."}
    assert caplog.text.count("LookupError: unheard of") == 1


def test_a_huge_file_is_refused_unread(folder: Path) -> None:
    with (folder / "one.json").open("wb") as file:
        file.truncate(33 * 1024 * 1024)
    assert "larger than 32 MB" in WorkflowManager(folder, {}).problems()["one"]


@pytest.fixture
def fresh_config() -> Iterator[None]:
    reset_config()
    yield
    reset_config()


@pytest.mark.usefixtures("fresh_config")
def test_without_entries_those_of_the_configuration_count(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workflows = {"main": {"file": "one.json", "name": "The main one"}, "away": {"file": "elsewhere.json"}}
    (folder / "config.json").write_bytes(orjson.dumps({"workflows": workflows}))
    monkeypatch.chdir(folder)
    manager = WorkflowManager(folder)
    assert manager.get("main").label == "The main one"
    assert "away" not in manager.problems()


@pytest.mark.usefixtures("fresh_config")
def test_a_configuration_that_cannot_be_read_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "config.json").write_bytes(b"{")
    monkeypatch.chdir(folder)
    with pytest.raises(WorkflowError, match="configuration"):
        WorkflowManager(folder).get("one")


def test_a_graph_that_reaches_no_output_is_refused(folder: Path) -> None:
    graph = plain()
    del graph["9"]
    save(folder, "one.json", graph)
    with pytest.raises(WorkflowError, match="saves or shows"):
        WorkflowManager(folder, {}).get("one")


def test_a_value_of_the_wrong_type_is_a_problem_to_know_of(folder: Path) -> None:
    graph = plain()
    graph["3"] = sampler(steps="euler")
    save(folder, "one.json", graph)
    manager = WorkflowManager(folder, {})
    assert 'steps holds "euler"' in manager.problems()["one"]
    assert manager.get("one").problems


def test_changes_are_noticed_and_a_broken_one_keeps_the_last_good_version(folder: Path) -> None:
    manager = WorkflowManager(folder, {})
    manager.get("one")
    save(folder, "one.json", with_inputs(plain(), "3", steps=11))
    assert manager.get("one").defaults["steps"] == 11
    save(folder, "one.json", b"{ not json")
    assert manager.get("one").defaults["steps"] == 11
    assert "JSON" in manager.problems()["one"]
    save(folder, "one.json", plain())
    assert manager.get("one").defaults["steps"] == 20
    assert manager.problems() == {}
    save(folder, "three.json", upscale())
    assert [found.name for found in manager.available()] == ["one", "three", "two_pictures"]
    (folder / "one.json").unlink()
    with pytest.raises(WorkflowError, match="There is no workflow"):
        manager.get("one")


def test_an_unchanged_file_is_read_once(folder: Path) -> None:
    manager = WorkflowManager(folder, {})
    assert manager.get("one") is manager.get("one")
    stat = (folder / "one.json").stat()
    os.utime(folder / "one.json", ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    assert manager.get("one") is manager.get("one")


def test_nothing_is_read_before_something_is_asked_for(tmp_path: Path) -> None:
    manager = WorkflowManager(tmp_path / "later", {})
    assert manager.available() == []
    assert manager.problems() == {"workflows": "The workflows folder can't be read."}
    (tmp_path / "later").mkdir()
    save(tmp_path / "later", "one.json", plain())
    assert manager.load_workflow("one") == plain()


def test_the_folder_is_that_of_the_working_directory_else_the_one_beside_the_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "UNETLoader" in str(WorkflowManager(entries={}).load_workflow("flux_lora"))
    (tmp_path / "workflows").mkdir()
    save(tmp_path / "workflows", "mine.json", plain())
    assert [found.name for found in WorkflowManager(entries={}).available()] == ["mine"]


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        (plain(), "image"),
        (edit(), "edit"),
        (upscale(), "upscale"),
        (two_stages(), "video"),
        ({**plain(), "9": node("SaveAudioMP3", filename_prefix="x", audio=["8", 0])}, "audio"),
        ({**plain(), "9": node("SaveGLB", filename_prefix="x", mesh=["8", 0])}, "other"),
    ],
)
def test_the_type_is_told_by_what_goes_in_and_comes_out(folder: Path, graph: Any, expected: str) -> None:
    save(folder, "one.json", graph)
    assert WorkflowManager(folder, {}).get("one").type == expected


def test_a_workflow_builds_graphs_and_draws_seeds(folder: Path) -> None:
    manager = WorkflowManager(folder, {}, updater=WorkflowUpdater(lambda maximum: maximum - 1))
    found = manager.get("one")
    assert found.draw_seed() == 2**32 - 2
    assert found.build(WorkflowParameters(seed=-1))["3"]["inputs"]["seed"] == 2**32 - 2
    assert found.supported == WorkflowUpdater().supported(plain())
