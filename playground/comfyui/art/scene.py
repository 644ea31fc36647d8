"""A scene before it is painted: what is known of it, and the layers that it is made of."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import NamedTuple

from PIL import Image

from .colours import Palette, mix, palette
from .textures import Point, Size
from .words import Colour, Wish


@dataclass(frozen=True, slots=True)
class Setting:
    """What all parts of a scene share. `size` in pixels, `sun` the place of sun or moon in them."""

    size: Size
    wish: Wish
    light: str
    palette: Palette
    chance: random.Random
    sun: Point

    @property
    def unit(self) -> float:
        """A hundredth of the shorter side, in pixels."""
        return min(self.size) / 100

    def hazy(self, depth: float) -> Colour:
        """The colour of something `depth` near (0 at the horizon, 1 before one's feet)."""
        far = mix(self.palette.horizon, self.palette.far, 0.65)
        return mix(far, self.palette.near, depth**0.8)


class Layer(NamedTuple):
    """One sheet of a scene. `mask` None: it covers everything; `depth` 0 is far, 1 near."""

    picture: Image.Image
    mask: Image.Image | None
    depth: float


def setting(size: Size, wish: Wish, chance: random.Random) -> Setting:
    """A setting by chance, within a wish."""
    light = wish.light_or(chance)
    colours = palette(wish, light, chance)
    low = {"sunset": (0.40, 0.54), "dawn": (0.36, 0.5)}.get(light, (0.14, 0.3))
    sun = (
        size[0] * chance.choice((chance.uniform(0.16, 0.4), chance.uniform(0.6, 0.84))),
        size[1] * chance.uniform(*low),
    )
    return Setting(size, wish, light, colours, chance, sun)


def flattened(layers: list[Layer]) -> Image.Image:
    """The picture that layers make, the first one at the back."""
    picture = layers[0].picture.copy()
    for layer in layers[1:]:
        picture.paste(layer.picture, (0, 0), layer.mask)
    return picture
