"""Types of slash-command options whose ranges are the workflows' own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from discord import app_commands

if TYPE_CHECKING:
    from core.validators.limits import Range

#: Discord's integers are exact up to 2**53.
SeedOption = app_commands.Range[int, -1, 2**53 - 1]


def span(name: str, kind: type, limits: Sequence[Mapping[str, Range]]) -> Any:
    """The widest range that any of the workflows takes for a parameter; the chosen one then checks its own.

    For texts the range counts characters. Without any workflow the public ranges hold.
    """
    from core.validators.limits import DEFAULT_LIMITS

    ranges = [each[name] for each in limits] or [DEFAULT_LIMITS[name]]
    number = int if kind is str else kind
    least, most = min(each.min for each in ranges), max(each.max for each in ranges)
    return app_commands.Range[kind, number(least), number(most)]
