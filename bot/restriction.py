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

Place = discord.Interaction[Any] | Origin
"""Where somebody is at it, or a job was asked for."""


def offered(bot: ComfyUIBot, at: Place | None = None) -> list[Workflow]:
    """The workflows that can be used now, at a place where one is given."""
    able = bot.engine.library.offered()
    return able if at is None else [workflow for workflow in able if is_open(bot, workflow.name, at)]


def is_open(bot: ComfyUIBot, workflow: str, at: Place) -> bool:
    """Whether a workflow may be used at a place."""
    return not _is_marked(bot, workflow) or _is_restricted(bot, at)


def refuse_elsewhere(interaction: discord.Interaction[ComfyUIBot], workflow: str) -> None:
    """Raise `UserError` where a workflow may not be used, nor its results be shown."""
    if not is_open(interaction.client, workflow, interaction):
        raise UserError(ELSEWHERE)


def is_veiled(bot: ComfyUIBot, job: Job) -> bool:
    """Whether what a job makes is shown to those only who click on it."""
    spoilers = bot.config.generation.spoilers
    return spoilers == "all" or (spoilers == "nsfw" and _is_marked(bot, job.request.workflow))


def _is_marked(bot: ComfyUIBot, workflow: str) -> bool:
    entry = bot.config.workflows.get(workflow)
    return entry is not None and entry.nsfw


def _is_restricted(bot: ComfyUIBot, at: Place) -> bool:
    if at.guild_id is None:
        return bot.config.security.nsfw_in_direct_messages
    channel = at.channel if isinstance(at, discord.Interaction) else bot.get_channel(at.channel_id)
    is_nsfw = getattr(channel, "is_nsfw", None)
    return is_nsfw is not None and is_nsfw()
