"""Commands as they are registered."""

from __future__ import annotations

from collections import Counter
from typing import Any

from playground.discord import limits
from playground.discord.checks.form import Form, Path
from playground.discord.checks.names import (
    check_description,
    check_distinct,
    check_shown_name,
    check_typed_name,
    total_size,
)
from playground.discord.protocol import CommandKind, Json, OptionKind

CHOOSABLE = (OptionKind.STRING, OptionKind.INTEGER, OptionKind.NUMBER)
KINDS = range(1, 12)


def check_commands(form: Form, value: Any) -> list[Json]:
    """A bulk overwrite: how many of each type, no name twice, each one by itself."""
    commands = [
        form.mapping((n,), command) for n, command in enumerate(form.items((), value, sum(limits.COMMANDS.values())))
    ]
    counts = Counter(_kind(command) for command in commands)
    for kind, most in limits.COMMANDS.items():
        if counts[kind] > most:
            form.refuse(
                (), "BASE_TYPE_MAX_LENGTH", f"Maximum number of application commands of type {kind} reached ({most})."
            )
        same = [command if _kind(command) == kind else {} for command in commands]
        check_distinct(
            form, (), same, "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique"
        )
    for number, command in enumerate(commands):
        _check_command(form, (number,), command)
    return commands


def _kind(command: Json) -> Any:
    kind = command.get("type")
    return kind if isinstance(kind, int) else CommandKind.SLASH if kind is None else str(kind)


def _check_command(form: Form, path: Path, command: Json) -> None:
    kind = _kind(command)
    if kind not in limits.COMMANDS:
        form.choices((*path, "type"), tuple(limits.COMMANDS))
    elif kind == CommandKind.SLASH:
        check_typed_name(form, path, command)
        check_description(form, path, command)
        _check_options(form, path, command.get("options"), depth=0)
        if total_size(command) > limits.COMMAND_TOTAL:
            form.refuse(
                path,
                "APPLICATION_COMMAND_TOO_LARGE",
                f"Command exceeds maximum size ({limits.COMMAND_TOTAL})",
            )
    else:
        check_shown_name(form, path, command, limits.COMMAND_NAME)
        form.text((*path, "description"), command.get("description"), 0)
        translated = form.mapping((*path, "description_localizations"), command.get("description_localizations"))
        form.items((*path, "description_localizations"), list(translated), 0)
        form.items((*path, "options"), command.get("options"), 0)


def _check_options(form: Form, path: Path, value: Any, depth: int) -> None:
    place = (*path, "options")
    optional_seen = False
    items = form.items(place, value, limits.COMMAND_OPTIONS)
    options = [form.mapping((*place, number), item) for number, item in enumerate(items)]
    check_distinct(form, place, options, "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option names must be unique")
    for number, option in enumerate(options):
        here = (*place, number)
        check_typed_name(form, here, option)
        check_description(form, here, option)
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
        check_shown_name(form, (*path, number), choice, limits.CHOICE_TEXT)
        value, place = choice.get("value"), (*path, number, "value")
        if kind == OptionKind.STRING:
            form.text(place, value, limits.CHOICE_TEXT, optional=False)
        elif isinstance(value, bool) or not isinstance(value, int if kind == OptionKind.INTEGER else int | float):
            form.refuse(place, "NUMBER_TYPE_COERCE", f'Value "{value}" is not a number of the option.')
