"""The catalogues as they are: what they say fits where it stands, on the way from a command to a result."""

from __future__ import annotations

import pytest

from bot.menus import MENUS
from playground.discord import Message, Upload
from tests.bot.conftest import Stage, done
from tests.bot.graphs import ACTIONS
from tests.bot.test_picture_commands import QWEN, shipped
from utils.language import LANGUAGES, told

pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize("settings", [{"graphs": {**ACTIONS, **shipped(*QWEN)}}], indirect=True, ids=[""]),
    pytest.mark.parametrize("locale", LANGUAGES),
]


def embedded(message: Message) -> bool:
    return bool(message.embeds)


async def test_from_the_form_to_a_result_and_all_its_forms(stage: Stage, locale: str, png: bytes) -> None:
    stage.comfyui.settings.sample = png
    stage.comfyui.set_models("loras", [f"{n}.safetensors" for n in range(60)])
    stage.ada.speak(locale)
    form = await stage.form(prompt="a fox", negative_prompt="a cat")
    named = {button["custom_id"].rpartition(":")[2]: button["custom_id"] for button in form.buttons}
    for name in ("prompt", "settings0", "files"):
        assert (await (await stage.ada.click(form, custom_id=named[name])).answered()).modal is not None
    result = await (await stage.ada.click(form, custom_id=named["generate"])).until(done)
    for button in result.buttons:
        if button["custom_id"].split(":")[2] in ("upscale", "editflux", "editqwen", "animate", "reword"):
            await (await stage.ada.click(result, custom_id=button["custom_id"])).answered()
    await stage.told()


async def test_lists_and_menus(stage: Stage, locale: str, png: bytes) -> None:
    stage.ada.speak(locale)
    await stage.picture()
    for name in ("queue", "history", "workflows", "loras", "status"):
        await (await stage.ada.slash(stage.channel, name)).until(embedded)
    assert told(MENUS["edit"].name, locale) != MENUS["edit"].name
    listed = await (await stage.ada.slash(stage.channel, "help")).until(embedded)
    assert all(told(menu.name, locale) in listed.text for menu in MENUS.values())
    picture = await stage.ada.say(stage.channel, "", Upload("x.png", png))
    for key in ("edit", "animate", "start"):
        opened = await (await stage.ada.context_menu(picture, MENUS[key].name)).answered()
        assert opened.modal is not None
