"""What windows are told while they are open."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import aiohttp
import discord
import pytest

from playground.discord import DiscordServer, Message, Upload
from playground.page import Page, screen
from tests.playground.discord.puppet import Launch, Puppet, Raw
from tests.playground.page.window import Open, Window


@pytest.fixture
async def deaf(server: DiscordServer, session: aiohttp.ClientSession) -> Any:
    """A window that has entered and reads no more."""
    seat = await Window(session, server).open()
    await seat.enter("ada")
    seat.reading.cancel()
    await asyncio.gather(seat.reading, return_exceptions=True)
    return seat


async def test_edits_follow_each_other(window: Open, server: DiscordServer, puppet: Puppet, launch: Launch) -> None:
    @puppet.tree.command(description="Draw")
    async def draw(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("0 %")
        for part in (50, 100):
            await interaction.edit_original_response(content=f"{part} %")

    await launch(puppet)
    ada, bob = await window("ada"), await window("bob")

    await ada.do("slash", channel=ada.channel("general"), command="draw")

    for seat in (ada, bob):
        last = await seat.message(lambda message: message["content"] == "100 %")
        assert len({push["message"]["id"] for push in seat.pushed("message")}) == 1
        assert last["edited"] >= last["time"]


async def test_the_bot_comes_goes_and_comes_back(
    window: Open, server: DiscordServer, puppet: Puppet, launch: Launch
) -> None:
    ada = await window("ada")
    first = await launch(puppet)
    await ada.until("bot", lambda push: push["online"])
    await first.close()
    await ada.until("bot", lambda push: not push["online"])
    await launch(Puppet())
    await server.until(lambda: len(ada.pushed("bot")) == 3)
    assert [push["online"] for push in ada.pushed("bot")] == [True, False, True]
    assert ada.pushed("bot")[0]["name"] == "disbot"


async def test_a_dropped_gateway_is_seen(window: Open, server: DiscordServer, puppet: Puppet, launch: Launch) -> None:
    await launch(puppet)
    ada = await window("ada")
    assert ada.view["bot"]["online"]

    await ada.do("fault", name="gateway_drop")

    await ada.until("bot", lambda push: not push["online"])
    await ada.until("bot", lambda push: push["online"])
    assert server.resumes == 1


async def test_a_window_that_closes_is_forgotten(window: Open, server: DiscordServer, page: Page) -> None:
    ada, bob = await window("ada"), await window("bob")
    assert page.windows == 2
    await ada.close()
    await server.until(lambda: page.windows == 1)
    await bob.do("say", channel=bob.channel("general"), content="still here")
    await bob.message(lambda message: message["content"] == "still here")


async def test_a_window_cut_off_while_it_waits_leaves_nothing(
    window: Open, server: DiscordServer, raw: Raw, page: Page
) -> None:
    option = {"name": "lora", "description": "LoRA", "type": 3, "autocomplete": True}
    await raw.register({"name": "draw", "description": "Draw", "options": [option]})
    ada = await window("ada")
    asked = {"channel": ada.channel("general"), "command": "draw", "focused": "lora", "value": "x"}
    waiting = asyncio.create_task(ada.do("complete", **asked))
    await server.until(lambda: server.world.interactions)
    assert [task for task in asyncio.all_tasks() if task.get_name() == "playground-page-complete"]

    ada.socket._response.close()  # no goodbye
    waiting.cancel()
    await server.until(lambda: not page.windows)
    assert [task for task in asyncio.all_tasks() if task.get_name().startswith("playground-page")] == []


async def test_a_window_that_does_not_read_is_cut_off(
    deaf: Window, server: DiscordServer, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen, "_BEHIND", 1_000_000)
    ada, general = server.user("ada"), server.channel("general")
    async with asyncio.timeout(30):
        while page.windows:
            await ada.say(general, "x" * 2000)
            await asyncio.sleep(0)
    again = await Window(deaf.session, server).open()
    await again.enter("ada")
    assert again.view["messages"][str(general.id)]
    await again.close()


async def test_of_a_message_that_changes_often_the_last_state_waits(
    deaf: Window, server: DiscordServer, page: Page
) -> None:
    """Somebody slow is told what is so now, not all that was."""
    (seat,) = page._audience.screens
    general = server.channel("general")
    message = await server.user("ada").say(general, "start")
    for number in range(5000):
        edited(server, message, f"{number} " + "x" * 1000)
        if number % 100 == 0:
            await asyncio.sleep(0)
    assert seat._size < 3 * 1000 * 1000
    assert page.windows == 1


def edited(server: DiscordServer, message: Message, content: str) -> None:
    server.world.edit(replace(message, content=content))


async def test_switches_are_told_to_every_window(window: Open, page: Page) -> None:
    ada, bob = await window("ada"), await window("bob")
    await ada.do("fault", name="slow", value=True)
    told = await bob.until("faults")
    assert {fault["name"]: fault["value"] for fault in told["faults"]}["slow"] is True
    page.changed_faults()
    await bob.settled()
    assert len(bob.pushed("faults")) == 2


async def test_deleted_by_the_bot(window: Open, server: DiscordServer, raw: Raw) -> None:
    path = f"/channels/{server.channel('general').id}/messages"
    _, sent = await raw("POST", path, {"content": "x"}, files=(Upload("a.txt", b"x"),))
    ada = await window("ada")
    await raw("DELETE", f"{path}/{sent['id']}")
    assert (await ada.until("gone"))["message"] == sent["id"]
