"""``/applications/{id}/commands``: what the bot registers."""

from __future__ import annotations

from typing import Any

from playground.discord.checks.commands import check_commands
from playground.discord.checks.form import Form
from playground.discord.errors import ApiError, missing_access
from playground.discord.protocol import CommandKind, Json
from playground.discord.rest import Call, Rest
from playground.discord.world import World


class Commands:
    """Global commands and those of the guild, overwritten in bulk as discord.py's ``sync`` does."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_to(self, rest: Rest) -> None:
        everywhere = "/applications/{application_id}/commands"
        in_guild = "/applications/{application_id}/guilds/{guild_id}/commands"
        for route in (everywhere, in_guild):
            rest.add("PUT", route, self.overwrite)
            rest.add("GET", route, self.list)

    def overwrite(self, call: Call) -> list[Json]:
        scope = self._scope(call)
        form = Form()
        commands = check_commands(form, call.json)
        form.check()
        known = {(c["type"], c["name"]): c["id"] for c in self._world.commands.get(scope, [])}
        registered = [self._registered(command, scope, known) for command in commands]
        self._world.register(scope, registered)
        return registered

    def list(self, call: Call) -> list[Json]:
        return self._world.commands.get(self._scope(call), [])

    def _scope(self, call: Call) -> int | None:
        """The guild's id; None for the global commands."""
        if call.id("application_id") != self._world.application_id:
            raise ApiError(403, 20012, "You are not authorized to perform this action on this application")
        if "guild_id" not in call.params:
            return None
        if call.id("guild_id") != self._world.guild.id:
            raise missing_access()
        return self._world.guild.id

    def _registered(self, command: Json, scope: int | None, known: dict[tuple[Any, Any], str]) -> Json:
        kind = int(command.get("type") or CommandKind.SLASH)
        permissions = command.get("default_member_permissions")
        where = {} if scope is None else {"guild_id": str(scope)}
        return {
            "options": [],
            "nsfw": False,
            "description": "",
            **command,
            "type": kind,
            "id": known.get((kind, command["name"])) or str(self._world.ids.next()),
            "application_id": str(self._world.application_id),
            "version": str(self._world.ids.next()),
            "default_member_permissions": None if permissions is None else str(permissions),
            **where,
        }
