"""``python -m benchmarks.deferring API_URL TOKEN``: the least that a bot can do. It answers everything with "wait"."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import discord

from bot.endpoint import use_api


class DeferringBot(discord.Client):
    """Defers what users do, and offers nothing to what they type."""

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        if interaction.type is discord.InteractionType.autocomplete:
            await interaction.response.autocomplete([])
        else:
            await interaction.response.defer()


async def _run(api_url: str, token: str) -> None:
    await use_api(api_url)
    async with DeferringBot(intents=discord.Intents.default()) as bot:
        await bot.start(token)


if __name__ == "__main__":
    asyncio.run(_run(*sys.argv[1:]))
