"""What a bot leaves behind is seen."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from benchmarks.leftovers import leftovers
from bot.client import ComfyUIBot

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def discord_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """discord.py is pointed back afterwards."""
    for place in ((Route, "BASE"), (DiscordWebSocket, "DEFAULT_GATEWAY"), (discord.Asset, "BASE")):
        monkeypatch.setattr(*place, getattr(*place))


async def test_a_bot_leaves_nothing() -> None:
    assert await leftovers(2, 1) == []


async def test_a_task_and_a_file_that_stay_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("benchmarks.leftovers.SETTLES_WITHIN", 2.0)
    kept: list[Any] = []
    close = ComfyUIBot.close

    async def leave_something(bot: ComfyUIBot) -> None:
        if not kept:
            file = (tmp_path / "left").open("w")
            kept.extend((file, asyncio.create_task(asyncio.sleep(60), name="forgotten")))
        await close(bot)

    monkeypatch.setattr(ComfyUIBot, "close", leave_something)
    left = await leftovers(1, 1)
    kept[0].close()
    kept[1].cancel()
    assert left == ["task: forgotten", f"open: {tmp_path / 'left'}"]
