"""The server, and who talks to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import discord
import pytest
from PIL import Image

from playground.discord import DiscordServer, Interaction
from tests.playground.discord.puppet import Ask, Launch, Puppet, Raw, launching

OPENAPI = Path(__file__).resolve().parents[4] / "shared" / "discord" / "openapi.json"


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer(
        openapi=OPENAPI if OPENAPI.exists() else None, privileged_intents=discord.Intents.all().value
    ) as running:
        yield running


@pytest.fixture
def still(server: DiscordServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Discord's time passes only where a test moves it on."""
    now = server.clock.time()
    monkeypatch.setattr(server.clock, "_source", lambda: now)


@pytest.fixture
def puppet() -> Puppet:
    return Puppet()


@pytest.fixture
async def launch(server: DiscordServer) -> AsyncIterator[Launch]:
    async with launching(server) as start:
        yield start
    assert server.schema_violations == []


@pytest.fixture
async def raw(server: DiscordServer) -> AsyncIterator[Raw]:
    async with aiohttp.ClientSession() as session:
        yield Raw(server, session)


@pytest.fixture
async def asked(server: DiscordServer, raw: Raw) -> Ask:
    """Ada types ``/draw`` in #general; nobody has answered yet."""
    await raw.register({"name": "draw", "description": "Draw"})

    async def ask() -> Interaction:
        return await server.user("ada").slash(server.channel("general"), "draw")

    return ask


@pytest.fixture
def no_backoff(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """discord.py's sleeps before a retry take no time; they are listed."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0)

    instant = SimpleNamespace(**{**vars(asyncio), "sleep": sleep})
    monkeypatch.setattr("discord.http.asyncio", instant)
    monkeypatch.setattr("discord.webhook.async_.asyncio", instant)
    return slept


@pytest.fixture
def png() -> bytes:
    out = BytesIO()
    Image.new("RGB", (3, 2), "red").save(out, "PNG")
    return out.getvalue()
