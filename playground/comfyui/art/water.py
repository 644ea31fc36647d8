"""The sea, and what water does to a picture."""

from __future__ import annotations

import math

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from .colours import brightened, mix
from .scene import Layer, Setting
from .sky import sky
from .textures import fade, noise, polygon, ridge, shape

_HORIZON = 0.56
_AFLOAT = ("", "boat", "balloon", "birds")


def sea(setting: Setting) -> list[Layer]:
    """Water up to the horizon, with the sky in it, isles far off, and a shore."""
    size, chance = setting.size, setting.chance
    width, height = size
    above = sky(setting, _HORIZON)
    isles = shape(size, lambda pen, k: _isles(pen, k, setting))
    far = setting.hazy(0.22)
    whole = above.copy()
    whole.paste(far, (0, 0), isles)
    layers = [Layer(above, None, 0.0), Layer(Image.new("RGB", size, far), isles, 0.06), _water(setting, whole)]
    heights = ridge(chance, 64, 0.5)
    side = 1 if setting.sun[0] < width / 2 else 0
    base = 1.03 if setting.wish.subject in _AFLOAT else 0.9
    shore = [
        (width * at / 64, height * (base - 0.2 * abs(at / 64 - (1 - side)) ** 1.7 - 0.018 * level))
        for at, level in enumerate(heights)
    ]
    colour = mix(setting.palette.near, setting.palette.far, 0.12)
    mask = polygon(size, [*shore, (width, height + 4), (0, height + 4)])
    return [*layers, Layer(Image.new("RGB", size, colour), mask, 1.0)]


def _water(setting: Setting, above: Image.Image) -> Layer:
    """What is above the horizon upside down, drawn out, in ripples, and darker towards us."""
    (width, height), chance = setting.size, setting.chance
    line = min(height - 1, round(height * _HORIZON))
    depth = height - line
    mirrored = ImageOps.flip(above.crop((0, max(0, line - depth), width, line))).resize((width, depth))
    mirrored = mirrored.filter(ImageFilter.BoxBlur(setting.unit * 0.5))
    rippled = Image.new("RGB", (width, depth))
    for row in range(depth):
        near = row / depth
        swing = setting.unit * (0.3 + 3.2 * near)
        shift = round(math.sin(row / (0.6 + 5 * near) / setting.unit * 2.2) * swing * chance.uniform(0.4, 1.0))
        source = min(depth - 1, max(0, row + round(chance.uniform(-1, 1) * (1 + 9 * near))))
        rippled.paste(ImageChops.offset(mirrored.crop((0, source, width, source + 1)), shift, 0), (0, row))
    deep = mix(setting.palette.top, setting.palette.near, 0.4)
    tint = Image.new("RGB", (width, depth), deep)
    water = Image.composite(tint, rippled, fade((width, depth), lambda y: 0.22 + 0.5 * y))
    water = _waves(setting, water)
    picture = Image.new("RGB", setting.size, deep)
    picture.paste(water, (0, line))
    mask = Image.new("L", setting.size)
    mask.paste(255, (0, line, width, height))
    return Layer(picture, mask, 0.35)


def _waves(setting: Setting, water: Image.Image) -> Image.Image:
    """Light and dark strokes, and the glitter below sun or moon."""
    chance, depth, unit = setting.chance, water.height, setting.unit
    swell = noise(water.size, chance, (5, 26), 4)
    water = Image.blend(
        water,
        ImageChops.multiply(water, Image.merge("RGB", (swell.point([min(255, at + 70) for at in range(256)]),) * 3)),
        0.7,
    )
    bright = mix(setting.palette.sun, setting.palette.horizon, 0.3)
    if setting.wish.weather in ("rain", "fog"):
        return water

    def glitter(pen: ImageDraw.ImageDraw, k: float) -> None:
        for _ in range(260):
            near = chance.random() ** 1.5
            reach = unit * (3 + 17 * near)
            x, y = setting.sun[0] + chance.gauss(0, 0.45) * reach, depth * (0.01 + 0.97 * near)
            long, thick = unit * (0.5 + 4.5 * near) * chance.uniform(0.4, 1.2), unit * (0.1 + 0.45 * near)
            pen.ellipse(
                [(x - long) * k, (y - thick) * k, (x + long) * k, (y + thick) * k], fill=chance.randint(90, 235)
            )

    return Image.composite(Image.new("RGB", water.size, brightened(bright, 1.1)), water, shape(water.size, glitter))


def _isles(pen: ImageDraw.ImageDraw, k: float, setting: Setting) -> None:
    chance, (width, height) = setting.chance, setting.size
    for _ in range(chance.randint(1, 3)):
        centre, reach = width * chance.uniform(0.0, 1.0), width * chance.uniform(0.08, 0.24)
        heights = ridge(chance, 32, 0.5)
        tall = height * chance.uniform(0.02, 0.075)
        line = [
            (centre + reach * (at / 16 - 1), height * _HORIZON - tall * math.sin(math.pi * at / 32) * (1 + 0.4 * level))
            for at, level in enumerate(heights)
        ]
        pen.polygon([(x * k, min(y, height * _HORIZON) * k) for x, y in line], fill=255)
