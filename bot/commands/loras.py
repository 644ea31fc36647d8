"""/loras: the LoRA files on the server, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.choices import best_matches
from bot.target import JobMessage
from bot.ui import embeds
from bot.ui.base import BaseView
from bot.ui.buttons import BaseButton

if TYPE_CHECKING:
    from bot.client import ComfyUIBot

PAGE = 20
_TIMEOUT = 300.0


class LoraPages(BaseView):
    """A list of names and the buttons that turn its pages."""

    def __init__(self, interaction: discord.Interaction[Any], names: list[str], search: str | None) -> None:
        super().__init__(author=interaction.user.id, timeout=_TIMEOUT)
        self._interaction = interaction
        self._names = names
        self._search = search
        self._page = 0
        self._pages = max(1, -(-len(names) // PAGE))
        self._previous = BaseButton(label="Previous", disabled=True)
        self._next = BaseButton(label="Next", disabled=self._pages == 1)
        self._previous.callback = self._turner(-1)
        self._next.callback = self._turner(1)
        if self._pages > 1:
            self.add_item(self._previous)
            self.add_item(self._next)

    def embed(self) -> discord.Embed:
        first = self._page * PAGE
        return embeds.loras(
            self._names[first : first + PAGE],
            page=self._page,
            pages=self._pages,
            total=len(self._names),
            search=self._search,
        )

    async def on_timeout(self) -> None:
        self.switch_off()
        await JobMessage(self._interaction).edit(view=self)

    def _turner(self, step: int) -> Any:
        async def turn(interaction: discord.Interaction[Any]) -> None:
            self._interaction = interaction
            self._page = min(max(self._page + step, 0), self._pages - 1)
            self._previous.disabled = self._page == 0
            self._next.disabled = self._page == self._pages - 1
            await interaction.response.edit_message(embed=self.embed(), view=self)

        return turn


async def loras_command_handler(
    bot: ComfyUIBot, interaction: discord.Interaction[Any], search: str | None = None
) -> None:
    """Handle ``/loras``: all LoRA files, or those that contain or resemble ``search``."""
    await interaction.response.defer(thinking=True)
    names = await bot.engine.catalog.loras()
    found = best_matches(search, names, limit=len(names)) if search else names
    pages = LoraPages(interaction, found, search)
    await interaction.edit_original_response(embed=pages.embed(), view=pages if pages.children else None)


def register(bot: ComfyUIBot) -> None:
    @bot.tree.command(name="loras", description="The LoRAs that can be used")
    @discord.app_commands.describe(search="a part of the name")
    async def loras(
        interaction: discord.Interaction, search: discord.app_commands.Range[str, 1, 100] | None = None
    ) -> None:
        await loras_command_handler(bot, interaction, search)
