"""Types of slash-command options whose ranges are the workflows' own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from discord import app_commands

if TYPE_CHECKING:
    from core.validators.limits import Range

#: Discord's numbers are exact up to 2**53, its texts 6000 characters long.
_LARGEST = 2**53 - 1
_LONGEST = 6000

SeedOption = app_commands.Range[int, -1, _LARGEST]


def span(name: str, kind: type[int] | type[float] | type[str], limits: Sequence[Mapping[str, Range]]) -> Any:
    """The widest range that any of the workflows takes for a parameter; the chosen one then checks its own.

    For texts the range counts characters. Without any workflow the public ranges hold. What Discord cannot express
    is cut off.
    """
    from core.validators.limits import DEFAULT_LIMITS

    ranges = [each[name] for each in limits] or [DEFAULT_LIMITS[name]]
    lowest, highest = (0, _LONGEST) if kind is str else (-_LARGEST, _LARGEST)
    ends = (min(each.min for each in ranges), max(each.max for each in ranges))
    number = float if kind is float else int
    least, most = (number(min(max(end, lowest), highest)) for end in ends)
    return app_commands.Range[kind, least, max(most, 1) if kind is str else most]
