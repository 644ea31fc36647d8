"""Several LoRAs in one text: ``name:0.8, other``. Names with commas or quotes in them stand in quotes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.choices import MAX_CHOICES, MAX_LENGTH, Names
from bot.errors import UserError
from utils.language import phrase, phrase_n

MAX_LORAS = 10
TOO_MANY = phrase_n(
    "Up to {n} LoRA can be used at once; leave some out.",
    "Up to {n} LoRAs can be used at once; leave some out.",
    MAX_LORAS,
)
_MOST_COMMAS = 8
_NUMBER = r"-?(?:\d+(?:[.,]\d*)?|[.,]\d+)"
_QUOTED = re.compile(rf'\s*"((?:[^"]|"")*)"\s*(?::\s*({_NUMBER})?)?\s*(?:,|$)')
_STRONG = re.compile(rf"(.*\S)\s*:\s*({_NUMBER})", re.DOTALL)
#: A decimal comma, in an entry whose name nobody knows.
_COMMA = re.compile(r"([^,]*[^,\s])\s*:\s*(-?\d+,\d+)\s*(?:,|$)")
_SEPARATOR = ", "


@dataclass(frozen=True, slots=True)
class LoraPick:
    """A LoRA that somebody chose.

    Attributes:
        name: file name as the server lists it.
        strength: its own; None to have the one that is chosen for all.
    """

    name: str
    strength: float | None = None


def parse_loras(text: str, names: Names) -> tuple[LoraPick, ...]:
    """What somebody wrote, in its order.

    Args:
        names: the LoRA files of the server; when there are none, it cannot be asked, and names stay as they are.

    Raises:
        UserError: a name is none or several, it is there twice, or there are too many.
    """
    picks = split(text, names)
    if len(picks) > MAX_LORAS:
        raise UserError(TOO_MANY)
    if names.all:
        picks = [LoraPick(names.find(pick.name, kind="LoRA"), pick.strength) for pick in picks]
    chosen = [pick.name for pick in picks]
    for name in chosen:
        if chosen.count(name) > 1:
            raise UserError(phrase('The LoRA "{name}" is there twice; name it once.', name=name))
    return tuple(picks)


def split(text: str, names: Names) -> list[LoraPick]:
    """The entries of a text, with the names as they were typed; one more than is allowed at most.

    Without quotes, an entry goes as far as it makes a name that is known; else to the next comma.
    """
    found: list[LoraPick] = []
    while text.strip(" ,\n") and len(found) <= MAX_LORAS:
        pick, text = _first(text.lstrip(" ,\n"), names)
        found.append(pick)
    return found


def complete_loras(text: str, names: Names) -> list[str]:
    """Texts that complete the last entry and keep the others, each short enough for a choice of Discord's."""
    entries = split(text, names)
    last = LoraPick("") if not entries or text.rstrip().endswith(",") else entries.pop()
    if len(entries) >= MAX_LORAS:
        return []
    taken = {name for entry in entries if (name := names.meant(entry.name))}
    found = (name for name in names.matches(last.name, MAX_CHOICES + len(taken)) if name not in taken)
    texts = (_fitted([*entries, LoraPick(name, last.strength)], names) for name in found)
    return [made for made in texts if made is not None][:MAX_CHOICES]


def write(name: str, strength: float | None) -> str:
    """One entry, as `split` reads it."""
    bare = name.strip() == name and not any(char in name for char in ',"') and not _STRONG.fullmatch(name)
    shown = name if bare else '"{}"'.format(name.replace('"', '""'))
    return shown if strength is None else f"{shown}:{strength:g}"


def _first(text: str, names: Names) -> tuple[LoraPick, str]:
    """The first entry of a text, and what comes behind it."""
    quoted = _QUOTED.match(text)
    if quoted:
        return LoraPick(quoted[1].replace('""', '"'), _number(quoted[2])), text[quoted.end() :]
    parts = text.split(",", _MOST_COMMAS + 1)
    for count in range(min(len(parts), _MOST_COMMAS + 1), 0, -1):
        pick = _read(",".join(parts[:count]).strip(), names)
        if names.knows(pick.name):
            return pick, ",".join(parts[count:])
    comma = _COMMA.match(text)
    if comma:
        return LoraPick(comma[1], _number(comma[2])), text[comma.end() :]
    pick = _read(parts[0].strip(), names)
    return LoraPick(pick.name.rstrip(": ").removeprefix('"'), pick.strength), ",".join(parts[1:])


def _read(entry: str, names: Names) -> LoraPick:
    strong = None if names.knows(entry) else _STRONG.fullmatch(entry)
    return LoraPick(strong[1], _number(strong[2])) if strong else LoraPick(entry)


def _number(text: str | None) -> float | None:
    return None if text is None else float(text.replace(",", "."))


def _fitted(entries: Sequence[LoraPick], names: Names) -> str | None:
    """The entries in one text, long names shortened as far as needed; None where even that is too long."""
    texts = [write(entry.name, entry.strength) for entry in entries]
    left = MAX_LENGTH - len(_SEPARATOR) * (len(entries) - 1)
    order = sorted(range(len(entries)), key=lambda at: len(texts[at]))
    for done, at in enumerate(order):
        share = left // (len(order) - done)
        if len(texts[at]) > share:
            texts[at] = _shortened(entries[at], share, names)
        if not texts[at]:
            return None
        left -= len(texts[at])
    return _SEPARATOR.join(texts)


def _shortened(entry: LoraPick, room: int, names: Names) -> str:
    """An entry in at most so many characters; empty where that can't be."""
    around = len(write(entry.name, entry.strength)) - len(entry.name)
    name = names.meant(entry.name)
    short = names.shortened(name, room - around) if name else None
    text = write(short, entry.strength) if short else ""
    return text if len(text) <= room else ""
