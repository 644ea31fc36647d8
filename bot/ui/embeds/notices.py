"""A sentence, and nothing else."""

from __future__ import annotations

import discord

from bot.ui.embeds.colours import COLOUR_ERROR, COLOUR_WAITING
from bot.ui.embeds.texts import DESCRIPTION_LIMIT, block, plain
from utils.language import phrase

#: Characters of a sentence above a prompt, and of what stands around that.
_SENTENCE, _AROUND = 1000, 100
_PROMPT = phrase("Prompt")


def error(sentence: str, prompt: str = "") -> discord.Embed:
    """What went wrong and what to do next.

    Args:
        prompt: what was written in vain, to be copied.
    """
    said = plain(sentence, _SENTENCE)
    room = DESCRIPTION_LIMIT - len(said) - _AROUND
    text = f"{said}\n{block(_PROMPT, prompt, room)}" if prompt else said
    return discord.Embed(description=text, colour=COLOUR_ERROR)


def notice(sentence: str) -> discord.Embed:
    """Something worth saying that is no error."""
    return discord.Embed(description=plain(sentence, DESCRIPTION_LIMIT), colour=COLOUR_WAITING)
