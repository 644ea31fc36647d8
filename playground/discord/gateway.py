"""The gateway: sessions, events, and the ways in which it fails."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Any

from aiohttp import web

from playground.discord import wire
from playground.discord.connection import Connection
from playground.discord.permissions import PRIVILEGED, Intent
from playground.discord.protocol import Json
from playground.discord.session import Session

if TYPE_CHECKING:
    from playground.discord.world import World

HEARTBEAT, IDENTIFY, RESUME, RECONNECT, MEMBERS, INVALID, HELLO, ACK = (
    1, 2, 6, 7, 8, 9, 10, 11,
)  # fmt: skip
NOT_AUTHENTICATED, AUTHENTICATION_FAILED, INVALID_INTENTS, DISALLOWED_INTENTS = 4003, 4004, 4013, 4014

#: Seconds that the answer to a heartbeat takes, as over a network: discord.py notes when it sent one only afterwards,
#: and takes an answer that is quicker for one to the heartbeat before.
_BEAT = 0.02
#: Sessions whose client is away and may come back.
_AWAY = 4


class Gateway:
    """Sessions are kept while their client is away; they end when it closes with 1000 or 1001, or by op 9."""

    def __init__(self, world: World, token: str, heartbeat_interval: float, privileged_intents: int) -> None:
        self.url = ""
        self.intents: Intent | None = None
        self.identifies = 0
        self.resumes = 0
        self._world = world
        self._token = token
        self._heartbeat_interval = heartbeat_interval
        self._allowed = Intent(privileged_intents)
        self._sessions: dict[str, Session] = {}
        self._connections: dict[Connection, Session | None] = {}
        self._refusals = 0

    @property
    def live(self) -> list[Session]:
        return [session for session in self._sessions.values() if session.connection is not None]

    @property
    def reads_content(self) -> bool:
        return self.intents is not None and Intent.MESSAGE_CONTENT in self.intents

    def dispatch(self, event: str, data: Json, intent: Intent | None = None) -> None:
        """Tell every session, live or away, that asked for events of this intent."""
        for session in self._sessions.values():
            if intent is None or intent in session.intents:
                session.dispatch(event, data)

    def refuse(self, times: int) -> None:
        self._refusals = times

    def go_silent(self) -> None:
        for connection in self._connections:
            connection.silent = True

    def reconnect(self) -> None:
        self._say(RECONNECT, None)

    def invalidate(self, *, resumable: bool) -> None:
        if not resumable:
            self._sessions.clear()
        self._say(INVALID, resumable)

    async def drop(self, code: int | None) -> None:
        for connection, session in list(self._connections.items()):
            self._leave(connection, session)
            # not the client's doing: the session stays, whatever the code
            self._connections[connection] = None
            if code is None:
                connection.abort()
            else:
                await connection.close(code)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """``GET /gateway``. ``compress=zlib-stream`` may be asked for; plain text frames are an answer to it."""
        if self._refusals:
            self._refusals -= 1
            return web.Response(status=503)
        async with Connection.accept(request) as connection:
            self._connections[connection] = None
            connection.send_op(HELLO, {"heartbeat_interval": int(self._heartbeat_interval * 1000)})
            try:
                async for frame in connection.received():
                    code = self._hear(connection, frame)
                    if code is not None:
                        await connection.close(code)
            finally:
                session = self._connections.pop(connection, None)
                self._leave(connection, session)
                if session is not None and connection.response.close_code in (1000, 1001):
                    self._sessions.pop(session.id, None)
                self._world.change_gateway()
        return connection.response

    def _hear(self, connection: Connection, frame: Json) -> int | None:
        """Answer a frame; returns the close code that it deserves."""
        op, data = frame.get("op"), frame.get("d")
        data = data if isinstance(data, dict) else {}
        if op == HEARTBEAT:
            asyncio.get_running_loop().call_later(_BEAT, connection.send_op, ACK)
        elif op == IDENTIFY:
            return self._identify(connection, data)
        elif op == RESUME:
            return self._resume(connection, data)
        elif self._connections.get(connection) is None:
            return NOT_AUTHENTICATED
        elif op == MEMBERS:
            self._send_members(connection, data)
        return None

    def _identify(self, connection: Connection, data: dict[str, Any]) -> int | None:
        if data.get("token") != self._token:
            return AUTHENTICATION_FAILED
        bits = data.get("intents", 0)
        if not isinstance(bits, int):
            return INVALID_INTENTS
        intents = Intent(bits)
        self.intents = intents
        if intents & PRIVILEGED & ~self._allowed:
            return DISALLOWED_INTENTS
        world = self._world
        session = Session(secrets.token_hex(16), intents, connection)
        for away in [known for known in self._sessions.values() if known.connection is None][:-_AWAY]:
            del self._sessions[away.id]
        self._sessions[session.id] = session
        self._connections[connection] = session
        session.dispatch(
            "READY",
            {
                "v": 10,
                "user": wire.user(world.bot),
                "guilds": [{"id": str(world.guild.id), "unavailable": True}],
                "session_id": session.id,
                "resume_gateway_url": self.url,
                "application": {"id": str(world.application_id), "flags": 0},
                "shard": data.get("shard", [0, 1]),
            },
        )
        guild = wire.guild(world.guild, world.bot, list(world.channels.values()))
        session.dispatch("GUILD_CREATE", guild)
        self.identifies += 1
        world.change_gateway()
        return None

    def _resume(self, connection: Connection, data: dict[str, Any]) -> int | None:
        if data.get("token") != self._token:
            return AUTHENTICATION_FAILED
        session = self._sessions.get(str(data.get("session_id")))
        sequence = data.get("seq") or 0
        if session is None or not isinstance(sequence, int) or not session.remembers(sequence):
            connection.send_op(INVALID, False)
            return None
        self._connections[connection] = session
        session.replay(sequence, connection)
        session.dispatch("RESUMED", {})
        self.resumes += 1
        self._world.change_gateway()
        return None

    def _send_members(self, connection: Connection, data: dict[str, Any]) -> None:
        wanted = {str(user) for user in data.get("user_ids") or ()}
        found = [
            wire.full_member(account)
            for account in self._world.accounts.values()
            if (str(account.id) in wanted if wanted else account.name.startswith(data.get("query") or ""))
        ]
        session = self._connections[connection]
        assert session is not None
        chunk = {"chunk_index": 0, "chunk_count": 1, "nonce": data.get("nonce"), "members": found}
        session.dispatch("GUILD_MEMBERS_CHUNK", {"guild_id": data.get("guild_id"), **chunk})

    def _say(self, op: int, data: bool | None) -> None:
        for connection, session in list(self._connections.items()):
            connection.send_op(op, data)
            self._leave(connection, session)

    def _leave(self, connection: Connection, session: Session | None) -> None:
        """The session is away, unless another connection has taken it over."""
        if session is not None and session.connection is connection:
            session.connection = None
