"""/animate: set a picture in motion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.commands.pictures import register_action, run_action
from utils.language import phrase

if TYPE_CHECKING:
    from bot.client import ComfyUIBot


async def animate_command_handler(
    bot: ComfyUIBot,
    interaction: discord.Interaction[Any],
    image: discord.Attachment,
    prompt: str | None = None,
    *more: discord.Attachment | None,
    private: bool = False,
    **values: Any,
) -> None:
    """Handle ``/animate``; ``values`` are parameters of its workflow, None where the user gave none."""
    await run_action(bot, interaction, "animate", (image, *more), prompt, values, private=private)


def register(bot: ComfyUIBot) -> None:
    """Add the command when a workflow is there for it."""
    register_action(
        bot,
        "animate",
        phrase("Make a video of a picture"),
        animate_command_handler,
        prompt=phrase("what is to happen"),
        required=False,
    )
