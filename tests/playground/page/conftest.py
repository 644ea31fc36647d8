"""The little Discord with its page, windows on it, and a bot behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import BytesIO

import aiohttp
import pytest
from PIL import Image

from playground.discord import DiscordServer, Permission
from playground.page import Backend, Page
from tests.playground.discord.puppet import Launch, Puppet, Raw, launching
from tests.playground.page.window import Open, Window


@pytest.fixture
def outside() -> DiscordServer:
    """The server before it starts: a guild with two channels, a thread, and three people, the first a moderator."""
    server = DiscordServer()
    general = server.channel("general")
    general.topic = "Pictures for everybody"
    server.channel("pictures")
    server.thread("foxes", general)
    server.user("ada").permissions |= Permission.MANAGE_MESSAGES
    server.user("bob")
    server.user("cleo").locale = "de"
    return server


@pytest.fixture
def page(outside: DiscordServer) -> Page:
    return Page(outside, Backend("demo ComfyUI", demo=True))


@pytest.fixture
async def server(outside: DiscordServer, page: Page) -> AsyncIterator[DiscordServer]:
    async with outside:
        yield outside


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as running:
        yield running


@pytest.fixture
async def window(server: DiscordServer, session: aiohttp.ClientSession) -> AsyncIterator[Open]:
    """Open a window and enter."""
    opened: list[Window] = []

    async def show(name: str | None = None) -> Window:
        opened.append(await Window(session, server).open())
        return await opened[-1].enter(name)

    yield show
    for one in opened:
        await one.close()


@pytest.fixture
async def raw(server: DiscordServer, session: aiohttp.ClientSession) -> Raw:
    return Raw(server, session)


@pytest.fixture
def puppet() -> Puppet:
    return Puppet()


@pytest.fixture
async def launch(server: DiscordServer) -> AsyncIterator[Launch]:
    async with launching(server) as start:
        yield start


@pytest.fixture
def png() -> bytes:
    out = BytesIO()
    Image.new("RGB", (3, 2), "red").save(out, "PNG")
    return out.getvalue()
