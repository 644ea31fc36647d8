"""Taking a result away from where it was posted; the history keeps it."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

import discord

from bot.errors import NOT_TAKEN, UserError
from bot.target import acknowledge
from utils.language import phrase

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from core.jobs.models import Job

#: Seconds that a click waits for the rest. Where Discord's limit on edits is used up, discord.py holds back even the
#: news that the last one was taken, for some 5 s.
_PATIENCE = 15.0
_ON_ITS_WAY = phrase("The rest of that result is still on its way; try again in a minute.")


async def remove_result(interaction: discord.Interaction[ComfyUIBot], job: Job) -> None:
    """Delete the message that was clicked on, and those that follow upon it where it is the job's own.

    Raises:
        UserError: not all of it is there yet.
        discord.HTTPException: Discord does not delete it.
    """
    shown, origin = interaction.message, job.origin
    own = shown is not None and origin is not None and shown.id == origin.message_id
    await acknowledge(interaction, thinking=False)
    if own and job.owed:
        await interaction.client.desk.see_off(job.id, _PATIENCE)
        if job.owed:
            raise UserError(_ON_ITS_WAY)
    await interaction.delete_original_response()
    if not own or origin is None:
        return
    channel = interaction.client.get_partial_messageable(origin.channel_id, guild_id=origin.guild_id)
    for message_id in job.messages:
        with contextlib.suppress(*NOT_TAKEN):  # somebody was there before, or it is elsewhere
            await channel.get_partial_message(message_id).delete()
    job.messages = ()
    await interaction.client.engine.jobs.ledger.moved(job, replace(origin, message_id=None))
