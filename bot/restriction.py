"""Workflows that the configuration marks as not for everybody: they run in age-restricted channels only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.errors import UserError
from core.jobs.models import Origin
from utils.language import phrase

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from core.comfyui.workflows.manager import Workflow
    from core.jobs.models import Job

ELSEWHERE = phrase("That is for age-restricted channels only; ask for it in one.")
_AFTER = "after"

Place = discord.Interaction[Any] | Origin
"""Where somebody is at it, or a job was asked for."""


def offered(bot: ComfyUIBot, at: Place | None = None) -> list[Workflow]:
    """The workflows that can be used now, at a place where one is given."""
    able = bot.engine.library.offered()
    return able if at is None else [workflow for workflow in able if is_open(bot, workflow.name, at)]


def is_open(bot: ComfyUIBot, workflow: str, at: Place) -> bool:
    """Whether a workflow may be used at a place."""
    return not _is_marked(bot, workflow) or _is_restricted(bot, at)


def shows(bot: ComfyUIBot, job: Job, at: Place) -> bool:
    """Whether what a job made may be shown at a place."""
    return all(is_open(bot, workflow, at) for workflow in _ways(job))


def refuse_elsewhere(interaction: discord.Interaction[ComfyUIBot], subject: str | Job) -> None:
    """Raise `UserError` where a workflow may not be used, or what a job made may not be shown."""
    for workflow in [subject] if isinstance(subject, str) else _ways(subject):
        if not is_open(interaction.client, workflow, interaction):
            raise UserError(ELSEWHERE)


def is_veiled(bot: ComfyUIBot, job: Job) -> bool:
    """Whether what a job makes is shown to those only who click on it."""
    spoilers = bot.config.generation.spoilers
    return spoilers == "all" or (spoilers == "nsfw" and any(_is_marked(bot, workflow) for workflow in _ways(job)))


def inherited(parent: Job) -> dict[str, Any]:
    """What is kept with a job that goes on from another: by what its picture was made so far."""
    return {_AFTER: _ways(parent)}


def _ways(job: Job) -> list[str]:
    """The workflows that a job's pictures went through."""
    return sorted({job.request.workflow, *job.display.get(_AFTER, ())})


def _is_marked(bot: ComfyUIBot, workflow: str) -> bool:
    entry = bot.config.workflows.get(workflow)
    return entry is not None and entry.nsfw


def _is_restricted(bot: ComfyUIBot, at: Place) -> bool:
    if at.guild_id is None:
        return bot.config.security.nsfw_in_direct_messages
    channel = at.channel if isinstance(at, discord.Interaction) else bot.get_channel(at.channel_id)
    is_nsfw = getattr(channel, "is_nsfw", None)
    return is_nsfw is not None and is_nsfw()
