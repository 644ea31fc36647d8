"""What can be asked of any message with a picture, under "Apps" in its menu."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.errors import UserError
from bot.menus import actions, info, start
from bot.menus.subject import Subject
from bot.shown import Source
from utils.language import phrase

if TYPE_CHECKING:
    from bot.client import ComfyUIBot

_NOTHING = phrase("There is no picture in that message; choose one that has.")


@dataclass(frozen=True, slots=True)
class Menu:
    """One entry.

    Attributes:
        key: its name in custom ids.
        name: what people read.
        about: what it does, in a few words.
        kinds: of files that it can be asked of.
        offered: whether the workflows of now can do it.
        act: does it, as the answer to the interaction, which was not answered so far.
    """

    key: str
    name: str
    about: str
    kinds: tuple[str, ...]
    offered: Callable[[ComfyUIBot], bool]
    act: Callable[[discord.Interaction[ComfyUIBot], Subject], Awaitable[None]]


_PICTURES = ("images",)
#: Answers upon which something is asked of the message again.
_OPEN = (discord.InteractionResponseType.modal, discord.InteractionResponseType.channel_message)
MENUS = {
    menu.key: menu
    for menu in (
        Menu(
            "edit",
            phrase("Edit image…"),
            phrase("changes the picture by words, with one of the models for it"),
            _PICTURES,
            actions.offered(*actions.EDITS),
            actions.edit,
        ),
        Menu(
            "upscale",
            phrase("Upscale image"),
            phrase("makes the picture larger without asking anything"),
            _PICTURES,
            actions.upscale_offered,
            actions.upscale,
        ),
        Menu(
            "animate",
            phrase("Animate image…"),
            phrase("makes a video that begins with the picture"),
            _PICTURES,
            actions.offered("animate"),
            actions.animate,
        ),
        Menu(
            "start",
            phrase("Use as start…"),
            phrase("opens the form of /generate with the picture to start from"),
            _PICTURES,
            start.offered,
            start.act,
        ),
        Menu(
            "info",
            phrase("Image info"),
            phrase("tells the prompt, seed, workflow and models to the one who asks"),
            (*_PICTURES, "videos"),
            info.offered,
            info.act,
        ),
    )
}


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
    bot = interaction.client
    bot.sources.note(source)
    if len(places) == 1:
        await menu.act(interaction, Subject(source, places[0]))
    else:
        await ask(interaction, menu, source, places)
    if interaction.response.type in _OPEN:
        await bot.sources.keep(bot.engine.jobs.store, source, interaction.user.id)
