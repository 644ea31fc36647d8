"""/animate: set a picture in motion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.pictures import handler_of, register_action
from utils.language import phrase

if TYPE_CHECKING:
    from bot.client import ComfyUIBot

animate_command_handler = handler_of("animate")


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
