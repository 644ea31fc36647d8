"""A slash command as the client lets it be typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from playground.discord.errors import PlaygroundError, listed
from playground.discord.limits import OPTION_NUMBER, OPTION_STRING
from playground.discord.model import Account, Channel, Upload
from playground.discord.permissions import Permission
from playground.discord.protocol import CommandKind, Context, Json, OptionKind
from playground.discord.resolved import Resolved
from playground.discord.world import World

PYTHON = {
    OptionKind.STRING: str,
    OptionKind.INTEGER: int,
    OptionKind.BOOLEAN: bool,
    OptionKind.USER: Account,
    OptionKind.CHANNEL: Channel,
    OptionKind.NUMBER: (int, float),
    OptionKind.ATTACHMENT: Upload,
}


_TAKES = {
    OptionKind.STRING: "a text",
    OptionKind.INTEGER: "a whole number",
    OptionKind.BOOLEAN: "yes or no",
    OptionKind.USER: "somebody who is here",
    OptionKind.CHANNEL: "a channel",
    OptionKind.NUMBER: "a number",
    OptionKind.ATTACHMENT: "a file",
}
_PLACES = {
    Context.GUILD: "channels of a server",
    Context.BOT_DM: "direct messages",
    Context.PRIVATE: "private channels",
}


def find_command(world: World, user: Account, channel: Channel, kind: CommandKind, name: str) -> Json:
    """The command as it is offered to this user in this channel; the guild's own goes before the global one.

    Raises:
        PlaygroundError: it is not offered.
    """
    known = _known(world, channel)
    if (int(kind), name) in known:
        _check_offered(known[kind, name], user, channel)
        return known[kind, name]
    names = sorted(known_name for known_kind, known_name in known if known_kind == kind)
    raise PlaygroundError(f"no command {name!r} here; {_there_are(names)}")


def offered_commands(world: World, user: Account, channel: Channel) -> list[Json]:
    """All that this user finds in this channel."""
    found: list[Json] = []
    for command in _known(world, channel).values():
        with suppress(PlaygroundError):
            _check_offered(command, user, channel)
            found.append(command)
    return found


def _known(world: World, channel: Channel) -> dict[tuple[int, str], Json]:
    """Commands by kind and name. The guild's own goes before the global one."""
    scopes = [None, world.guild.id] if channel.in_guild else [None]
    return {(c["type"], c["name"]): c for scope in scopes for c in world.commands.get(scope, [])}


def _check_offered(command: Json, user: Account, channel: Channel) -> None:
    contexts = command.get("contexts")
    if contexts is None:
        contexts = [Context.GUILD] + [Context.BOT_DM] * bool(command.get("dm_permission", True))
    if channel.context not in contexts:
        raise PlaygroundError(f"{command['name']!r} is not offered in {_PLACES[channel.context]}")
    if channel.context is Context.PRIVATE and 1 not in (command.get("integration_types") or [0]):
        raise PlaygroundError(f"{command['name']!r} cannot be installed by a user")
    if command.get("nsfw") and channel.in_guild and not channel.age_restricted:
        raise PlaygroundError(f"{command['name']!r} is offered in age-restricted channels only")
    needed = command.get("default_member_permissions")
    if needed is None or not channel.in_guild or Permission.ADMINISTRATOR in user.permissions:
        return
    if int(needed) == 0 or int(needed) & ~int(user.permissions):
        raise PlaygroundError(f"{user.name} lacks the permissions for {command['name']!r}")


def subcommand(command: Json, path: list[str]) -> tuple[list[Json], list[Json]]:
    """The options of ``group sub`` below a command, and the options that lead there, outermost first."""
    schema, steps = command.get("options") or [], []
    for name in path:
        step = next((option for option in schema if option["name"] == name and option["type"] < 3), None)
        if step is None:
            raise PlaygroundError(f"/{command['name']} has no {name!r}")
        steps.append({"name": step["name"], "type": step["type"]})
        schema = step.get("options") or []
    if schema and schema[0]["type"] < OptionKind.STRING:
        raise PlaygroundError(f"/{command['name']} needs one of {listed(option['name'] for option in schema)}")
    return schema, steps


def nest(steps: list[Json], options: list[Json]) -> list[Json]:
    """Options below the subcommand that they belong to."""
    for step in reversed(steps):
        options = [{**step, "options": options}]
    return options


def fill(schema: list[Json], values: Mapping[str, Any], resolved: Resolved, *, focused: str = "") -> list[Json]:
    """The options on the wire. With ``focused`` the user is still typing that one; others may be missing or unfit.

    Raises:
        PlaygroundError: the client would not send this.
    """
    unknown = set(values) - {option["name"] for option in schema}
    if unknown:
        raise PlaygroundError(f"no option {listed(sorted(unknown))}; {_there_are(o['name'] for o in schema)}")
    filled: list[Json] = []
    for option in schema:
        name, value = option["name"], values.get(option["name"])
        if name == focused:
            if not option.get("autocomplete"):
                raise PlaygroundError(f"option {name!r} has no autocomplete")
            if not isinstance(value, str) or len(value) > OPTION_STRING:
                raise PlaygroundError(f"option {name!r} takes at most {OPTION_STRING} characters")
            filled.append({"name": name, "type": option["type"], "value": value, "focused": True})
        elif value is not None:
            with suppress(*([PlaygroundError] if focused else [])):
                filled.append({"name": name, "type": option["type"], "value": _value(option, value, resolved)})
        elif option.get("required") and not focused:
            raise PlaygroundError(f"option {name!r} is required")
    return filled


def _value(option: Json, value: Any, resolved: Resolved) -> Any:
    name, kind = option["name"], option["type"]
    if kind not in PYTHON:
        raise PlaygroundError(f"option {name!r} is of type {kind}, which nobody here can pick")
    if not isinstance(value, PYTHON[kind]) or (isinstance(value, bool) and kind != OptionKind.BOOLEAN):
        raise PlaygroundError(f"option {name!r} takes {_TAKES[kind]}")
    if isinstance(value, Account):
        return resolved.account(value)
    if isinstance(value, Channel):
        return resolved.channel(value)
    if isinstance(value, Upload):
        if len(value.data) > resolved.file_limit:
            raise PlaygroundError(f"{value.filename} is too large for {name!r}")
        return resolved.file(value)
    if choices := option.get("choices"):
        for choice in choices:
            if value in (choice["value"], choice["name"]):
                return choice["value"]
        raise PlaygroundError(f"option {name!r} is one of {listed(choice['name'] for choice in choices)}")
    if value == "":
        raise PlaygroundError(f"option {name!r} cannot be sent empty")
    if isinstance(value, str):
        low, high = option.get("min_length") or 0, option.get("max_length") or OPTION_STRING
        if not low <= len(value) <= high:
            raise PlaygroundError(f"option {name!r} takes {max(low, 1)} to {high} characters, not {len(value)}")
    elif not isinstance(value, bool):
        low, high = option.get("min_value"), option.get("max_value")
        if value < (-OPTION_NUMBER if low is None else low):
            raise PlaygroundError(f"option {name!r}: {value} is below {-OPTION_NUMBER if low is None else low}")
        if value > (OPTION_NUMBER if high is None else high):
            raise PlaygroundError(f"option {name!r}: {value} is above {OPTION_NUMBER if high is None else high}")
    return value


def _there_are(names: Iterable[str]) -> str:
    found = listed(names)
    return f"there are {found}" if found else "there are none"
