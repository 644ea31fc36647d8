"""An end that is told elsewhere than where the job was asked for."""

from __future__ import annotations

import discord

from bot.ui.embeds.texts import clip

_FOOTER = 2048


def add_origin(embed: discord.Embed, place: str, job_id: str) -> None:
    """Say where the job was asked for; `is_from` knows the embed again by it."""
    told = f"Asked for in {place}, where it cannot be shown."
    embed.set_footer(text=f"{clip(told, _FOOTER - 100)} Job {job_id}")  # a footer knows no markdown


def is_from(embed: discord.Embed, job_id: str) -> bool:
    """Whether it tells the end of that job elsewhere."""
    return (embed.footer.text or "").endswith(f" Job {job_id}")
