"""The real discord.py as a puppet, and requests by hand for what it would never send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from io import BytesIO
from typing import Any

import aiohttp
import discord
import orjson
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from playground.discord import DiscordServer, Interaction, Upload


@contextmanager
def pointed_at(server: DiscordServer) -> Iterator[None]:
    """discord.py talks to this server inside the block."""
    places = ((Route, "BASE"), (DiscordWebSocket, "DEFAULT_GATEWAY"), (discord.Asset, "BASE"))
    before = [getattr(*place) for place in places]
    addresses = (server.api_url, yarl.URL(server.gateway_url), server.cdn_url)
    for place, value in zip(places, addresses, strict=True):
        setattr(*place, value)
    try:
        yield
    finally:
        for place, value in zip(places, before, strict=True):
            setattr(*place, value)


class Puppet(discord.Client):
    """The real client with a command tree; each test hangs its commands on it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            intents=options.pop("intents", discord.Intents.default()),
            allowed_mentions=discord.AllowedMentions.none(),
            guild_ready_timeout=0,
            **options,
        )
        self.tree = app_commands.CommandTree(self)
        self.heard: asyncio.Queue[discord.Message] = asyncio.Queue()
        self.problems: list[BaseException] = []
        self.tree.error(self._on_problem)

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Without discord.py's 5 s before it identifies anew."""

    async def on_message(self, message: discord.Message) -> None:
        self.heard.put_nowait(message)

    async def _on_problem(self, _: discord.Interaction, error: app_commands.AppCommandError) -> None:
        self.problems.append(getattr(error, "original", error))


Launch = Callable[[Puppet], Awaitable[Puppet]]


@asynccontextmanager
async def launching(server: DiscordServer) -> AsyncIterator[Launch]:
    """Starts clients, each of which is ready with its commands registered; they end with the block."""
    async with AsyncExitStack() as stack:
        stack.enter_context(pointed_at(server))

        async def start(client: Puppet) -> Puppet:
            await client.login(server.token)
            stack.push_async_callback(client.close)
            task = asyncio.create_task(client.connect())
            stack.push_async_callback(asyncio.wait_for, task, 30)
            stack.push_async_callback(client.close)
            async with asyncio.timeout(30):
                await client.wait_until_ready()
            return client

        yield start


Ask = Callable[[], Awaitable[Interaction]]


class Raw:
    """Requests by hand: the answer's status and JSON."""

    def __init__(self, server: DiscordServer, session: aiohttp.ClientSession) -> None:
        self.server, self.session = server, session

    async def __call__(
        self, method: str, path: str, body: Any = None, *, files: tuple[Upload, ...] = (), token: str | None = None
    ) -> tuple[int, Any]:
        options: dict[str, Any] = {"headers": {"Authorization": f"Bot {token or self.server.token}"}}
        if files:
            form = aiohttp.FormData(quote_fields=False)
            form.add_field("payload_json", orjson.dumps(body).decode(), content_type="application/json")
            for number, file in enumerate(files):
                form.add_field(f"files[{number}]", BytesIO(file.data), filename=file.filename)
            options["data"] = form
        elif body is not None:
            options["json"] = body
        async with self.session.request(method, self.server.api_url + path, **options) as response:
            self.headers = response.headers
            data = await response.read()
            return response.status, orjson.loads(data) if data else None

    async def register(self, *commands: dict[str, Any]) -> None:
        path = f"/applications/{self.server.application_id}/commands"
        status, answer = await self("PUT", path, list(commands))
        assert status == 200, answer

    async def answer(self, interaction: Interaction, kind: int, data: Any = None, **more: Any) -> tuple[int, Any]:
        path = f"/interactions/{interaction.id}/{interaction.token}/callback?with_response=1"
        return await self("POST", path, {"type": kind, "data": data}, **more)

    def hook(self, interaction: Interaction, tail: str = "") -> str:
        return f"/webhooks/{self.server.application_id}/{interaction.token}{tail}"
