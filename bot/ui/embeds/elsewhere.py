"""An end that is told elsewhere than where the job was asked for."""

from __future__ import annotations

import discord

from bot.ui.embeds.texts import clip
from utils.language import say

_PLACE = 500


def add_origin(embed: discord.Embed, place: str, job_id: str) -> None:
    """Say where the job was asked for; `is_from` knows the embed again by it."""
    where = clip(place, _PLACE)
    text = say("Asked for in {place}, where it cannot be shown. Job {job}", place=where, job=job_id)
    embed.set_footer(text=text)  # a footer knows no markdown


def is_from(embed: discord.Embed, job_id: str) -> bool:
    """Whether it tells the end of that job elsewhere."""
    return job_id in (embed.footer.text or "")
