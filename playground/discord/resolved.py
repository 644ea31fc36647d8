"""``resolved``: the objects behind the ids of an interaction's data."""

from __future__ import annotations

from playground.discord import wire
from playground.discord.message import Message
from playground.discord.model import Account, Channel, Upload
from playground.discord.protocol import Json
from playground.discord.world import World


class Resolved:
    """Collects what a user picked; each method gives the id to write in its place.

    While the user is ``typing`` still, no file is sent.
    """

    def __init__(self, world: World, channel: Channel, user: Account, *, typing: bool = False) -> None:
        self._world = world
        self._channel = channel
        self._limit = world.file_limit(channel, user)
        self._typing = typing
        self._found: dict[str, Json] = {}

    @property
    def file_limit(self) -> int:
        """Bytes that a file of this user may have here."""
        return self._limit

    def file(self, upload: Upload) -> str:
        if self._typing:
            return str(self._world.ids.next())
        kept = self._world.cdn.keep_loose(upload, self._channel.id)
        return self._add("attachments", kept.id, wire.attachment(kept))

    def account(self, account: Account) -> str:
        if self._channel.in_guild:
            self._add("members", account.id, wire.member(account))
        return self._add("users", account.id, wire.user(account))

    def channel(self, channel: Channel) -> str:
        body = wire.channel(channel, self._world.bot)
        return self._add("channels", channel.id, {**body, "permissions": str(int(channel.bot_permissions))})

    def message(self, message: Message) -> str:
        return self._add("messages", message.id, wire.message(message))

    def written(self) -> Json:
        """``{"resolved": …}``, or nothing when there is nothing."""
        return {"resolved": self._found} if self._found else {}

    def _add(self, table: str, key: int, value: Json) -> str:
        self._found.setdefault(table, {})[str(key)] = value
        return str(key)
