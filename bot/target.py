"""The message that a job lives in, and the two ways to write to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import discord

from utils.logging import get_logger

log = get_logger(__name__)

_MARGIN = timedelta(seconds=30)
#: Unauthorized webhook, invalid webhook token: an interaction's token is dead after 15 minutes.
_TOKEN_DEAD = (10015, 50027)


class JobMessage:
    """The answer to an interaction: through the interaction's token while it lives, then as the bot's own message.

    The interaction must have been acknowledged.
    """

    def __init__(self, interaction: discord.Interaction[Any]) -> None:
        self._interaction = interaction
        self._message = interaction.message

    async def edit(self, **fields: Any) -> None:
        """Change the message; takes what `discord.Interaction.edit_original_response` takes.

        Raises:
            discord.HTTPException: Discord does not take it.
        """
        if self._token_lives():
            try:
                self._message = await self._interaction.edit_original_response(**fields)
            except discord.HTTPException as exc:
                if exc.status != 401 and exc.code not in _TOKEN_DEAD:
                    raise
                log.info("interaction token dead", interaction=self._interaction.id)
            else:
                return
        await self._own().edit(**fields)

    async def add(self, **fields: Any) -> None:
        """Post another message after it; takes what `discord.abc.Messageable.send` takes."""
        if self._token_lives():
            await self._interaction.followup.send(**fields)
        else:
            await self._own().channel.send(**fields)

    @property
    def id(self) -> int | None:
        """The message's id, once it is known."""
        return self._message.id if self._message is not None else None

    @property
    def filesize_limit(self) -> int:
        """Bytes that one file may have here."""
        return self._interaction.filesize_limit

    def _token_lives(self) -> bool:
        return discord.utils.utcnow() < self._interaction.expires_at - _MARGIN

    def _own(self) -> discord.PartialMessage:
        channel = self._interaction.client.get_partial_messageable(
            self._interaction.channel_id or 0, guild_id=self._interaction.guild_id
        )
        return channel.get_partial_message(self.id or 0)
