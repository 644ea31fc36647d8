"""/show: the result of a job once more, from disk."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot import roster
from bot.ending import ending, prepared
from bot.errors import NOT_TAKEN, UserError
from bot.lists import past_jobs
from bot.options import describe
from bot.pieces import pieces_of
from bot.restriction import refuse_elsewhere
from bot.target import JobMessage, acknowledge
from core.jobs.models import Delivery, Job, Origin
from utils.language import phrase
from utils.logging import get_logger

if TYPE_CHECKING:
    from bot.client import ComfyUIBot

log = get_logger(__name__)

_REST_NOT_TAKEN = phrase("Discord does not take all of the result just now; try again in a minute.")
_PRIVATE = phrase("That job is private; add private: True to see it here.")
_UNDER_WAY = phrase("That job is still under way; /queue says where it stands.")
_ON_ITS_WAY = phrase("That job's end is on its way to its message; look there in a minute.")
_GONE = phrase("The files of that job are no longer kept; generate it again.")


async def show_command_handler(
    bot: ComfyUIBot, interaction: discord.Interaction[Any], job: str, *, private: bool = False
) -> None:
    """Handle ``/show``: one's own jobs, and those of channels that one can read; what is private, in private."""
    await acknowledge(interaction, ephemeral=private)
    chosen = await roster.find_job(bot, interaction, job)
    if not private and not interaction.context.dm_channel and chosen.origin is not None and chosen.origin.private:
        raise UserError(_PRIVATE)
    refuse_elsewhere(interaction, chosen)
    if not chosen.state.final:
        raise UserError(_UNDER_WAY)
    if chosen.owed:
        raise UserError(_ON_ITS_WAY)
    message = JobMessage.of(interaction)
    with ExitStack() as held:
        for file in chosen.result.files if chosen.result else ():
            held.enter_context(bot.engine.retention.hold(file.path))
        _refuse_when_gone(chosen)
        await _post(bot, chosen, message)
    if chosen.delivery is Delivery.KEPT and chosen.owner == interaction.user.id:
        await bot.engine.jobs.ledger.moved(chosen, _new_origin(chosen, message))
        await bot.engine.jobs.ledger.delivered(chosen)


def _new_origin(job: Job, message: JobMessage) -> Origin:
    """Where a job is from now on; what only its owner sees there is no place to send others to."""
    stays = None if message.origin.private else message.origin.message_id
    return replace(message.origin, message_id=stays, private=job.origin is not None and job.origin.private)


def _refuse_when_gone(job: Job) -> None:
    result = job.result
    if result is not None and not result.texts and not any(file.path.is_file() for file in result.files):
        raise UserError(_GONE)


async def _post(bot: ComfyUIBot, job: Job, message: JobMessage) -> None:
    delivery = await prepared(bot, job, message.filesize_limit)
    with delivery.made:
        await message.edit(content=None, **ending(bot, job, delivery))
        try:
            for piece in pieces_of(job.id, delivery):
                await message.follow_up(files=piece.open, content=piece.content)
        except NOT_TAKEN as exc:
            log.info("not all shown", job=job.id, detail=repr(exc))
            await message.edit(embed=ending(bot, job, delivery, remark=_REST_NOT_TAKEN)["embed"])


def register(bot: ComfyUIBot) -> None:
    @bot.tree.command(name="show", description=phrase("Show a result once more"))
    @describe(job=phrase("which one; /history lists them"), private=phrase("only you see it"))
    async def show(
        interaction: discord.Interaction, job: app_commands.Range[str, 1, 100], private: bool = False
    ) -> None:
        await show_command_handler(bot, interaction, job, private=private)

    @show.autocomplete("job")
    async def complete(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return roster.choices(interaction, await past_jobs(bot, interaction.user.id), current)
