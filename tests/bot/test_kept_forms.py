"""Forms that were open when the bot ended: they go on where they were, once, until they run out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.ui.view import SetupView
from core.jobs.models import Form
from playground.comfyui import ComfyUIServer
from playground.discord import Interaction, Message, Upload
from tests.bot.conftest import Logged, Stage, done, full_disk, graph_of, inputs, settled

pytestmark = pytest.mark.integration


async def restart(stage: Stage) -> None:
    await settled()
    await stage.stop()
    await stage.start()


async def kept(stage: Stage) -> list[Form]:
    return await stage.bot.engine.jobs.store.forms()


async def refused(click: Interaction) -> str:
    await click.answered()
    assert click.message is not None
    assert click.message.ephemeral
    return click.message.text


def view(stage: Stage) -> SetupView:
    (found,) = (form for form in stage.bot.open_forms.values() if isinstance(form, SetupView))
    return found


async def test_what_was_chosen_is_there_after_a_restart(stage: Stage, comfyui: ComfyUIServer, png: bytes) -> None:
    comfyui.set_models("loras", ["fox.safetensors"])
    form = await stage.form(prompt="a fox", image=Upload("start.png", png), steps=3)
    chosen = await stage.ada.select(form, "LoRA", ["fox.safetensors"])
    form = await chosen.until(lambda m: "fox.safetensors at 1" in m.text)
    await restart(stage)
    result = await (await stage.ada.click(form, label="Generate")).until(done)
    assert result.id == form.id
    graph = graph_of(stage)
    assert inputs(graph, "LoraLoaderModelOnly")["lora_name"] == "fox.safetensors"
    assert inputs(graph, "CLIPTextEncode")["text"] == "a fox"
    assert inputs(graph, "KSampler")["steps"] == 3
    assert (comfyui.input_dir / inputs(graph, "LoadImage")["image"]).read_bytes() == png
    assert await kept(stage) == []


async def test_every_control_works_after_a_restart(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    await restart(stage)
    form = await (await stage.ada.select(form, "Workflow", ["HiDream I1"])).until(lambda m: "HiDream I1" in m.text)
    opened = await (await stage.ada.click(form, label="Settings")).answered()
    await restart(stage)
    form = await (await stage.ada.submit(opened, {"Steps": "6"})).until(lambda m: "6" in m.text)
    assert "HiDream I1" in form.text
    await restart(stage)
    click = await stage.ada.click(form, label="Cancel")
    await click.until(lambda m: "nothing was generated" in m.text)
    await settled()
    assert await kept(stage) == []
    assert stage.comfyui.accepted == []


async def test_files_that_are_sent_after_a_restart_arrive(stage: Stage, png: bytes) -> None:
    form = await stage.form(prompt="a fox")
    opened = await (await stage.ada.click(form, label="Files")).answered()
    await restart(stage)
    await stage.ada.submit(opened, {"Picture": Upload("a.png", png)})
    form = await stage.channel.until(lambda m: m.id == form.id and "1 picture" in m.text)
    await restart(stage)
    await (await stage.ada.click(form, label="Generate")).until(done)
    assert (stage.comfyui.input_dir / inputs(graph_of(stage), "LoadImage")["image"]).read_bytes() == png


async def test_it_obeys_its_author_alone_after_a_restart(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    opened = await (await stage.ada.click(form, label="Settings")).answered()
    await restart(stage)
    bob = stage.discord.user("bob")
    assert "somebody else" in await refused(await bob.click(form, label="Generate"))
    opened.user = bob
    assert "somebody else" in await refused(await bob.submit(opened, {"Steps": "6"}))
    await (await stage.ada.click(form, label="Generate")).until(done)
    assert len(stage.comfyui.accepted) == 1


async def test_two_clicks_right_after_a_restart_make_one_job(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    await restart(stage)
    first, second = [await stage.ada.click(form, label="Generate") for _ in range(2)]
    await first.until(done)
    assert "closed" in await refused(second)
    assert len(stage.comfyui.accepted) == 1


async def test_one_that_was_used_before_a_restart_is_closed_after_it(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    gate = stage.comfyui.pause("progress")
    editing = stage.discord.faults.hold("PATCH", "/webhooks/*")  # the message shows the form still
    click = await stage.ada.click(form, label="Generate")
    await gate.reached()
    stopping = stage.stop()
    editing.release()
    await stopping
    await stage.start()
    again = (
        await stage.ada.click(form, custom_id=form.component("Generate")["custom_id"])
        if form_stands(stage, form)
        else None
    )
    gate.release()
    await click.until(done)
    await stage.told()
    assert again is None or "closed" in await refused(again)
    assert len(stage.comfyui.accepted) == 1


def form_stands(stage: Stage, form: Message) -> bool:
    now = stage.discord.message(form.id)
    return now is not None and bool(now.selects)


async def test_the_time_that_was_left_is_left_after_a_restart(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    await restart(stage)
    timeout = view(stage).timeout
    assert timeout is not None
    assert 0 < timeout < stage.config.generation.setup_timeout
    await view(stage).on_timeout()
    now = stage.discord.message(form.id)
    assert now is not None
    assert "ran out" in now.text
    assert all(control["disabled"] for control in (*now.buttons, *now.selects))
    assert await kept(stage) == []


async def test_one_that_ran_out_while_no_bot_was_there_is_closed_by_the_next(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    await settled()
    (known,) = await kept(stage)
    past = Form(known.token, known.owner, known.content, datetime.now(UTC) - timedelta(seconds=1))
    await stage.bot.engine.jobs.store.keep_form(past)
    stage.discord.clock.advance(20 * 60)
    await restart(stage)
    closed = await stage.channel.until(lambda m: "ran out" in m.text)
    assert closed.id == form.id
    assert "closed" in await refused_by_id(stage, form)
    assert await kept(stage) == []


async def refused_by_id(stage: Stage, form: Message) -> str:
    """What a click says that was on its way when the controls were switched off."""
    current = stage.discord.message(form.id)
    assert current is not None
    stage.discord.world.edit(replace(current, components=form.components))
    return await refused(await stage.ada.click(form, label="Generate"))


async def test_a_workflow_that_is_gone_after_a_restart_gives_way_to_another(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    await settled()
    (stage.outputs.parent / "workflows" / "flux_lora.json").unlink()
    await restart(stage)
    await (await stage.ada.click(form, label="Generate")).until(done)
    assert inputs(graph_of(stage), "UNETLoader")["unet_name"].startswith("hidream")


@pytest.mark.parametrize("content", [{}, {"origin": {}, "draft": {}, "parent": None}, {"origin": [], "draft": 1}])
async def test_one_of_another_version_is_forgotten(stage: Stage, logged: Logged, content: dict[str, Any]) -> None:
    form = Form("a" * 32, stage.ada.id, content, datetime.now(UTC) + timedelta(minutes=5))
    await stage.bot.engine.jobs.store.keep_form(form)
    await restart(stage)
    assert len(logged("form of another version")) == 1
    assert await kept(stage) == []


async def test_a_form_that_is_not_kept_works_in_this_process(
    stage: Stage, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage.bot.engine.jobs.store, "keep_form", full_disk)
    form = await stage.form(prompt="a fox")
    await (await stage.ada.click(form, label="Generate")).until(done)
    assert [entry["detail"] for entry in logged("form not kept")] == ["SQLITE_FULL"]


async def test_a_store_that_does_not_work_costs_nothing_of_what_was_chosen(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = await stage.form(prompt="a fox", steps=3)
    await settled()
    with monkeypatch.context() as broken:
        broken.setattr(stage.bot.engine.jobs.store, "drop_form", full_disk)
        click = await stage.ada.click(form, label="Generate")
        await stage.discord.until(lambda: bool(click.followups))
    assert "The disk is full." in click.followups[0].text
    await settled()
    assert len(await kept(stage)) == 1
    assert (await (await stage.ada.click(form, label="Generate")).until(done)).id == form.id
    assert inputs(graph_of(stage), "KSampler")["steps"] == 3
    assert await kept(stage) == []


async def test_a_list_that_is_another_one_after_a_restart_is_shown_anew(stage: Stage, comfyui: ComfyUIServer) -> None:
    comfyui.set_models("loras", ["cat.safetensors", "fox.safetensors", "owl.safetensors"])
    form = await stage.form(prompt="a fox")
    await settled()
    await stage.stop()
    comfyui.set_models("loras", ["cat.safetensors", "hen.safetensors"])
    await stage.start()
    for stale in ("fox.safetensors", "owl.safetensors"):
        click = await stage.ada.select(form, "LoRA", [stale])
        shown = await click.until(lambda m: "hen.safetensors" in str(m.selects))
        assert "at 1" not in shown.text
        await settled()
        assert "choose again" in click.followups[0].text
        stage.discord.world.edit(replace(shown, components=form.components))  # another of their screens shows it still
