"""The little Discord with its page, windows on it, and a bot behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from io import BytesIO

import aiohttp
import pytest
from PIL import Image

from playground.discord import DiscordServer, Permission
from playground.page import Backend, Page
from tests.playground.discord.puppet import Launch, Puppet, Raw, pointed_at
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
def pointed(server: DiscordServer) -> Iterator[None]:
    with pointed_at(server):
        yield


@pytest.fixture
async def launch(server: DiscordServer, pointed: None) -> AsyncIterator[Launch]:
    """Start the real client and wait until it is ready."""
    async with AsyncExitStack() as stack:

        async def start(client: Puppet) -> Puppet:
            await client.login(server.token)
            task = asyncio.create_task(client.connect())
            stack.push_async_callback(asyncio.wait_for, task, 5)
            stack.push_async_callback(client.close)
            async with asyncio.timeout(5):
                await client.wait_until_ready()
            return client

        yield start


@pytest.fixture
def png() -> bytes:
    out = BytesIO()
    Image.new("RGB", (3, 2), "red").save(out, "PNG")
    return out.getvalue()
