"""The server: everything put together, and what a test or the demo holds in its hands."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from aiohttp import web

from playground.discord.account import Accounts
from playground.discord.callbacks import Callbacks
from playground.discord.clock import Clock
from playground.discord.commands import Commands
from playground.discord.faults import Faults
from playground.discord.files import FILE, Downloads
from playground.discord.gateway import Gateway
from playground.discord.limits import FILE_BYTES
from playground.discord.memory import Memory
from playground.discord.message import Message
from playground.discord.messages import Messages
from playground.discord.model import COLOURS, Channel, Guild
from playground.discord.permissions import Intent
from playground.discord.protocol import ChannelKind, Json
from playground.discord.ratelimit import RateLimits
from playground.discord.rest import API, Request, Rest
from playground.discord.schema import Schema, Violation
from playground.discord.user import User
from playground.discord.webhooks import Webhooks
from playground.discord.world import World

if TYPE_CHECKING:
    from types import TracebackType

T = TypeVar("T")
TOKEN = "playground.discord.token"
#: Where a server that listens everywhere is found by this machine.
LOOPBACK = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}


class DiscordServer:
    """A Discord of one guild and one bot on a local port, for the real discord.py.

    Args:
        host: the address to listen on.
        port: 0 takes a free one.
        attachment_size_limit: bytes that one file may have, unless guild or user are allowed more.
        heartbeat_interval: seconds between the heartbeats that the client is told to send.
        privileged_intents: bits of the privileged intents that are switched on for the bot; IDENTIFY with others
            is closed with 4014.
        openapi: Discord's ``openapi.json``; with it, bodies are checked and ``schema_violations`` kept.
        clock: Discord's time; by default the real one, which a test can advance.
        memory: bounds of what is remembered; the defaults are for tests.
        listener: a socket that listens already, on ``host`` and a port of its own; the server closes it.
        token: the bot's.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        attachment_size_limit: int = FILE_BYTES,
        *,
        heartbeat_interval: float = 41.25,
        privileged_intents: int = 0,
        openapi: Path | None = None,
        clock: Clock | None = None,
        memory: Memory | None = None,
        listener: socket.socket | None = None,
        token: str = TOKEN,
    ) -> None:
        self.token = token
        self.clock = clock or Clock()
        self.world = World(self.clock, attachment_size_limit, memory)
        self.faults = Faults(self.world.pulse)
        self.ratelimits = RateLimits(self.clock)
        self._schema = None if openapi is None else Schema(openapi)
        self._gateway = Gateway(self.world, self.token, heartbeat_interval, privileged_intents)
        self.world.gateway = self._gateway
        self._rest = Rest(self.world, self.token, self.faults, self.ratelimits, self._schema)
        self._users: dict[str, User] = {}
        self._areas: list[Callable[[web.Application], None]] = []
        self.host, self._port, self._listener = host, port, listener
        self._closing = AsyncExitStack()
        self.api_url = self.gateway_url = self.cdn_url = ""
        self.channel("general")

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=1.0)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await self._site(runner).start()
            stack.push_async_callback(self._gateway.drop, 1001)
            stack.callback(self.faults.clear)
            self._closing = stack.pop_all()
        port = runner.addresses[0][1]
        host = LOOPBACK.get(self.host, self.host)
        name = f"[{host}]" if ":" in host else host
        self.cdn_url = self.world.cdn.base = f"http://{name}:{port}"
        self.api_url = f"{self.cdn_url}{API}"
        self.gateway_url = self._gateway.url = f"ws://{name}:{port}/gateway"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._closing.aclose()

    def extend(self, add_to: Callable[[web.Application], None]) -> None:
        """Have the same port serve more: ``add_to`` is given the application before it starts."""
        self._areas.append(add_to)

    def _site(self, runner: web.AppRunner) -> web.BaseSite:
        if self._listener is not None:
            return web.SockSite(runner, self._listener)
        return web.TCPSite(runner, self.host, self._port)

    def _app(self) -> web.Application:
        # no limit of aiohttp's: Discord's own is checked where the body is read
        app = web.Application(client_max_size=sys.maxsize)
        for area in (
            Accounts(self.world, self._gateway),
            Commands(self.world),
            Callbacks(self.world),
            Webhooks(self.world),
            Messages(self.world),
        ):
            area.add_to(self._rest)
        self._rest.add_fallback()
        app.add_routes(self._rest.routes)
        app.router.add_get("/gateway", self._gateway.serve)
        for add_to in self._areas:
            add_to(app)
        app.router.add_get("/attachments" + FILE, Downloads(self.world.cdn, self._rest).serve)
        return app

    # people and places

    @property
    def application_id(self) -> int:
        return self.world.application_id

    @property
    def bot_user_id(self) -> int:
        return self.world.bot.id

    @property
    def attachment_size_limit(self) -> int:
        """Bytes that one file may have, unless guild or user are allowed more."""
        return self.world.attachment_size_limit

    @attachment_size_limit.setter
    def attachment_size_limit(self, size: int) -> None:
        self.world.attachment_size_limit = size

    @property
    def guild(self) -> Guild:
        return self.world.guild

    @property
    def users(self) -> list[User]:
        """All humans, in the order in which they appeared."""
        return list(self._users.values())

    def user(self, name: str) -> User:
        """The human of that name, who appears when first named."""
        if name not in self._users:
            colour = COLOURS[len(self._users) % len(COLOURS)]
            user = User(id=self.world.ids.next(), name=name, world=self.world, colour=colour)
            self._users[name] = self.world.accounts[user.id] = user
            self.world.change_people()
        return self._users[name]

    def channel(self, name: str) -> Channel:
        """A text channel of the guild, made when first named."""
        return self._place(name, ChannelKind.TEXT)

    def thread(self, name: str, parent: Channel) -> Channel:
        """A public thread below a text channel, made when first named."""
        return self._place(name, ChannelKind.THREAD, parent)

    def private_channel(self, name: str) -> Channel:
        """A group of humans, without the bot: there it only lives by the user who installed it."""
        return self._place(name, ChannelKind.GROUP)

    def _place(self, name: str, kind: ChannelKind, parent: Channel | None = None) -> Channel:
        for channel in self.world.channels.values():
            if (channel.name, channel.kind, channel.parent) == (name, kind, parent):
                return channel
        return self.world.add_channel(name, kind, parent=parent)

    def delete_channel(self, channel: Channel) -> None:
        self.world.delete_channel(channel)

    def message(self, message_id: int) -> Message | None:
        """A message as it is now; None when it is gone."""
        return self.world.message(message_id)

    # records

    @property
    def histories(self) -> list[list[Message]]:
        """The states of every message that there ever was, deleted ones included, the oldest message first."""
        return list(self.world.histories)

    @property
    def commands(self) -> list[Json]:
        """Every command registered, the global ones first."""
        scopes = sorted(self.world.commands, key=lambda scope: scope or 0)
        return [command for scope in scopes for command in self.world.commands[scope]]

    @property
    def requests(self) -> list[Request]:
        return self._rest.requests

    def requests_to(self, method: str, path: str) -> list[Request]:
        """By fnmatch patterns; the path without /api/v10."""
        return self._rest.matching(method, path)

    @property
    def refused(self) -> list[Request]:
        """Requests that the bot should not have made so: answered with 4xx or 5xx, faults left out."""
        return [r for r in self.requests if r.status is not None and r.status >= 400 and not r.injected]

    @property
    def count_429(self) -> int:
        """How often a rate limit was overrun; injected answers are not counted."""
        return self._rest.count_429

    @property
    def invalid_requests(self) -> int:
        """Answers of 401, 403 and 429, injected ones too: 10,000 of them in 10 minutes ban an address."""
        return self._rest.invalid_requests

    @property
    def schema_violations(self) -> list[Violation]:
        return [] if self._schema is None else self._schema.violations

    async def until(self, check: Callable[[], T], timeout: float = 30.0) -> T:
        """Wait until ``check()`` is true of the server and return what it returned.

        Raises:
            TimeoutError: not in time; the text tells the last requests.
        """

        def seen() -> str:
            return f"last requests: {[(r.method, r.path, r.status) for r in self.requests[-5:]]}"

        return await self.world.pulse.until(check, timeout, seen)

    # the gateway

    @property
    def connected(self) -> bool:
        return bool(self._gateway.live)

    @property
    def intents(self) -> Intent | None:
        """What the last IDENTIFY asked for."""
        return self._gateway.intents

    @property
    def identifies(self) -> int:
        return self._gateway.identifies

    @property
    def resumes(self) -> int:
        return self._gateway.resumes

    async def until_connected(self, timeout: float = 30.0) -> None:
        """Until a session is live: READY or RESUMED is on its way."""
        await self.until(lambda: self.connected, timeout)

    async def drop_gateway(self, code: int | None = None) -> None:
        """Close every connection with ``code``; None resets it without a word. Sessions can be resumed."""
        await self._gateway.drop(code)

    async def reconnect(self) -> None:
        """Op 7: ask the client to resume."""
        self._gateway.reconnect()

    async def invalidate_session(self, *, resumable: bool = False) -> None:
        """Op 9."""
        self._gateway.invalidate(resumable=resumable)

    def go_silent(self) -> None:
        """The connections that are there say nothing more, not even to heartbeats."""
        self._gateway.go_silent()

    def refuse_gateway(self, times: int = 1) -> None:
        """Answer the next handshakes with 503."""
        self._gateway.refuse(times)
