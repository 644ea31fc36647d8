"""Who and what is there when the demo begins."""

from __future__ import annotations

import asyncio
from pathlib import Path

from playground.demo.bots import DemoBot
from playground.demo.ground import address_of, listening
from playground.demo.keeping import kept
from playground.demo.plan import Addresses, BotSetup, Plan
from playground.demo.town import WELCOME, founded
from playground.discord import FOR_DAYS
from playground.discord.protocol import ChannelKind


async def test_people_places_and_a_welcome(tmp_path: Path) -> None:
    setup = BotSetup(("bot",), lambda addresses: {}, {})
    plan = Plan(setup, setup, tmp_path, comfyui="http://127.0.0.1:9")
    listener = listening(plan.host, 0)
    address = address_of(listener)
    async with asyncio.timeout(30), kept(tmp_path) as keeper:
        addresses = Addresses("t", address, "http://127.0.0.1:9", tmp_path, tmp_path)
        bot = DemoBot(setup, setup, addresses, keeper, lambda sentence: None)
        async with founded(plan, listener, "t", bot, None) as town:
            server = town.server
            people = {user.name: (user.locale, user.moderator) for user in server.users}
            places = [(place.name, place.kind, place.age_restricted) for place in server.world.channels.values()]
            said = [message.content for message in server.channel("general").messages]
            assert server.api_url.startswith(address)
            assert server.world.memory is FOR_DAYS
    assert people == {"ada": ("en-US", True), "ben": ("de", False), "chloe": ("fr", False)}
    assert places == [
        ("general", ChannelKind.TEXT, False),
        ("pictures", ChannelKind.TEXT, False),
        ("after-dark", ChannelKind.TEXT, True),
        ("foxes", ChannelKind.THREAD, False),
        ("just us", ChannelKind.GROUP, False),
    ]
    assert said == [WELCOME]
    assert {switch.name for switch in town.page.switches} >= {"gateway_drop", "bot_kill", "bot_restart"}
