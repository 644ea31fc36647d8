"""Workflows on a terminal, and in a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from config.models import WorkflowEntry
from core.check import Standing
from core.comfyui.workflows.explain import Explanation, explain
from core.comfyui.workflows.library import Entry
from core.comfyui.workflows.manager import WorkflowManager
from core.tables import explained, listed
from tests.core.comfyui.workflows.graphs import edit, node, plain, styled, with_inputs

LONG = "lacks " + "more " * 200 + "or less"


def read(graph: Any, **entry: Any) -> Explanation:
    return explain("one", "one.json", orjson.dumps(graph), WorkflowEntry(file="one.json", **entry))


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "60")


@pytest.fixture
def standings(tmp_path: Path) -> list[Standing]:
    (tmp_path / "fox.json").write_bytes(orjson.dumps(plain()))
    (tmp_path / "two_pictures.json").write_bytes(orjson.dumps(edit()))
    fox, two = WorkflowManager(tmp_path, {}).available()
    return [
        Standing(Entry("fox", fox, None, True), "everything it needs is there"),
        Standing(Entry("two_pictures", two, LONG, False), LONG),
        Standing(Entry("broken", None, "no JSON", False), "no JSON"),
    ]


def test_a_list_in_a_file_has_everything_on_a_line_of_its_own(standings: list[Standing]) -> None:
    lines = list(listed(standings))
    assert len(lines) == 5
    assert lines[0].split() == ["fox", "Fox", "image", "ready:", "everything", "it", "needs", "is", "there"]
    assert lines[1].strip().startswith("takes prompt, ")
    assert "width, height, steps, cfg, seed, batch size" in lines[1]
    assert LONG in lines[2]
    assert "2 pictures" in lines[3]
    assert lines[4].split() == ["broken", "not", "ready:", "no", "JSON"]
    assert all(line == line.rstrip() and line.isprintable() for line in lines)


@pytest.mark.usefixtures("terminal")
def test_a_list_on_a_terminal_fits_it_and_loses_nothing(standings: list[Standing]) -> None:
    lines = list(listed(standings))
    assert max(map(len, lines)) <= 60
    assert "".join(lines).count("more") == 200


def test_an_explanation_in_a_file_is_not_cut_off() -> None:
    prompt = "a fox " * 400
    lines = list(explained(read(with_inputs(plain(), "6", text=prompt))))
    assert f"  default  {prompt.strip()}" in lines
    assert "positive   told by the links" in lines
    drives = next(line for line in lines if "(6).text: " in line)
    assert drives.startswith("  drives   CLIPTextEncode (6).text: ")
    assert "  range    256 to 2048 in steps of 64" in lines
    assert "picture   it has no place for one, and can be told to start from one" in lines


def test_places_that_are_left_loras_problems_and_lacks_are_in_it() -> None:
    graph = styled()
    graph["10"] = node("KSampler", **{**graph["3"]["inputs"], "steps": 7, "latent_image": ["3", 0], "denoise": 0.4})
    graph["8"]["inputs"]["samples"] = ["10", 0]
    found = replace(read(graph, enabled=False), problems=("It looks wrong.",), lacks=("a file",), state="fine")
    text = "\n".join(" ".join(line.split()) for line in explained(found))
    for said in (
        "one (One), switched off in the configuration",
        "ready: fine",
        "It looks wrong.",
        "a file",
        "ink_style.safetensors in LoraLoader (l1): a style that may be changed",
        "image of SaveImage (9)",
        "\nsteps ambiguous; ",
        "leaves KSampler (10).steps at 7",
    ):
        assert said in text


def test_a_role_that_cannot_act_says_so() -> None:
    assert ["denoise", "can't", "act"] in [line.split() for line in explained(read(plain()))]


def test_a_title_cannot_steer_the_terminal() -> None:
    graph = with_inputs(plain(), "6", text="a\x1b[31m fox\n\n[bold]and[/bold] :fox:")
    graph["6"]["_meta"] = {"title": "\x1b]0;mine\x07Prompt\r\n[red]"}
    lines = list(explained(read(graph)))
    assert all(line.isprintable() for line in lines)
    text = "\n".join(lines)
    assert "[31m fox [bold]and[/bold] :fox:" in text
    assert "Prompt [red] (6).text" in text


def test_what_cannot_be_read_is_said() -> None:
    lines = list(explained(explain("one", "one.json", b"{")))
    assert lines[2] == "type      none: it can't be used"
    assert lines[3] == "state     not ready: The file one.json is not valid JSON: save it again."
    assert len(lines) == 4
