"""The page of all commands, made from the command tree: ``python -m bot.reference > docs/commands.md``."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from bot.client import ComfyUIBot
from bot.commands import register
from bot.menus import MENUS
from config.models import BotConfig

if TYPE_CHECKING:
    from bot.ui.buttons import DurableButton
    from core.engine import Engine

ROOT = Path(__file__).parents[1]
_INTRO = """# Commands

<!-- Made by `python -m bot.reference`. -->

With all shipped workflows, before ComfyUI has said what it takes. Options and ranges are those of the workflows that
are there, the widest that any of them takes; what no workflow can do is not offered. A workflow's own ranges hold when
it is used. Discord takes 25 options a command: where `/generate` has more, with workflows of every kind, `fps`,
`sampler` and `scheduler` are the first to be in its form only.
"""
_MENUS = """## On a message with a picture

In its menu, under "Apps". Of several pictures one is chosen.

| entry | what it does |
|---|---|"""
_BUTTONS = """
## Below a job

Only what the workflows of now can do. They work after a restart of the bot, and on old messages.

| button | what it does |
|---|---|"""
_SLASH, _MESSAGE = 1, 3
#: Discord's numbers for what an option takes.
_KINDS = {3: "text", 4: "whole number", 5: "yes or no", 6: "user", 10: "number", 11: "file"}
_PLACES = {0: "servers", 1: "direct messages with the bot", 2: "other direct messages"}


async def reference(config: BotConfig) -> str:
    """The whole page as Markdown, with every workflow of ``config`` that can be read."""
    from bot.ui.buttons import CancelButton, RetryButton
    from bot.ui.result import RESULT_BUTTONS
    from core.comfyui.workflows.library import open_library

    bot = ComfyUIBot(config)
    async with open_library(config) as (_, library):
        bot.engine = cast("Engine", SimpleNamespace(library=library, workflows=library.workflows))
        register(bot)
    commands = [command.to_dict(bot.tree) for command in bot.tree.get_commands()]
    lines = [_INTRO]
    for command in commands:
        if command["type"] == _SLASH:
            lines += _command(command)
    offered = {command["name"] for command in commands if command["type"] == _MESSAGE}
    lines += [_MENUS, *(f"| {menu.name} | {menu.about} |" for menu in MENUS.values() if menu.name in offered)]
    return "\n".join([*lines, _BUTTONS, *map(_button, (*RESULT_BUTTONS, CancelButton, RetryButton))]) + "\n"


def _command(command: Mapping[str, Any]) -> Iterator[str]:
    yield f"## /{command['name']}\n"
    yield f"{command['description']}. Works in {_places(command.get('contexts'))}.\n"
    if options := command.get("options"):
        yield "| option | takes | range | what it is |"
        yield "|---|---|---|---|"
        for option in options:
            yield _option(option)
        yield ""


def _places(contexts: Sequence[int] | None) -> str:
    named = [_PLACES[context] for context in ((0, 1) if contexts is None else contexts)]
    return " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)


def _option(option: Mapping[str, Any]) -> str:
    name = f"`{option['name']}`" + (" (required)" if option.get("required") else "")
    kind = _KINDS[option["type"]] + (", with suggestions" if option.get("autocomplete") else "")
    about = option["description"].replace("|", "\\|")
    return f"| {name} | {kind} | {_range(option)} | {about} |"


def _range(option: Mapping[str, Any]) -> str:
    if choices := option.get("choices"):
        return ", ".join(choice["name"] for choice in choices)
    if "max_length" in option:
        return f"{option.get('min_length', 0)} to {option['max_length']} characters"
    return f"{option['min_value']:g} to {_number(option['max_value'])}" if "max_value" in option else ""


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:g}"


def _button(button: type[DurableButton]) -> str:
    made: Any = button("0" * 36)  # pyright: ignore[reportCallIssue, reportArgumentType] - of a job
    about = (button.__doc__ or "").partition("\n")[0]
    return f"| {made.item.label} | {about} |"


def shipped(data: str) -> BotConfig:
    """The configuration as it is shipped, with all workflows that are; ``data`` is an empty folder."""
    config = BotConfig.model_validate_json((ROOT / "config.json").read_bytes())
    storage = config.storage.model_copy(update={"workflows": str(ROOT / "workflows"), "data": data})
    return config.model_copy(update={"storage": storage})


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        print(asyncio.run(reference(shipped(folder))), end="")
