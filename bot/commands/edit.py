"""/editflux and /editqwen: change a picture by words, or make one out of several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.commands.pictures import register_action, run_action
from utils.language import phrase

if TYPE_CHECKING:
    from bot.client import ComfyUIBot

_PROMPT = phrase("what to change")


async def editflux_command_handler(
    bot: ComfyUIBot,
    interaction: discord.Interaction[Any],
    image: discord.Attachment,
    prompt: str,
    *more: discord.Attachment | None,
    private: bool = False,
    **values: Any,
) -> None:
    """Handle ``/editflux``; the workflow is chosen by the number of pictures.

    Args:
        more: further pictures, in their order.
        values: parameters of the workflow (steps, seed, …); None where the user gave none.
    """
    await run_action(bot, interaction, "editflux", (image, *more), prompt, values, private=private)


async def editqwen_command_handler(
    bot: ComfyUIBot,
    interaction: discord.Interaction[Any],
    image: discord.Attachment,
    prompt: str,
    *more: discord.Attachment | None,
    private: bool = False,
    **values: Any,
) -> None:
    """Handle ``/editqwen``, as `editflux_command_handler` does its own."""
    await run_action(bot, interaction, "editqwen", (image, *more), prompt, values, private=private)


def register(bot: ComfyUIBot) -> None:
    """Add the edits that a workflow is there for."""
    register_action(
        bot,
        "editflux",
        phrase("Edit with Flux: change a picture by words"),
        editflux_command_handler,
        prompt=_PROMPT,
        required=True,
    )
    register_action(
        bot,
        "editqwen",
        phrase("Edit with Qwen: change a picture by words"),
        editqwen_command_handler,
        prompt=_PROMPT,
        required=True,
    )
