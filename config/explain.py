"""From what validation found to the one line that names source, key and remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config.errors import ConfigError
from config.models import PARAMETERS, BotConfig
from config.section import Section

KeyPath = tuple[str, ...]
"""The way to a setting, such as ``("comfyui", "timeout")``."""

_PHRASES: Mapping[str, str] = {
    "bool": "must be true or false",
    "dict": "must be an object",
    "extra": "unknown key",
    "float": "must be a number",
    "int": "must be a whole number",
    "list": "must be a list",
    "missing": "is missing",
    "model": "must be an object",
    "string_type": "must be text",
    "too_short": "must not be empty",
    "tuple": "must be a list",
    "unknown": "unknown key",
}
"""By pydantic's name for the error, or by the first word of it."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What one source of settings says.

    Args:
        origin: the file, or what holds the variables.
        data: the settings, nested by section.
        variables: for settings that were variables, the variable's name by what it sets.
    """

    origin: str
    data: dict[str, Any]
    variables: Mapping[KeyPath, str] = field(default_factory=dict)

    def depth(self, path: KeyPath) -> int:
        """Return how many keys of the path this source has, from the first one on."""
        here: Any = self.data
        for depth, key in enumerate(path):
            if not isinstance(here, Mapping) or key not in here:
                return depth
            here = here[key]
        return len(path)

    def source(self, path: KeyPath) -> str:
        """Name the source as closely as possible: with the variable that set this, or a part of it."""
        for own, variable in self.variables.items():
            shared = min(len(own), len(path))
            if own[:shared] == path[:shared]:
                return f"{variable} in {self.origin}"
        return self.origin

    def members(self, section: str) -> list[str]:
        """Return the keys that this source has in a section."""
        data = self.data.get(section)
        return list(data) if isinstance(data, Mapping) else []

    def spell(self, path: KeyPath) -> str:
        """Return how a setting is written in this source."""
        return "__".join(path).upper() if self.variables else ".".join(path)


def explain(exc: ValidationError, layers: Sequence[Layer]) -> ConfigError:
    """Make one line of all mistakes: the first of them, and the number of the others.

    Args:
        exc: what the validation of all layers together found.
        layers: the sources, the one that wins first.
    """
    mistakes: dict[KeyPath, list[ErrorDetails]] = {}
    for error in exc.errors(include_url=False, include_input=False):
        loc = tuple(str(key) for key in error["loc"])
        known = max(layer.depth(loc) for layer in layers) + (error["type"] == "missing")
        mistakes.setdefault(loc[:known], []).append(error)

    path, (error, *alternatives) = next(iter(mistakes.items()))
    layer = max(layers, key=lambda each: each.depth(path))
    # A value that fits no member of a union is reported once for each of them.
    problem = "has the wrong type" if alternatives else _problem(error)
    is_unknown = error["type"] in {"extra_forbidden", "unknown_parameter"}
    remedy = _nearest(path, layer) if is_unknown else _expected(path)
    others = len(mistakes) - 1
    if others:
        remedy += f" (and {others} more {'mistake' if others == 1 else 'mistakes'})"
    return ConfigError(layer.source(path[: layer.depth(path)]), ".".join(path), problem, remedy)


def _problem(error: ErrorDetails) -> str:
    kind = error["type"]
    if kind == "value_error":
        return str(error["ctx"]["error"]) if "ctx" in error else error["msg"]
    phrase = _PHRASES.get(kind) or _PHRASES.get(kind.split("_")[0])
    return phrase or re.sub(r"^\w+ should ", "must ", error["msg"])


def _nearest(path: KeyPath, layer: Layer) -> str:
    *parents, name = path
    names = _names_in(tuple(parents))
    for match in get_close_matches(name.lower(), names, n=1):
        return f"did you mean {layer.spell((*parents, match))}?"
    return f"remove it, or use one of {', '.join(names)}"


def _names_in(path: KeyPath) -> Sequence[str]:
    shape, _, _ = _declared(path)
    return list(PARAMETERS) if get_origin(shape) is dict else list(shape.model_fields)


def _expected(path: KeyPath) -> str:
    _, owner, description = _declared(path)
    target = "it" if owner == path else ".".join(owner)
    return f"set {target} to {description}"


def _declared(path: KeyPath) -> tuple[Any, KeyPath, str]:
    """Return what is declared for a path: its type, and the nearest field above it that has a description."""
    shape: Any = BotConfig
    owner, description = (), ""
    for depth, key in enumerate(path, start=1):
        if get_origin(shape) is dict:
            shape = get_args(shape)[-1]
        elif isinstance(shape, type) and issubclass(shape, Section):
            declared = shape.model_fields[key]
            shape, owner, description = declared.annotation, path[:depth], declared.description or ""
    return shape, owner, description
