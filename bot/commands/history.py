"""/history: what was asked for, what became of it, and where it is."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Any

import discord

from bot import roster
from bot.draft import summary_of
from bot.errors import UserError
from bot.options import describe
from bot.originals import pictures_of
from bot.restriction import shows
from bot.sight import open_channels
from bot.target import acknowledge
from bot.ui import embeds
from bot.ui.pages import Pages
from core.jobs.models import Delivery, Job
from utils.language import phrase

if TYPE_CHECKING:
    from bot.client import ComfyUIBot

#: Every row is an embed with a file; Discord takes ten of each.
PAGE = 5
_SIDE = 128
_NOT_TOLD = phrase("Discord did not take it.")
_ELSEWHERE = phrase("Other people's jobs are shown on the server where they were made; type the command there.")


async def history_command_handler(
    bot: ComfyUIBot, interaction: discord.Interaction[Any], user: discord.abc.User | None = None
) -> None:
    """Handle ``/history``: one's own jobs, or those of somebody else in the channels that one can read."""
    await acknowledge(interaction, ephemeral=True)
    asked = _filter(interaction, user or interaction.user)
    store = bot.engine.jobs.store
    total = await store.count(**asked)

    async def draw(page: int, pages: int) -> dict[str, Any]:
        jobs = await store.find(**asked, limit=PAGE, offset=page * PAGE)
        shown = [job for job in jobs if shows(bot, job, interaction)]
        small = {job.id: data for job in shown if (data := await _thumbnail(job)) is not None}
        rows = [_row(job, thumbnail=_name(job) if job.id in small else None) for job in jobs]

        def files() -> list[discord.File]:
            return [discord.File(io.BytesIO(small[job.id]), _name(job)) for job in jobs if job.id in small]

        return {"embeds": embeds.history(rows, page=page, pages=pages, total=total), "files": files}

    await Pages(interaction, total, PAGE, draw).open()


def _filter(interaction: discord.Interaction[Any], user: discord.abc.User) -> dict[str, Any]:
    """What the store is asked for."""
    if user.id == interaction.user.id:
        return {"owner": user.id}
    if interaction.guild_id is None:
        raise UserError(_ELSEWHERE)
    channels = open_channels(interaction)
    return {"owner": user.id, "guild_id": interaction.guild_id, "channels": channels, "public": True}


def _row(job: Job, *, thumbnail: str | None) -> embeds.HistoryRow:
    summary, kept = summary_of(job), job.delivery is Delivery.KEPT
    return embeds.HistoryRow(
        title=summary.title,
        prompt=summary.prompt,
        short=roster.short(job),
        link=None if kept else roster.link(job),
        made=job.created_at.timestamp(),
        state=job.state,
        error=job.error,
        kept=(job.delivery_note or _NOT_TOLD) if kept else None,
        thumbnail=thumbnail,
    )


async def _thumbnail(job: Job) -> bytes | None:
    """Of the first picture; None where there is none, or it is no longer kept."""
    from core.media.thumbnail import thumbnail

    pictures = pictures_of(job)
    return await asyncio.to_thread(thumbnail, pictures[0].path, _SIDE) if pictures else None


def _name(job: Job) -> str:
    from core.media.thumbnail import EXTENSION

    return f"{roster.short(job)}{EXTENSION}"


def register(bot: ComfyUIBot) -> None:
    @bot.tree.command(name="history", description=phrase("What was made, and where it is"))
    @describe(user=phrase("somebody else, as far as you can read the channels"))
    async def history(interaction: discord.Interaction, user: discord.User | None = None) -> None:
        await history_command_handler(bot, interaction, user)
