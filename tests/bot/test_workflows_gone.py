"""Workflows that went, changed or broke between two steps of a user."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from playground.comfyui import ComfyUIServer
from playground.discord import Upload
from tests.bot.conftest import Stage, done, failed, graph_of
from tests.bot.graphs import paint, upscale

pytestmark = pytest.mark.integration


async def test_a_form_whose_workflow_went_stays_open_for_another(stage: Stage, workflows: Path) -> None:
    (workflows / "mine.json").write_bytes(orjson.dumps(paint()))
    form = await stage.form(prompt="a fox")
    await (await stage.ada.select(form, "Workflow", ["Mine"])).until(lambda m: "Mine" in m.text)
    (workflows / "mine.json").unlink()
    refused = await (await stage.ada.click(form, label="Generate")).answered()
    assert refused.message is not None
    assert 'There is no workflow "mine"' in refused.message.text
    await (await stage.ada.select(form, "Workflow", ["HiDream I1"])).until(lambda m: "HiDream I1" in m.text)
    await (await stage.ada.click(form, label="Generate")).until(done)
    assert graph_of(stage)


async def test_a_form_whose_workflow_became_another_is_checked_by_that(
    stage: Stage, workflows: Path, comfyui: ComfyUIServer
) -> None:
    (workflows / "mine.json").write_bytes(orjson.dumps(paint()))
    form = await stage.form(prompt="a fox")
    await (await stage.ada.select(form, "Workflow", ["Mine"])).until(lambda m: "Mine" in m.text)
    (workflows / "mine.json").write_bytes(orjson.dumps(upscale()))
    refused = await (await stage.ada.click(form, label="Generate")).answered()
    assert refused.message is not None
    assert refused.message.ephemeral
    assert 'The workflow "Mine" takes no words' in refused.message.text
    assert comfyui.accepted == []


async def test_a_form_opens_although_its_workflow_went_while_a_picture_was_on_its_way(
    stage: Stage, workflows: Path, comfyui: ComfyUIServer, png: bytes
) -> None:
    gate = comfyui.pause_request("POST", "/upload/image")
    reply = await stage.generate(prompt="a fox", image=Upload("fox.png", png))
    await gate.reached()
    (workflows / "flux_lora.json").unlink()
    gate.release()
    form = await reply.until(lambda m: bool(m.selects))
    assert "HiDream I1" in form.text


async def test_a_form_ends_where_no_workflow_can_run_any_more(stage: Stage, comfyui: ComfyUIServer) -> None:
    form = await stage.form(prompt="a fox")
    comfyui.set_models("vae", ["another.safetensors"])
    ended = await (await stage.ada.click(form, label="Generate")).until(failed)
    assert ended.id == form.id
    assert "ae.safetensors" in ended.text
    assert not ended.buttons


async def test_a_workflow_that_cannot_be_read_is_not_said_to_be_absent(stage: Stage, workflows: Path) -> None:
    (workflows / "mine.json").write_text("{")
    refused = await (await stage.generate(prompt="a fox", workflow="mine")).until(failed)
    assert "The file mine.json is not valid JSON" in refused.text
