"""What can be asked of any message with a picture, under "Apps" in its menu."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.errors import UserError
from bot.menus import info
from bot.menus.subject import Subject
from bot.shown import Source

if TYPE_CHECKING:
    from bot.client import ComfyUIBot

_NOTHING = "There is no picture in that message; choose one that has."


@dataclass(frozen=True, slots=True)
class Menu:
    """One entry.

    Attributes:
        key: its name in custom ids.
        name: what people read.
        kinds: of files that it can be asked of.
        offered: whether the workflows of now can do it.
        act: does it, as the answer to the interaction, which was not answered so far.
    """

    key: str
    name: str
    kinds: tuple[str, ...]
    offered: Callable[[ComfyUIBot], bool]
    act: Callable[[discord.Interaction[ComfyUIBot], Subject], Awaitable[None]]


MENUS = {menu.key: menu for menu in (Menu("info", "Image info", ("images", "videos"), info.offered, info.act),)}


def register(bot: ComfyUIBot) -> None:
    """Add those that the workflows of now can serve."""
    for menu in MENUS.values():
        if menu.offered(bot):
            bot.tree.add_command(_command(menu))


def _command(menu: Menu) -> app_commands.ContextMenu:
    async def callback(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await open_menu(menu, interaction, message)

    return app_commands.ContextMenu(name=menu.name, callback=callback)


async def open_menu(menu: Menu, interaction: discord.Interaction[ComfyUIBot], message: discord.Message) -> None:
    """Do it with the message's only picture, or ask which one is meant.

    Raises:
        UserError: there is none; or whatever the entry raises.
    """
    from bot.menus.picking import ask

    source = Source.of(message)
    places = [n for n, file in enumerate(source.files) if file.kind in menu.kinds]
    if not places:
        raise UserError(_NOTHING)
    interaction.client.sources.note(source)
    if len(places) == 1:
        await menu.act(interaction, Subject(source, places[0]))
    else:
        await ask(interaction, menu, source, places)
