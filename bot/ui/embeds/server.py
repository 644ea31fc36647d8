"""How the bot and ComfyUI are doing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord

from bot.ui.embeds.colours import COLOUR_DONE, COLOUR_ERROR
from bot.ui.embeds.texts import clip, one_line, plain


def status(
    stats: Mapping[str, Any] | None, *, queue: int | None, comfyui_ms: float | None, discord_ms: float, started: float
) -> discord.Embed:
    """Bot and server; ``stats`` is ``GET /system_stats``, None when the server is away. ``started`` is a Unix time."""
    online = stats is not None
    embed = discord.Embed(title="Status", colour=COLOUR_DONE if online else COLOUR_ERROR)
    system = (stats or {}).get("system") or {}
    embed.add_field(
        name="ComfyUI",
        value=f"online, version {plain(str(system.get('comfyui_version', 'unknown')), 50)}"
        if online
        else "cannot be reached; new jobs are refused until it is back",
    )
    for device in ((stats or {}).get("devices") or [])[:8]:
        embed.add_field(name=clip(f"Device {device.get('type', '')}".strip(), 256), value=_device(device))
    if queue is not None:
        embed.add_field(name="Queue", value="empty" if queue == 0 else f"{queue} running or waiting")
    latency = f"Discord {_milliseconds(discord_ms)}"
    if comfyui_ms is not None:
        latency += f", ComfyUI {_milliseconds(comfyui_ms)}"
    embed.add_field(name="Latency", value=latency)
    embed.add_field(name="Up since", value=f"<t:{int(started)}:R>")
    return embed


def _device(device: Mapping[str, Any]) -> str:
    name = plain(one_line(str(device.get("name") or "unknown")), 200)
    total, free = device.get("vram_total"), device.get("vram_free")
    if not isinstance(total, int) or not isinstance(free, int) or total <= 0:
        return name
    return f"{name}\n{_gib(free)} of {_gib(total)} GiB free"


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f}"


def _milliseconds(value: float) -> str:
    return f"{value:.0f} ms" if value == value else "unknown"  # discord.py says NaN before the first heartbeat
