"""Nodes that hand on one of their inputs: which inputs those are, and which of them a setting chooses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from core.comfyui.workflows.shape import is_link

_PAIRS = (("on_true", "on_false"), ("tt_value", "ff_value"), ("IF_TRUE", "IF_FALSE"))
_SELECTORS = ("switch", "boolean", "cond", "condition", "ANY", "select", "index", "Input")
_INDEXED = re.compile(r"^(?:input|value|any|image|latent|model|clip|conditioning|text|string)_?(\d+)$")
_FIRST_OF = re.compile(r"^(?:any|ctx)_\d+$")


def branches_of(inputs: Mapping[str, Any]) -> tuple[str, ...]:
    """The inputs that a switch chooses from; none for any other node."""
    for pair in _PAIRS:
        if pair[0] in inputs or pair[1] in inputs:
            return pair
    if "select" in inputs or "index" in inputs or "Input" in inputs:
        return tuple(name for name in inputs if _INDEXED.match(name))
    if inputs and all(_FIRST_OF.match(name) for name in inputs):
        return tuple(sorted(name for name, value in inputs.items() if is_link(value)))
    return ()


def takes_the_first(branches: tuple[str, ...]) -> bool:
    """Whether the first branch that is connected is handed on, whatever is set."""
    return bool(branches) and _FIRST_OF.match(branches[0]) is not None


def selector_of(inputs: Mapping[str, Any]) -> str | None:
    """The input that a switch is set by."""
    return next((name for name in _SELECTORS if name in inputs), None)


def chosen_by(branches: tuple[str, ...], setting: object) -> str | None:
    """The branch that a setting chooses; None for a setting that chooses none."""
    if branches in _PAIRS:
        return branches[0 if setting else 1] if isinstance(setting, bool) else None
    return next((name for name in branches if (found := _INDEXED.match(name)) and found[1] == str(setting)), None)
