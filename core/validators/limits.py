"""The ranges of parameters: the one place that slash options, forms, programs and error sentences read them from."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from core.exceptions import ValidationError
from core.validators.range_words import described, refusal
from core.validators.words import LABELS, noun
from utils.language import Phrase, phrase

if TYPE_CHECKING:
    from config.models import Limit

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Range:
    """What a parameter may be.

    Attributes:
        field: name of the parameter.
        label: how people call it.
        kind: int, float or str.
        min: least value; of a text, its least number of characters.
        max: greatest value; of a text, its greatest number of characters.
        step: values go up by it; None where any value will do.
        base: one of the values that the steps lead to. Frames of a video, for one, are 1, 5, 9 …
        choices: the only values that are allowed; empty where the range says it all.
        drawn: one value beside the range, which asks for one to be drawn.
    """

    field: str
    label: str
    kind: type[int] | type[float] | type[str]
    min: int | float
    max: int | float
    step: int | float | None = None
    base: int | float = 0
    choices: tuple[int | float | str, ...] = ()
    drawn: int | None = None

    def check(self, value: object) -> Any:
        """The value as its kind: a text without blanks around it, a whole number without a fraction.

        Halves of characters, which cannot be sent to anybody, become question marks.

        Raises:
            ValidationError: it is not allowed; the sentence says what is.
        """
        if self.choices:
            return self._chosen(value)
        if self.kind is str:
            text = value.encode(errors="replace").decode().strip() if isinstance(value, str) else None
            if text is None or not self.min <= len(text) <= self.max:
                raise self.error()
            return text
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            raise self.error()
        if self.drawn is not None and value == self.drawn:
            return self.kind(value)
        fits = self.min <= value <= self.max and (not self.step or _is_multiple(value - self.base, self.step))
        if not fits or (self.kind is int and value != int(value)):
            raise self.error()
        return self.kind(value)

    def chosen(self, value: object) -> Any:
        """Like `check`, for one of the choices that the configuration gives; the sentence says so."""
        return self._configured(
            value, lambda problem: phrase("In the choices of the configuration: {problem}", problem=problem)
        )

    def preset(self, value: object) -> Any:
        """Like `check`, for a default that the configuration gives; the sentence says so."""
        return self._configured(
            value, lambda problem: phrase("In the defaults of the configuration: {problem}", problem=problem)
        )

    def _configured(self, value: object, sentence: Callable[[str], Phrase]) -> Any:
        try:
            return self.check(value)
        except ValidationError as exc:
            told = sentence(exc.message)
            raise ValidationError(told, self.field) from exc

    def parse(self, text: str) -> Any:
        """Like `check`, for what somebody typed. A decimal comma is taken for a point."""
        if self.kind is str:
            return self.check(text)
        try:
            return self.check(int(text) if self.kind is int else float(text.replace(",", ".")))
        except ValueError as exc:
            raise self.error() from exc

    def describe(self) -> Phrase:
        """The range in words: ``256 to 2048 in steps of 64``, ``one of 2, 4, 8``."""
        return described(self)

    def error(self) -> ValidationError:
        """The refusal of a value, which says what would be right."""
        return ValidationError(refusal(self), self.field)

    def narrowed(self, limit: Limit) -> Range:
        """This range with what `limit` says put in its place.

        Raises:
            ValidationError: nothing would be allowed any more.
        """
        given = {name: getattr(limit, name) for name in ("min", "max", "step")}
        number = int if self.kind is not float else float
        changed = replace(self, **{name: number(value) for name, value in given.items() if value is not None})
        if limit.step is not None:
            changed = replace(changed, base=0)
        if changed.min > changed.max:
            raise ValidationError(
                phrase(
                    "The limits of {field} allow nothing: give both min and max, the smaller one first.",
                    field=self.field,
                ),
                self.field,
            )
        return changed

    def _chosen(self, value: object) -> Any:
        """The choice that is meant: a text in any case, a number as any type."""
        wanted = value.strip().casefold() if isinstance(value, str) else value
        for choice in self.choices:
            if wanted == (choice.casefold() if isinstance(choice, str) else choice) and not isinstance(value, bool):
                return choice if isinstance(choice, str) else self.kind(choice)
        names = [choice for choice in self.choices if isinstance(choice, str)]
        for near in get_close_matches(wanted, names, n=1) if isinstance(wanted, str) else ():
            raise ValidationError(
                # Translators: {setting} is what a setting is called, such as "sampler"
                phrase(
                    'There is no {setting} "{value}"; did you mean "{near}"?',
                    setting=noun(self.field),
                    value=_cut(str(value)),
                    near=near,
                ),
                self.field,
            )
        raise self.error()


class Limits(Mapping[str, Range]):
    """Parameter → range. Immutable."""

    __slots__ = ("_ranges",)

    def __init__(self, ranges: Mapping[str, Range]) -> None:
        self._ranges = dict(ranges)

    def __getitem__(self, field: str) -> Range:
        return self._ranges[field]

    def __iter__(self) -> Iterator[str]:
        return iter(self._ranges)

    def __len__(self) -> int:
        return len(self._ranges)

    def overridden(self, limits: Mapping[str, Limit], choices: Mapping[str, Sequence[Any]] | None = None) -> Limits:
        """These ranges with those of a workflow's config entry in their place, then with its choices.

        Raises:
            ValidationError: nothing would be allowed any more, or a choice is out of range.
        """
        changed = {**self, **{name: self[name].narrowed(limit) for name, limit in limits.items()}}
        for name, values in (choices or {}).items():
            free = replace(changed[name], choices=()) if changed[name].kind is not str else changed[name]
            changed[name] = replace(free, choices=tuple(free.chosen(value) for value in values))
        return Limits(changed)


def _is_multiple(value: float, step: float) -> bool:
    return math.isclose(value / step, round(value / step), rel_tol=0, abs_tol=1e-9)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


DEFAULT_LIMITS = Limits(
    {
        limit.field: limit
        for limit in (
            Range("prompt", LABELS["prompt"], str, 1, 500),
            Range("negative_prompt", LABELS["negative_prompt"], str, 0, 500),
            Range("width", LABELS["width"], int, 256, 2048, 64),
            Range("height", LABELS["height"], int, 256, 2048, 64),
            Range("steps", LABELS["steps"], int, 1, 50),
            Range("cfg", LABELS["cfg"], float, 1.0, 20.0),
            Range("guidance", LABELS["guidance"], float, 0.0, 30.0),
            Range("denoise", LABELS["denoise"], float, 0.0, 1.0),
            Range("sampler", LABELS["sampler"], str, 1, 100),
            Range("scheduler", LABELS["scheduler"], str, 1, 100),
            Range("seed", LABELS["seed"], int, 0, 2**64 - 1, drawn=-1),
            Range("batch_size", LABELS["batch_size"], int, 1, 4),
            Range("length", LABELS["length"], int, 1, 257),
            Range("fps", LABELS["fps"], float, 1.0, 120.0),
            Range("duration", LABELS["duration"], float, 0.1, 300.0),
            Range("upscale_factor", LABELS["upscale_factor"], float, 1.0, 8.0),
            Range("lyrics", LABELS["lyrics"], str, 0, 3000),
            Range("lora_strength", LABELS["lora_strength"], float, -2.0, 2.0),
        )
    }
)
"""The public ranges. A workflow's own are these, as `core.comfyui.workflows.ranges` makes them fit its graph."""
