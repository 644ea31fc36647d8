"""A sentence, and nothing else."""

from __future__ import annotations

import discord

from bot.ui.embeds.colours import COLOUR_ERROR, COLOUR_WAITING
from bot.ui.embeds.texts import DESCRIPTION_LIMIT, plain


def error(sentence: str) -> discord.Embed:
    """What went wrong and what to do next."""
    return discord.Embed(description=plain(sentence, DESCRIPTION_LIMIT), colour=COLOUR_ERROR)


def notice(sentence: str) -> discord.Embed:
    """Something worth saying that is no error."""
    return discord.Embed(description=plain(sentence, DESCRIPTION_LIMIT), colour=COLOUR_WAITING)
