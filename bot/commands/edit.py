"""/editflux and /editqwen: change a picture by words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import discord

from bot.actions import ACTIONS, Action, start, workflow_for
from bot.attachments import check_files
from bot.options import Option, make_command, setting, span, values_in
from bot.target import acknowledge

if TYPE_CHECKING:
    from bot.client import ComfyUIBot

Handler = Callable[..., Awaitable[None]]

_ASKED = ("steps", "seed")


async def editflux_command_handler(
    bot: ComfyUIBot, interaction: discord.Interaction[Any], image: discord.Attachment, prompt: str, **values: Any
) -> None:
    """Handle ``/editflux``; ``values`` are parameters of its workflow, None where the user gave none."""
    await _edit(bot, interaction, ACTIONS["editflux"], image, prompt, values)


async def editqwen_command_handler(
    bot: ComfyUIBot, interaction: discord.Interaction[Any], image: discord.Attachment, prompt: str, **values: Any
) -> None:
    """Handle ``/editqwen``, as `editflux_command_handler` does its own."""
    await _edit(bot, interaction, ACTIONS["editqwen"], image, prompt, values)


async def _edit(
    bot: ComfyUIBot,
    interaction: discord.Interaction[Any],
    action: Action,
    image: discord.Attachment,
    prompt: str,
    values: dict[str, Any],
) -> None:
    await acknowledge(interaction)
    check_files(bot, {"images": [image]})
    chosen = {name: value for name, value in values.items() if value is not None}
    await start(interaction, action, image, prompt=prompt, values=chosen)


def register(bot: ComfyUIBot) -> None:
    """Add the edits that a workflow is there for, with the options that it has."""
    for name, handler in (("editflux", editflux_command_handler), ("editqwen", editqwen_command_handler)):
        workflow = workflow_for(bot, ACTIONS[name])
        if workflow is None:
            continue
        options = [
            Option("image", "the picture to change", discord.Attachment, required=True),
            Option("prompt", "what to change", span("prompt", str, [workflow.limits]), required=True),
            *(option for name in _ASKED if (option := setting(name, [workflow])) is not None),
        ]
        title = ACTIONS[name].title
        bot.tree.add_command(make_command(name, f"{title}: change a picture by words", _runner(bot, handler), options))


def _runner(bot: ComfyUIBot, handler: Handler) -> Handler:
    async def run(interaction: discord.Interaction[Any], **given: Any) -> None:
        values = values_in(given)
        await handler(bot, interaction, **given, **values)

    return run
