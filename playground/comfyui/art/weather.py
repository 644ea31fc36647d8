"""What falls from the sky, or hangs in the air."""

from __future__ import annotations

import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .colours import mix
from .scene import Layer, Setting
from .textures import fade, noise
from .words import Colour

FALLS: dict[str, Colour] = {"snow": (250, 252, 255), "rain": (226, 234, 244)}
"""What falls, and its colour."""
_FLAKES, _DROPS = 420, 520


def weather(setting: Setting, *, falls: bool = True) -> list[Layer]:
    """Layers of snow, rain or fog; none where a wish has no weather. Without `falls` only what hangs in the air."""
    kind, size = setting.wish.weather, setting.size
    if kind == "fog":
        mask = ImageChops.multiply(noise(size, setting.chance, (2, 7), 4), fade(size, lambda y: 0.25 + 1.1 * y))
        mask = mask.point([min(225, round(at * 1.7)) for at in range(256)])
        return [Layer(Image.new("RGB", size, mix(setting.palette.horizon, (235, 235, 235), 0.4)), mask, 0.5)]
    if kind in FALLS and falls:
        return [Layer(Image.new("RGB", size, FALLS[kind]), falling(size, kind, setting.chance, 0.0), 1.0)]
    return []


def falling(size: tuple[int, int], kind: str, chance: random.Random, phase: float) -> Image.Image:
    """The mask of flakes or drops; `phase` from 0 to 1 lets them fall once through the picture."""
    (width, height), unit = size, min(size) / 100
    mask = Image.new("L", size)
    pen = ImageDraw.Draw(mask)
    own = random.Random(chance.random())
    for _ in range(_FLAKES if kind == "snow" else _DROPS):
        x, y, near = own.uniform(0, width), own.uniform(-0.1, 1.0), own.random() ** 2
        y = height * ((y + phase * (1 if kind == "snow" else 3)) % 1.1 - 0.05)
        level = round(90 + 150 * near)
        if kind == "snow":
            radius = unit * (0.16 + 0.75 * near)
            pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=level)
        else:
            long = unit * (2.5 + 5 * near)
            pen.line([x, y, x - long * 0.16, y + long], fill=level // 2, width=max(1, round(unit * 0.16)))
    return mask.filter(ImageFilter.GaussianBlur(unit * 0.14))
