"""One command a file; this is the whole list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import menus
from bot.commands import (
    animate,
    cancel,
    edit,
    generate,
    help,
    history,
    loras,
    queue,
    show,
    status,
    upscale,
    workflows,
)

if TYPE_CHECKING:
    from bot.client import ComfyUIBot


def register(bot: ComfyUIBot) -> None:
    """Put every command into the bot's tree, with the options that the workflows of now have.

    Those that work on pictures are there when a workflow for them is.
    """
    generate.register(bot)
    edit.register(bot)
    upscale.register(bot)
    animate.register(bot)
    queue.register(bot)
    cancel.register(bot)
    history.register(bot)
    show.register(bot)
    workflows.register(bot)
    loras.register(bot)
    status.register(bot)
    help.register(bot)
    menus.register(bot)
