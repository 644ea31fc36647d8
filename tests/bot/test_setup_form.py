"""The form that /generate opens: what it offers, what it does, and whom it obeys."""

from __future__ import annotations

import pytest

from bot.ui.view import SetupView
from playground.comfyui import ComfyUIServer
from playground.discord import Message
from tests.bot.conftest import Stage, done, graph_of, inputs
from tests.bot.graphs import sound

pytestmark = pytest.mark.integration


def open_form(stage: Stage) -> SetupView:
    return next(form for form in stage.bot.open_forms.values() if isinstance(form, SetupView))


def labels(message: Message) -> list[str]:
    return [button["label"] for button in message.buttons]


async def test_generate_in_the_form_runs_it_in_the_same_message(stage: Stage) -> None:
    form = await stage.form(prompt="a red fox", steps=4)
    assert stage.comfyui.accepted == []
    assert "a red fox" in form.text
    click = await stage.ada.click(form, label="Generate")
    result = await click.until(done)
    assert result.id == form.id
    assert not result.selects
    assert inputs(graph_of(stage), "KSampler")["steps"] == 4


async def test_the_chosen_workflow_is_run(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    click = await stage.ada.select(form, "Workflow", ["HiDream I1"])
    form = await click.until(lambda m: "HiDream I1" in m.text)
    await (await stage.ada.click(form, label="Generate")).until(done)
    assert inputs(graph_of(stage), "UNETLoader")["unet_name"].startswith("hidream")


async def test_a_click_counts_while_the_form_is_changing(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    changing = stage.discord.faults.hold("POST", "/interactions/*")
    await stage.ada.select(form, "Workflow", ["HiDream I1"])
    await changing.reached()
    click = await stage.ada.click(form, label="Generate")
    await click.until(done)
    changing.release()
    assert inputs(graph_of(stage), "UNETLoader")["unet_name"].startswith("hidream")


async def test_the_chosen_lora_is_put_in_and_taken_out_again(stage: Stage, comfyui: ComfyUIServer) -> None:
    lora = "fox.safetensors"
    comfyui.set_models("loras", [lora])
    form = await stage.form(prompt="a fox")
    chosen = await (await stage.ada.select(form, "LoRA", [lora])).until(lambda m: f"{lora} at 1" in m.text)
    await (await stage.ada.select(chosen, "LoRA", ["No LoRA"])).until(lambda m: f"{lora} at 1" not in m.text)
    again = await (await stage.ada.select(form, "LoRA", [lora])).until(lambda m: f"{lora} at 1" in m.text)
    await (await stage.ada.click(again, label="Generate")).until(done)
    assert inputs(graph_of(stage), "LoraLoaderModelOnly")["lora_name"] == lora


async def test_more_than_25_loras_come_in_pages(stage: Stage, comfyui: ComfyUIServer) -> None:
    comfyui.set_models("loras", [f"style {n:03}.safetensors" for n in range(60)])
    form = await stage.form(prompt="a fox")
    select = form.component("LoRA (page 1 of 3)")
    assert len(select["options"]) == 25
    turned = await (await stage.ada.click(form, label="Next LoRAs")).until(
        lambda m: any(s["placeholder"] == "LoRA (page 2 of 3)" for s in m.selects)
    )
    chosen = await (await stage.ada.select(turned, "LoRA (page 2 of 3)", ["style 030.safetensors"])).until(
        lambda m: "style 030.safetensors at 1" in m.text
    )
    await (await stage.ada.click(chosen, label="Generate")).until(done)
    assert inputs(graph_of(stage), "LoraLoaderModelOnly")["lora_name"] == "style 030.safetensors"


async def test_a_server_without_loras_gives_a_form_without_that_select(stage: Stage, comfyui: ComfyUIServer) -> None:
    comfyui.set_models("loras", [])
    form = await stage.form(prompt="a fox")
    assert [select["placeholder"] for select in form.selects] == ["Workflow"]


async def test_settings_are_checked_kept_and_sent(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    opened = await (await stage.ada.click(form, label="Settings")).answered()
    assert {field.label for field in opened.modal.fields} == {"Width", "Height", "Steps", "Guidance", "Seed"}
    sent = await stage.ada.submit(opened, {"Width": "768", "Height": "512", "Steps": "6"})
    saved = await sent.until(lambda m: "768 × 512" in m.text)
    await (await stage.ada.click(saved, label="Generate")).until(done)
    assert inputs(graph_of(stage), "EmptySD3LatentImage")["width"] == 768
    assert inputs(graph_of(stage), "KSampler")["steps"] == 6


async def test_a_wrong_setting_is_explained_and_still_there_when_the_settings_open_again(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    opened = await (await stage.ada.click(form, label="Settings")).answered()
    sent = await stage.ada.submit(opened, {"Steps": "many", "Height": "512"})
    await sent.answered()
    assert sent.message is not None
    assert sent.message.ephemeral
    assert "Steps" in sent.message.text
    again = await (await stage.ada.click(form, label="Settings")).answered()
    assert again.modal.field("Steps").value == "many"
    assert again.modal.field("Height").value == "512"


async def test_only_its_author_can_use_it(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    click = await (await stage.discord.user("bob").click(form, label="Generate")).answered()
    assert click.message is not None
    assert click.message.ephemeral
    assert "somebody else" in click.message.text
    assert stage.comfyui.accepted == []


async def test_two_clicks_make_one_job(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    first = await stage.ada.click(form, label="Generate")
    second = await stage.ada.click(form, label="Generate")
    await first.until(done)
    await second.answered()
    assert len(stage.comfyui.accepted) == 1
    assert second.message is not None
    assert "closed" in second.message.text


async def test_cancel_closes_it(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    click = await stage.ada.click(form, label="Cancel")
    closed = await click.until(lambda m: "nothing was generated" in m.text)
    assert all(button["disabled"] for button in closed.buttons)
    assert all(select["disabled"] for select in closed.selects)


async def test_it_says_when_it_ran_out_and_switches_itself_off(stage: Stage) -> None:
    reply = await stage.generate(prompt="a fox")
    form = await reply.until(lambda m: bool(m.selects))
    await open_form(stage).on_timeout()
    closed = await reply.until(lambda m: "ran out" in m.text)
    assert all(button["disabled"] for button in closed.buttons)
    assert closed.id == form.id


async def test_opened_forms_count_nothing_against_the_limit(stage: Stage) -> None:
    for _ in range(3):
        await stage.form(prompt="a fox")
    assert stage.bot.rate_limiter.get_user_remaining(stage.ada.id) == stage.bot.config.security.per_user


SONG = {"file": "song.json", "bindings": {"lyrics": ("3.text",), "negative": ()}, "limits": {"lyrics": {"max": 6000}}}


@pytest.mark.parametrize(
    "settings", [{"graphs": {"song": sound()}, "only_graphs": True, "workflows": {"song": SONG}}], indirect=True
)
async def test_a_text_that_is_longer_than_a_field_is_whole_in_two(stage: Stage) -> None:
    lyrics = "la " * 1800 + "end"
    form = await stage.form(prompt="a song", lyrics=lyrics)
    pages = [label for label in labels(form) if "ettings" in label]
    clicks = [await (await stage.ada.click(form, label=label)).answered() for label in pages]
    (opened,) = [click for click in clicks if "Lyrics (2)" in str(click.modal)]
    assert all(len(click.modal.fields) <= 5 for click in clicks if click.modal)
    await (await stage.ada.submit(opened, {})).answered()
    await (await stage.ada.click(form, label="Generate")).until(done)
    assert lyrics in str(graph_of(stage))
