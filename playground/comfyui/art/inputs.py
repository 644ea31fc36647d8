"""Pictures that went in: changed as the words say, taken as a start, or laid beside each other."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

from .colours import brightened, mix
from .scene import Layer, Setting, flattened, setting
from .sky import stars
from .subjects import subject
from .textures import Size, fade, glow, noise
from .weather import weather
from .words import Colour, Wish

_TINT = 0.5
_DULL = {"rain": (0.55, 0.7), "fog": (0.6, 0.95), "snow": (0.75, 1.0)}
"""Weather to how much colour and light it leaves."""
_LIGHT: dict[str, Colour] = {
    "night": (64, 98, 196),
    "sunset": (255, 138, 74),
    "dawn": (236, 176, 196),
    "day": (255, 246, 220),
}
"""Light to the colour that it lays over a picture."""


def loaded(path: Path) -> Image.Image:
    """A picture from its file, the right way up."""
    with Image.open(path) as image:
        return ImageOps.exif_transpose(image).convert("RGB")


def cut(whole: Image.Image, size: Size, near: float = 0.0) -> Image.Image:
    """A picture cut to a size. `near` from 0 to 1: how far one has come towards its middle; it moves smoothly."""
    wanted = size[0] / size[1]
    wide, high = min(whole.width, whole.height * wanted), min(whole.height, whole.width / wanted)
    wide, high = wide * (1 - near), high * (1 - near)
    left, top = (whole.width - wide) / 2, (whole.height - high) / 2
    how = Image.Resampling.BICUBIC if near else Image.Resampling.LANCZOS
    return whole.resize(size, how, box=(left, top, left + wide, top + high))


def opened(path: Path, size: Size) -> Image.Image:
    """A picture from its file, cut to a size."""
    return cut(loaded(path), size)


def beside(picture: Image.Image, others: Sequence[Path]) -> Image.Image:
    """A picture with others laid on its right edge as prints, each a little askew."""
    side = max(1, min(picture.size) // 5)
    border, edge = max(1, side // 16), max(1, side // 10)
    for place, path in enumerate(others):
        print_ = ImageOps.expand(opened(path, (side, side)), border, (250, 250, 247)).convert("RGBA")
        tilted = print_.rotate(3.5 if place % 2 else -3.5, Image.Resampling.BICUBIC, expand=True)
        x, y = picture.width - edge - tilted.width, edge + place * (tilted.height + edge // 2)
        shade = tilted.getchannel("A").point([at // 2 for at in range(256)])
        picture.paste((0, 0, 0), (x + border // 2, y + border), shade.filter(ImageFilter.GaussianBlur(border * 0.8)))
        picture.paste(tilted, (x, y), tilted)
    return picture


def edited(picture: Image.Image, wish: Wish, chance: random.Random, strength: float) -> Image.Image:
    """A picture changed by the words: its light, colours, weather, and what is added to it. 0 leaves it as it is."""
    if strength <= 0:
        return picture
    place = setting(picture.size, replace(wish, light=wish.light or "day"), chance)
    changed = _repainted(picture, chance)
    if wish.light:
        changed = _relit(changed, place, wish.light)
    if wish.weather:
        colour, light = _DULL[wish.weather]
        changed = ImageEnhance.Brightness(ImageEnhance.Color(changed).enhance(colour)).enhance(light)
    if wish.colours:
        changed = _tinted(changed, wish.colours)
    changed = flattened([Layer(changed, None, 0.0), *subject(place), *weather(place)])
    return Image.blend(picture, changed, min(1.0, strength))


def started_from(picture: Image.Image, fresh: Image.Image, chance: random.Random, strength: float) -> Image.Image:
    """From one picture to a new one: colours go first, then it dissolves; at strength 1 nothing of it is left."""
    if strength <= 0:
        return picture
    if strength >= 1:
        return fresh
    small = fresh.resize((8, 8), Image.Resampling.BOX).resize(fresh.size, Image.Resampling.BICUBIC)
    coloured = Image.blend(_repainted(picture, chance), small, 0.18)
    kept = Image.blend(picture, coloured, min(1.0, strength * 1.6))
    clouds = noise(picture.size, chance, (3, 3), 5)
    gone = round(360 * strength) - 85
    mask = clouds.point([max(0, min(255, round((gone - at) * 2.4))) for at in range(256)])
    return Image.composite(fresh, kept, mask)


def _repainted(picture: Image.Image, chance: random.Random) -> Image.Image:
    """The same, by another hand: smoother, and in slightly other colours."""
    soft = picture.filter(ImageFilter.GaussianBlur(min(picture.size) / 500)).filter(ImageFilter.UnsharpMask(3, 120, 2))
    red, green, blue = soft.split()
    gains = [chance.uniform(0.9, 1.1) for _ in range(3)]
    channels = [
        channel.point([min(255, round(at * gain)) for at in range(256)])
        for channel, gain in zip((red, green, blue), gains, strict=True)
    ]
    return ImageEnhance.Contrast(Image.merge("RGB", channels)).enhance(1.08)


def _relit(picture: Image.Image, place: Setting, light: str) -> Image.Image:
    """The picture in another light."""
    cover = Image.new("RGB", picture.size, _LIGHT[light])
    if light == "night":
        dark = ImageChops.multiply(ImageEnhance.Color(picture).enhance(0.6), cover)
        sky = fade(picture.size, lambda y: 0.9 - 2.0 * y)
        dark = Image.composite(ImageChops.screen(dark, stars(place, 260)), dark, sky)
        glow(dark, place.sun, place.unit * 40, (150, 180, 240), 0.4)
        return dark
    if light == "day":
        return ImageEnhance.Brightness(ImageChops.overlay(picture, cover)).enhance(1.05)
    warm = Image.blend(picture, ImageChops.overlay(picture, cover), 0.85)
    glow(warm, place.sun, place.unit * 80, _LIGHT[light], 0.6, 2.0)
    return warm


def _tinted(picture: Image.Image, colours: Sequence[Colour]) -> Image.Image:
    """Towards the colours: dark things to a dark shade of the first, light ones to a light shade of the last."""
    grey = ImageOps.autocontrast(picture.convert("L"), cutoff=1)
    first, last = colours[0], colours[-1]
    tones = ImageOps.colorize(grey, brightened(first, 0.18), mix(last, (255, 255, 255), 0.8), first)
    return Image.blend(picture, tones, _TINT)
