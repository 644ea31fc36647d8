"""Finding names: autocomplete, and what a user may have meant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from bot.errors import UserError

#: Discord takes 25 choices of 100 characters.
MAX_CHOICES = 25
MAX_LENGTH = 100
_GOOD_ENOUGH = 60


def best_matches(text: str, names: Sequence[str], limit: int = MAX_CHOICES) -> list[str]:
    """At most ``limit`` of the names: those that contain the text in their order, then those that resemble it."""
    wanted = text.strip().casefold()
    if not wanted:
        return list(names[:limit])
    found = [name for name in names if wanted in name.casefold()]
    if len(found) < limit:
        found += [name for name in _alike(wanted, names, limit) if name not in found]
    return found[:limit]


def choice_value(name: str) -> str:
    """A name as a choice's value: `find_name` finds it again although Discord cuts it at 100 characters."""
    return name if len(name) <= MAX_LENGTH else name[: MAX_LENGTH - 1] + "…"


def find_name(text: str, names: Iterable[str], *, kind: str, label: Callable[[str], str] = lambda name: name) -> str:
    """The one of ``names`` that somebody wrote: with or without folder, ending and capitals.

    Args:
        kind: what it is the name of, for the sentence.
        label: how people call what has a name.

    Raises:
        UserError: none or several fit; the message names the nearest.
    """
    names = list(names)
    wanted = text.strip()
    readings = (
        lambda name: name == wanted,
        lambda name: choice_value(name) == wanted,
        lambda name: label(name).strip().casefold() == wanted.casefold(),
        lambda name: name.casefold() == wanted.casefold(),
        lambda name: _stem(name) == _stem(wanted),
    )
    for reading in readings:
        found = [name for name in names if reading(name)]
        if len(found) == 1:
            return found[0]
        if found:
            several = ", ".join(f'"{choice_value(name)}"' for name in found[:3])
            raise UserError(f'There are several {kind}s "{choice_value(wanted)}"; name one in full: {several}.')
    near = _alike(wanted.casefold(), names, 1)
    hint = f'; did you mean "{choice_value(near[0])}"?' if near else "."
    raise UserError(f'There is no {kind} "{choice_value(wanted)}"{hint}')


def _alike(text: str, names: Sequence[str], limit: int) -> list[str]:
    from rapidfuzz import fuzz, process, utils

    ranked = process.extract(
        text, names, scorer=fuzz.WRatio, processor=utils.default_process, limit=limit, score_cutoff=_GOOD_ENOUGH
    )
    return [name for name, _, _ in ranked]


def _stem(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    return last.removesuffix(".safetensors").casefold()
