"""The gateway when it fails: what the real client does, and what it hears afterwards."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import aiohttp
import discord
import pytest

from playground.discord import DiscordServer, Interaction
from tests.playground.discord.puppet import Launch, Puppet, pointed_at


@pytest.fixture
async def client(server: DiscordServer, puppet: Puppet, launch: Launch) -> Puppet:
    @puppet.tree.command(description="Draw")
    async def draw(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("drawn")

    return await launch(puppet)


async def draw(server: DiscordServer) -> Interaction:
    return await server.user("ada").slash(server.channel("general"), "draw")


@pytest.mark.parametrize("code", [4000, 1001, 1000, None])
async def test_dropped_client_resumes_and_hears_what_it_missed(
    server: DiscordServer, client: Puppet, code: int | None
) -> None:
    await server.drop_gateway(code)
    assert not server.connected
    reply = await draw(server)

    await reply.answered()

    assert (server.identifies, server.resumes) == (1, 1)
    assert server.connected


async def test_asked_to_reconnect_it_resumes(server: DiscordServer, client: Puppet) -> None:
    await server.reconnect()
    reply = await draw(server)

    await reply.answered()

    assert (server.identifies, server.resumes) == (1, 1)


async def test_events_are_not_heard_twice(server: DiscordServer, client: Puppet) -> None:
    await (await draw(server)).answered()
    await server.drop_gateway(4000)
    await server.until_connected()
    await (await draw(server)).answered()

    assert len(server.requests_to("POST", "/interactions/*")) == 2
    assert server.refused == []


async def test_invalidated_session_identifies_anew(server: DiscordServer, client: Puppet) -> None:
    await server.invalidate_session()
    lost = await draw(server)
    await server.until(lambda: server.identifies == 2)
    await (await draw(server)).answered()

    assert lost.response_type is None
    assert server.resumes == 0


async def test_resumable_session_is_resumed(server: DiscordServer, client: Puppet) -> None:
    await server.invalidate_session(resumable=True)
    await (await draw(server)).answered()

    assert (server.identifies, server.resumes) == (1, 1)


async def test_silence_is_noticed(launch: Launch) -> None:
    async with DiscordServer(heartbeat_interval=0.05) as server:
        with pointed_at(server):
            client = Puppet(heartbeat_timeout=0.2)
            await client.login(server.token)
            running = asyncio.create_task(client.connect())
            await server.until_connected()
            server.go_silent()

            await server.until(lambda: server.resumes >= 1)

            await client.close()
            await asyncio.wait_for(running, 30)
            # discord.py's heartbeat threads may be about to hand a coroutine to the loop
            for thread in threading.enumerate():
                if thread.name.startswith("keep-alive-handler"):
                    await asyncio.to_thread(thread.join, 30)


async def test_first_connections_can_be_refused(server: DiscordServer) -> None:
    server.refuse_gateway(times=1)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(server.gateway_url)
        assert refused.value.status == 503
        async with session.ws_connect(server.gateway_url) as socket:
            assert (await socket.receive_json(timeout=30))["op"] == 10


async def test_client_that_closed_hears_nothing(server: DiscordServer, client: Puppet) -> None:
    await client.close()
    await server.until(lambda: not server.connected)

    reply = await draw(server)

    assert reply.response_type is None
    server.clock.advance(4)
    assert reply.failed


class Socket:
    """A client by hand."""

    def __init__(self, server: DiscordServer, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.server, self.socket = server, socket

    async def say(self, op: int, **data: Any) -> None:
        await self.socket.send_json({"op": op, "d": {"token": self.server.token, **data}})

    async def hear(self) -> dict[str, Any]:
        return await self.socket.receive_json(timeout=30)


async def test_session_by_hand(server: DiscordServer) -> None:
    url = f"{server.gateway_url}?v=10&encoding=json&compress=zlib-stream"
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url) as ws:
            socket = Socket(server, ws)
            hello = await socket.hear()
            await socket.say(1)
            ack = await socket.hear()
            await socket.say(2, intents=1)
            ready, guild = await socket.hear(), await socket.hear()
            await ws.close(code=4000)
        async with session.ws_connect(ready["d"]["resume_gateway_url"]) as ws:
            socket = Socket(server, ws)
            await socket.hear()
            await socket.say(6, session_id=ready["d"]["session_id"], seq=1)
            replayed, resumed = await socket.hear(), await socket.hear()
            # no intent for messages: not told of them
            await server.user("ada").say(server.channel("general"), "hi")
            server.channel("new")
            news = await socket.hear()
            await ws.close(code=1000)
        async with session.ws_connect(url) as ws:
            socket = Socket(server, ws)
            await socket.hear()
            await socket.say(6, session_id=ready["d"]["session_id"], seq=1)
            invalid = await socket.hear()
            await socket.say(6, session_id=ready["d"]["session_id"], seq=1, token="stolen")
            wrong = await ws.receive(timeout=30)

    assert (wrong.type, wrong.data) == (aiohttp.WSMsgType.CLOSE, 4004)
    assert hello == {"op": 10, "d": {"heartbeat_interval": 41250}, "s": None, "t": None}
    assert ack["op"] == 11
    assert (ready["t"], ready["s"], guild["t"], guild["s"]) == ("READY", 1, "GUILD_CREATE", 2)
    assert replayed == guild
    assert (resumed["t"], news["t"]) == ("RESUMED", "CHANNEL_CREATE")
    assert (invalid["op"], invalid["d"]) == (9, False)


async def test_heartbeat_is_not_answered_before_its_client_knows_that_it_was_sent(server: DiscordServer) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(server.gateway_url) as ws:
        socket = Socket(server, ws)
        await socket.hear()

        await socket.say(1)
        await socket.say(2, intents=0)

        assert [(await socket.hear())["op"] for _ in range(3)] == [0, 0, 11]


async def test_client_that_vanishes_leaves_no_trace(server: DiscordServer, caplog: pytest.LogCaptureFixture) -> None:
    session = aiohttp.ClientSession()
    ws = await session.ws_connect(server.gateway_url)
    await Socket(server, ws).say(2, intents=1)
    await server.until_connected()

    await session.close()
    for number in range(20):
        server.channel(f"new-{number}")
        await asyncio.sleep(0)
    await server.until(lambda: not server.connected)

    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
