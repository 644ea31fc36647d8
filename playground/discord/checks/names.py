"""Names and descriptions of commands, options and choices, in every language."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

from playground.discord import limits
from playground.discord.checks.form import Form, Path
from playground.discord.locales import LOCALES
from playground.discord.protocol import Json

_SCRIPTS_WITH_MARKS = ("DEVANAGARI", "THAI")


def check_typed_name(form: Form, path: Path, part: Json) -> None:
    """The name of a slash command or option: as it is typed, in lower case and without spaces."""
    for place, text in _texts(form, path, part, "name", limits.COMMAND_NAME):
        if text and not _can_be_typed(text):
            form.refuse(place, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def check_shown_name(form: Form, path: Path, part: Json, longest: int) -> None:
    """The name of a menu or choice, which may be any text."""
    _texts(form, path, part, "name", longest)


def check_description(form: Form, path: Path, part: Json) -> None:
    _texts(form, path, part, "description", limits.COMMAND_DESCRIPTION)


def check_distinct(form: Form, path: Path, parts: Iterable[Json], code: str, message: str) -> None:
    """No two of them have one name in any language, where one without a translation keeps its own name."""
    listed = list(parts)
    locales = {locale for part in listed for locale in _translations(part, "name")}
    for locale in ("", *sorted(locales)):
        names: set[Any] = set()
        for number, part in enumerate(listed):
            translated = _translations(part, "name").get(locale)
            name = translated or part.get("name")
            if isinstance(name, str) and name in names:
                place = ("name_localizations", locale) if translated else ("name",)
                form.refuse((*path, number, *place), code, message)
            names.add(name if isinstance(name, str) else None)


def total_size(part: Json) -> int:
    """Characters of names, descriptions and string values, the longest translation of each counting."""
    total = 0
    for key in ("name", "description"):
        total += max(len(str(text)) for text in (part.get(key) or "", *_translations(part, key).values()))
    if isinstance(part.get("value"), str):
        total += len(part["value"])
    for key in ("options", "choices"):
        inner = part.get(key)
        if isinstance(inner, list):
            total += sum(total_size(item) for item in inner if isinstance(item, dict))
    return total


def _texts(form: Form, path: Path, part: Json, key: str, longest: int) -> list[tuple[Path, str]]:
    """Check a text and its translations; each with its place."""
    found = [((*path, key), form.text((*path, key), part.get(key), longest, 1, optional=False))]
    table = (*path, f"{key}_localizations")
    for locale, text in form.mapping(table, part.get(f"{key}_localizations")).items():
        place = (*table, locale)
        if locale not in LOCALES:
            form.choices(place, tuple(sorted(LOCALES)))
        found.append((place, form.text(place, text, longest, 1, optional=False)))
    return found


def _translations(part: Json, key: str) -> Json:
    found = part.get(f"{key}_localizations")
    return found if isinstance(found, dict) else {}


def _can_be_typed(name: str) -> bool:
    """``^[-_'\\p{L}\\p{N}\\p{sc=Deva}\\p{sc=Thai}]{1,32}$``, in lower case where there is one."""
    return name == name.lower() and all(char in "-_'" or _is_letter(char) for char in name)


def _is_letter(char: str) -> bool:
    kind = unicodedata.category(char)[0]
    return kind in "LN" or (kind == "M" and unicodedata.name(char, "").startswith(_SCRIPTS_WITH_MARKS))
