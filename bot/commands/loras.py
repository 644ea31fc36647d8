"""/loras: the LoRA files on the server, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.choices import best_matches
from bot.target import acknowledge
from bot.ui import embeds
from bot.ui.base import BaseView
from bot.ui.buttons import BaseButton

if TYPE_CHECKING:
    from bot.client import ComfyUIBot

PAGE = 20
_TIMEOUT = 300.0


class LoraPages(BaseView):
    """A list of names and, where it is long, the buttons that turn its pages."""

    def __init__(self, interaction: discord.Interaction[Any], names: list[str], search: str | None) -> None:
        super().__init__(interaction, timeout=_TIMEOUT)
        self._names = names
        self._search = search
        self._page = 0
        self._pages = max(1, -(-len(names) // PAGE))
        self._previous = self._turner("Previous", -1)
        self._next = self._turner("Next", 1)
        self._arrange()
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

    def _arrange(self) -> None:
        self._previous.disabled = self._page == 0
        self._next.disabled = self._page == self._pages - 1

    def _turner(self, label: str, step: int) -> BaseButton:
        async def turn(interaction: discord.Interaction[Any]) -> None:
            self._page = min(max(self._page + step, 0), self._pages - 1)
            self._arrange()
            await self.show(interaction)

        return BaseButton(label=label, custom_id=self.custom_id(label.lower()), on_click=turn)


async def loras_command_handler(
    bot: ComfyUIBot, interaction: discord.Interaction[Any], search: str | None = None
) -> None:
    """Handle ``/loras``: all LoRA files, or those that contain or resemble ``search``."""
    await acknowledge(interaction)
    names = await bot.engine.catalog.loras()
    found = best_matches(search, names, limit=len(names)) if search else names
    await LoraPages(interaction, found, search).open()


def register(bot: ComfyUIBot) -> None:
    @bot.tree.command(name="loras", description="The LoRAs that can be used")
    @discord.app_commands.describe(search="a part of the name")
    async def loras(
        interaction: discord.Interaction, search: discord.app_commands.Range[str, 1, 100] | None = None
    ) -> None:
        await loras_command_handler(bot, interaction, search)
