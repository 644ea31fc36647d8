"""Scripts as they are written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from playground.demo.errors import DemoError
from playground.demo.script.reading import SHIPPED, VERBS, read_script, shipped


@pytest.fixture
def written(tmp_path: Path):
    def write(*steps: object) -> Path:
        path = tmp_path / "script.json"
        path.write_text(json.dumps({"title": "A script", "steps": steps}), "utf-8")
        return path

    return write


def test_steps_are_numbered_and_keep_what_is_beside_their_verbs(written) -> None:
    script = read_script(written({"as": "ada", "click": "Upscale", "on": "fox"}, {"in": "pictures"}))
    first, second = script.steps
    assert (first.number, first.verb, first.value, first.details) == (1, "click", "Upscale", {"as": "ada", "on": "fox"})
    assert (second.number, second.verb, second.get("in")) == (2, "", "pictures")
    assert script.title == "A script"
    assert not script.has_pictures


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"clik": "x"}, "Step 1 of the script has 'clik'"),
        ({"click": "x", "say": "y"}, "Step 1 of the script says both"),
        ({"click": 3}, "something else than it should as 'click'"),
        ({"click": "x", "on": 3}, "something else than it should as 'on'"),
        ({"click": "x", "values": []}, "has 'values', which click does not take"),
        ({"wait": "x"}, "something else than it should as 'wait'"),
        ({"wait": {"colour": "red"}}, "waits for 'colour', which no message has"),
        ({"screenshot": "x", "size": [1, 2, 3]}, "something else than it should as 'size'"),
        ({"screenshot": "x", "size": ["a", 2]}, "something else than it should as 'size'"),
        ({"wait": {"matches": "("}}, "waits for something else than it should as 'matches'"),
        ({"wait": {"files": "two"}}, "waits for something else than it should as 'files'"),
        ({}, "says nothing"),
        ("click", "is no object"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_the_step(written, step: object, said: str) -> None:
    with pytest.raises(DemoError) as caught:
        read_script(written(step))
    assert said in str(caught.value)
    assert caught.value.misused


@pytest.mark.parametrize("text", ["{", "[]", '{"steps": []}', '{"title": "x", "steps": {}}', "\xff", "[" * 100_000])
def test_what_is_no_script_is_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "script.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(DemoError, match=r"script\.json") as caught:
        read_script(path)
    assert "\n" not in str(caught.value)


def test_a_script_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(DemoError, match="first_picture, smoke, tour"):
        read_script(Path("nothing"))


@pytest.mark.parametrize("name", shipped())
def test_the_demos_own_go_by_their_names(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    script = read_script(Path(name))
    assert script.folder == SHIPPED
    assert script.has_pictures


def test_a_file_of_ones_own_goes_before_one_of_the_demos(written, monkeypatch: pytest.MonkeyPatch) -> None:
    own = written({"as": "ada"})
    monkeypatch.chdir(own.parent)
    own.rename(own.with_name("smoke"))
    assert read_script(Path("smoke")).title == "A script"


def test_the_documentation_names_every_verb() -> None:
    text = (Path(__file__).resolve().parents[4] / "docs" / "scripts.md").read_text("utf-8")
    assert [verb for verb in VERBS if f"`{verb}`" not in text] == []
