"""/upscale: make a picture larger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.pictures import handler_of, register_action
from utils.language import phrase

if TYPE_CHECKING:
    from bot.client import ComfyUIBot

upscale_command_handler = handler_of("upscale")


def register(bot: ComfyUIBot) -> None:
    """Add the command when a workflow is there for it."""
    register_action(
        bot,
        "upscale",
        phrase("Make a picture larger"),
        upscale_command_handler,
        prompt=phrase("what the picture shows, for workflows that add detail"),
        required=False,
    )
