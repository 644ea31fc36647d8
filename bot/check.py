"""Whether Discord knows the bot's token."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp

from core.check import Finding

if TYPE_CHECKING:
    from config.models import BotConfig

_DISCORD = "https://discord.com/api/v10"


async def examine_discord(config: BotConfig) -> Finding:
    """One request: who the token belongs to."""
    token = config.discord.token
    if not token:
        return Finding("Discord", False, "there is no token; set DISCORD_TOKEN in .env or in the environment")
    base = (config.discord.api_url or _DISCORD).rstrip("/")
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as session,
            session.get(f"{base}/users/@me", headers={"Authorization": f"Bot {token}"}) as response,
        ):
            if response.status == 401:
                return Finding("Discord", False, "it does not know the token; copy it anew into DISCORD_TOKEN")
            response.raise_for_status()
            name = (await response.json(content_type=None))["username"]
    except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError):
        return Finding("Discord", False, "it cannot be reached; check the network, or DISCORD_API_URL if it is set")
    return Finding("Discord", True, f"the token is {name}'s")
