"""A stage: the real bot between a Discord-compatible and a ComfyUI-compatible server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.client import ComfyUIBot
from bot.endpoint import use_api
from bot.progress import ProgressBudget
from config.models import BotConfig
from playground.comfyui import ComfyUIServer
from playground.discord import Channel, DiscordServer, Interaction, Message, User
from tests.playground.discord.puppet import pointed_at

ROOT = Path(__file__).parents[2]
OPENAPI = ROOT.parent / "shared" / "discord" / "openapi.json"
WORKFLOWS = {
    "flux_lora": {"file": "flux_lora.json", "name": "Flux.1 dev", "description": "All-round pictures"},
    "hidream_lora": {"file": "hidream_lora.json", "name": "HiDream I1"},
}


class TestBot(ComfyUIBot):
    """The bot without discord.py's waits."""

    __test__ = False

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """discord.py waits 5 s before it identifies anew."""


@dataclass
class Stage:
    """Everything on it, and who stands there."""

    discord: DiscordServer
    comfyui: ComfyUIServer
    bot: TestBot
    outputs: Path

    @property
    def channel(self) -> Channel:
        return self.discord.channel("general")

    @property
    def ada(self) -> User:
        return self.discord.user("ada")

    async def generate(self, **options: Any) -> Interaction:
        """Ada types /generate."""
        return await self.ada.slash(self.channel, "generate", **options)

    async def form(self, **options: Any) -> Message:
        """Ada types /generate without a workflow; the form that opens."""
        reply = await self.generate(**options)
        return await reply.until(lambda message: bool(message.selects))


@pytest.fixture
async def comfyui() -> AsyncIterator[ComfyUIServer]:
    async with ComfyUIServer(draw=False) as server:
        yield server


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What a test changes of the configuration, by section; ``server`` for Discord's. Given by indirect parameters."""
    return getattr(request, "param", {})


@pytest.fixture
async def stage(comfyui: ComfyUIServer, tmp_path: Path, settings: dict[str, Any]) -> AsyncIterator[Stage]:
    openapi = OPENAPI if OPENAPI.exists() else None
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(DiscordServer(openapi=openapi, **settings.get("server", {})))
        sections: dict[str, dict[str, Any]] = {
            "discord": {"token": server.token, "api_url": server.api_url},
            "comfyui": {"url": comfyui.url, "silence_timeout": 5},
            "generation": {},
            "storage": {"outputs": str(tmp_path / "outputs"), "workflows": str(ROOT / "workflows")},
            "workflows": dict(WORKFLOWS),
            "security": {},
        }
        for section in sections.keys() & settings.keys():
            sections[section].update(settings[section])
        config = BotConfig.model_validate(sections)
        stack.enter_context(pointed_at(server))
        await use_api(server.api_url)
        bot = TestBot(config, guild_ready_timeout=0)
        bot.progress_budget = ProgressBudget(0.0)
        await bot.login(server.token)
        stack.push_async_callback(bot.close)
        connection = asyncio.create_task(bot.connect())
        stack.push_async_callback(asyncio.wait_for, connection, 5)
        stack.push_async_callback(bot.close)
        async with asyncio.timeout(5):
            await bot.wait_until_ready()
        yield Stage(server, comfyui, bot, tmp_path / "outputs")
    assert server.schema_violations == []
    assert server.count_429 == 0
    ours = ("job-", "progress-", "comfyui-", "catalog-", "outputs-", "discord-ui")
    assert [task for task in asyncio.all_tasks() if task.get_name().startswith(ours)] == []


@pytest.fixture
def png() -> bytes:
    """A small picture."""
    out = BytesIO()
    Image.new("RGB", (48, 32), (200, 120, 40)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is written into the checkout."""
    monkeypatch.chdir(tmp_path)


def done(message: Message) -> bool:
    """A result stands there."""
    return bool(message.attachments)


def failed(message: Message) -> bool:
    """A failure stands there."""
    return message.embed is not None and message.embed.get("color") == 0xED4245
