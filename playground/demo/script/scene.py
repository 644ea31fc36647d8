"""Where a script stands: who acts, where, on what, and what is seen there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playground.discord import Channel, DiscordServer, Interaction, Message, PlaygroundError, Upload, User
from playground.discord.errors import listed
from playground.discord.protocol import ChannelKind

_DIRECT = "direct"


class Scene:
    """Names of people, places, messages and files, and what they stand for.

    Attributes:
        who, where: who acts in which channel.
        last: the last interaction; None before the first.
        since: the id after which everything has come that the last action may have led to.
    """

    def __init__(self, server: DiscordServer, folder: Path) -> None:
        self.server = server
        self.who: User = server.users[0]
        self.where: Channel = server.channel("general")
        self.last: Interaction | None = None
        self.since = server.world.ids.next()
        self._began = server.clock.time()
        self._folder = folder
        self._called: dict[str, int] = {}
        self._newest: int | None = None

    def enter(self, who: str | None, where: str | None) -> None:
        """Somebody else takes over, or goes elsewhere."""
        if who is not None:
            self.who = self.user(who)
        if where is not None:
            self.where = self.channel(where)
        elif self.where.recipient not in (None, self.who):
            self.where = self.who.dm

    def act(self) -> None:
        """Whatever comes from here on may be what the next action leads to."""
        self.since, self._began = self.server.world.ids.next(), self.server.clock.time()

    def user(self, name: str) -> User:
        for user in self.server.users:
            if name.lower() == user.name:
                return user
        raise PlaygroundError(f"there is no {name!r}, but {listed(user.name for user in self.server.users)}")

    def channel(self, name: str) -> Channel:
        """By its name; ``direct`` is one's own with the bot."""
        if name == _DIRECT:
            return self.who.dm
        places = [place for place in self.server.world.channels.values() if place.kind is not ChannelKind.DM]
        for place in places:
            if name.removeprefix("#") == place.name:
                return place
        raise PlaygroundError(f"there is no channel {name!r}, but {listed(place.name for place in places)}")

    def call(self, message: Message, name: str | None) -> None:
        """From now on it is the one that is meant, and known under that name."""
        self._newest = message.id
        if name is not None:
            self._called[name] = message.id

    def message(self, name: str | None) -> Message:
        """The one that was called so, or that was waited for last, as it is now."""
        number = self._newest if name is None else self._called.get(name)
        if number is None:
            raise PlaygroundError(f"no message was called {name!r}" if name else "no message was waited for yet")
        found = self.server.message(number)
        if found is None:
            raise PlaygroundError("the message is gone")
        return found

    def news(self) -> list[Message]:
        """What this user sees here that is new, or was changed, since the last action; the oldest first."""
        return [
            message
            for message in self.who.sees(self.where)
            if message.id > self.since or (message.edited_at is not None and message.edited_at >= self._began)
        ]

    def value(self, given: Any) -> Any:
        """What an option or a field is filled with; objects stand for files, pictures, people and places."""
        if isinstance(given, list):
            return [self.value(one) for one in given]
        if not isinstance(given, dict):
            return given
        if set(given) == {"file"}:
            return self.file(str(given["file"]))
        if set(given) == {"picture"}:
            return self.picture(str(given["picture"]))
        if set(given) == {"user"}:
            return self.user(str(given["user"]))
        if set(given) == {"channel"}:
            return self.channel(str(given["channel"]))
        raise PlaygroundError(f"{given} is no file, picture, user or channel")

    def file(self, name: str) -> Upload:
        path = self._folder / name
        try:
            return Upload(path.name, path.read_bytes())
        except OSError as exc:
            raise PlaygroundError(f"the file {name} cannot be read") from exc

    def picture(self, name: str) -> Upload:
        """The first file of a message that was called so."""
        files = self.message(name).attachments
        if not files:
            raise PlaygroundError(f"the message {name!r} has no file")
        return Upload(files[0].filename, files[0].data)
