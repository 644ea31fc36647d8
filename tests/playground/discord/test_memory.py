"""A server that runs for days does not remember everything."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from playground.discord import DiscordServer, Memory, Upload
from playground.discord.ratelimit import Bucket
from tests.playground.discord.puppet import Puppet, Raw, pointed_at


@pytest.fixture
def memory() -> Memory:
    return Memory(requests=20, states=12, messages=6, interactions=5, files=1000)


@pytest.fixture
async def server(memory: Memory) -> AsyncIterator[DiscordServer]:
    async with DiscordServer(memory=memory) as running:
        yield running


async def test_past_states_are_forgotten_before_messages(server: DiscordServer) -> None:
    ada, general = server.user("ada"), server.channel("general")
    first, second = await ada.say(general, "first"), await ada.say(general, "second")
    for number in range(30):
        server.world.edit(replace(second, content=str(number)))

    assert [message.content for message in general.messages] == ["first", "29"]
    assert [state.content for state in server.world.history(first.id)] == ["first"]
    assert [state.content for state in server.world.history(second.id)] == [str(number) for number in range(19, 30)]
    assert server.world.histories.count(second.id) == 31
    assert [state.content for state in server.world.history(second.id, after=29)] == ["28", "29"]


async def test_the_oldest_messages_go_when_there_are_too_many(server: DiscordServer) -> None:
    ada, general = server.user("ada"), server.channel("general")
    for number in range(9):
        await ada.say(general, str(number))
    assert [message.content for message in general.messages] == ["3", "4", "5", "6", "7", "8"]
    assert [states[-1].content for states in server.histories] == [str(number) for number in range(9)]


async def test_files_count(server: DiscordServer) -> None:
    ada, general = server.user("ada"), server.channel("general")
    for number in range(4):
        await ada.say(general, str(number), Upload("a.bin", b"x" * 300))
    assert [message.content for message in general.messages] == ["1", "2", "3"]
    alone = await ada.say(general, "large", Upload("a.bin", b"x" * 5000))
    assert general.messages == (alone,)
    assert await alone.attachments[0].read() == b"x" * 5000


async def test_a_file_that_many_states_have_counts_once(server: DiscordServer) -> None:
    ada, general = server.user("ada"), server.channel("general")
    said = await ada.say(general, "0", Upload("a.bin", b"x" * 600))
    for number in range(5):
        server.world.edit(replace(said, content=str(number)))
    assert len(server.world.history(said.id)) == 6
    await ada.delete(said)
    await ada.say(general, "next", Upload("a.bin", b"x" * 600))
    assert server.world.history(said.id) == []


async def test_files_of_commands_are_the_newest(server: DiscordServer) -> None:
    cdn, place = server.world.cdn, server.channel("general").id
    files = [cdn.keep_loose(Upload(f"{number}.bin", b"x" * 400), place) for number in range(4)]
    async with aiohttp.ClientSession() as session:
        statuses = [(await session.get(file.url)).status for file in files]
    assert statuses == [404, 404, 200, 200]


async def test_interactions_are_kept_while_their_tokens_are_good(server: DiscordServer) -> None:
    async with aiohttp.ClientSession() as session:
        raw = Raw(server, session)
        await raw.register({"name": "draw", "description": "Draw"})
        ada, general = server.user("ada"), server.channel("general")
        asked = [await ada.slash(general, "draw") for _ in range(8)]
        form = {"type": 18, "label": "A", "component": {"type": 4, "custom_id": "t", "style": 1}}
        await raw.answer(asked[0], 9, {"custom_id": "m", "title": "M", "components": [form]})
        assert len(server.world.interactions) == 8
        server.clock.advance(15 * 60 + 1)
        last = await ada.slash(general, "draw")

    assert list(server.world.interactions.values()) == [*asked[4:], last]
    assert server.world.forms == {}


async def test_the_journal_has_the_newest_requests(server: DiscordServer) -> None:
    async with aiohttp.ClientSession() as session:
        raw = Raw(server, session)
        for number in range(50):
            await raw("GET", f"/polls/{number}")
        assert len(server.requests) <= 20
        assert server.requests[-1].path == "/polls/49"
        path = f"/channels/{server.channel('general').id}/messages"
        for name in ("a", "b", "c"):
            await raw("POST", path, {}, files=(Upload(name, b"x" * 400),))
    assert [len(request.files) for request in server.requests_to("POST", path)] == [0, 1, 1]


async def test_sessions_of_bots_that_never_came_back(server: DiscordServer) -> None:
    with pointed_at(server):
        for _ in range(8):
            client = Puppet()
            await client.login(server.token)
            async with aiohttp.ClientSession() as session, session.ws_connect(server.gateway_url) as socket:
                await socket.receive()
                await socket.send_json({"op": 2, "d": {"token": server.token, "intents": 1}})
                await server.until(lambda: server.connected)
                await server.drop_gateway()
            await client.close()
            await server.until(lambda: not server.connected)
    assert len(server._gateway._sessions) <= 5


async def test_rate_limit_windows_that_are_over(server: DiscordServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playground.discord.ratelimit._WINDOWS", 10)
    for number in range(100):
        server.ratelimits.spend(Bucket("interactions", str(number)))
        server.clock.advance(1)
    assert len(server.ratelimits._windows) <= 12


async def test_a_click_knows_its_edits_when_older_states_are_gone(server: DiscordServer) -> None:
    async with aiohttp.ClientSession() as session:
        raw = Raw(server, session)
        row = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}
        path = f"/channels/{server.channel('general').id}/messages"
        _, sent = await raw("POST", path, {"content": "form", "components": [row]})
        message = server.message(int(sent["id"]))
        assert message is not None
        for number in range(15):
            message = server.world.edit(replace(message, content=str(number)))
        click = await server.user("ada").click(message, "Go")
        await raw.answer(click, 7, {"content": "done"})
    assert [state.content for state in click.edits] == ["done"]
