"""/editflux and /editqwen: change a picture by words, or make one out of several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.pictures import handler_of, register_action
from utils.language import phrase

if TYPE_CHECKING:
    from bot.client import ComfyUIBot

_PROMPT = phrase("what to change")

editflux_command_handler = handler_of("editflux")
editqwen_command_handler = handler_of("editqwen")


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
