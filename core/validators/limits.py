"""The ranges of parameters: the one place that slash options, forms, programs and error sentences read them from."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from core.exceptions import ValidationError

if TYPE_CHECKING:
    from config.models import Limit

_NAMED = 12
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
        extra: one value beside the range, and what it means.
    """

    field: str
    label: str
    kind: type[int] | type[float] | type[str]
    min: int | float
    max: int | float
    step: int | float | None = None
    base: int | float = 0
    choices: tuple[int | float | str, ...] = ()
    extra: tuple[int, str] | None = None

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
        if self.extra and value == self.extra[0]:
            return self.kind(value)
        fits = self.min <= value <= self.max and (not self.step or _is_multiple(value - self.base, self.step))
        if not fits or (self.kind is int and value != int(value)):
            raise self.error()
        return self.kind(value)

    def declared(self, value: object, kind: str) -> Any:
        """Like `check`, for a value of the configuration; the sentence says that it stands there, as what kind."""
        try:
            return self.check(value)
        except ValidationError as exc:
            raise ValidationError(f"In the {kind} of the configuration: {exc.message}", self.field) from exc

    def parse(self, text: str) -> Any:
        """Like `check`, for what somebody typed. A decimal comma is taken for a point."""
        if self.kind is str:
            return self.check(text)
        try:
            return self.check(int(text) if self.kind is int else float(text.replace(",", ".")))
        except ValueError as exc:
            raise self.error() from exc

    def describe(self) -> str:
        """The range in words: ``256 to 2048 in steps of 64``, ``one of 2, 4, 8``."""
        if self.choices:
            shown = ", ".join(_plain(choice) for choice in self.choices[:_NAMED])
            return f"one of {shown}" + (" …" if len(self.choices) > _NAMED else "")
        return f"{_plain(self.min)} to {_plain(self.max)}{self._ending()}"

    def error(self) -> ValidationError:
        """The refusal of a value, which says what would be right."""
        if self.choices:
            return ValidationError(f"{self.label} must be {self.describe()}.", self.field)
        if self.kind is str:
            need = self.describe() if self.min else f"at most {_plain(self.max)}{self._ending()}"
            return ValidationError(f"{self.label} must be {need} long.", self.field)
        number = "a whole number " if self.kind is int and not self.step else ""
        span = f"{number}between {_plain(self.min)} and {_plain(self.max)}"
        return ValidationError(f"{self.label} must be {span}{self._ending()}.", self.field)

    def _ending(self) -> str:
        if self.kind is str:
            return " characters"
        start = f" from {_plain(self.base)}" if self.step and self.base else ""
        step = f" in steps of {_plain(self.step)}{start}" if self.step else ""
        return step + (f", or {self.extra[0]} {self.extra[1]}" if self.extra else "")

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
                f"The limits of {self.field} allow nothing: give both min and max, the smaller one first.", self.field
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
                f'There is no {self.label.lower()} "{_cut(str(value))}"; did you mean "{near}"?', self.field
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
            changed[name] = replace(free, choices=tuple(free.declared(value, "choices") for value in values))
        return Limits(changed)


def _is_multiple(value: float, step: float) -> bool:
    return math.isclose(value / step, round(value / step), rel_tol=0, abs_tol=1e-9)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _plain(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return str(int(value)) if value == int(value) else f"{value:g}"


DEFAULT_LIMITS = Limits(
    {
        limit.field: limit
        for limit in (
            Range("prompt", "Prompt", str, 1, 500),
            Range("negative_prompt", "Negative prompt", str, 0, 500),
            Range("width", "Width", int, 256, 2048, 64),
            Range("height", "Height", int, 256, 2048, 64),
            Range("steps", "Steps", int, 1, 50),
            Range("cfg", "CFG", float, 1.0, 20.0),
            Range("guidance", "Guidance", float, 0.0, 30.0),
            Range("denoise", "Strength", float, 0.0, 1.0),
            Range("sampler", "Sampler", str, 1, 100),
            Range("scheduler", "Scheduler", str, 1, 100),
            Range("seed", "Seed", int, 0, 2**64 - 1, extra=(-1, "to draw one")),
            Range("batch_size", "Batch size", int, 1, 4),
            Range("length", "Frames", int, 1, 257),
            Range("fps", "Frames a second", float, 1.0, 120.0),
            Range("duration", "Seconds", float, 0.1, 300.0),
            Range("upscale_factor", "Factor", float, 1.0, 8.0),
            Range("lyrics", "Lyrics", str, 0, 3000),
            Range("lora_strength", "LoRA strength", float, -2.0, 2.0),
        )
    }
)
"""The public ranges. A workflow's own are these, as `core.comfyui.workflows.ranges` makes them fit its graph."""
