"""/help: what there is to type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.menus import MENUS
from bot.target import acknowledge
from bot.ui import embeds
from utils.language import phrase

if TYPE_CHECKING:
    from bot.client import ComfyUIBot


async def help_command_handler(bot: ComfyUIBot, interaction: discord.Interaction[Any]) -> None:
    """Handle ``/help``: the registered commands, the menus of messages, and the workflows that can be used."""
    await acknowledge(interaction, ephemeral=True)
    commands = [
        (f"/{command.name}", command.description)
        for command in bot.tree.get_commands()
        if isinstance(command, discord.app_commands.Command)
    ]
    offered = {menu.name for menu in bot.tree.get_commands(type=discord.AppCommandType.message)}
    menus = [(menu.name, menu.about) for menu in MENUS.values() if menu.name in offered]
    workflows = [(workflow.label, workflow.description) for workflow in bot.engine.library.offered()]
    await interaction.edit_original_response(embed=embeds.help_page(commands, menus, workflows))


def register(bot: ComfyUIBot) -> None:
    @bot.tree.command(name="help", description=phrase("What you can do here"))
    async def help(interaction: discord.Interaction) -> None:
        await help_command_handler(bot, interaction)
