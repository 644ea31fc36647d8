"""/status: what the bot and ComfyUI are up to."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import discord

from bot.target import acknowledge
from bot.ui import embeds
from core.exceptions import ComfyUIError
from utils.language import phrase
from utils.logging import get_logger

if TYPE_CHECKING:
    from bot.client import ComfyUIBot

log = get_logger(__name__)

_PATIENCE = 5.0


async def status_command_handler(bot: ComfyUIBot, interaction: discord.Interaction[Any]) -> None:
    """Handle ``/status``: version, devices and their memory, queue, uptime and latencies."""
    await acknowledge(interaction)
    stats, queue, took = await _ask(bot)
    embed = embeds.status(stats, queue=queue, comfyui_ms=took, discord_ms=bot.latency * 1000, started=bot.started_at)
    await interaction.edit_original_response(embed=embed)


async def _ask(bot: ComfyUIBot) -> tuple[dict[str, Any] | None, int | None, float | None]:
    """System stats, queue length and the milliseconds that the first answer took; all None when it is away."""
    client = bot.engine.client
    try:
        async with asyncio.timeout(_PATIENCE):
            began = time.perf_counter()
            stats = await client.get_system_stats()
            took = (time.perf_counter() - began) * 1000
            return stats, await client.get_queue_remaining(), took
    except (ComfyUIError, TimeoutError) as exc:
        log.info("comfyui is away", detail=getattr(exc, "detail", None) or repr(exc))
        return None, None, None


def register(bot: ComfyUIBot) -> None:
    @bot.tree.command(name="status", description=phrase("How ComfyUI and the bot are doing"))
    async def status(interaction: discord.Interaction) -> None:
        await status_command_handler(bot, interaction)
