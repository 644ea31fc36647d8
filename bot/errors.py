"""The one place where an exception becomes a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

import aiohttp
import discord
from discord import app_commands

from bot.ui import embeds
from core.exceptions import DisComfyError
from utils.language import phrase, speak
from utils.logging import get_logger

if TYPE_CHECKING:
    from bot.client import ComfyUIBot

log = get_logger(__name__)

#: What comes instead of Discord's answer to a request: a refusal, or a connection that breaks. A file that is to be
#: sent and is gone is an OSError too.
NOT_TAKEN = (discord.HTTPException, aiohttp.ClientError, OSError)
#: What is said of controls that are for whoever asked alone.
NOT_YOURS = phrase("This is somebody else's; type the command for one of your own.")
#: "Interaction has already been acknowledged".
ACKNOWLEDGED = 40060
#: Too many edits of an old message; the thread is archived, and opened again by a new message only.
UNCHANGEABLE = (30046, 50083)
#: Seconds for which an answer is owed at most: longer than Discord's faults of the moment, shorter than its patience.
_PATIENCE = 60.0
_THINKING = discord.InteractionResponseType.deferred_channel_message
_CHANGING = discord.InteractionResponseType.deferred_message_update
_CLOSING = phrase("The bot is restarting; try again in a minute.")


def passes(exc: BaseException | None) -> bool:
    """Whether a fault is one of the moment: what failed is tried again, and nobody has to be told of it."""
    if not isinstance(exc, discord.HTTPException):
        return isinstance(exc, aiohttp.ClientError | ConnectionError | TimeoutError)
    if exc.code == 0 and exc.status in (401, 403, 404):
        # Discord's own refusals have a code. A proxy before it has none, nor has a token that another one has replaced.
        return True
    return exc.code not in UNCHANGEABLE and (exc.status >= 500 or exc.status == 429)


class UserError(DisComfyError):
    """What the user did cannot be done; the message says what to do instead. Nothing is wrong with the program."""


class StartedError(UserError):
    """What somebody asks for is on its way, or was made: nothing that they wrote is lost."""


async def report(
    interaction: discord.Interaction[Any], error: Exception, *, apart: bool = False, prompt: str = ""
) -> None:
    """Tell the user in a sentence, and the operator in the log.

    An answer that was deferred is owed: the sentence takes its place, or it would think for ever. Otherwise only the
    user sees it. What Discord does not take is logged: there is nobody left to tell.

    Args:
        apart: leave the message as it is whose control was used, also where it was to become the answer.
        prompt: what was written into a form that is closed by now; given back.
    """
    cause = getattr(error, "original", error)
    if isinstance(cause, discord.NotFound):
        # The message was deleted, or the interaction is older than Discord keeps it.
        log.info("nowhere to answer", interaction=interaction.id, detail=repr(cause))
        return
    sentence = sentence_for(interaction, cause)
    try:
        await _answer(interaction, embeds.error(sentence, prompt), apart=apart)
    except NOT_TAKEN as exc:
        log.warning("error not told", interaction=interaction.id, sentence=sentence, detail=repr(exc))


async def _answer(interaction: discord.Interaction[Any], embed: discord.Embed, *, apart: bool) -> None:
    answer = interaction.response.type
    if answer is _THINKING or (answer is _CHANGING and not apart):
        await _replace(interaction, embed)
        return
    if not interaction.response.is_done():
        try:
            await interaction.response.send_message(embed=embed, ephemeral=True)
        except discord.HTTPException as exc:
            if exc.code != ACKNOWLEDGED:
                raise
        else:
            return
    await interaction.followup.send(embed=embed, ephemeral=True)


async def _replace(interaction: discord.Interaction[Any], embed: discord.Embed) -> None:
    """Put it where an answer is owed. An edit may be repeated, and without it the user would wait for nothing."""
    import stamina  # costs a tenth of the bot's start, and is needed for what goes wrong only

    async for attempt in stamina.retry_context(
        on=lambda exc: passes(exc) and not interaction.client.closing,
        attempts=None,
        timeout=_PATIENCE,
        wait_initial=0.5,
        wait_max=10.0,
    ):
        with attempt:
            await interaction.edit_original_response(content=None, embed=embed, view=None)


def sentence_for(interaction: discord.Interaction[Any], cause: Exception) -> str:
    """What a user reads about an error; the cause goes to the log, under a reference when it was not foreseen."""
    if interaction.client.closing:  # whatever it was, it is the closing's doing or can wait
        log.info("refused while closing", interaction=interaction.id, detail=repr(cause))
        return _CLOSING
    if isinstance(cause, DisComfyError):
        log.info(
            "refused",
            interaction=interaction.id,
            user=interaction.user.id,
            error=cause.message,
            detail=cause.detail,
        )
        return cause.message
    if isinstance(cause, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
        log.warning("command out of date at Discord", interaction=interaction.id, detail=repr(cause))
        return phrase("That command has changed; type it again in a minute.")
    reference = uuid4().hex[:8]
    log.error("unforeseen error", reference=reference, interaction=interaction.id, exc_info=cause)
    return phrase("Something went wrong in the bot; tell its owner the reference {reference}.", reference=reference)


def speak_to(interaction: discord.Interaction[Any]) -> None:
    """Say all that this task says from here on in the language of whoever is at it."""
    speak(str(interaction.locale))


async def admitted(interaction: discord.Interaction[Any]) -> bool:
    """The entry of whatever is asked for, in the language of whoever asks. False when the bot is about to go: they are
    told so.
    """
    speak_to(interaction)
    if not interaction.client.closing:
        return True
    if interaction.type is not discord.InteractionType.autocomplete:
        await report(interaction, UserError(_CLOSING))
    return False


class Tree(app_commands.CommandTree):
    """The commands; whatever one of them raises ends in `report`."""

    @classmethod
    def of(cls, bot: ComfyUIBot) -> Self:
        """Those of a bot, with where they are for: direct messages too, and with whoever installed it where it is not.

        Commands of a guild are nowhere else, and Discord takes no such thing for them.
        """
        anywhere = bot.config.discord.user_install
        if bot.config.discord.guild_id is not None:
            return cls(bot)
        return cls(
            bot,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=anywhere),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=anywhere),
        )

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        return await admitted(interaction)

    async def on_error(self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError, /) -> None:
        await report(interaction, error)
