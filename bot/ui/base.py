"""What all views and modals share: errors have one way out, and a form belongs to its author."""

from __future__ import annotations

from typing import Any

import discord

from bot.errors import UserError, report


class BaseView(discord.ui.View):
    """A view whose controls answer to one user.

    Args:
        author: Discord id of whoever may use it; None for everybody.
        timeout: seconds since the last click; None for ever.
    """

    def __init__(self, *, author: int | None, timeout: float | None) -> None:
        super().__init__(timeout=timeout)
        self.author = author

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        if self.author is None or interaction.user.id == self.author:
            return True
        await report(interaction, UserError("This is somebody else's; type the command for one of your own."))
        return False

    async def on_error(
        self, interaction: discord.Interaction[Any], error: Exception, item: discord.ui.Item[Any], /
    ) -> None:
        await report(interaction, error)

    def switch_off(self) -> None:
        """Disable every control."""
        for item in self.children:
            if isinstance(item, discord.ui.Button | discord.ui.Select):
                item.disabled = True


class BaseModal(discord.ui.Modal):
    """A modal whose errors are told to the user."""

    async def on_error(self, interaction: discord.Interaction[Any], error: Exception, /) -> None:
        await report(interaction, error)
