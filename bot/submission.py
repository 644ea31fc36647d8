"""The one road that every command, form and button takes: request → job → progress → delivery."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import discord

from bot.draft import Draft, display_of, summarize
from bot.errors import UserError
from bot.target import JobMessage, acknowledge
from core.exceptions import RateLimitError

if TYPE_CHECKING:
    from bot.client import ComfyUIBot


async def submit(
    interaction: discord.Interaction[ComfyUIBot], draft: Draft, *, title: str | None = None, parent: str | None = None
) -> None:
    """Run a draft as a job and see it through to the message that answers ``interaction``.

    The interaction must have been acknowledged; its answer becomes the job's message. Returns when the result, or
    why there is none, stands there, or when the bot is closed.

    Raises:
        RateLimitError: too many jobs; nothing was submitted.
        UserError, ValidationError, WorkflowError, ComfyUIError, StoreError: nothing was submitted.
    """
    bot = interaction.client
    workflow = bot.engine.workflows.get(draft.workflow)
    request = draft.request(workflow)
    summary = replace(summarize(draft, workflow, request, title=title), by=interaction.user.display_name)
    message = await _counted(interaction)
    handle = await bot.engine.jobs.submit(
        request, owner=interaction.user.id, origin=message.origin, parent=parent, display=display_of(summary)
    )
    await bot.desk.attend(handle, message)


async def retry(interaction: discord.Interaction[ComfyUIBot], job_id: str) -> None:
    """Run a job once more whose message was clicked on, and see it through in that message; returns as `submit` does.

    Raises:
        UserError, ValidationError: there is nothing to retry, or not for this user; nothing was submitted.
        RateLimitError, WorkflowError, ComfyUIError, StoreError: nothing was submitted; the click can be repeated.
    """
    bot = interaction.client
    await acknowledge(interaction, thinking=False)
    job = await bot.engine.jobs.get(job_id)
    if job is not None and job.owner != interaction.user.id:
        raise UserError("This is somebody else's; type the command for one of your own.")
    message = await _counted(interaction)
    handle = await bot.engine.jobs.retry(job_id, owner=interaction.user.id, origin=message.origin)
    await bot.desk.attend(handle, message)


async def _counted(interaction: discord.Interaction[ComfyUIBot]) -> JobMessage:
    """The answer, once it is known where it is, of an interaction that is counted as a job from here on."""
    bot = interaction.client
    refuse_when_limited(bot, interaction.user.id)
    message = JobMessage.of(interaction)
    await message.locate()
    bot._check_rate_limit(interaction.user.id)
    return message


def refuse_when_limited(bot: ComfyUIBot, user_id: int) -> None:
    """Count nothing, but raise `RateLimitError` when the next job of this user would be one too many."""
    seconds = bot.rate_limiter.retry_after(user_id)
    if seconds > 0:
        wait = math.ceil(seconds)
        unit = "second" if wait == 1 else "seconds"
        raise RateLimitError(f"That is enough for now; try again in {wait} {unit}.", retry_after=seconds)
