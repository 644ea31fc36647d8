"""Who may know of whose jobs, where the little Discord has no such places."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.sight import open_channels, sees
from core.comfyui.workflows.parameters import WorkflowParameters
from core.generators.base import GenerationRequest
from core.jobs.models import Job, Origin
from tests.bot.conftest import Stage

pytestmark = pytest.mark.integration

PRIVATE, PUBLIC = 12, 11


def thread(guild: discord.Guild, thread_id: int, parent_id: int, kind: int) -> discord.Thread:
    """One that the bot is in."""
    data: Any = {
        "id": thread_id,
        "guild_id": guild.id,
        "parent_id": parent_id,
        "owner_id": 1,
        "name": "work",
        "type": kind,
        "message_count": 0,
        "member_count": 1,
        "thread_metadata": {
            "archived": False,
            "auto_archive_duration": 60,
            "archive_timestamp": "2026-01-01T00:00:00+00:00",
        },
    }
    made = discord.Thread(guild=guild, state=guild._state, data=data)
    guild._add_thread(made)
    return made


def asking(member: discord.Member, channel_id: int, **permissions: bool) -> Any:
    """An interaction of a member in a channel."""
    return SimpleNamespace(
        user=member,
        guild=member.guild,
        guild_id=member.guild.id,
        channel_id=channel_id,
        permissions=discord.Permissions(**permissions),
    )


def job_in(guild: discord.Guild, channel_id: int) -> Job:
    request = GenerationRequest("flux_lora", WorkflowParameters(prompt="a fox"))
    return Job("job", 1, request, Origin(channel_id, guild.id))


async def test_threads_are_open_as_their_channels_are_but_for_private_ones(stage: Stage) -> None:
    (guild,) = stage.bot.guilds
    member = await guild.fetch_member(stage.ada.id)
    general = stage.channel.id
    public, private, lost = (
        thread(guild, 501, general, PUBLIC),
        thread(guild, 502, general, PRIVATE),
        thread(guild, 503, 999, PUBLIC),
    )
    elsewhere = asking(member, 77, view_channel=True, read_message_history=True)
    seen = {place.id: sees(elsewhere, job_in(guild, place.id)) for place in (public, private, lost)}
    assert seen == {public.id: True, private.id: False, lost.id: False}
    assert set(open_channels(elsewhere)) == {general, public.id, 77}
    inside = asking(member, private.id, view_channel=True, read_message_history=True)
    assert sees(inside, job_in(guild, private.id))
    assert private.id in open_channels(inside)


async def test_somewhere_else_and_nowhere(stage: Stage) -> None:
    (guild,) = stage.bot.guilds
    member = await guild.fetch_member(stage.ada.id)
    here = asking(member, stage.channel.id, view_channel=True)
    assert not sees(here, job_in(guild, stage.channel.id))
    assert not sees(here, job_in(guild, 999))
    assert not sees(here, Job("job", 1, job_in(guild, 1).request))
    assert open_channels(here) == []
