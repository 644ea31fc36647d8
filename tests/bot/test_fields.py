"""Fields of forms: what they offer, what stands in them, and how many there may be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import discord
import orjson
import pytest

from bot.ui.fields import MAX_FIELDS, ParameterField
from bot.ui.modals import FilesModal
from config.models import WorkflowEntry
from core.comfyui.workflows.manager import Workflow, WorkflowManager
from tests.bot.graphs import Graph, node, paint


@pytest.fixture
def workflow(tmp_path: Path) -> Any:
    def build(graph: Graph, **entry: Any) -> Workflow:
        (tmp_path / "mine.json").write_bytes(orjson.dumps(graph))
        return WorkflowManager(tmp_path, {"mine": WorkflowEntry(file="mine.json", **entry)}).get("mine")

    return build


def test_a_list_shows_what_was_chosen_and_needs_no_hint(workflow: Any) -> None:
    field = ParameterField("scheduler", workflow(paint(), choices={"scheduler": ["normal", "beta"]}), "beta")
    assert isinstance(field.component, discord.ui.Select)
    assert [(option.label, option.default) for option in field.component.options] == [("normal", False), ("beta", True)]
    assert field.description is None


def test_a_number_says_what_it_may_be(workflow: Any) -> None:
    field = ParameterField("steps", workflow(paint(), limits={"steps": {"min": 4, "max": 12}}), "")
    assert isinstance(field.component, discord.ui.TextInput)
    assert field.description == "4 to 12"


@pytest.mark.parametrize(("entry", "hint"), [({}, "random"), ({"defaults": {"seed": 7}}, "7")], ids=["drawn", "set"])
def test_a_seed_that_is_left_empty_says_what_comes_of_it(workflow: Any, entry: Any, hint: str) -> None:
    field = ParameterField("seed", workflow(paint(), **entry), "")
    assert isinstance(field.component, discord.ui.TextInput)
    assert field.component.placeholder == hint


async def test_more_files_than_a_form_has_parts_go_into_one_of_them(workflow: Any) -> None:
    graph = {"0": node("LoadImage", image="0.png")}
    for number in range(1, MAX_FIELDS + 2):
        graph[str(number)] = node("LoadImage", image=f"{number}.png")
        before = f"b{number - 1}" if number > 1 else "0"
        graph[f"b{number}"] = node("ImageBatch", image1=[before, 0], image2=[str(number), 0])
    graph["save"] = node("SaveImage", filename_prefix="x", images=[f"b{MAX_FIELDS + 1}", 0])

    made = workflow(graph)
    assert made.bindings.room_for("images") == MAX_FIELDS + 2
    (label,) = FilesModal("0" * 32, made).children
    assert isinstance(label, discord.ui.Label)
    assert isinstance(label.component, discord.ui.FileUpload)
    assert (label.text, label.component.max_values) == ("Pictures, in their order", MAX_FIELDS + 2)
