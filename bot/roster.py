"""Jobs as people name them: by a short id, what was done, and the words it began with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.choices import Names, choice_value
from bot.draft import summary_of
from bot.errors import UserError
from bot.sight import sees
from bot.ui.embeds import one_line
from utils.language import phrase, say

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from core.jobs.models import Job

_SHORT = 8
_UNKNOWN = phrase("There is no such job; choose one from the list.")
_SEVERAL = phrase("There are several such jobs; type more of the id.")
# Translators: stands in "{job} by {user}" where the name is not known
_SOMEBODY = phrase("somebody else")


def short(job: Job) -> str:
    """The beginning of the id: all that people have to type of it."""
    return job.id[:_SHORT]


def link(job: Job) -> str | None:
    """Where its message is; None when there is none that stays."""
    origin = job.origin
    if origin is None or origin.message_id is None or (origin.private and origin.fleeting):
        return None
    return f"https://discord.com/channels/{origin.guild_id or '@me'}/{origin.channel_id}/{origin.message_id}"


def choices(interaction: discord.Interaction[Any], jobs: Iterable[Job], typed: str) -> list[app_commands.Choice[str]]:
    """Those of the jobs that fit what was typed, by short id, title and prompt; the value of a choice is the id."""
    named = {choice_value(_line(job, interaction.user)): job.id for job in jobs}
    return [app_commands.Choice(name=name, value=named[name]) for name in Names(list(named)).matches(typed)]


def _line(job: Job, reader: discord.abc.User) -> str:
    summary = summary_of(job)
    named = f"{short(job)} {one_line(summary.title)}"
    if job.owner != reader.id:
        # Translators: a job, and whose it is: 1a2b3c4d Upscale by Ada
        named = say("{job} by {user}", job=named, user=one_line(summary.by or _SOMEBODY))
    if not summary.prompt:
        return named
    # Translators: a job and its prompt
    return say("{job}: {prompt}", job=named, prompt=one_line(summary.prompt))


async def find_job(bot: ComfyUIBot, interaction: discord.Interaction[Any], text: str) -> Job:
    """The job of an id, or of the beginning of one, that whoever is at it may see.

    Raises:
        UserError: there is none, or there are several.
    """
    wanted = text.strip().lower()
    found = await bot.engine.jobs.store.find(prefix=wanted, limit=2) if len(wanted) >= _SHORT else []
    if len(found) > 1:
        raise UserError(_SEVERAL)
    job = await bot.engine.jobs.get(found[0].id) if found else None
    if job is None or not sees(interaction, job):
        raise UserError(_UNKNOWN)
    return job
