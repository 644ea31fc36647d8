"""Sentences that can be said in any language later: an error is raised here, and read there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

_KEPT = "phrase"
_PARTS = frozenset({_KEPT, "many", "number", "values"})


class Phrase(str):
    """A text in English that knows what it was made of. To all who know nothing of languages it is a `str`.

    Attributes:
        message: the text with ``{names}``, as it stands in the code and in the catalogues.
        many: the same for other numbers than one; None where nothing is counted.
        number: what is counted.
        values: name → what is put in its place: texts, phrases, numbers, or tuples of those, which are listed. A float
            is said with the decimal mark of the language; a number that is typed back is a text, and stays as it is.
    """

    __slots__ = ("many", "message", "number", "values")

    message: str
    many: str | None
    number: int
    values: Mapping[str, Any]

    def __new__(cls, message: str, values: Mapping[str, Any], many: str | None = None, number: int = 1) -> Self:
        english = message if many is None or number == 1 else many
        made = super().__new__(cls, filled(english, {name: _english(value) for name, value in values.items()}))
        made.message, made.many, made.number, made.values = message, many, number, values
        return made

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message, dict(self.values), self.many, self.number)


def phrase(message: str, /, **values: Any) -> Phrase:
    """A text to be said later; ``message`` is a literal, and ``{name}`` in it stands for a value."""
    return Phrase(message, values)


def phrase_n(one: str, many: str, number: int, /, **values: Any) -> Phrase:
    """The same for what is counted; ``{n}`` is the number."""
    return Phrase(one, {"n": number, **values}, many, number)


def filled(template: str, values: Mapping[str, str]) -> str:
    """A text with its values; one that has none may hold braces."""
    return template.format_map(values) if values else template


def packed(value: Any) -> Any:
    """A value of plain types and phrases as plain JSON, for `unpacked`; a phrase that is a key is kept in English."""
    if isinstance(value, Phrase):
        kept: dict[str, Any] = {_KEPT: value.message, "values": packed(value.values)}
        return kept if value.many is None else {**kept, "many": value.many, "number": value.number}
    if isinstance(value, Mapping):
        return {str(name): packed(inner) for name, inner in value.items()}
    return [packed(inner) for inner in value] if isinstance(value, list | tuple) else value


def unpacked(value: Any) -> Any:
    """What was given to `packed`, with lists for tuples. A phrase whose parts do not fit is its text with the names."""
    if isinstance(value, list):
        return [unpacked(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    if _KEPT not in value or not _PARTS.issuperset(value) or not isinstance(value.get("values"), dict):
        return {name: unpacked(inner) for name, inner in value.items()}
    try:
        return Phrase(value[_KEPT], unpacked(value["values"]), value.get("many"), value.get("number", 1))
    except (KeyError, ValueError, AttributeError, TypeError):
        return str(value[_KEPT])


def written(value: object) -> str:
    """A value as people write it: 2 and not 2.0."""
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)


def _english(value: Any) -> str:
    if isinstance(value, list | tuple):
        *first, last = [_english(inner) for inner in value] or [""]
        return f"{', '.join(first)} and {last}" if first else last
    return written(value)
