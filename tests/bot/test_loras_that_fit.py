"""Which LoRAs a workflow may have, as its settings say: in the form, in suggestions, in what is left out."""

from __future__ import annotations

from typing import Any

import pytest

from bot.draft import Draft
from bot.loras import LoraPick
from tests.bot.conftest import Stage
from tests.bot.graphs import paint

pytestmark = pytest.mark.integration

LORAS = ("flux/ink.safetensors", "sdxl/oil.safetensors")
ENTRIES = {name: {"file": f"{name}.json", "name": name.title(), "loras": f"{name}/*"} for name in ("flux", "sdxl")}
settings: dict[str, Any] = {"only_graphs": True, "graphs": {"flux": paint(), "sdxl": paint()}, "workflows": ENTRIES}
both = pytest.mark.parametrize("settings", [settings], indirect=True)


def listed(message: Any) -> list[str]:
    (select,) = [select for select in message.selects if select["placeholder"] == "LoRA"]
    return [option["label"] for option in select["options"]]


@both
async def test_the_form_lists_those_of_the_chosen_workflow(stage: Stage) -> None:
    stage.comfyui.set_models("loras", LORAS)
    form = await stage.form(prompt="a fox")
    assert listed(form) == ["No LoRA", "flux/ink.safetensors"]
    click = await stage.ada.select(form, "Workflow", ["Sdxl"])
    form = await click.until(lambda m: listed(m) != ["No LoRA", "flux/ink.safetensors"])
    assert listed(form) == ["No LoRA", "sdxl/oil.safetensors"]


@both
async def test_those_of_the_workflow_that_was_typed_are_suggested(stage: Stage) -> None:
    stage.comfyui.set_models("loras", LORAS)
    typed: dict[str, Any] = {"focused": "lora", "value": "", "prompt": "a fox"}
    everything = await stage.ada.autocomplete(stage.channel, "generate", **typed)
    assert [choice["value"] for choice in everything] == [*LORAS]
    fitting = await stage.ada.autocomplete(stage.channel, "generate", **typed, workflow="sdxl")
    assert [choice["value"] for choice in fitting] == ["sdxl/oil.safetensors"]


@both
async def test_one_that_does_not_fit_is_left_out(stage: Stage) -> None:
    workflow = stage.bot.engine.workflows.get("sdxl")
    assert Draft("a fox", "sdxl", loras=(LoraPick("flux/ink.safetensors"),)).left_out(workflow) == ["loras"]
    assert Draft("a fox", "sdxl", loras=(LoraPick("sdxl/oil.safetensors"),)).left_out(workflow) == []
