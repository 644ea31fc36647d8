"""The one road that every command, form and button takes: request → job → progress → delivery."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import discord

from bot.draft import Draft, display_of, summarize
from bot.errors import NOT_YOURS, UserError
from bot.restriction import inherited, refuse_elsewhere
from bot.roster import link, short
from bot.target import JobMessage, acknowledge
from core.exceptions import RateLimitError
from utils.language import phrase_n

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from bot.ui.embeds import Summary
    from core.generators.base import GenerationRequest
    from core.jobs.models import Job


async def submit(
    interaction: discord.Interaction[ComfyUIBot],
    draft: Draft,
    *,
    title: str | None = None,
    parent: Job | None = None,
    click: str | None = None,
) -> None:
    """Run a draft as a job and see it through to the message that answers ``interaction``, as `submit_request` does."""
    workflow = interaction.client.engine.workflows.get(draft.workflow)
    request = draft.request(workflow)
    summary = summarize(draft, workflow, request, title=title)
    await submit_request(interaction, request, summary, parent=parent, click=click)


async def submit_request(
    interaction: discord.Interaction[ComfyUIBot],
    request: GenerationRequest,
    summary: Summary,
    *,
    parent: Job | None = None,
    click: str | None = None,
) -> None:
    """Run a request as a job and see it through to the message that answers ``interaction``.

    The interaction must have been acknowledged; its answer becomes the job's message. Returns when the result, or
    why there is none, stands there, or when the bot is closed.

    Args:
        parent: the job whose result this one goes on from.
        click: kept with the job, for `bot.clicks.one_job`.

    Raises:
        RateLimitError: too many jobs; nothing was submitted.
        UserError, ValidationError, WorkflowError, ComfyUIError, StoreError: nothing was submitted.
    """
    bot = interaction.client
    refuse_elsewhere(interaction, request.workflow)
    summary, before = replace(summary, by=interaction.user.display_name), {}
    if parent is not None:
        refuse_elsewhere(interaction, parent)
        summary, before = replace(summary, parent=short(parent), parent_link=link(parent) or ""), inherited(parent)
    message = await _counted(interaction, parent)
    handle = await bot.engine.jobs.submit(
        request,
        owner=interaction.user.id,
        origin=message.origin,
        parent=parent.id if parent is not None else None,
        display=display_of(summary, click) | before,
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
        raise UserError(NOT_YOURS)
    if job is not None:
        refuse_elsewhere(interaction, job)
    message = await _counted(interaction, job)
    handle = await bot.engine.jobs.retry(job_id, owner=interaction.user.id, origin=message.origin)
    await bot.desk.attend(handle, message)


async def _counted(interaction: discord.Interaction[ComfyUIBot], before: Job | None) -> JobMessage:
    """The answer, once it is known where it is, of an interaction that is counted as a job from here on.

    What goes on from a private job is private as well.
    """
    bot = interaction.client
    message = JobMessage.of(interaction)
    await message.locate()
    if before is not None and before.origin is not None and before.origin.private:
        message.origin = replace(message.origin, private=True)
    refuse_when_limited(bot, interaction.user.id)  # right before it is counted: another job may have been meanwhile
    bot._check_rate_limit(interaction.user.id)
    return message


def refuse_when_limited(bot: ComfyUIBot, user_id: int) -> None:
    """Count nothing, but raise `RateLimitError` when the next job of this user would be one too many."""
    seconds = bot.rate_limiter.retry_after(user_id)
    if seconds > 0:
        sentence = phrase_n(
            "That is enough for now; try again in {n} second.",
            "That is enough for now; try again in {n} seconds.",
            math.ceil(seconds),
        )
        raise RateLimitError(sentence, retry_after=seconds)
