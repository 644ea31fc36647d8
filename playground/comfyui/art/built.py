"""Places without ground to stand on, or with too much on it: cities, space, and a studio for portraits."""

from __future__ import annotations

import math

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .colours import brightened, mix
from .scene import Layer, Setting
from .sky import sky, space
from .textures import curve, glow, gradient, noise, polygon, shape
from .words import Colour

_LAMP: Colour = (255, 214, 130)
_COLD: Colour = (170, 215, 255)


def city(setting: Setting) -> list[Layer]:
    """Rows of houses before each other; windows are lit when it is not day."""
    layers = [Layer(sky(setting, 0.8), None, 0.0)]
    for depth, tall, wide in ((0.2, 0.55, 7), (0.5, 0.46, 10), (0.9, 0.3, 15)):
        layers.append(_row_of_houses(setting, depth, tall, wide))
    if setting.palette.dark:
        picture = Image.new("RGB", setting.size)
        glow(picture, (setting.size[0] / 2, setting.size[1]), setting.unit * 90, setting.palette.accent, 0.7, 1.6)
        layers.append(Layer(Image.new("RGB", setting.size, setting.palette.accent), picture.getchannel(0), 0.5))
    return layers


def planet(setting: Setting) -> list[Layer]:
    """A planet with bands, a dark side and perhaps a ring, before stars and gas."""
    size, chance, unit = setting.size, setting.chance, setting.unit
    layers = [Layer(space(setting), None, 0.0)]
    radius = unit * chance.uniform(18, 30)
    x, y = size[0] * chance.uniform(0.3, 0.7), size[1] * chance.uniform(0.34, 0.6)
    ball = shape(
        size,
        lambda pen, k: pen.ellipse([(x - radius) * k, (y - radius) * k, (x + radius) * k, (y + radius) * k], fill=255),
    )
    bands = noise(size, chance, (2, 24), 4)
    light, dark = mix(setting.palette.accent, (255, 255, 255), 0.35), brightened(setting.palette.accent, 0.5)
    ground = Image.composite(Image.new("RGB", size, light), Image.new("RGB", size, dark), bands.point(_steep))
    shade = Image.new("RGB", size)
    glow(shade, (x - radius * 0.5, y - radius * 0.45), radius * 1.9, (255, 255, 255), 1.0, 1.3)
    layers.append(Layer(ImageChops.multiply(ground, shade), ball, 0.3))
    halo = Image.new("RGB", size)
    glow(halo, (x, y), radius * 1.7, (255, 255, 255), 0.8, 2.2)
    layers.insert(1, Layer(Image.new("RGB", size, light), halo.getchannel(0), 0.2))
    if chance.random() < 0.6:
        layers.append(
            Layer(Image.new("RGB", size, mix(light, (255, 240, 220), 0.5)), _ring(setting, (x, y), radius), 0.3)
        )
    small = unit * chance.uniform(2.5, 5)
    a, b = x + radius * chance.choice((-1.7, 1.7)), y - radius * chance.uniform(0.6, 1.1)
    moon = shape(
        size, lambda pen, k: pen.ellipse([(a - small) * k, (b - small) * k, (a + small) * k, (b + small) * k], fill=255)
    )
    face = ImageChops.multiply(
        Image.new("RGB", size, (205, 205, 215)),
        Image.merge("RGB", (bands.point([min(255, at + 60) for at in range(256)]),) * 3),
    )
    return [*layers, Layer(face, moon, 0.6)]


def studio(setting: Setting) -> list[Layer]:
    """Head and shoulders before lights that are out of focus."""
    size, unit, chance = setting.size, setting.unit, setting.chance
    colours = setting.palette
    back = gradient(
        size,
        [
            (0.0, mix(colours.top, colours.near, 0.45)),
            (0.6, mix(colours.middle, colours.near, 0.2)),
            (1.0, colours.near),
        ],
    )
    for _ in range(26):
        spot = size[0] * chance.random(), size[1] * chance.uniform(0.0, 0.8)
        hue = chance.choice((colours.accent, colours.horizon, colours.sun))
        glow(back, spot, unit * chance.uniform(4, 12), hue, chance.uniform(0.15, 0.55), 0.45)
    glow(back, (size[0] / 2, size[1] * 0.4), unit * 62, colours.horizon, 0.55, 1.6)
    skin = mix(chance.choice(((247, 214, 186), (224, 172, 132), (164, 110, 78), (108, 70, 50))), colours.horizon, 0.18)
    hair = chance.choice(((40, 28, 26), (92, 58, 34), (186, 140, 84), (120, 44, 30), (60, 62, 80)))
    return [Layer(back, None, 0.0), *_bust(setting, skin, hair)]


def _bust(setting: Setting, skin: Colour, hair: Colour) -> list[Layer]:
    size, chance = setting.size, setting.chance
    cx, k = size[0] / 2, min(size) / 100
    side = 1 if setting.sun[0] > cx else -1
    top = size[1] / 2 - 27 * k

    def at(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [(cx + side * x * k, top + y * k) for x, y in points]

    longer = chance.uniform(24, 50)
    mane = curve(
        at(
            (0, -9),
            (15, -4),
            (20, 12),
            (20, longer),
            (12, longer + 5),
            (-12, longer + 5),
            (-21, longer),
            (-20, 12),
            (-15, -4),
        )
    )
    coat = curve(
        at((0, 46), (11, 47), (27, 53), (38, 66), (42, 110), (0, 116), (-42, 110), (-38, 66), (-27, 53), (-11, 47))
    )
    neck = at((-7, 26), (7, 26), (8, 46), (13, 51), (0, 58), (-13, 51), (-8, 46))
    face = curve(
        at((0, -3), (12, 2), (14.5, 14), (12, 26), (5, 34), (0, 35.5), (-5, 34), (-12, 26), (-14.5, 14), (-12, 2))
    )
    fringe = curve(at((-16, 14), (-15, -2), (0, -8), (15, -2), (16, 13), (11, 5), (2, 3.5), (-7, 6), (-12, 10)))
    layers = [
        _lit(setting, mane, brightened(hair, 0.8), side),
        _lit(setting, coat, mix(setting.palette.accent, setting.palette.near, 0.35), side),
    ]
    layers.append(_lit(setting, neck, brightened(skin, 0.78), side))
    layers.append(_lit(setting, face, skin, side))
    dark = mix(hair, (20, 14, 18), 0.5)
    for x in (-5.6, 5.6):
        layers += [_lit(setting, curve(at((x - 2.6, 16), (x, 14.7), (x + 2.6, 16), (x, 16.9))), dark, 0)]
        layers += [_lit(setting, curve(at((x - 3.4, 12.4), (x, 11.2), (x + 3.2, 12.2), (x, 12.0))), dark, 0)]
    layers.append(_lit(setting, at((0.4, 17), (2.2, 23.4), (-1.0, 23.8)), brightened(skin, 0.82), 0))
    layers.append(
        _lit(
            setting,
            curve(at((-4, 28.2), (-1, 27.5), (0, 27.8), (1, 27.5), (4, 28.2), (0, 29.9))),
            mix(skin, (170, 50, 60), 0.55),
            0,
        )
    )
    return [*layers, _lit(setting, fringe, hair, side)]


def _lit(setting: Setting, outline: list[tuple[float, float]], colour: Colour, side: int) -> Layer:
    """A form with the light from one side (0: flat)."""
    mask = polygon(setting.size, outline)
    picture = Image.new("RGB", setting.size, colour)
    if side:
        xs = [x for x, _ in outline]
        wide = max(xs) - min(xs)
        glow(
            picture,
            (max(xs) if side > 0 else min(xs), min(y for _, y in outline) + wide * 0.3),
            wide * 1.1,
            mix(colour, setting.palette.sun, 0.7),
            0.5,
            1.2,
        )
        dark = Image.new("RGB", setting.size, (255, 255, 255))
        inner = ImageChops.offset(
            mask.filter(ImageFilter.GaussianBlur(setting.unit * 2.4)), round(side * setting.unit * 1.6), 0
        )
        dark.paste(
            brightened(mix(setting.palette.middle, (255, 255, 255), 0.35), 0.8), (0, 0), ImageChops.invert(inner)
        )
        picture = ImageChops.multiply(picture, dark)
    return Layer(picture, mask, 0.5)


def _row_of_houses(setting: Setting, depth: float, tall: float, wide: float) -> Layer:
    size, chance, unit = setting.size, setting.chance, setting.unit
    base = setting.hazy(depth)
    picture = gradient(size, [(0.0, base), (0.45, base), (1.0, mix(base, setting.palette.horizon, 0.5 * (1 - depth)))])
    pen = ImageDraw.Draw(picture)
    houses: list[tuple[float, float, float, bool]] = []
    x = -unit * 3
    while x < size[0]:
        across = unit * wide * chance.uniform(0.6, 1.25)
        houses.append((x, across, size[1] * (1 - tall * chance.uniform(0.45, 1.35)), chance.random() < 0.3))
        x += across * chance.uniform(0.85, 1.12)
    lit = {"day": 0.05, "dawn": 0.18, "sunset": 0.4}.get(setting.light, 0.5)
    step = unit * (0.8 + 1.5 * depth)
    for left, across, top, _ in houses:
        pen.rectangle([left, top, left + across, size[1]], fill=brightened(base, chance.uniform(0.82, 1.1)))
        for row in range(1, round((size[1] - top) / step)):
            for column in range(1, max(2, round(across / step))):
                if chance.random() < lit * 0.7:
                    lamp = mix(
                        chance.choice((_LAMP, _LAMP, _COLD, setting.palette.accent)), base, 0.15 + 0.4 * (1 - depth)
                    )
                    a, b = left + (column - 0.3) * step, top + (row - 0.2) * step
                    pen.rectangle([a, b, a + step * 0.42, b + step * 0.5], fill=lamp)

    def outline(mask: ImageDraw.ImageDraw, k: float) -> None:
        for left, across, top, spire in houses:
            mask.rectangle([left * k, top * k, (left + across) * k, size[1] * k], fill=255)
            if spire:
                middle = left + across / 2
                mask.polygon(
                    [
                        ((middle - across * 0.25) * k, top * k),
                        (middle * k, (top - across * 0.8) * k),
                        ((middle + across * 0.25) * k, top * k),
                    ],
                    fill=255,
                )
                mask.line(
                    [(middle * k, top * k), (middle * k, (top - across * 1.6) * k)],
                    fill=255,
                    width=max(1, round(unit * 0.15 * k)),
                )

    return Layer(picture, shape(size, outline), depth)


def _ring(setting: Setting, centre: tuple[float, float], radius: float) -> Image.Image:
    """The ring of a planet, without what is behind it."""
    size, lean = setting.size, setting.chance.uniform(-0.35, 0.35)

    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        for share in range(20):
            far = radius * (1.35 + 0.032 * share)
            line: list[tuple[float, float]] = []
            for part in range(-3, 124):
                angle = math.pi * part / 120
                x, y = math.cos(angle) * far, math.sin(angle) * far * 0.24
                line.append(
                    (
                        (centre[0] + x * math.cos(lean) - y * math.sin(lean)) * k,
                        (centre[1] + x * math.sin(lean) + y * math.cos(lean)) * k,
                    )
                )
            pen.line(line, fill=round(70 + 130 * abs(math.sin(share * 1.9))), width=max(1, round(radius * 0.028 * k)))

    return shape(size, draw)


def _steep(level: int) -> int:
    return max(0, min(255, (level - 90) * 4))
