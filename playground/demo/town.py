"""The little Discord of the demo: who and what is there when it begins, and the page."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from playground.demo.bots import DemoBot
from playground.demo.comfyui import DemoComfyUI
from playground.demo.plan import Plan
from playground.demo.switches import bot_switches, comfyui_switches
from playground.discord import FOR_DAYS, DiscordServer, Permission
from playground.page import Backend, Page

GUILD = "Demo server"
WELCOME = (
    "Welcome! Type `/generate`, say what you want to see, and watch it grow. `/help` tells what else there is, and the "
    "menu of a message with a picture has more. Be somebody else whenever you like: everybody here is you."
)


@dataclass(frozen=True, slots=True)
class Town:
    """The server, and the page on it."""

    server: DiscordServer
    page: Page


@asynccontextmanager
async def founded(
    plan: Plan, listener: socket.socket, token: str, bot: DemoBot, comfyui: DemoComfyUI | None
) -> AsyncIterator[Town]:
    """A town with people and places, served on a socket as long as the block lasts.

    Args:
        comfyui: the demo's own, which has switches; None when it is a real one.
    """
    server = DiscordServer(plan.host, listener=listener, token=token, memory=FOR_DAYS)
    page = Page(server, Backend(plan.backend, demo=comfyui is not None))
    if comfyui is not None:
        page.switches += comfyui_switches(comfyui)
        comfyui.changed = page.changed_faults
    page.switches += bot_switches(bot)
    await _furnish(server)
    async with server:
        yield Town(server, page)


async def _furnish(server: DiscordServer) -> None:
    """Ada, who moderates, Ben and Chloe, each in a language of their own; channels, a thread, and a group of humans."""
    server.guild.name = GUILD
    ada, ben, chloe = (server.user(name) for name in ("ada", "ben", "chloe"))
    ada.permissions |= Permission.MANAGE_MESSAGES
    ben.locale, chloe.locale = "de", "fr"
    general, pictures, late = (server.channel(name) for name in ("general", "pictures", "after-dark"))
    general.topic = "Everything begins with /generate"
    pictures.topic = "Show what you have made"
    late.topic, late.nsfw = "Age-restricted", True
    server.thread("foxes", general)
    server.private_channel("just us").topic = "The bot is not here; whoever has installed it can use it all the same"
    await ada.say(general, WELCOME)
