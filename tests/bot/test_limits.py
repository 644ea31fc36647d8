"""Ranges and places of parameters: what is offered, what is refused, and what Discord cannot express."""

from __future__ import annotations

from typing import Any

import pytest
from discord import app_commands

from bot.options import span
from core.validators.limits import DEFAULT_LIMITS, Range
from playground.comfyui import ComfyUIServer
from tests.bot.conftest import Stage, done, failed, graph_of, inputs
from tests.bot.graphs import paint


def with_limits(**limits: Any) -> pytest.MarkDecorator:
    entry = {"file": "mine.json", "limits": limits}
    return pytest.mark.parametrize(
        "settings",
        [{"graphs": {"mine": paint()}, "only_graphs": True, "workflows": {"mine": entry}}],
        indirect=True,
    )


def ends_of(option_type: app_commands.Transformer) -> tuple[object, object]:
    return option_type.min_value, option_type.max_value


def option(stage: Stage, name: str) -> dict[str, Any]:
    command = next(command for command in stage.discord.commands if command["name"] == "generate")
    return next(each for each in command["options"] if each["name"] == name)


@pytest.mark.parametrize(
    ("kind", "ranges", "least", "most"),
    [
        (int, [(1, 50), (4, 100)], 1, 100),
        (float, [(1.0, 20.0)], 1.0, 20.0),
        (int, [(-(2**63), 2**64)], -(2**53) + 1, 2**53 - 1),
        (str, [(1, 500), (0, 9000)], 0, 6000),
        (str, [(-5, 0)], 0, 1),
        (int, [(2**60, 2**61)], 2**53 - 1, 2**53 - 1),
    ],
)
def test_the_widest_range_that_discord_can_express(kind: type, ranges: list, least: float, most: float) -> None:
    limits = [{"x": Range("x", "X", kind, *ends)} for ends in ranges]
    assert ends_of(span("x", kind, limits)) == (least, most)


def test_without_a_workflow_the_public_ranges_hold() -> None:
    steps = DEFAULT_LIMITS["steps"]
    assert ends_of(span("steps", int, [])) == (steps.min, steps.max)


@pytest.mark.integration
@with_limits(
    steps={"min": 1, "max": 2**60}, prompt={"min": 1, "max": 9000}, cfg={"min": -1e300, "max": 1e300}, seed={"max": 9}
)
async def test_ranges_wider_than_discords_are_cut_and_the_bot_starts(stage: Stage) -> None:
    assert option(stage, "steps")["max_value"] == 2**53 - 1
    assert option(stage, "prompt")["max_length"] == 6000
    await stage.picture(workflow="mine", steps=2)
    refused = await stage.generate(prompt="a fox", workflow="mine", seed=10)
    assert "Seed must be" in (await refused.until(failed)).text


@pytest.mark.integration
@with_limits(prompt={"min": 1, "max": 9000}, negative_prompt={"min": 0, "max": 9000}, steps={"min": 3, "max": 3})
async def test_a_form_over_wide_ranges_is_one_that_discord_takes(stage: Stage) -> None:
    form = await stage.form(prompt="x" * 5000)
    for label in ("Settings", "More settings"):
        opened = await (await stage.ada.click(form, label=label)).answered()
        assert opened.modal is not None
    await stage.ada.submit(opened, {"Negative prompt": "rain " * 700})
    await stage.ada.click(form, label="Generate")
    await stage.comfyui.wait_for(lambda: stage.comfyui.accepted)
    assert inputs(graph_of(stage), "CLIPTextEncode")["text"] == "x" * 5000


@pytest.mark.integration
@pytest.mark.parametrize("settings", [{"only_graphs": True}], indirect=True)
async def test_without_any_workflow_the_bot_runs_and_says_so(stage: Stage, png: bytes) -> None:
    for options in ({}, {"workflow": "flux_lora"}):
        reply = await stage.generate(prompt="a fox", **options)
        assert "No workflow can be used" in (await reply.until(failed)).text
        assert reply.response_type == 5
    choices = await stage.ada.autocomplete(stage.channel, "generate", focused="workflow", value="", prompt="x")
    assert choices == []
    await (await stage.ada.slash(stage.channel, "help")).until(lambda m: bool(m.embed))


@pytest.mark.integration
async def test_what_the_first_workflow_has_no_place_for_is_left_out_and_said_and_kept_for_another(
    stage: Stage,
) -> None:
    form = await stage.form(prompt="a fox", negative_prompt="rain")
    assert "Left out" in form.text
    assert "Negative prompt" in form.text
    assert "rain" not in form.text
    chosen = await stage.ada.select(form, "Workflow", ["HiDream I1"])
    form = await chosen.until(lambda m: "rain" in m.text)
    assert "Left out" not in form.text
    await (await stage.ada.click(form, label="Generate")).until(done)
    texts = [n["inputs"]["text"] for n in graph_of(stage).values() if n["class_type"] == "CLIPTextEncode"]
    assert "rain" in texts


@pytest.mark.integration
async def test_what_was_left_out_does_not_keep_the_form_from_generating(stage: Stage) -> None:
    form = await stage.form(prompt="a fox", negative_prompt="rain")
    await (await stage.ada.click(form, label="Generate")).until(done)


@pytest.mark.integration
async def test_a_strength_without_a_lora_is_refused_rather_than_ignored(stage: Stage) -> None:
    reply = await stage.generate(prompt="a fox", workflow="flux_lora", lora_strength=0.5)
    assert "needs a LoRA" in (await reply.until(failed)).text


@pytest.mark.integration
async def test_a_strength_from_the_command_holds_for_the_lora_of_the_form(stage: Stage, comfyui: ComfyUIServer) -> None:
    comfyui.set_models("loras", ["fox.safetensors"])
    form = await stage.form(prompt="a fox", lora_strength=0.5)
    form = await (await stage.ada.select(form, "LoRA", ["fox.safetensors"])).until(lambda m: "at 0.5" in m.text)
    opened = await (await stage.ada.click(form, label="More settings")).answered()
    form = await (await stage.ada.submit(opened, {"LoRA strength": "1,5"})).until(lambda m: "at 1.5" in m.text)
    await (await stage.ada.click(form, label="Generate")).until(done)
    assert inputs(graph_of(stage), "LoraLoaderModelOnly")["strength_model"] == 1.5


@pytest.mark.integration
async def test_an_emptied_setting_is_the_workflows_own_again(stage: Stage) -> None:
    form = await stage.form(prompt="a fox", steps=7)
    opened = await (await stage.ada.click(form, label="Settings")).answered()
    assert opened.modal is not None
    assert opened.modal.field("Steps").value == "7"
    form = await (await stage.ada.submit(opened, {"Steps": ""})).until(lambda m: "\n7\n" not in m.text)
    await (await stage.ada.click(form, label="Generate")).until(done)
    assert inputs(graph_of(stage), "KSampler")["steps"] == 20


@pytest.mark.integration
async def test_completion_does_not_wait_for_a_server_that_hangs(
    stage: Stage, comfyui: ComfyUIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.lists._PATIENCE", 0.05)
    gate = comfyui.pause_request("GET", "/models", every=True)
    assert await stage.ada.autocomplete(stage.channel, "generate", focused="lora", value="x", prompt="x") == []
    form = await stage.form(prompt="a fox")
    assert [select["placeholder"] for select in form.selects] == ["Workflow"]
    gate.release()
    monkeypatch.setattr("bot.lists._PATIENCE", 30.0)
    assert await stage.ada.autocomplete(stage.channel, "generate", focused="lora", value="", prompt="x")
