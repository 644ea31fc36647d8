"""Logging in, and what the client knows of the world then."""

from __future__ import annotations

import asyncio
import socket

import aiohttp
import discord
import pytest

from playground.discord import DiscordServer, Intent, Permission, PlaygroundError
from tests.playground.discord.puppet import Launch, Puppet, Raw, pointed_at


async def test_client_logs_in_and_knows_the_guild(server: DiscordServer, puppet: Puppet, launch: Launch) -> None:
    thread = server.thread("work", parent=server.channel("general"))
    client = await launch(puppet)

    assert client.user is not None
    assert client.user.id == server.bot_user_id
    assert client.application_id == server.application_id
    guild = client.get_guild(server.guild.id)
    assert guild is not None
    assert [channel.name for channel in guild.text_channels] == ["general"]
    assert [found.id for found in guild.threads] == [thread.id]
    assert server.identifies == 1
    assert server.intents is not None
    assert Intent.GUILD_MESSAGES in server.intents


async def test_channels_made_later_are_announced(server: DiscordServer, puppet: Puppet, launch: Launch) -> None:
    client = await launch(puppet)
    made = asyncio.get_running_loop().create_future()

    @client.event
    async def on_guild_channel_create(channel: discord.abc.GuildChannel) -> None:
        made.set_result(channel)

    place = server.channel("pictures")
    place_again = server.channel("pictures")

    assert (await asyncio.wait_for(made, 30)).id == place.id
    assert place is place_again


async def test_what_the_bot_may_do_in_a_channel_is_told(server: DiscordServer, puppet: Puppet, launch: Launch) -> None:
    client = await launch(puppet)
    told = asyncio.get_running_loop().create_future()

    @client.event
    async def on_guild_channel_update(_: discord.abc.GuildChannel, after: discord.TextChannel) -> None:
        told.set_result(after.permissions_for(after.guild.me))

    server.channel("general").set_bot_permissions(Permission.VIEW_CHANNEL)

    allowed = await asyncio.wait_for(told, 30)
    assert allowed.view_channel
    assert not allowed.send_messages


async def test_a_place_can_be_closed_to_somebody(server: DiscordServer, puppet: Puppet, launch: Launch) -> None:
    client = await launch(puppet)
    told = asyncio.get_running_loop().create_future()

    @client.event
    async def on_guild_channel_update(_: discord.abc.GuildChannel, after: discord.TextChannel) -> None:
        told.set_result(after)

    ada, bob, general = server.user("ada"), server.user("bob"), server.channel("general")
    await bob.say(general, "hello")
    general.close_to(ada)

    place = await asyncio.wait_for(told, 30)
    seen = [place.permissions_for(await place.guild.fetch_member(user.id)).view_channel for user in (ada, bob)]
    assert seen == [False, True]
    assert ada.sees(general) == ()
    assert len(bob.sees(general)) == 1
    with pytest.raises(PlaygroundError, match="does not see"):
        await ada.say(general, "hello")


async def test_people_and_places_can_be_fetched(server: DiscordServer, puppet: Puppet, launch: Launch) -> None:
    client = await launch(puppet)
    ada = server.user("ada")

    assert (await client.fetch_user(ada.id)).name == "ada"
    guild = await client.fetch_guild(server.guild.id)
    assert (await guild.fetch_member(ada.id)).id == ada.id
    channel = await client.fetch_channel(server.channel("general").id)
    assert isinstance(channel, discord.TextChannel)
    with pytest.raises(discord.NotFound) as gone:
        await client.fetch_channel(1)
    assert gone.value.code == 10003


async def test_members_are_asked_for_over_the_gateway(server: DiscordServer, puppet: Puppet, launch: Launch) -> None:
    client = await launch(puppet)
    ada = server.user("ada")
    server.user("bob")
    guild = client.get_guild(server.guild.id)
    assert guild is not None

    found = await guild.query_members(user_ids=[ada.id])

    assert [member.id for member in found] == [ada.id]


async def test_wrong_token_is_refused(server: DiscordServer, raw: Raw) -> None:
    with pointed_at(server):
        client = Puppet()
        with pytest.raises(discord.LoginFailure):
            await client.login("stolen")
        await client.close()

    assert (await raw("GET", "/users/@me", token="stolen"))[0] == 401
    assert server.invalid_requests == 2


async def test_wrong_token_on_the_gateway_closes_4004(server: DiscordServer) -> None:
    assert await close_code(server, {"token": "stolen", "intents": 0}) == 4004


async def test_intents_that_are_not_switched_on_close_4014() -> None:
    async with DiscordServer() as server:
        identify = {"token": server.token, "intents": int(Intent.MESSAGE_CONTENT)}
        assert await close_code(server, identify) == 4014
        assert server.intents == Intent.MESSAGE_CONTENT
        assert not server.connected


async def test_frames_before_identify_close_4003(server: DiscordServer) -> None:
    assert await close_code(server, {}, op=3) == 4003


@pytest.mark.parametrize("frame", ["", "hello", "{", "[]", "null", "[" * 100_000])
async def test_what_is_no_payload_closes_4002(
    server: DiscordServer, caplog: pytest.LogCaptureFixture, frame: str
) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(server.gateway_url) as socket:
        await socket.receive()
        await socket.send_str(frame)
        assert (await socket.receive(timeout=30)).data == 4002
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_payloads_with_data_of_the_wrong_kind(server: DiscordServer, caplog: pytest.LogCaptureFixture) -> None:
    assert await close_code(server, {"token": server.token, "intents": "all"}) == 4013
    assert await close_code(server, []) == 4004
    async with aiohttp.ClientSession() as session, session.ws_connect(server.gateway_url) as socket:
        await socket.receive()
        await socket.send_json({"op": 6, "d": {"token": server.token, "session_id": [], "seq": "3"}})
        assert (await socket.receive_json(timeout=30))["op"] == 9
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def close_code(server: DiscordServer, data: object, op: int = 2) -> int | None:
    async with aiohttp.ClientSession() as session, session.ws_connect(server.gateway_url) as socket:
        hello = await socket.receive_json(timeout=30)
        assert hello["op"] == 10
        await socket.send_json({"op": op, "d": data})
        await socket.receive(timeout=30)
        return socket.close_code


async def test_json_has_exactly_the_content_type_that_discord_py_wants(raw: Raw) -> None:
    await raw("GET", "/users/@me")
    assert raw.headers["Content-Type"] == "application/json"


async def test_gateway_addresses(server: DiscordServer, raw: Raw) -> None:
    assert await raw("GET", "/gateway") == (200, {"url": server.gateway_url})
    status, told = await raw("GET", "/gateway/bot")
    assert (status, told["url"], told["shards"]) == (200, server.gateway_url, 1)


async def test_unknown_people_and_guilds(raw: Raw) -> None:
    assert (await raw("GET", "/users/1"))[1]["code"] == 10013
    assert (await raw("GET", f"/users/{'9' * 5000}"))[1]["code"] == 10013
    assert (await raw("GET", "/guilds/1"))[1]["code"] == 10004
    assert (await raw("POST", "/users/@me/channels", {"recipient_id": "1"}))[1]["code"] == 10013


async def test_server_leaves_nothing_behind() -> None:
    before = asyncio.all_tasks()
    async with DiscordServer() as server:
        session = aiohttp.ClientSession()
        socket = await session.ws_connect(server.gateway_url)
        await socket.receive(timeout=30)
        held = server.faults.hold("GET", "/users/@me")
        stuck = asyncio.create_task(
            session.get(f"{server.api_url}/users/@me", headers={"Authorization": f"Bot {server.token}"})
        )
        await held.reached()
    async with asyncio.timeout(30):
        (await stuck).release()
        await socket.close()
        await session.close()
    assert asyncio.all_tasks() == before


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x"])
async def test_a_client_that_dies_while_it_writes(
    server: DiscordServer, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    address = server.api_url.removeprefix("http://").partition("/")[0]
    host, _, port = address.partition(":")
    path = f"/channels/{server.channel('general').id}/messages"
    _, writer = await asyncio.open_connection(host, int(port))
    head = f"POST /api/v10{path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: {kind}\r\nContent-Length: 999\r\n\r\n"
    writer.write(head.encode() + b'--x\r\nContent-Disposition: form-data; name="payload_json"\r\n\r\n{')
    await writer.drain()
    async with aiohttp.ClientSession() as session:
        raw = Raw(server, session)
        assert (await raw("POST", path, {"content": "meanwhile"}))[0] == 200
        writer.transport.abort()
        assert (await raw("POST", path, {"content": "next"}))[0] == 200
    assert [request.status for request in server.requests] == [None, 200, 200]
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_a_socket_that_listens_already_keeps_those_who_come_before_the_server() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with aiohttp.ClientSession() as session:
        early = asyncio.create_task(session.get(f"{address}/api/v10/gateway"))
        await asyncio.sleep(0)
        async with asyncio.timeout(30), DiscordServer(listener=listener) as server:
            assert server.api_url == f"{address}/api/v10"
            assert await (await early).json() == {"url": server.gateway_url}


async def test_one_that_listens_everywhere_calls_itself_by_the_machines_own_name() -> None:
    async with DiscordServer(host="0.0.0.0") as server:
        assert server.api_url.startswith("http://127.0.0.1:")


async def test_it_knows_the_token_that_it_was_given_and_no_other() -> None:
    async with DiscordServer(token="mine") as server, aiohttp.ClientSession() as session:
        raw = Raw(server, session)
        assert [(await raw("GET", "/users/@me", token=token))[0] for token in ("mine", "another")] == [200, 401]
