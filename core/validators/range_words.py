"""Ranges in words: what is allowed, and the refusal of what is not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from utils.language import Phrase, commas, phrase, phrase_n

if TYPE_CHECKING:
    from core.validators.limits import Range

#: Characters of the choices that are named, with their commas: a sentence, and what stands below a field, are short.
_NAMED = 60


def described(allowed: Range) -> Phrase:
    """``256 to 2048 in steps of 64``, ``one of 2, 4, 8``."""
    if allowed.choices:
        # Translators: all that stands below a field of a form
        return phrase("one of {choices}", choices=_listed(allowed.choices))
    ends = {"min": plain(allowed.min), "max": plain(allowed.max)}
    if allowed.kind is str:
        # Translators: all that stands below a field of a form
        return phrase("{min} to {max} characters", **ends)
    if not allowed.step:
        # Translators: two numbers; all that stands below a field of a form
        span = phrase("{min} to {max}", **ends)
    elif not allowed.base:
        span = phrase("{min} to {max} in steps of {step}", **ends, step=plain(allowed.step))
    else:
        steps = {"step": plain(allowed.step), "base": plain(allowed.base)}
        span = phrase("{min} to {max} in steps of {step} from {base}", **ends, **steps)
    # Translators: {value} asks for a seed to be drawn
    return (
        span if allowed.drawn is None else phrase("{range}, or {value} to draw a seed", range=span, value=allowed.drawn)
    )


def refusal(allowed: Range) -> Phrase:
    """Why a value is refused, and what would be right."""
    if allowed.choices:
        return phrase("{label} must be one of {choices}.", label=allowed.label, choices=_listed(allowed.choices))
    known = {"label": allowed.label, "min": plain(allowed.min), "max": plain(allowed.max)}
    if allowed.kind is str:
        if allowed.min:
            return phrase("{label} must be {min} to {max} characters long.", **known)
        return phrase("{label} must be at most {max} characters long.", **known)
    if allowed.step:
        return _stepped(allowed, known)
    if allowed.drawn is not None:
        return phrase(
            "{label} must be a whole number between {min} and {max}, or {value} to draw a seed.",
            **known,
            value=allowed.drawn,
        )
    if allowed.kind is int:
        return phrase("{label} must be a whole number between {min} and {max}.", **known)
    return phrase("{label} must be between {min} and {max}.", **known)


def _stepped(allowed: Range, known: dict[str, str]) -> Phrase:
    steps = {**known, "step": plain(allowed.step or 0), "base": plain(allowed.base)}
    if allowed.drawn is not None:
        steps["value"] = plain(allowed.drawn)
        if allowed.base:
            return phrase(
                "{label} must be between {min} and {max} in steps of {step} from {base}, or {value} to draw a seed.",
                **steps,
            )
        return phrase("{label} must be between {min} and {max} in steps of {step}, or {value} to draw a seed.", **steps)
    if allowed.base:
        return phrase("{label} must be between {min} and {max} in steps of {step} from {base}.", **steps)
    return phrase("{label} must be between {min} and {max} in steps of {step}.", **steps)


def plain(value: float | str) -> str:
    """A number as people write it, of any size; a name as it is."""
    if isinstance(value, str):
        return value
    return str(int(value)) if value == int(value) else f"{value:g}"


def _listed(choices: Sequence[float | str]) -> str:
    """As many whole names as there is room for, and how many more there are."""
    names = [plain(choice) for choice in choices]
    fitting = max(1, sum(end <= _NAMED for end in accumulate(len(name) + 2 for name in names)))
    left = len(names) - fitting
    return commas([*names[:fitting], *([phrase_n("… and {n} more", "… and {n} more", left)] if left else [])])
