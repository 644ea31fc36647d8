"""/queue: where one's own jobs stand, and how many others there are."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import discord

from bot import roster
from bot.draft import summary_of
from bot.lists import queue_length
from bot.target import acknowledge
from bot.ui import embeds
from bot.ui.pages import Pages, drawn
from utils.language import phrase

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from core.jobs.handle import JobHandle

PAGE = 7


async def queue_command_handler(bot: ComfyUIBot, interaction: discord.Interaction[Any]) -> None:
    """Handle ``/queue``: the asker's jobs, in the order in which they run; of the others only how many."""
    await acknowledge(interaction, ephemeral=True)
    crowd = await _crowd(bot)
    own = [handle for handle in bot.engine.jobs.handles() if handle.job.owner == interaction.user.id]

    def render(shown: Sequence[JobHandle], page: int, pages: int) -> discord.Embed:
        rows = [_row(handle, online=crowd.on_server is not None) for handle in shown]
        return embeds.queue(rows, crowd, now=time.time(), page=page, pages=pages, total=len(own))

    await Pages(interaction, len(own), PAGE, drawn(own, PAGE, render)).open()


async def _crowd(bot: ComfyUIBot) -> embeds.Crowd:
    length = await queue_length(bot)
    jobs = [handle.job for handle in bot.engine.jobs.handles()]
    ours = sum(job.accepted_at is not None and job.execution is None for job in jobs)
    waiting = sum(job.accepted_at is None and job.execution is None for job in jobs)
    return embeds.Crowd(length, max(0, (length or 0) - ours), waiting)


def _row(handle: JobHandle, *, online: bool) -> embeds.QueueRow:
    job, metrics = handle.job, handle.tracker.get_metrics()
    summary = summary_of(job)
    return embeds.QueueRow(
        title=summary.title,
        prompt=summary.prompt,
        short=roster.short(job),
        link=roster.link(job),
        metrics=metrics if online else replace(metrics, online=False),
    )


def register(bot: ComfyUIBot) -> None:
    @bot.tree.command(name="queue", description=phrase("Where your jobs stand"))
    async def queue(interaction: discord.Interaction) -> None:
        await queue_command_handler(bot, interaction)
