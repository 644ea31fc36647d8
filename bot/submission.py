"""The one road that every command, form and button takes: request → job → progress → delivery."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import discord

from bot.delivery import deliver, deliver_rest
from bot.draft import Draft, summarize
from bot.errors import NOT_TAKEN
from bot.parcels import Delivery, prepare
from bot.progress import ProgressMessage
from bot.target import JobMessage
from bot.ui import embeds
from core.exceptions import DisComfyError, RateLimitError
from core.jobs.models import Origin
from utils.logging import get_logger

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from core.generators.base import GenerationResult
    from core.jobs.service import JobHandle

log = get_logger(__name__)

_NOT_POSTED = "Discord does not take the result; it is kept by the bot's owner."
_REST_NOT_POSTED = "Discord does not take all of the result; the rest is kept by the bot's owner."


async def submit(
    interaction: discord.Interaction[ComfyUIBot], draft: Draft, *, title: str | None = None, parent: str | None = None
) -> None:
    """Run a draft as a job and see it through to the message that answers ``interaction``.

    The interaction must have been acknowledged; its answer becomes the job's message. Returns when the result, or
    why there is none, stands there.

    Raises:
        RateLimitError: too many jobs; nothing was submitted.
        UserError, ValidationError, WorkflowError: the draft is no good; nothing was submitted.
    """
    bot = interaction.client
    workflow = bot.engine.workflows.get(draft.workflow)
    request = draft.request(workflow)
    summary = summarize(draft, workflow, request, title=title)
    refuse_when_limited(bot, interaction.user.id)
    bot._check_rate_limit(interaction.user.id)  # from here on it counts
    handle = await bot.engine.jobs.submit(
        request, owner=interaction.user.id, origin=_origin(interaction), parent=parent
    )
    await _see_through(bot, JobMessage(interaction), handle, summary)


async def _see_through(bot: ComfyUIBot, message: JobMessage, handle: JobHandle, summary: embeds.Summary) -> None:
    began = handle.job.created_at.timestamp()
    progress = ProgressMessage(
        message,
        lambda metrics: embeds.progress(summary, metrics, now=time.time(), began=began),
        handle.tracker.get_metrics,
        bot.progress_budget,
    )
    handle.tracker.add_callback(progress.update)
    try:
        async with progress:
            result = await handle.result()
    except DisComfyError as exc:
        await _last_word(message, handle.job.id, embed=embeds.failure(summary, exc.message), view=None)
        return
    await _post(bot, message, handle.job.id, summary, result)


async def _post(
    bot: ComfyUIBot, message: JobMessage, job_id: str, summary: embeds.Summary, result: GenerationResult
) -> None:
    from bot.ui.view import PostView

    delivery = await prepare(result, message.filesize_limit)
    view = PostView(bot, job_id, result)
    embed = _embed(summary, result, delivery, delivery.remark)
    try:
        await deliver(message, delivery, embed=embed, view=view if view.children else None)
    except NOT_TAKEN as exc:
        _log_kept(job_id, result, exc)
        await _last_word(message, job_id, embed=embeds.failure(summary, _NOT_POSTED), view=None)
        return
    try:
        await deliver_rest(message, delivery)
    except NOT_TAKEN as exc:
        _log_kept(job_id, result, exc)
        await _last_word(message, job_id, embed=_embed(summary, result, delivery, _REST_NOT_POSTED))


def _embed(summary: embeds.Summary, result: GenerationResult, delivery: Delivery, remark: str | None) -> discord.Embed:
    problem = result.problem.message if result.problem is not None else None
    return embeds.result(summary, result.seconds, picture=delivery.picture, remark=remark, problem=problem)


async def _last_word(message: JobMessage, job_id: str, **fields: Any) -> None:
    """Say how the job ended. Where there is no message any more, nobody asks."""
    try:
        await message.edit(**fields)
    except NOT_TAKEN as exc:
        log.info("end not told", job=job_id, detail=repr(exc))


def _log_kept(job_id: str, result: GenerationResult, exc: Exception) -> None:
    files = [str(file.path) for file in result.files]
    log.warning("result not delivered", job=job_id, files=files, detail=repr(exc))


def _origin(interaction: discord.Interaction[Any]) -> Origin | None:
    if interaction.channel_id is None:
        return None
    return Origin(interaction.channel_id, interaction.guild_id)


def refuse_when_limited(bot: ComfyUIBot, user_id: int) -> None:
    """Count nothing, but raise `RateLimitError` when the next job of this user would be one too many."""
    seconds = bot.rate_limiter.retry_after(user_id)
    if seconds > 0:
        wait = math.ceil(seconds)
        unit = "second" if wait == 1 else "seconds"
        raise RateLimitError(f"That is enough for now; try again in {wait} {unit}.", retry_after=seconds)
