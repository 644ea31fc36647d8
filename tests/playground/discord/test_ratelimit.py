"""Rate limits: counted, told, and obeyed by the real client."""

from __future__ import annotations

import asyncio

import discord
import pytest

from playground.discord import DiscordServer, Rate
from tests.playground.discord.puppet import Ask, Launch, Puppet, Raw


@pytest.mark.usefixtures("still")
async def test_edits_are_counted_by_channel(server: DiscordServer, raw: Raw) -> None:
    paths = []
    for name in ("general", "pictures"):
        place = f"/channels/{server.channel(name).id}/messages"
        _, message = await raw("POST", place, {"content": "hi"})
        paths.append(f"{place}/{message['id']}")

    remaining = []
    for number in range(5):
        status, _ = await raw("PATCH", paths[0], {"content": str(number)})
        assert status == 200
        remaining.append(raw.headers["X-RateLimit-Remaining"])
    status, error = await raw("PATCH", paths[0], {"content": "too much"})

    assert remaining == ["4", "3", "2", "1", "0"]
    assert status == 429
    assert set(error) == {"message", "code", "retry_after", "global"}
    assert 0 < error["retry_after"] <= 5
    assert raw.headers["Via"]
    assert raw.headers["X-RateLimit-Limit"] == "5"
    assert float(raw.headers["X-RateLimit-Reset-After"]) == error["retry_after"]
    assert (await raw("PATCH", paths[1], {"content": "elsewhere"}))[0] == 200
    assert server.count_429 == server.invalid_requests == 1
    server.clock.advance(error["retry_after"])
    assert (await raw("PATCH", paths[0], {"content": "again"}))[0] == 200


@pytest.mark.usefixtures("still")
async def test_interaction_webhooks_are_counted_by_token(server: DiscordServer, asked: Ask, raw: Raw) -> None:
    one, other = await asked(), await asked()
    for interaction in (one, other):
        await raw.answer(interaction, 5)
    path = raw.hook(one, "/messages/@original")

    statuses = [(await raw("PATCH", path, {"content": str(number)}))[0] for number in range(6)]

    assert statuses == [200] * 5 + [429]
    assert (await raw("PATCH", raw.hook(other, "/messages/@original"), {"content": "x"}))[0] == 200


@pytest.mark.usefixtures("still")
async def test_global_limit_counts_the_bot_token_only(server: DiscordServer, asked: Ask, raw: Raw) -> None:
    interaction = await asked()
    server.clock.advance(1)
    server.ratelimits.overall = Rate(2, 1.0)

    statuses = [(await raw("GET", "/users/@me"))[0] for _ in range(3)]

    assert statuses == [200, 200, 429]
    assert raw.headers["X-RateLimit-Global"] == "true"
    assert (await raw.answer(interaction, 5))[0] == 200


async def test_real_client_obeys_the_headers(server: DiscordServer, puppet: Puppet, launch: Launch) -> None:
    server.ratelimits.messages = server.ratelimits.edits = Rate(2, 0.05)
    client = await launch(puppet)
    channel = client.get_partial_messageable(server.channel("general").id)
    sent = await channel.send("hi")

    await asyncio.gather(*(sent.edit(content=str(number)) for number in range(5)))

    assert server.count_429 == 0
    assert len(server.requests_to("PATCH", "/channels/*")) == 5


async def test_real_client_waits_after_a_429(server: DiscordServer, puppet: Puppet, launch: Launch) -> None:
    client = await launch(puppet)
    channel = client.get_partial_messageable(server.channel("general").id)
    fault = server.faults.rate_limit(0.01, "POST", "/channels/*/messages")

    await channel.send("hi")

    assert fault.hits == 1
    assert [request.status for request in server.requests_to("POST", "/channels/*")] == [429, 200]
    assert server.count_429 == 0
    assert server.invalid_requests == 1
    assert server.refused == []


@pytest.mark.parametrize("is_global", [False, True])
async def test_429_without_via_is_raised_at_once(
    server: DiscordServer, puppet: Puppet, launch: Launch, is_global: bool
) -> None:
    client = await launch(puppet)
    channel = client.get_partial_messageable(server.channel("general").id)
    server.faults.rate_limit(30, "POST", "/channels/*/messages", via=False, is_global=is_global)

    with pytest.raises(discord.HTTPException) as raised:
        await channel.send("hi")

    assert raised.value.status == 429
