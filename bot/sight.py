"""Whose jobs somebody may know of: their own, and those of channels that they can read."""

from __future__ import annotations

from typing import Any

import discord

from core.jobs.models import Job

_Place = discord.abc.GuildChannel | discord.Thread


def sees(interaction: discord.Interaction[Any], job: Job) -> bool:
    """Whether whoever is at it may see a job and its result."""
    if job.owner == interaction.user.id:
        return True
    origin, guild = job.origin, interaction.guild
    if origin is None or origin.private or guild is None or origin.guild_id != guild.id:
        return False
    if origin.channel_id == interaction.channel_id:
        return _readable(interaction.permissions)
    place = guild.get_channel_or_thread(origin.channel_id)
    return place is not None and _reads(interaction.user, place)


def open_channels(interaction: discord.Interaction[Any]) -> list[int]:
    """The channels and threads of this guild whose jobs `sees` lets through."""
    guild = interaction.guild
    if guild is None:
        return []
    here = interaction.channel_id
    found = [
        place.id for place in (*guild.channels, *guild.threads) if place.id != here and _reads(interaction.user, place)
    ]
    return [*found, here] if here is not None and _readable(interaction.permissions) else found


def _reads(user: discord.abc.User, place: _Place) -> bool:
    if not isinstance(user, discord.Member) or (isinstance(place, discord.Thread) and place.parent is None):
        return False
    permissions = place.permissions_for(user)
    if isinstance(place, discord.Thread) and place.is_private() and not permissions.manage_threads:
        return False  # who else is in it is not told without a privileged intent
    return _readable(permissions)


def _readable(permissions: discord.Permissions) -> bool:
    return permissions.view_channel and permissions.read_message_history
