"""/loras: the LoRA files on the server, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.choices import names_of
from bot.lists import words_of_loras
from bot.options import describe
from bot.target import acknowledge
from bot.ui import embeds
from bot.ui.pages import Pages
from utils.language import phrase

if TYPE_CHECKING:
    from bot.client import ComfyUIBot

PAGE = 20


async def loras_command_handler(
    bot: ComfyUIBot, interaction: discord.Interaction[Any], search: str | None = None
) -> None:
    """Handle ``/loras``: all LoRA files, or those that contain or resemble ``search``, with their words.

    The words are asked for page by page: each costs the server a look into a file.
    """
    await acknowledge(interaction)
    names = await bot.engine.catalog.loras()
    found = names_of(names).matches(search or "", limit=len(names))

    async def draw(page: int, pages: int) -> dict[str, Any]:
        shown = found[page * PAGE : (page + 1) * PAGE]
        words = await words_of_loras(bot, shown)
        return {"embed": embeds.loras(shown, words, page=page, pages=pages, total=len(found), search=search)}

    await Pages(interaction, len(found), PAGE, draw).open()


def register(bot: ComfyUIBot) -> None:
    @bot.tree.command(name="loras", description=phrase("The LoRAs that can be used"))
    @describe(search=phrase("a part of the name"))
    async def loras(
        interaction: discord.Interaction, search: discord.app_commands.Range[str, 1, 100] | None = None
    ) -> None:
        await loras_command_handler(bot, interaction, search)
