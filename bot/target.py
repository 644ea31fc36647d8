"""The answer to an interaction: giving it in time, and the message that it becomes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import aiohttp
import discord

from bot.errors import ACKNOWLEDGED
from utils.logging import get_logger

log = get_logger(__name__)

T = TypeVar("T")

_ATTEMPTS = 3
_MARGIN = timedelta(seconds=30)
#: Unknown webhook, invalid webhook token: an interaction's token is dead after 15 minutes.
_TOKEN_DEAD = (10015, 50027)
_CHANGED = (
    discord.InteractionResponseType.deferred_message_update,
    discord.InteractionResponseType.message_update,
)

Files = Callable[[], Sequence[discord.File]]


async def acknowledge(interaction: discord.Interaction[Any], *, thinking: bool = True, ephemeral: bool = False) -> None:
    """Tell Discord, which waits 3 s for it, that an answer will come.

    discord.py repeats itself after a 5xx only, so a broken connection is tried again here. "Already acknowledged" then
    says that it was the reply that had been lost.

    Args:
        thinking: the answer is a message of its own; else the message with the control that was used.

    Raises:
        discord.HTTPException: Discord does not take it.
        OSError, aiohttp.ClientError: it cannot be reached.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            await interaction.response.defer(thinking=thinking, ephemeral=ephemeral)
        except discord.HTTPException as exc:
            if exc.code != ACKNOWLEDGED:
                raise
        except (OSError, aiohttp.ClientError):
            if attempt == _ATTEMPTS:
                raise
            continue
        return


class JobMessage:
    """The answer to an interaction: through the interaction's token while it lives, then as the bot's own message.

    The interaction must have been acknowledged.
    """

    def __init__(self, interaction: discord.Interaction[Any]) -> None:
        self._interaction = interaction
        # A click has the message it was made on; that is the answer only when the click was answered by changing it.
        self._message = interaction.message if interaction.response.type in _CHANGED else None
        self._expires_at = interaction.expires_at - _MARGIN

    async def edit(self, *, files: Files | None = None, **fields: Any) -> None:
        """Change the message. When it has become the bot's own to change and was never seen, it is posted anew.

        Args:
            files: makes the files that it holds afterwards; called once for each attempt, since one uses them up.
                Without it they stay.
            fields: embed, view, content: as `discord.Interaction.edit_original_response` takes them.

        Raises:
            discord.HTTPException: Discord does not take it.
        """

        def attached() -> dict[str, Any]:
            return fields if files is None else {**fields, "attachments": files()}

        self._message = await self._through(
            lambda: self._interaction.edit_original_response(**attached()),
            lambda: self._own(self._message.id).edit(**attached()) if self._message else self._post(files, fields),
        )

    async def add(self, *, files: Files = tuple, content: str | None = None) -> None:
        """Post another message after it; raises as `edit` does."""
        await self._through(
            lambda: self._interaction.followup.send(content or "", files=files(), wait=True),
            lambda: self._channel.send(content, files=files()),
        )

    @property
    def id(self) -> int | None:
        """The message's id, once it is known."""
        return self._message.id if self._message is not None else None

    @property
    def lane(self) -> int | None:
        """The channel whose limit on edits this message shares; None while the token has a limit of its own."""
        return None if self._token_lives else self._interaction.channel_id

    @property
    def filesize_limit(self) -> int:
        """Bytes that one file may have here."""
        return self._interaction.filesize_limit

    async def _through(self, token: Callable[[], Awaitable[T]], bot: Callable[[], Awaitable[T]]) -> T:
        if self._token_lives:
            try:
                return await token()
            except discord.HTTPException as exc:
                if exc.status != 401 and exc.code not in _TOKEN_DEAD:
                    raise
                log.info("interaction token dead", interaction=self._interaction.id)
                self._expires_at = discord.utils.utcnow()
        return await bot()

    @property
    def _token_lives(self) -> bool:
        return discord.utils.utcnow() < self._expires_at

    @property
    def _channel(self) -> discord.PartialMessageable:
        return self._interaction.client.get_partial_messageable(
            self._interaction.channel_id or 0, guild_id=self._interaction.guild_id
        )

    def _own(self, message_id: int) -> discord.PartialMessage:
        return self._channel.get_partial_message(message_id)

    async def _post(self, files: Files | None, fields: dict[str, Any]) -> discord.Message:
        given = {name: value for name, value in fields.items() if value is not None}
        return await self._channel.send(files=files() if files else (), **given)
