"""Time, ids and waiting."""

from __future__ import annotations

import asyncio

import pytest

from playground.discord import Clock, DiscordServer
from playground.discord.clock import Snowflakes, as_id
from playground.discord.pulse import Pulse


def test_clock_moves_on() -> None:
    clock = Clock(lambda: 100.0)
    clock.advance(2.5)
    assert clock.time() == 102.5


def test_snowflakes_carry_the_time_and_never_repeat() -> None:
    clock = Clock(lambda: 1_500_000_000.0)
    ids = Snowflakes(clock)
    first, second = ids.next(), ids.next()
    clock.advance(1)
    third = ids.next()

    assert (first >> 22) + 1_420_070_400_000 == 1_500_000_000_000
    assert first < second < third


@pytest.mark.parametrize("text", ["", "-1", "1.0", "x", "٣", "1" * 21, 1, None])
def test_an_id_is_a_text_of_digits(text: object) -> None:
    assert as_id("0123") == 123
    assert as_id(text) is None


async def test_waiting_ends_when_something_changed() -> None:
    pulse, changed = Pulse(), list[str]()
    waiting = asyncio.create_task(pulse.until(lambda: changed, 5, str))
    await asyncio.sleep(0)
    pulse.beat()
    await asyncio.sleep(0)
    assert not waiting.done()

    changed.append("yes")
    pulse.beat()

    assert await waiting == ["yes"]
    with pytest.raises(TimeoutError, match=r"not within 0.01 s: nothing came"):
        await pulse.until(lambda: False, 0.01, lambda: "nothing came")


async def test_server_takes_a_clock() -> None:
    async with DiscordServer(clock=Clock(lambda: 1_500_000_000.0)) as server:
        message = await server.user("ada").say(server.channel("general"), "hi")
        assert message.created_at == 1_500_000_000.0
        with pytest.raises(TimeoutError, match="last requests"):
            await server.until(lambda: server.requests, timeout=0.01)
