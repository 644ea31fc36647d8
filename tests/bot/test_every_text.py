"""Whoever reads another language reads nothing in English: every command, menu, button, form, list and error."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from playground.comfyui import ComfyUIServer
from playground.discord import Interaction, Message, Upload
from tests.bot.conftest import Stage, done, failed, settled
from tests.bot.graphs import ACTIONS, node, paint
from tests.bot.reader import Outside, read_in_german
from tests.bot.test_picture_commands import QWEN, shipped

pytestmark = pytest.mark.integration

LORAS = [f"style{n}.safetensors" for n in range(60)]
GRAPHS = {
    **ACTIONS,
    **shipped(*QWEN),
    "paint": paint(),
    "lacking": paint() | {"9": node("NobodyHasThis", images=["5", 0])},
    "broken": {"1": {"inputs": {}}},
}
with_all = pytest.mark.parametrize("settings", [{"graphs": GRAPHS, "comfyui": {"retries": 0}}], indirect=True)


@pytest.fixture
async def german(pseudo: Outside, stage: Stage, comfyui: ComfyUIServer) -> AsyncIterator[Stage]:
    """The stage, with people who read German."""
    comfyui.set_models("loras", LORAS)
    stats = await stage.bot.engine.client.get_system_stats()
    machine = [stats["system"]["comfyui_version"], *(d[name] for d in stats["devices"] for name in ("type", "name"))]
    async with read_in_german(stage, pseudo, "a fox", "a cat", "start.png", "style", *LORAS, *machine):
        yield stage


def embedded(message: Message) -> bool:
    return bool(message.embeds)


async def typed(stage: Stage, name: str, **options: Any) -> Message:
    return await (await stage.ada.slash(stage.channel, name, **options)).until(embedded)


async def said(interaction: Interaction) -> Message:
    """The sentence that an interaction was refused with."""
    return await interaction.until(failed)


@with_all
async def test_lists(german: Stage) -> None:
    await german.picture()
    for name in ("queue", "history", "workflows", "loras", "status", "help"):
        await typed(german, name)
    await typed(german, "loras", search="style1.")
    await typed(german, "loras", search="§§§")
    await typed(german, "history", user=german.discord.user("bob"))
    job = await german.told()
    await (await german.ada.slash(german.channel, "show", job=job.id)).until(done)


@with_all
async def test_pages(german: Stage) -> None:
    page = await typed(german, "loras")
    page = await (await german.ada.click(page, label="⟦Next⟧")).until(lambda m: m.embed != page.embed)
    await (await german.ada.click(page, label="⟦Previous⟧")).until(lambda m: m.embed != page.embed)


@with_all
async def test_the_form_of_generate(german: Stage, png: bytes) -> None:
    form = await german.form(prompt="a fox", negative_prompt="a cat")
    assert "⟦Left out" in form.text
    for button in form.buttons:
        label = button["label"]
        if label.startswith("⟦Settings") or label in ("⟦Prompt⟧", "⟦Files⟧"):
            opened = await (await german.ada.click(form, label=label)).answered()
            assert opened.modal is not None
    lora = next(select for select in form.selects if select["placeholder"].startswith("⟦LoRA"))
    form = await (await german.ada.select(form, lora["custom_id"], [LORAS[0]])).until(
        lambda m: f"{LORAS[0]}⟦" in m.text
    )
    turned = await german.ada.click(form, label="⟦Next LoRAs⟧")
    await turned.until(lambda m: m.components != form.components)
    chosen = await german.ada.select(form, "⟦Workflow⟧", ["Paint"])
    form = await chosen.until(lambda m: "⟦Left out" not in m.text)
    await (await german.ada.click(form, label="⟦Generate⟧")).until(done)


@with_all
async def test_a_form_that_is_cancelled_and_one_that_runs_out(german: Stage) -> None:
    form = await german.form(prompt="a fox")
    await (await german.ada.click(form, label="⟦Cancel⟧")).until(lambda m: "⟦Cancelled" in m.text)
    form = await german.form(prompt="a fox")
    for view in german.bot.open_forms.values():
        await view.on_timeout()
    assert "⟦This form ran out" in german.ada.sees(german.channel)[-1].text


@with_all
async def test_autocomplete(german: Stage) -> None:
    await german.picture()
    for option in ("workflow", "lora", "sampler"):
        assert await german.ada.autocomplete(german.channel, "generate", focused=option, value="", prompt="a fox")
    assert await german.ada.autocomplete(german.channel, "show", focused="job", value="")


@with_all
@pytest.mark.parametrize(
    "name", ["upscale", "editflux", "editqwen", "animate"], ids=["upscale", "editflux", "editqwen", "animate"]
)
async def test_commands_on_pictures(german: Stage, png: bytes, name: str) -> None:
    words = {} if name == "upscale" else {"prompt": "a cat"}
    await (await german.ada.slash(german.channel, name, image=Upload("start.png", png), **words)).until(done)


@with_all
async def test_buttons_of_a_result(german: Stage, png: bytes) -> None:
    german.comfyui.settings.sample = png
    result = await german.picture()
    for label in [button["label"] for button in result.buttons]:
        if label == "⟦Delete⟧":
            continue
        click = await (await german.ada.click(result, label=label)).answered()
        if click.modal is not None:
            fields = {field.custom_id for field in click.modal.fields}
            sent = await german.ada.submit(click, {"prompt": "a cat"} if "prompt" in fields else {})
            await sent.until(done)
        elif label == "⟦Use as start⟧":
            await click.until(lambda message: bool(message.selects))
        elif label == "⟦Info⟧":
            await click.until(embedded)
        else:
            await click.until(done)
    await german.told()
    await (await german.ada.click(result, label="⟦Delete⟧")).answered()


@with_all
async def test_several_pictures(german: Stage) -> None:
    result = await german.picture(workflow="paint", batch_size=3)
    chosen = await german.ada.select(result, result.selects[0]["custom_id"], ["2"])
    await chosen.until(lambda m: m.selects[0]["options"][2]["default"])


@with_all
async def test_menus(german: Stage, png: bytes) -> None:
    from bot.menus import MENUS

    german.comfyui.settings.sample = png
    files = [Upload("start.png", png), Upload("start.png", png)]
    one, two = [await german.discord.user("bob").say(german.channel, "", *files[:n]) for n in (1, 2)]
    for menu in MENUS.values():
        click = await (await german.ada.context_menu(one, menu.name)).answered()
        if click.modal is not None:
            sent = await german.ada.submit(click, {"prompt": "a cat"})
            await sent.until(lambda m: done(m) or bool(m.selects))
        else:
            await click.until(lambda m: done(m) or embedded(m))
        await settled()
    asked = await (await german.ada.context_menu(two, MENUS["info"].name)).answered()
    assert asked.message is not None
    await said(await german.ada.context_menu(await german.ada.say(german.channel, "x"), MENUS["edit"].name))


@with_all
async def test_what_is_under_way(german: Stage) -> None:
    gate = german.comfyui.pause("progress")
    first = await german.generate(prompt="a fox", workflow="flux_lora")
    await gate.reached()
    second = await german.generate(prompt="a fox", workflow="flux_lora", seed=2)
    await second.until(lambda m: bool(m.buttons))
    await typed(german, "queue")
    await said(await german.ada.slash(german.channel, "cancel"))
    job = await german.job(0)
    await said(await german.ada.slash(german.channel, "show", job=job.id))
    assert await german.ada.autocomplete(german.channel, "cancel", focused="job", value="")
    shown = await first.until(lambda m: bool(m.buttons))
    other = await german.discord.user("bob").click(shown, label="⟦Cancel⟧")
    await other.answered()
    await german.ada.click(shown, label="⟦Cancel⟧")
    await first.until(lambda m: not m.buttons)
    gate.release()
    await second.until(done)
    await typed(german, "history")


@with_all
async def test_a_job_that_is_lost_and_asked_for_again(german: Stage) -> None:
    gate = german.comfyui.pause("progress")
    reply = await german.generate(prompt="a fox", workflow="flux_lora", seed=7)
    await gate.reached()
    await german.comfyui.kill()
    await typed(german, "queue")
    await typed(german, "status")
    await said(await german.generate(prompt="a fox", workflow="flux_lora"))
    await german.comfyui.revive()
    message = await reply.until(failed)
    await german.told()
    await typed(german, "history")
    await (await german.ada.click(message, label="⟦Retry⟧")).until(done)
