"""How the bot and ComfyUI are doing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import discord

from bot.ui.embeds.colours import COLOUR_DONE, COLOUR_ERROR
from bot.ui.embeds.texts import clip, one_line, plain
from utils.language import phrase, say, say_n, told

_UNKNOWN = phrase("unknown")


def status(
    stats: Mapping[str, Any] | None, *, queue: int | None, comfyui_ms: float | None, discord_ms: float, started: float
) -> discord.Embed:
    """Bot and server; ``stats`` is ``GET /system_stats``, None when the server is away. ``started`` is a Unix time."""
    online = stats is not None
    embed = discord.Embed(title=say("Status"), colour=COLOUR_DONE if online else COLOUR_ERROR)
    system = (stats or {}).get("system") or {}
    embed.add_field(
        name="ComfyUI",
        value=say("online, version {version}", version=plain(system.get("comfyui_version") or _UNKNOWN, 50))
        if online
        else say("cannot be reached; new jobs are refused until it is back"),
    )
    for device in ((stats or {}).get("devices") or [])[:8]:
        kind = device.get("type")
        name = say("Device {type}", type=clip(str(kind), 100)) if kind else say("Device")
        embed.add_field(name=name, value=_device(device))
    if queue is not None:
        many = say_n("{n} running or waiting", "{n} running or waiting", queue)
        embed.add_field(name=say("Queue"), value=many if queue else say("empty"))
    latency = f"Discord {_milliseconds(discord_ms)}"
    if comfyui_ms is not None:
        latency += f", ComfyUI {_milliseconds(comfyui_ms)}"
    embed.add_field(name=say("Latency"), value=latency)
    embed.add_field(name=say("Up since"), value=f"<t:{int(started)}:R>")
    return embed


def _device(device: Mapping[str, Any]) -> str:
    name = plain(one_line(device.get("name") or _UNKNOWN), 200)
    total, free = device.get("vram_total"), device.get("vram_free")
    if not isinstance(total, int) or not isinstance(free, int) or total <= 0:
        return name
    return f"{name}\n" + say("{free} of {total} GiB free", free=_gib(free), total=_gib(total))


def _gib(size: int) -> float:
    return round(size / 2**30, 1)


def _milliseconds(value: float) -> str:
    if math.isnan(value):  # discord.py says so before the first heartbeat
        return told(_UNKNOWN)
    return say("{n} ms", n=f"{value:.0f}")
