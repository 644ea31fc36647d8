"""Whatever is refused is refused in the language of whoever asked for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from playground.discord import Interaction, Message, Upload
from tests.bot.conftest import Stage, done, failed
from tests.bot.graphs import ACTIONS, node, paint, upscale
from tests.bot.reader import Outside, read_in_german

pytestmark = pytest.mark.integration

WORDS = ("a fox", "a cat", "notthere", "flux", "style.safetensors", "NotThere")
VALUES = (*WORDS, "bmp", "gif", "jpeg", "jpg", "png", "webp")


@pytest.fixture
async def german(pseudo: Outside, stage: Stage) -> AsyncIterator[Stage]:
    """The stage, with people who read German."""
    stage.comfyui.set_models("loras", ["style.safetensors"])
    async with read_in_german(stage, pseudo, *VALUES):
        yield stage


async def refused(interaction: Interaction) -> Message:
    """The sentence, wherever it stands."""

    def found() -> Message | None:
        shown = [message for message in (interaction.message, *interaction.followups) if message is not None]
        return next((message for message in shown if failed(message)), None)

    message = await interaction.world.pulse.until(found, 5, lambda: f"no error: {interaction.message}")
    assert message is not None
    assert "⟦" in message.text
    return message


@pytest.mark.parametrize(
    "options",
    [
        {"workflow": "notthere"},
        {"workflow": "flux"},
        {"lora": "notthere", "workflow": "flux_lora"},
        {"lora": "style, style", "workflow": "flux_lora"},
        {"lora": ",".join("abcdefghijk"), "workflow": "flux_lora"},
        {"lora_strength": 1.0, "workflow": "flux_lora"},
        {"width": 513, "workflow": "flux_lora"},
        {"sampler": "notthere", "workflow": "flux_lora"},
        {"negative_prompt": "a cat", "workflow": "flux_lora"},
        {"image": Upload("x.png", b""), "workflow": "hidream_lora"},
        {"image": Upload("x.txt", b"x"), "workflow": "hidream_lora"},
        {"image": Upload("x.png", b"x"), "workflow": "hidream_lora"},
        {"workflow": "lacking"},
    ],
    ids=lambda options: "-".join(options),
)
@pytest.mark.parametrize(
    "settings",
    [{"graphs": {**ACTIONS, "lacking": paint() | {"9": node("NotThere", images=["5", 0])}}}],
    indirect=True,
    ids=[""],
)
async def test_generate(german: Stage, options: dict[str, Any]) -> None:
    await refused(await german.generate(prompt="a fox", **options))


async def test_names_of_jobs(german: Stage) -> None:
    await german.picture()
    job = await german.told()
    await refused(await german.ada.slash(german.channel, "show", job="notthere"))
    await refused(await german.ada.slash(german.channel, "cancel"))
    done_already = await german.ada.slash(german.channel, "cancel", job=job.id)
    await done_already.until(lambda message: bool(message.embeds))
    await refused(await german.ada.slash(german.ada.dm, "history", user=german.discord.user("bob")))


@pytest.mark.parametrize("settings", [{"security": {"per_user": 1}}], indirect=True)
async def test_too_many(german: Stage) -> None:
    await german.picture()
    await refused(await german.generate(prompt="a fox", workflow="flux_lora"))


async def test_what_is_somebody_elses(german: Stage) -> None:
    bob = german.discord.user("bob")
    form = await german.form(prompt="a fox")
    await refused(await bob.click(form, label="⟦Generate⟧"))
    result = await german.picture()
    await german.told()
    await refused(await bob.click(result, label="⟦Delete⟧"))


@pytest.mark.parametrize("settings", [{"security": {"buttons": "author"}, "graphs": ACTIONS}], indirect=True)
async def test_what_is_its_authors(german: Stage, png: bytes) -> None:
    german.comfyui.settings.sample = png
    result = await german.picture()
    await german.told()
    bob = german.discord.user("bob")
    await refused(await bob.click(result, label="⟦Reroll⟧"))
    for name in ("Upscale image", "Edit image…", "Animate image…", "Use as start…"):
        await refused(await bob.context_menu(result, name))


@pytest.mark.parametrize("settings", [{"graphs": {"upscale": upscale()}}], indirect=True)
async def test_forms_that_are_over(german: Stage) -> None:
    form = await german.form(prompt="a fox")
    opened = await (await german.ada.click(form, label="⟦Prompt⟧")).answered()
    for view in list(german.bot.open_forms.values()):
        view.stop()
    await refused(await german.ada.click(form, label="⟦Generate⟧"))
    await refused(await german.ada.submit(opened, {}))


async def test_a_form_without_words(german: Stage) -> None:
    form = await german.form(prompt=" ")
    await refused(await german.ada.click(form, label="⟦Generate⟧"))


async def test_a_bot_that_leaves(german: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    result = await german.picture()
    await german.told()
    monkeypatch.setattr(type(german.bot), "closing", True)
    await refused(await german.ada.slash(german.channel, "queue"))
    await refused(await german.ada.click(result, label="⟦Info⟧"))


async def test_a_server_that_is_away_leaves_the_form_as_it_was(german: Stage) -> None:
    form = await german.form(prompt="a fox", steps=3)
    await german.comfyui.kill()
    click = await german.ada.click(form, label="⟦Generate⟧")
    sentence = await refused(click)
    assert sentence.ephemeral
    await german.comfyui.revive()
    again = await click.until(lambda message: bool(message.selects) and message.id == form.id)
    await (await german.ada.click(again, label="⟦Generate⟧")).until(done)
    assert (await german.told()).request.parameters.steps == 3
