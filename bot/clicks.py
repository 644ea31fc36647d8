"""Clicks on a result: which job they are about, who may, and that one of them makes one job."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import discord

from bot.errors import StartedError, UserError
from core.jobs.models import Job, JobState
from utils.language import phrase

if TYPE_CHECKING:
    from bot.client import ComfyUIBot

#: Seconds for each of the two things that are looked up before an answer: Discord waits 3 s for that.
_PATIENCE = 1.2
_SLOW = phrase("The bot's record of jobs is slow just now; try again in a moment.")
_UNKNOWN = phrase("That job is no longer known; type the command again.")
_AUTHORS = phrase("Only whoever asked for this can use its buttons; type the command for one of your own.")
_UNDER_WAY = phrase("That is under way already; wait for its result.")
_SENT = phrase("That form was sent already; open it again for another one.")
_UNFINISHED = tuple(state for state in JobState if not state.final)


async def known_job(bot: ComfyUIBot, job_id: str) -> Job:
    """The job of a button; raises `UserError` when it is not known, or not found in time."""
    try:
        async with asyncio.timeout(_PATIENCE):
            job = await bot.engine.jobs.get(job_id)
    except TimeoutError as exc:
        raise UserError(_SLOW) from exc
    if job is None:
        raise UserError(_UNKNOWN)
    return job


async def allowed_job(interaction: discord.Interaction[Any], job_id: str) -> Job:
    """The same, where the configuration lets the one who clicked use its buttons; raises `UserError`."""
    job = await known_job(interaction.client, job_id)
    refuse_others(interaction, job)
    return job


def refuse_others(interaction: discord.Interaction[Any], job: Job) -> None:
    """Raise `UserError` where the configuration leaves what goes on from a job to its owner, who is somebody else."""
    if interaction.client.config.security.buttons == "author" and job.owner != interaction.user.id:
        raise UserError(_AUTHORS)


def may_remove(interaction: discord.Interaction[Any], job: Job) -> bool:
    """Whether it is one's own, or one keeps order in the channel: for what takes something from others."""
    return job.owner == interaction.user.id or interaction.permissions.manage_messages


@asynccontextmanager
async def one_job(
    interaction: discord.Interaction[Any], parent: str | None, click: str, *, ever: bool = False
) -> AsyncIterator[None]:
    """Keep what a click starts from being started twice by the same user, also when the bot was restarted since.

    Args:
        click: kept with the job, as `bot.submission` does; what one click has and no other.
        ever: once is enough; else it may be started anew when it is over.

    Raises:
        StartedError: it was started already.
    """
    bot, user = interaction.client, interaction.user.id
    if (user, click) in bot.under_way:
        raise StartedError(_UNDER_WAY)
    bot.under_way.add((user, click))
    try:
        if await _was_started(bot, user, parent, click, ever=ever):
            raise StartedError(_SENT if ever else _UNDER_WAY)
        yield
    finally:
        bot.under_way.discard((user, click))


async def _was_started(bot: ComfyUIBot, user: int, parent: str | None, click: str, *, ever: bool) -> bool:
    states = () if ever else _UNFINISHED
    try:
        async with asyncio.timeout(_PATIENCE):
            children = await bot.engine.jobs.store.find(parent=parent, owner=user, states=states, limit=100)
    except TimeoutError as exc:
        raise UserError(_SLOW) from exc
    return any(job.display.get("click") == click for job in children)
