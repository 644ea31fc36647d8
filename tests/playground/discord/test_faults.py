"""Faults on the way, and what the real client makes of them."""

from __future__ import annotations

import asyncio

import aiohttp
import discord
import pytest

from playground.discord import DiscordServer, Upload
from tests.playground.discord.puppet import Ask, Launch, Puppet, Raw


@pytest.fixture
async def channel(server: DiscordServer, puppet: Puppet, launch: Launch) -> discord.PartialMessageable:
    client = await launch(puppet)
    return client.get_partial_messageable(server.channel("general").id)


def contents(server: DiscordServer) -> list[str]:
    return [message.content for message in server.channel("general").messages]


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_5xx_is_tried_again(
    server: DiscordServer, channel: discord.PartialMessageable, no_backoff: list[float], status: int
) -> None:
    server.faults.status(status, "POST", "/channels/*/messages", times=2)

    await channel.send("hi")

    assert contents(server) == ["hi"]
    assert no_backoff[:2] == [1, 3]
    assert server.refused == []


async def test_503_is_raised_at_once_with_the_bot_token(
    server: DiscordServer, channel: discord.PartialMessageable
) -> None:
    fault = server.faults.status(503, "POST", "/channels/*/messages", times=None)

    with pytest.raises(discord.DiscordServerError):
        await channel.send("hi")

    assert fault.hits == 1
    fault.stop()
    await channel.send("back")
    assert contents(server) == ["back"]


async def test_connection_reset_is_raised_at_once(server: DiscordServer, channel: discord.PartialMessageable) -> None:
    server.faults.reset("POST", "/channels/*/messages")
    with pytest.raises(OSError) as raised:
        await channel.send("lost")
    assert raised.value.errno == 104
    assert contents(server) == []

    server.faults.reset("POST", "/channels/*/messages", after_effect=True)
    with pytest.raises(OSError):
        await channel.send("kept")
    assert contents(server) == ["kept"]
    assert [request.status for request in server.requests_to("POST", "*/messages")] == [None, None]


async def test_connection_closed_without_a_reply(server: DiscordServer, channel: discord.PartialMessageable) -> None:
    server.faults.drop("POST", "/channels/*/messages")

    with pytest.raises(aiohttp.ServerDisconnectedError):
        await channel.send("kept")

    assert contents(server) == ["kept"]


async def test_lost_reply_to_a_message_is_healed_by_its_nonce(
    server: DiscordServer, channel: discord.PartialMessageable, no_backoff: list[float]
) -> None:
    server.faults.status(504, "POST", "/channels/*/messages", after_effect=True)

    await channel.send("once")

    assert contents(server) == ["once"]
    assert len(server.requests_to("POST", "/channels/*/messages")) == 2


async def test_lost_reply_to_a_followup_doubles_it(
    server: DiscordServer, puppet: Puppet, launch: Launch, no_backoff: list[float]
) -> None:
    @puppet.tree.command(description="Draw")
    async def draw(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("hi")
        await interaction.followup.send("twice")

    await launch(puppet)
    server.faults.status(504, "POST", "/webhooks/*", after_effect=True)

    reply = await server.user("ada").slash(server.channel("general"), "draw")
    await server.until(lambda: len(reply.followups) == 2)

    assert contents(server) == ["hi", "twice", "twice"]


async def test_lost_reply_to_a_callback_ends_in_40060(
    server: DiscordServer, puppet: Puppet, launch: Launch, no_backoff: list[float]
) -> None:
    told = asyncio.get_running_loop().create_future()

    @puppet.tree.command(description="Draw")
    async def draw(interaction: discord.Interaction) -> None:
        try:
            await interaction.response.defer()
        except discord.HTTPException as exc:
            told.set_result(exc.code)

    await launch(puppet)
    server.faults.status(502, "POST", "/interactions/*", after_effect=True)

    reply = await server.user("ada").slash(server.channel("general"), "draw")

    assert await asyncio.wait_for(told, 30) == 40060
    assert not reply.failed


async def test_held_requests_wait(server: DiscordServer, raw: Raw, asked: Ask) -> None:
    interaction = await asked()
    held = server.faults.hold("POST", "/interactions/*")
    answering = asyncio.create_task(raw.answer(interaction, 5))
    await held.reached()
    assert interaction.response_type is None

    held.release()

    assert (await answering)[0] == 200
    await interaction.answered()
    assert [request.json for request in server.requests_to("POST", "/interactions/*")] == [{"type": 5, "data": None}]


async def test_reply_held_after_its_effect(server: DiscordServer, raw: Raw, asked: Ask) -> None:
    interaction = await asked()
    held = server.faults.hold("POST", "/interactions/*", after_effect=True)
    answering = asyncio.create_task(raw.answer(interaction, 5))

    await interaction.answered()
    assert not answering.done()
    server.faults.clear()

    assert (await answering)[0] == 200
    assert held.hits == 1


async def test_a_held_request_fails_after_its_effect(server: DiscordServer, raw: Raw) -> None:
    path = f"/channels/{server.channel('general').id}/messages"
    held = server.faults.hold("POST", path, after_effect=True, text="two")
    assert (await raw("POST", path, {"content": "one"}))[0] == 200
    posting = asyncio.create_task(raw("POST", path, {"content": "two"}))
    await held.reached()
    assert contents(server) == ["one", "two"]

    held.fail(503)

    assert (await posting)[0] == 503
    assert (await raw("POST", path, {"content": "two"}))[0] == 200


async def test_faults_strike_what_they_are_aimed_at(server: DiscordServer, raw: Raw) -> None:
    fault = server.faults.status(500, "GET", "/users/@me")
    assert (await raw("GET", "/gateway"))[0] == 200
    assert (await raw("GET", "/users/@me"))[0] == 500
    assert (await raw("GET", "/users/@me"))[0] == 200
    with pytest.raises(TimeoutError, match="no GET /users/1"):
        await server.faults.status(500, "GET", "/users/1").reached(timeout=0.01)
    server.faults.status(500, times=None)
    server.faults.clear()
    assert (await raw("GET", "/users/@me"))[0] == 200
    assert fault.hits == 1


async def test_a_fault_for_files_strikes_what_brings_files(server: DiscordServer, raw: Raw) -> None:
    path = f"/channels/{server.channel('general').id}/messages"
    faults = server.faults
    armed = [
        faults.status(502, files=True),
        faults.rate_limit(0.0, files=True),
        faults.reset(files=True),
        faults.drop(files=True),
        faults.hold(files=True),
    ]
    assert (await raw("POST", path, {"content": "words"}))[0] == 200
    assert [fault.hits for fault in armed] == [0] * 5

    async def post() -> int:
        try:
            return (await raw("POST", path, {}, files=(Upload("a.png", b"x"),)))[0]
        except (OSError, aiohttp.ClientError):
            return 0

    assert [await post() for _ in range(4)] == [502, 429, 0, 0]
    held = asyncio.create_task(post())
    await armed[-1].reached()
    assert (await raw("POST", path, {"content": "words"}))[0] == 200
    faults.clear()
    assert await held == 200
    assert [fault.hits for fault in armed] == [1] * 5


async def test_a_slow_answer_comes_in_time_or_when_it_is_let_go(server: DiscordServer, raw: Raw) -> None:
    clock = asyncio.get_running_loop().time
    server.faults.delay(0.05, "GET", "/users/@me")
    began = clock()
    assert (await raw("GET", "/users/@me"))[0] == 200
    assert clock() - began >= 0.05
    slow = server.faults.delay(3600.0, times=None)
    held = asyncio.create_task(raw("GET", "/users/@me"))
    await slow.reached()
    slow.release()
    assert (await held)[0] == 200


async def test_requests_are_recorded(server: DiscordServer, raw: Raw) -> None:
    path = f"/channels/{server.channel('general').id}/messages"
    await raw("POST", path, {"content": "hi"})
    await raw("POST", path, {})

    await raw("GET", "/polls/1")
    await raw("PUT", "/users/@me")
    good, bad = server.requests_to("POST", "/channels/*")
    assert (good.path, good.route, good.json, good.status) == (
        path,
        "/channels/{channel_id}/messages",
        {"content": "hi"},
        200,
    )
    assert bad.status == 400
    assert [(request.status, request.path) for request in server.refused[1:]] == [
        (404, "/polls/1"),
        (404, "/users/@me"),
    ]
    assert good.at <= server.clock.time()
