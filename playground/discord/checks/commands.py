"""Commands as they are registered."""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import Any

from playground.discord import limits
from playground.discord.checks.form import Form, Path
from playground.discord.protocol import CommandKind, Json, OptionKind

CHOOSABLE = (OptionKind.STRING, OptionKind.INTEGER, OptionKind.NUMBER)
KINDS = range(1, 12)


def check_commands(form: Form, value: Any) -> list[Json]:
    """A bulk overwrite: how many of each type, no name twice, each one by itself."""
    commands = [
        form.mapping((n,), command) for n, command in enumerate(form.items((), value, sum(limits.COMMANDS.values())))
    ]
    names: set[tuple[Any, Any]] = set()
    counts = Counter(command.get("type", CommandKind.SLASH) for command in commands)
    for kind, most in limits.COMMANDS.items():
        if counts[kind] > most:
            form.refuse(
                (), "BASE_TYPE_MAX_LENGTH", f"Maximum number of application commands of type {kind} reached ({most})."
            )
    for number, command in enumerate(commands):
        key = (command.get("type", CommandKind.SLASH), command.get("name"))
        if key in names:
            form.refuse(
                (number, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique"
            )
        names.add(key)
        _check_command(form, (number,), command)
    return commands


def _check_command(form: Form, path: Path, command: Json) -> None:
    kind = command.get("type", CommandKind.SLASH)
    if kind not in limits.COMMANDS:
        form.choices((*path, "type"), tuple(limits.COMMANDS))
    elif kind == CommandKind.SLASH:
        _check_named(form, path, command)
        _check_options(form, path, command.get("options"), depth=0)
        if _size(command) > limits.COMMAND_TOTAL:
            form.refuse(
                path,
                "APPLICATION_COMMAND_TOO_LARGE",
                f"Command exceeds maximum size ({limits.COMMAND_TOTAL})",
            )
    else:
        form.text((*path, "name"), command.get("name"), limits.COMMAND_NAME, 1, optional=False)
        form.text((*path, "description"), command.get("description"), 0)
        form.items((*path, "options"), command.get("options"), 0)


def _check_named(form: Form, path: Path, part: Json) -> None:
    name = form.text((*path, "name"), part.get("name"), limits.COMMAND_NAME, 1, optional=False)
    spoken = {"": name, **form.mapping((*path, "name_localizations"), part.get("name_localizations"))}
    for locale, text in spoken.items():
        place = (*path, "name_localizations", locale) if locale else (*path, "name")
        if locale:
            form.text(place, text, limits.COMMAND_NAME, 1)
        if text and not _is_name(text):
            form.refuse(place, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    longest = limits.COMMAND_DESCRIPTION
    form.text((*path, "description"), part.get("description"), longest, 1, optional=False)
    key = "description_localizations"
    for locale, text in form.mapping((*path, key), part.get(key)).items():
        form.text((*path, key, locale), text, longest, 1)


def _is_name(name: Any) -> bool:
    """``^[-_'\\p{L}\\p{N}\\p{sc=Deva}\\p{sc=Thai}]{1,32}$``, in lower case where there is one."""
    return (
        isinstance(name, str)
        and name == name.lower()
        and all(char in "-_'" or unicodedata.category(char)[0] in "LNM" for char in name)
    )


def _check_options(form: Form, path: Path, value: Any, depth: int) -> None:
    place = (*path, "options")
    names: set[str] = set()
    optional_seen = False
    for number, item in enumerate(form.items(place, value, limits.COMMAND_OPTIONS)):
        here = (*place, number)
        option = form.mapping(here, item)
        _check_named(form, here, option)
        if option.get("name") in names:
            form.refuse((*here, "name"), "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option names must be unique")
        names.add(str(option.get("name")))
        if option.get("required") and optional_seen:
            form.refuse(
                here,
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options must be placed before non-required options",
            )
        optional_seen |= not option.get("required")
        kind = option.get("type")
        if kind not in KINDS:
            form.choices((*here, "type"), tuple(KINDS))
        elif kind in (OptionKind.SUBCOMMAND, OptionKind.GROUP):
            if depth >= (1 if kind == OptionKind.GROUP else 2):
                form.refuse(here, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-command option types cannot nest")
            _check_options(form, here, option.get("options"), depth + (2 if kind == OptionKind.SUBCOMMAND else 1))
        else:
            _check_values(form, here, option)


def _check_values(form: Form, path: Path, option: Json) -> None:
    choices = form.items((*path, "choices"), option.get("choices"), limits.COMMAND_CHOICES)
    if (choices or option.get("autocomplete")) and option["type"] not in CHOOSABLE:
        form.refuse(path, "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID", "Options of this type take no choices")
    if choices and option.get("autocomplete"):
        form.refuse(
            (*path, "autocomplete"),
            "APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES",
            "Autocomplete and choices exclude each other",
        )
    check_choices(form, (*path, "choices"), choices, option["type"])


def check_choices(form: Form, path: Path, choices: list[Any], kind: int) -> None:
    """Choices of an option, registered ones or autocompleted ones, whose values have the option's type."""
    for number, item in enumerate(choices):
        choice = form.mapping((*path, number), item)
        form.text((*path, number, "name"), choice.get("name"), limits.CHOICE_TEXT, 1, optional=False)
        value, place = choice.get("value"), (*path, number, "value")
        if kind == OptionKind.STRING:
            form.text(place, value, limits.CHOICE_TEXT, optional=False)
        elif isinstance(value, bool) or not isinstance(value, int if kind == OptionKind.INTEGER else int | float):
            form.refuse(place, "NUMBER_TYPE_COERCE", f'Value "{value}" is not a number of the option.')


def _size(part: Json) -> int:
    """Characters of names, descriptions and string values, the longest translation counting."""
    total = 0
    for key in ("name", "description"):
        spoken = [part.get(key) or "", *(part.get(f"{key}_localizations") or {}).values()]
        total += max(len(str(text)) for text in spoken)
    if isinstance(part.get("value"), str):
        total += len(part["value"])
    for key in ("options", "choices"):
        total += sum(_size(inner) for inner in part.get(key) or [] if isinstance(inner, dict))
    return total
