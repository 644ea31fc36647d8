"""The one place where an exception becomes a message."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import discord

from bot.ui import embeds
from core.exceptions import DisComfyError
from utils.logging import get_logger

log = get_logger(__name__)


class UserError(DisComfyError):
    """What the user did cannot be done; the message says what to do instead. Nothing is wrong with the program."""


async def report(interaction: discord.Interaction[Any], error: Exception) -> None:
    """Tell the user in a sentence, and the operator in the log.

    Only the user sees it, unless the interaction was acknowledged with a "thinking" that everybody sees: that is
    replaced, or it would think for ever. An answer that Discord does not take any more is logged: there is nobody
    left to tell.
    """
    sentence = sentence_for(interaction, error)
    try:
        embed = embeds.error(sentence)
        if interaction.response.type is discord.InteractionResponseType.deferred_channel_message:
            await interaction.edit_original_response(embed=embed, view=None)
        elif interaction.response.is_done():
            await interaction.followup.send(embed=embed, ephemeral=True)
        else:
            await interaction.response.send_message(embed=embed, ephemeral=True)
    except discord.HTTPException as exc:
        log.warning("error not told", interaction=interaction.id, sentence=sentence, detail=repr(exc))


def sentence_for(interaction: discord.Interaction[Any], error: Exception) -> str:
    """What a user reads about an error; the cause goes to the log, under a reference when it was not foreseen."""
    cause = getattr(error, "original", error)
    if isinstance(cause, DisComfyError):
        log.info(
            "refused",
            interaction=interaction.id,
            user=interaction.user.id,
            error=cause.message,
            detail=cause.detail,
        )
        return cause.message
    reference = uuid4().hex[:8]
    log.error("unforeseen error", reference=reference, interaction=interaction.id, exc_info=cause)
    return f"Something went wrong in the bot; tell its owner the reference {reference}."


class Tree(discord.app_commands.CommandTree):
    """The commands; whatever one of them raises ends in `report`."""

    async def on_error(
        self, interaction: discord.Interaction[Any], error: discord.app_commands.AppCommandError, /
    ) -> None:
        await report(interaction, error)
