"""Who and what is there when the demo begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.discord.permissions import Permission

if TYPE_CHECKING:
    from playground.discord import DiscordServer

GUILD = "Demo server"
WELCOME = (
    "Welcome! Type `/generate`, say what you want to see, and watch it grow. `/help` tells what else there is, and the "
    "menu of a message with a picture has more. Be somebody else whenever you like: everybody here is you."
)


async def furnish(server: DiscordServer) -> None:
    """Put people and places there: Ada, who moderates, Ben and Chloe; channels, a thread, a group without the bot."""
    server.guild.name = GUILD
    ada, _, _ = (server.user(name) for name in ("ada", "ben", "chloe"))
    ada.permissions |= Permission.MANAGE_MESSAGES
    general = server.channel("general")
    server.channel("pictures")
    server.channel("after-dark").nsfw = True
    server.thread("foxes", general)
    server.private_channel("just us")
    await ada.say(general, WELCOME)
