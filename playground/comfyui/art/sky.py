"""Skies: their colours, sun or moon, clouds and stars."""

from __future__ import annotations

import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .colours import mix, turned
from .scene import Setting
from .textures import fade, glow, gradient, noise, shape
from .words import Colour

_WHITE: Colour = (255, 255, 255)


def sky(setting: Setting, horizon: float = 0.62) -> Image.Image:
    """The sky over a whole picture; its lightest band lies at `horizon` (a part of the height)."""
    colours, size = setting.palette, setting.size
    stops = [(0.0, colours.top), (horizon * 0.55, colours.middle), (horizon, colours.horizon), (1.0, colours.horizon)]
    picture = gradient(size, stops)
    if colours.dark:
        picture = ImageChops.screen(picture, stars(setting, 420))
    _sun(setting, picture)
    return _clouds(setting, picture, horizon)


def space(setting: Setting) -> Image.Image:
    """Stars, and clouds of gas in the colours of the palette."""
    colours, size, chance = setting.palette, setting.size, setting.chance
    picture = gradient(size, [(0.0, (4, 5, 14)), (0.5, (10, 9, 30)), (1.0, (5, 4, 16))])
    gases = (
        turned(colours.accent, 0.0, 1.4),
        turned(colours.accent, 0.14, 1.6),
        mix(colours.middle, (130, 50, 210), 0.6),
    )
    for gas, share in zip(gases, (0.85, 0.7, 0.8), strict=True):
        mask = noise(size, chance, (chance.uniform(1.5, 3), chance.uniform(1.5, 3)), 5)
        mask = mask.point([max(0, min(255, round((level - 118) * 3.4 * share))) for level in range(256)])
        picture = ImageChops.screen(
            picture, ImageChops.multiply(Image.new("RGB", size, gas), Image.merge("RGB", (mask,) * 3))
        )
    return ImageChops.screen(picture, stars(setting, 900))


def _sun(setting: Setting, picture: Image.Image) -> None:
    """Sun or moon with what shines around it."""
    colours, unit = setting.palette, setting.unit
    if setting.wish.weather in ("rain", "fog"):
        glow(picture, setting.sun, unit * 55, colours.horizon, 0.5)
        return
    radius = unit * {"night": 5.0, "sunset": 6.5, "dawn": 5.5}.get(setting.light, 4.5)
    warm = mix(colours.sun, colours.horizon, 0.5)
    glow(picture, setting.sun, unit * 95, warm, 0.35 if colours.dark else 0.7, 2.2)
    glow(picture, setting.sun, unit * 34, colours.sun, 0.45 if colours.dark else 0.8, 2.0)
    x, y = setting.sun

    def disc(pen: ImageDraw.ImageDraw, k: float) -> None:
        pen.ellipse([(x - radius) * k, (y - radius) * k, (x + radius) * k, (y + radius) * k], fill=255)

    mask = shape(picture.size, disc)
    picture.paste(mix(colours.sun, _WHITE, 0.55), (0, 0), mask)
    if colours.dark:
        spots = noise(picture.size, setting.chance, (60, 60), 2).point([max(0, 150 - level) for level in range(256)])
        picture.paste(mix(colours.sun, colours.far, 0.55), (0, 0), ImageChops.multiply(mask, spots))


def _clouds(setting: Setting, picture: Image.Image, horizon: float) -> Image.Image:
    """Clouds, lit from where the sun is, thinner towards the top."""
    colours, chance, size = setting.palette, setting.chance, setting.size
    cover = {"rain": 96, "snow": 108, "fog": 120}.get(setting.wish.weather, chance.randint(118, 146))
    wide = size[0] / min(size)
    mask = noise(size, chance, (chance.uniform(1.6, 2.8) * wide, chance.uniform(5.5, 8.5)), 5)
    mask = mask.point([max(0, min(230, round((level - cover) * 3.2))) for level in range(256)])
    mask = ImageChops.multiply(
        mask, fade(size, lambda y: min(1.0, 0.2 + y / horizon * 1.1) if y < horizon + 0.1 else 0.4)
    )
    shade = noise(size, chance, (3 * wide, 9), 3)
    lit = mix(colours.horizon, _WHITE, 0.1 if colours.dark else 0.45)
    dim = mix(colours.middle, colours.far, 0.5)
    cloth = Image.composite(Image.new("RGB", size, lit), Image.new("RGB", size, dim), shade.point(_steep))
    if colours.dark:
        mask = mask.point([round(level * 0.35) for level in range(256)])
    return Image.composite(cloth, picture, mask)


def _steep(level: int) -> int:
    return max(0, min(255, (level - 80) * 3))


def stars(setting: Setting, count: int) -> Image.Image:
    """Stars on black; few are bright."""
    width, height = setting.size
    stars = Image.new("RGB", setting.size)
    pen = ImageDraw.Draw(stars)
    chance = random.Random(setting.chance.random())
    for _ in range(count):
        x, y, bright = chance.uniform(0, width), chance.uniform(0, height), chance.random() ** 3
        radius = setting.unit * (0.05 + 0.14 * bright)
        level = round(90 + 165 * bright)
        tint = chance.choice(
            ((level, level, level), (level, level, round(level * 0.8)), (round(level * 0.8), level, level))
        )
        pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=tint)
    shine = stars.resize((max(1, width // 2), max(1, height // 2)), Image.Resampling.BOX)
    shine = shine.filter(ImageFilter.GaussianBlur(setting.unit * 0.125))
    return ImageChops.screen(stars, shine.resize(stars.size, Image.Resampling.BILINEAR))
