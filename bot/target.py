"""The message that a job lives in, and the two ways to write to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import discord

from utils.logging import get_logger

log = get_logger(__name__)

_MARGIN = timedelta(seconds=30)
#: Unauthorized webhook, invalid webhook token: an interaction's token is dead after 15 minutes.
_TOKEN_DEAD = (10015, 50027)

Files = Callable[[], Sequence[discord.File]]


class JobMessage:
    """The answer to an interaction: through the interaction's token while it lives, then as the bot's own message.

    The interaction must have been acknowledged.
    """

    def __init__(self, interaction: discord.Interaction[Any]) -> None:
        self._interaction = interaction
        self._message = interaction.message

    async def edit(self, *, files: Files = tuple, **fields: Any) -> None:
        """Change the message.

        Args:
            files: makes the files that it holds afterwards; called once for each attempt, since one uses them up.
            fields: embed, view, content: as `discord.Interaction.edit_original_response` takes them.

        Raises:
            discord.HTTPException: Discord does not take it.
        """
        if self._token_lives():
            try:
                self._message = await self._interaction.edit_original_response(attachments=files(), **fields)
            except discord.HTTPException as exc:
                if exc.status != 401 and exc.code not in _TOKEN_DEAD:
                    raise
                log.info("interaction token dead", interaction=self._interaction.id)
            else:
                return
        await self._own().edit(attachments=files(), **fields)

    async def add(self, *, files: Files = tuple, content: str | None = None) -> None:
        """Post another message after it.

        Raises:
            discord.HTTPException: Discord does not take it.
        """
        if self._token_lives():
            await self._interaction.followup.send(content or "", files=files())
        else:
            await self._own().channel.send(content, files=files())

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
