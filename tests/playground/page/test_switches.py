"""Faults on a switch, and what the bot makes of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from playground.discord import DiscordServer, PlaygroundError
from playground.page import Choice, Page, Switch
from playground.page import switches as shipped
from tests.playground.discord.puppet import Launch, Puppet, Raw
from tests.playground.page.window import Open, RefusedError


async def flip(page: Page, name: str, value: Any = None) -> None:
    await next(switch for switch in page.switches if switch.name == name).flip(value)


async def statuses(raw: Raw, server: DiscordServer, count: int) -> list[int]:
    path = f"/channels/{server.channel('general').id}/messages"
    found = []
    for _ in range(count):
        found.append((await raw("GET", path))[0])
    return found


async def test_the_gateway_is_dropped_and_refuses_once(
    page: Page, server: DiscordServer, puppet: Puppet, launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("discord.backoff.ExponentialBackoff.delay", lambda self: 0.0)
    await launch(puppet)

    await flip(page, "gateway_refuse")

    await server.until(lambda: server.resumes == 1)
    assert server.connected


async def test_rate_limits_come_and_go(page: Page, server: DiscordServer, raw: Raw) -> None:
    await flip(page, "rate_limit", "all")
    assert await statuses(raw, server, 2) == [429, 429]
    assert raw.headers["Via"]
    await flip(page, "rate_limit", "some")
    assert await statuses(raw, server, 6) == [200, 200, 429] * 2
    assert (await raw("GET", "/users/@me"))[0] == 200
    await flip(page, "rate_limit", "off")
    assert await statuses(raw, server, 3) == [200] * 3


async def test_slow_discord_lets_go_of_what_it_holds(
    page: Page, server: DiscordServer, raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "_SLOW_SECONDS", 300.0)
    await flip(page, "slow", True)
    asking = asyncio.create_task(statuses(raw, server, 1))
    await server.until(lambda: server.requests)
    assert not asking.done()
    await flip(page, "slow", False)
    async with asyncio.timeout(30):
        assert await asking == [200]


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("slow", "on", "switched on or off"),
        ("slow", None, "switched on or off"),
        ("rate_limit", "sometimes", "is one of 'Off'"),
        ("rate_limit", ["all"], "is one of"),
        ("nothing", None, "no switch 'nothing'"),
        ("", None, "no switch"),
    ],
)
async def test_positions_that_a_switch_does_not_have(window: Open, name: str, value: Any, complaint: str) -> None:
    ada = await window("ada")
    with pytest.raises(RefusedError, match=complaint):
        await ada.do("fault", name=name, value=value)


async def test_others_add_their_own(window: Open, page: Page) -> None:
    stands: list[Any] = ["fast"]

    async def turn(value: Any) -> None:
        if value == "stuck":
            raise PlaygroundError("it is stuck; try again later")
        stands[0] = value

    choices = (Choice("Fast", "fast"), Choice("Slow", "slow"), Choice("Stuck", "stuck"))
    page.switches.append(Switch("pace", "Pace", "How fast", "choice", turn, lambda: stands[0], choices))
    ada = await window("ada")
    assert ada.view["faults"][-1] == {
        "name": "pace",
        "label": "Pace",
        "about": "How fast",
        "kind": "choice",
        "value": "fast",
        "choices": [{"label": choice.label, "value": choice.value} for choice in choices],
    }

    await ada.do("fault", name="pace", value="slow")

    assert (await ada.until("faults"))["faults"][-1]["value"] == stands[0] == "slow"
    with pytest.raises(RefusedError, match=r"^It is stuck; try again later\.$"):
        await ada.do("fault", name="pace", value="stuck")
