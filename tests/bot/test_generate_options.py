"""Which options /generate has, and that what Discord has no room for is in the form."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from bot.commands.generate import register
from bot.options import MAX_OPTIONS
from config.models import WorkflowEntry
from core.comfyui.workflows.manager import Workflow, WorkflowManager
from core.generators.requests import SETTINGS, settings_of
from tests.bot.conftest import ROOT
from tests.bot.graphs import node, paint, sound

EVERYTHING = [
    *("prompt", "workflow", "lora", "lora_strength", "private", "image"),
    *("negative_prompt", "width", "height", "steps", "cfg", "guidance", "seed", "batch_size", "strength", "length"),
    *("duration", "lyrics", "factor", "image2", "image3", "mask", "video", "audio", "fps"),
]


def files() -> dict[str, Any]:
    """Something of each kind of file, and words."""
    return paint() | {
        "20": node("LoadImageMask", image="m.png", channel="red"),
        "21": node("MaskToImage", mask=["20", 0]),
        "22": node("SaveImage", images=["21", 0], filename_prefix="x"),
        "23": node("LoadVideo", file="v.mp4"),
        "24": node("SaveVideo", video=["23", 0], filename_prefix="x", format="auto", codec="auto"),
        "25": node("LoadAudio", audio="a.mp3"),
        "26": node("SaveAudio", audio=["25", 0], filename_prefix="x"),
        "27": node("ImageScaleBy", image=["5", 0], upscale_method="lanczos", scale_by=2.0),
        "28": node("SaveImage", images=["27", 0], filename_prefix="x"),
    }


@pytest.fixture
def everything(tmp_path: Path) -> list[Workflow]:
    """Workflows that can be told all that there is, together."""
    for name, graph in (("files", files()), ("song", sound())):
        (tmp_path / f"{name}.json").write_bytes(orjson.dumps(graph))
    entries = {
        "song": WorkflowEntry(
            file="song.json", bindings={"lyrics": ("3.text",), "negative": (), "duration": ("10.duration",)}
        ),
        "files": WorkflowEntry(file="files.json", bindings={"upscale_factor": ("27.scale_by",)}),
    }
    shipped = WorkflowManager(ROOT / "workflows", {})
    names = ("flux_lora", "sdxl", "video_wan_i2v", "qwen_image_edit_3")
    return [*map(WorkflowManager(tmp_path, entries).get, entries), *map(shipped.get, names)]


def options(monkeypatch: pytest.MonkeyPatch, workflows: list[Workflow]) -> list[str]:
    monkeypatch.setattr("bot.commands.generate.worded", lambda bot: workflows)
    added: list[Any] = []
    register(SimpleNamespace(tree=SimpleNamespace(add_command=added.append)))  # type: ignore[arg-type]
    return [parameter.name for parameter in added[0].parameters]


def test_of_more_options_than_discord_takes_the_last_ones_are_those_of_the_form(
    monkeypatch: pytest.MonkeyPatch, everything: list[Workflow]
) -> None:
    assert options(monkeypatch, everything) == EVERYTHING
    assert len(EVERYTHING) == MAX_OPTIONS
    can_be_told = {name for workflow in everything for name in settings_of(workflow, started=True)}
    assert can_be_told == {*SETTINGS} - {"lora_strength"}
    left_out = can_be_told - {"denoise", "upscale_factor"} - {*EVERYTHING}
    assert left_out == {"sampler", "scheduler"}


def test_options_that_no_workflow_has_are_not_there(
    monkeypatch: pytest.MonkeyPatch, everything: list[Workflow]
) -> None:
    song = [workflow for workflow in everything if workflow.name == "song"]
    found = options(monkeypatch, song)
    assert "lyrics" in found
    assert "scheduler" in found
    assert not {"image2", "mask", "video", "fps", "guidance"} & {*found}
