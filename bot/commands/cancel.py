"""/cancel: end a job, wherever it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot import roster
from bot.cancellation import OTHERS, end_job
from bot.errors import UserError
from bot.options import describe
from bot.sight import sees
from bot.target import acknowledge
from bot.ui import embeds
from core.jobs.models import Job
from utils.language import phrase, phrase_n

if TYPE_CHECKING:
    from bot.client import ComfyUIBot

_NONE = phrase("You have no job under way.")


async def cancel_command_handler(
    bot: ComfyUIBot, interaction: discord.Interaction[Any], job: str | None = None
) -> None:
    """Handle ``/cancel``: the job of that id, or the only one that the asker has."""
    await acknowledge(interaction, ephemeral=True)
    chosen = _only(bot, interaction) if job is None else await roster.find_job(bot, interaction, job)
    if not _may_end(interaction, chosen):
        raise UserError(OTHERS)
    await interaction.edit_original_response(embed=embeds.notice(await end_job(bot, chosen)))


def _only(bot: ComfyUIBot, interaction: discord.Interaction[Any]) -> Job:
    own = [job for job in _unfinished(bot) if job.owner == interaction.user.id]
    if not own:
        raise UserError(_NONE)
    if len(own) > 1:
        raise UserError(
            phrase_n(
                "You have {n} job under way; choose one with /cancel job.",
                "You have {n} jobs under way; choose one with /cancel job.",
                len(own),
            )
        )
    return own[0]


def _unfinished(bot: ComfyUIBot) -> list[Job]:
    return [handle.job for handle in bot.engine.jobs.handles()]


def _may_end(interaction: discord.Interaction[Any], job: Job) -> bool:
    """One's own, and with Manage Messages those of everybody that one sees on this server."""
    own = job.owner == interaction.user.id
    return own or (interaction.permissions.manage_messages and sees(interaction, job))


def register(bot: ComfyUIBot) -> None:
    @bot.tree.command(name="cancel", description=phrase("End a job of yours"))
    @describe(job=phrase("which one; without it the only one that you have"))
    async def cancel(interaction: discord.Interaction, job: app_commands.Range[str, 1, 100] | None = None) -> None:
        await cancel_command_handler(bot, interaction, job)

    @cancel.autocomplete("job")
    async def complete(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        endable = [job for job in _unfinished(bot) if _may_end(interaction, job)]
        own_first = sorted(endable, key=lambda job: job.owner != interaction.user.id)
        return roster.choices(interaction, own_first, current)
