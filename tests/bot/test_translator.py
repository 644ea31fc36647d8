"""Commands in every language: as Discord is told of them, and within its limits."""

from __future__ import annotations

from gettext import NullTranslations
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.actions import ACTIONS
from bot.client import ComfyUIBot
from bot.commands import register
from bot.draft import LORA, WORKFLOW
from bot.menus import MENUS
from bot.reference import shipped
from bot.translator import PhraseTranslator
from bot.ui import lora_select, modals, view, words
from bot.ui.buttons import CancelButton, RetryButton
from bot.ui.result import RESULT_BUTTONS
from core.comfyui.workflows.library import open_library
from core.engine import Engine
from core.validators.words import LABELS
from tests.bot.conftest import Stage
from utils.language import LANGUAGES, catalogues, told

#: Characters of a command's texts and of its options', in the language in which they are longest.
_WHOLE = 8000
_SLASH, _MENU = 1, 3

Texts = dict[str, str]


@pytest.fixture
async def commands(tmp_path: Path) -> list[dict[str, Any]]:
    """The commands with all shipped workflows, as Discord is told of them, in the languages as they are."""
    config = shipped(str(tmp_path))
    bot = ComfyUIBot(config)
    async with open_library(config) as (_, library):
        bot.engine = cast("Engine", SimpleNamespace(library=library, workflows=library.workflows))
        await bot.tree.set_translator(PhraseTranslator())
        register(bot)
        return await bot._payload()


def spoken(part: dict[str, Any], name: str) -> Texts:
    """A text in every language."""
    return {"en-US": part.get(name, ""), **(part.get(f"{name}_localizations") or {})}


def parts(commands: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [part for command in commands for part in (command, *command.get("options", ()))]


async def test_no_text_of_a_command_is_too_long(commands: list[dict[str, Any]]) -> None:
    names = [text for command in commands for text in spoken(command, "name").values() if len(text) > 32]
    abouts = [text for part in parts(commands) for text in spoken(part, "description").values() if len(text) > 100]
    assert (names, abouts) == ([], [])


async def test_no_command_is_too_long_as_a_whole(commands: list[dict[str, Any]]) -> None:
    long = {}
    for command in commands:
        each = [command, *command.get("options", ())]
        each += [choice for option in command.get("options", ()) for choice in option.get("choices", ())]
        texts = [spoken(part, name) for part in each for name in ("name", "description")]
        long[command["name"]] = sum(max(map(len, text.values())) for text in texts)
    assert {name: size for name, size in long.items() if size > _WHOLE} == {}
    assert len(long) == len(commands) > len(MENUS)


async def test_names_of_menus_are_told_apart_in_every_language(commands: list[dict[str, Any]]) -> None:
    menus = [spoken(command, "name") for command in commands if command["type"] == _MENU]
    assert len(menus) == len(MENUS)
    for locale in LANGUAGES:
        assert len({menu.get(locale, menu["en-US"]) for menu in menus}) == len(menus)


@pytest.mark.parametrize("locale", LANGUAGES)
def test_nothing_is_clipped_on_a_button_or_in_a_form(locale: str) -> None:
    buttons = [getattr(button, "label", "") for button in (*RESULT_BUTTONS, CancelButton, RetryButton)]
    buttons += [words.GENERATE, words.PROMPT, *view.TURN_WORKFLOWS, *lora_select.TURN_LORAS]
    titles = [*(action.title for action in ACTIONS.values()), modals.REWORD, words.PROMPT]
    labels = [*LABELS.values(), *(place for places in modals.PLACES.values() for place in places), modals.MORE_PICTURES]
    placeholders = [WORKFLOW, LORA]
    limits = ((buttons, 80), (titles, 45), (labels, 45 - len(" (2)")), (placeholders, 100))
    assert [text for texts, most in limits for text in texts if len(told(text, locale)) > most] == []


@pytest.mark.integration
@pytest.mark.usefixtures("pseudo")
async def test_commands_are_told_in_every_language(stage: Stage) -> None:
    commands = {command["name"]: command for command in stage.discord.commands}
    generate = commands["generate"]
    assert generate["description_localizations"] == dict.fromkeys(LANGUAGES, "⟦Make a picture from words⟧")
    assert commands["Image info"]["name_localizations"] == dict.fromkeys(LANGUAGES, "⟦Image info⟧")
    typed = [command for command in commands.values() if command["type"] == _SLASH]
    assert [
        one["name"] for one in parts(typed) if one["description_localizations"]["ja"] != f"⟦{one['description']}⟧"
    ] == []
    assert [one["name"] for one in parts(typed) if one.get("name_localizations")] == []


@pytest.mark.integration
async def test_discord_is_told_of_them_anew_when_a_translation_is_another(
    pseudo: object, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = stage.discord.commands[0]["version"]
    await stage.bot._follow_workflows()
    assert stage.discord.commands[0]["version"] == version

    class Other(NullTranslations):
        def gettext(self, message: str) -> str:
            return message.upper()

    monkeypatch.setattr(catalogues, "catalogue", lambda language: Other())
    await stage.bot._follow_workflows()
    assert stage.discord.commands[0]["version"] != version
    generate = next(command for command in stage.discord.commands if command["name"] == "generate")
    assert generate["description_localizations"]["de"] == "MAKE A PICTURE FROM WORDS"
