"""The places that a scene may take place in."""

from __future__ import annotations

from collections.abc import Callable

from .built import city, planet, studio
from .land import desert, forest, meadow, mountains
from .scene import Layer, Setting
from .water import sea

DRAWN: dict[str, Callable[[Setting], list[Layer]]] = {
    "mountains": mountains,
    "forest": forest,
    "meadow": meadow,
    "desert": desert,
    "sea": sea,
    "city": city,
    "space": planet,
    "studio": studio,
}
"""Place to what draws it. A test holds that there is one for every place of `words`."""
