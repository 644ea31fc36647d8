"""Pointing discord.py at another Discord-compatible server.

discord.py 2.7 has no setting for it; these three class attributes are all that it takes its addresses from.
"""

from __future__ import annotations

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from core.exceptions import DisComfyError
from utils.language import phrase


async def use_api(api_url: str) -> None:
    """Use the API at ``api_url`` (``http://host:port/api/v10``), and the gateway and files that it names.

    Raises:
        DisComfyError: no such API answers there; its cause says whether that passes.
    """
    base = api_url.rstrip("/")
    try:
        async with aiohttp.ClientSession() as session, session.get(f"{base}/gateway") as response:
            if response.status >= 500 or response.status == 429:
                response.raise_for_status()
            gateway = (await response.json(content_type=None))["url"]
    except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError) as exc:
        raise DisComfyError(
            phrase("No Discord API answers at DISCORD_API_URL; check the address or leave it out."), detail=repr(exc)
        ) from exc
    Route.BASE = base
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)
    discord.Asset.BASE = str(yarl.URL(base).origin())  # pyright: ignore[reportAttributeAccessIssue] - typed as its value
