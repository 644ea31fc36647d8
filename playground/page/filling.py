"""What was filled in on the page → what a user hands over: ids become people, places and files."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from playground.discord import Channel, Interaction, PlaygroundError, Upload, User
from playground.discord.modal import Field
from playground.discord.model import Account
from playground.discord.options import find_command, subcommand
from playground.discord.protocol import SELECTS, CommandKind, Json, OptionKind, Part
from playground.discord.world import World
from playground.page.asked import snowflake, texts
from playground.page.uploads import Uploads


class Filling:
    """For one user in one place. ``used`` are the uploads that were handed over."""

    def __init__(self, world: World, user: User, place: Channel, uploads: Uploads) -> None:
        self.used: list[Upload] = []
        self._world = world
        self._user = user
        self._place = place
        self._uploads = uploads

    def options(self, command: str, given: Json, *, typing: bool = False) -> dict[str, Any]:
        """Values of ``"command group sub"``. While ``typing``, what does not fit yet is left out."""
        name, *path = command.split()
        found = find_command(self._world, self._user, self._place, CommandKind.SLASH, name)
        schema, _ = subcommand(found, path)
        kinds = {option["name"]: option["type"] for option in schema}
        filled: dict[str, Any] = {}
        for key, value in given.items():
            with suppress(*([PlaygroundError] if typing else [])):
                filled[key] = self._option(key, kinds.get(key, 0), value)
        return filled

    def form(self, opened: Interaction, given: Json) -> dict[str, Any]:
        """Values of a modal, by custom id."""
        assert opened.modal is not None
        return {key: self._field(opened.modal.field(key), value) for key, value in given.items() if value is not None}

    def _option(self, name: str, kind: int, value: Any) -> Any:
        if value is None:
            return None
        if kind == OptionKind.ATTACHMENT:
            return self._file(value)
        if kind == OptionKind.USER:
            return self._person(value, name)
        if kind == OptionKind.CHANNEL:
            return self._channel(value, name)
        return value

    def _field(self, field: Field, value: Any) -> Any:
        label = field.label or field.custom_id
        if field.kind is Part.TEXT_INPUT:
            return value
        if field.kind is Part.CHECKBOX:
            if not isinstance(value, bool):
                raise PlaygroundError(f"{label!r} is ticked or not")
            return value
        picked = texts(value, label)
        if field.kind is Part.UPLOAD:
            return [self._file(key) for key in picked]
        if field.kind is Part.CHANNEL_SELECT:
            return [self._channel(key, label) for key in picked]
        if field.kind in SELECTS - {Part.SELECT}:
            return [self._person(key, label) for key in picked]
        return picked

    def _file(self, key: Any) -> Upload:
        upload = self._uploads.look(key)
        self.used.append(upload)
        return upload

    def _person(self, value: Any, name: str) -> Account:
        found = self._world.accounts.get(snowflake(value, name))
        if found is None:
            raise PlaygroundError(f"{name!r} takes somebody who is here")
        return found

    def _channel(self, value: Any, name: str) -> Channel:
        found = self._world.channels.get(snowflake(value, name))
        if found is None or not self._user.finds(found):
            raise PlaygroundError(f"{name!r} takes a channel of this server")
        return found
