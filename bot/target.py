"""The answer to an interaction: giving it in time, and the message that it becomes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Self, TypeVar

import discord

from bot.errors import ACKNOWLEDGED, NOT_TAKEN, passes
from core.jobs.models import Origin
from utils.logging import get_logger

log = get_logger(__name__)

T = TypeVar("T")

#: Seconds before each attempt to acknowledge; together well below the three that Discord waits.
_PAUSES = (0.0, 0.0, 0.3, 0.7, 1.0)
_MARGIN = timedelta(seconds=30)
#: Unknown webhook, invalid webhook token: an interaction's token is dead after 15 minutes.
_TOKEN_DEAD = (10015, 50027)
#: Discord takes few edits of a message that is over an hour old: shortly before, they have to be saved up.
_OLD = timedelta(minutes=50)
_CHANGED = (
    discord.InteractionResponseType.deferred_message_update,
    discord.InteractionResponseType.message_update,
)
_ANSWER, _EPHEMERAL = "answer", "ephemeral"

Files = Callable[[], Sequence[discord.File]]


async def acknowledge(interaction: discord.Interaction[Any], *, thinking: bool = True, ephemeral: bool = False) -> None:
    """Tell Discord, which waits 3 s for it, that an answer will come.

    An answer that is a message of its own is owed even if the bot dies: `bot.asks` sees to that.

    discord.py repeats itself after a 5xx only, so a broken connection, and a limit that a proxy sets, are tried again
    here. "Already acknowledged" then says that it was the reply that had been lost.

    Args:
        thinking: the answer is a message of its own; else the message with the control that was used.
        ephemeral: only who is at it sees a message of its own; so it is anyhow where a control in such a one was used.

    Raises:
        discord.HTTPException: Discord does not take it.
        OSError, aiohttp.ClientError: it cannot be reached.
    """
    ephemeral |= _is_ephemeral(interaction.message)
    interaction.extras[_EPHEMERAL] = ephemeral
    if thinking:
        interaction.client.asks.keep(interaction)
    for attempt, pause in enumerate(_PAUSES, 1):
        await asyncio.sleep(pause)
        try:
            answer = await interaction.response.defer(thinking=thinking, ephemeral=ephemeral)
        except NOT_TAKEN as exc:
            if isinstance(exc, discord.HTTPException) and exc.code == ACKNOWLEDGED:
                return
            if not passes(exc) or attempt == len(_PAUSES):
                raise
            continue
        else:
            if answer is not None and answer.message_id is not None:
                interaction.extras[_ANSWER] = answer.message_id
        return


def origin_of(interaction: discord.Interaction[Any]) -> Origin:
    """Where an interaction that was acknowledged has its answer. The message's id is left out where it is not known."""
    message_id = interaction.extras.get(_ANSWER)
    # A click has the message it was made on; that is the answer only when the click was answered by changing it.
    if message_id is None and interaction.message is not None and interaction.response.type in _CHANGED:
        message_id = interaction.message.id
    ephemeral = interaction.extras.get(_EPHEMERAL, _is_ephemeral(interaction.message))
    return Origin(
        interaction.channel_id or 0,
        interaction.guild_id,
        message_id,
        interaction.application_id,
        interaction.token,
        interaction.expires_at,
        interaction.filesize_limit,
        private=ephemeral,
        fleeting=ephemeral or _is_guest(interaction),
        locale=str(interaction.locale),
    )


def _is_ephemeral(message: discord.Message | None) -> bool:
    return message is not None and message.flags.ephemeral


def _is_guest(interaction: discord.Interaction[Any]) -> bool:
    """Whether the bot itself is not there: a user has brought it along, and all that it may do is answer."""
    brought = interaction.is_user_integration() and not interaction.is_guild_integration()
    return brought and not interaction.context.dm_channel


class JobMessage:
    """A message that answers an interaction: through its token while that lives, then as the bot's own message.

    It can be written to after a restart too: ``origin`` is all that has to be kept.

    Attributes:
        origin: what is known of it now.
    """

    def __init__(self, bot: discord.Client, origin: Origin) -> None:
        self.origin = origin
        self._bot = bot

    @classmethod
    def of(cls, interaction: discord.Interaction[Any]) -> Self:
        """The answer to an interaction, which must have been acknowledged."""
        return cls(interaction.client, origin_of(interaction))

    async def locate(self) -> int:
        """The message's id. Discord is asked for it where the reply to the acknowledgement was lost.

        Raises:
            discord.HTTPException: the answer is gone, or the token is dead.
        """
        return self.origin.message_id or (await self._look()).id

    async def thinks(self) -> bool:
        """Whether nothing stands there yet but that an answer will come. Raises as `locate` does."""
        return (await self._look()).flags.loading

    async def edit(self, *, files: Files | None = None, **fields: Any) -> None:
        """Change the message.

        Args:
            files: makes the files that it holds afterwards; called once for each attempt, since one uses them up.
                Without it they stay.
            fields: embed, view, content: as `discord.Message.edit` takes them.

        Raises:
            discord.HTTPException: Discord does not take it.
        """
        message_id = await self.locate()

        def attached() -> dict[str, Any]:
            return fields if files is None else {**fields, "attachments": files()}

        await self._through(
            lambda: self._webhook.edit_message(message_id, **attached()),
            lambda: self.channel.get_partial_message(message_id).edit(**attached()),
        )

    async def follow_up(self, *, files: Files = tuple, content: str | None = None) -> int:
        """Post another message by the interaction's token, which must live; its id. Raises as `edit` does."""
        sent = await self._webhook.send(content or "", files=files(), ephemeral=self.origin.private, wait=True)
        return sent.id

    @property
    def channel(self) -> discord.PartialMessageable:
        """Where it is."""
        return self._bot.get_partial_messageable(self.origin.channel_id, guild_id=self.origin.guild_id)

    @property
    def reference(self) -> discord.MessageReference | None:
        """It, for replies; they are posted as well where it is gone."""
        if self.origin.message_id is None:
            return None
        return discord.MessageReference(
            message_id=self.origin.message_id,
            channel_id=self.origin.channel_id,
            guild_id=self.origin.guild_id,
            fail_if_not_exists=False,
        )

    @property
    def lane(self) -> int | None:
        """The channel whose limit on edits this message shares; None while the token has a limit of its own."""
        return None if self.has_token else self.origin.channel_id

    @property
    def old(self) -> bool:
        """Whether Discord takes few edits of it."""
        message_id = self.origin.message_id
        return message_id is not None and discord.utils.snowflake_time(message_id) + _OLD < discord.utils.utcnow()

    @property
    def has_token(self) -> bool:
        """Whether the interaction's token is still good, as far as is known."""
        ends = self.origin.expires_at
        return self.origin.token is not None and ends is not None and discord.utils.utcnow() < ends - _MARGIN

    @property
    def reachable(self) -> bool:
        """Whether there is a right left by which it may be written to, as far as is known."""
        return self.has_token or not self.origin.fleeting

    @property
    def filesize_limit(self) -> int:
        """Bytes that one file may have here."""
        if self.has_token and self.origin.filesize_limit is not None:
            return self.origin.filesize_limit
        return self.own_filesize_limit

    @property
    def own_filesize_limit(self) -> int:
        """The same for messages that the bot posts and edits by itself."""
        guild = self._bot.get_guild(self.origin.guild_id) if self.origin.guild_id is not None else None
        return guild.filesize_limit if guild is not None else discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES

    async def _through(self, token: Callable[[], Awaitable[T]], bot: Callable[[], Awaitable[T]]) -> T:
        if self.has_token:
            try:
                return await token()
            except discord.HTTPException as exc:
                if exc.status != 401 and exc.code not in _TOKEN_DEAD:
                    raise
                log.info("interaction token dead", message=self.origin.message_id)
                self.origin = replace(self.origin, token=None)
                if self.origin.fleeting:
                    raise
        return await bot()

    async def _look(self) -> discord.WebhookMessage:
        found = await self._webhook.fetch_message("@original")  # pyright: ignore[reportArgumentType] - takes it too
        self.origin = replace(self.origin, message_id=found.id)
        return found

    @property
    def _webhook(self) -> discord.Webhook:
        # As discord.py makes those of interactions: `Webhook.partial` cannot send what only one user sees.
        data: Any = {"id": self.origin.application_id or 0, "type": 3, "token": self.origin.token or ""}
        state = self._bot._connection  # pyright: ignore[reportPrivateUsage]
        return discord.Webhook.from_state(data=data, state=state)
