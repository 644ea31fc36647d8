"""Colours, and the palettes of the times of day."""

from __future__ import annotations

import colorsys
import random
from dataclasses import dataclass

from .words import Colour, Wish

_LIGHTS: dict[str, tuple[str, str, str, str, str, str]] = {
    "day": ("#2f7fd0", "#7db9ea", "#e3f1f6", "#fff6da", "#9fc3dc", "#1d4a4a"),
    "dawn": ("#5d6fb0", "#d39fc0", "#ffd9b8", "#fff0d0", "#c9a8c4", "#2b3355"),
    "sunset": ("#2b2c66", "#c2506f", "#ffb25e", "#ffe9a8", "#c9697a", "#1f1530"),
    "night": ("#050a1f", "#12285a", "#3d6a9e", "#eaf4ff", "#2c4f80", "#04080f"),
}
"""Top of the sky, its middle, the horizon, sun or moon, far things, near things."""


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one picture. `far` to `near`: what stands on the ground; `accent`: what is to catch the eye."""

    top: Colour
    middle: Colour
    horizon: Colour
    sun: Colour
    far: Colour
    near: Colour
    accent: Colour
    dark: bool


def palette(wish: Wish, light: str, chance: random.Random) -> Palette:
    """A palette for a light, a little other each time, and near the colours that were asked for."""
    turn, rich = chance.uniform(-0.045, 0.045), chance.uniform(0.85, 1.15)
    top, middle, horizon, sun, far, near = (turned(_hex(colour), turn, rich) for colour in _LIGHTS[light])
    accent = wish.colours[-1] if wish.colours else turned(horizon, chance.choice((0.08, -0.08, 0.45)), 1.6)
    if wish.colours:
        top, middle, horizon, far, near = (
            toned(colour, wish.colours[0]) for colour in (top, middle, horizon, far, near)
        )
    if wish.weather == "snow":
        far, near = mix(far, (236, 242, 250), 0.45), mix(near, (120, 140, 165), 0.3)
    if wish.weather in ("rain", "fog"):
        top, middle, horizon = (mix(colour, grey(colour), 0.6) for colour in (top, middle, horizon))
    return Palette(top, middle, horizon, sun, far, near, accent, light == "night")


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`share` 0 is the one, 1 the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def grey(colour: Colour) -> Colour:
    level = round(0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2])
    return level, level, level


def brightened(colour: Colour, factor: float) -> Colour:
    red, green, blue = (max(0, min(255, round(channel * factor))) for channel in colour)
    return red, green, blue


def turned(colour: Colour, turn: float, rich: float = 1.0) -> Colour:
    """A colour with its hue turned (1.0 is once round) and its saturation multiplied."""
    hue, saturation, value = colorsys.rgb_to_hsv(*(channel / 255 for channel in colour))
    red, green, blue = colorsys.hsv_to_rgb((hue + turn) % 1.0, min(1.0, saturation * rich), value)
    return round(red * 255), round(green * 255), round(blue * 255)


def toned(colour: Colour, wanted: Colour) -> Colour:
    """A colour as bright as it was, in the hue of another one; towards it where that is a grey, white or black."""
    _, _, value = colorsys.rgb_to_hsv(*(channel / 255 for channel in colour))
    hue, saturation, brightness = colorsys.rgb_to_hsv(*(channel / 255 for channel in wanted))
    if saturation < 0.15:
        return mix(colour, brightened(wanted, 0.6 + 0.4 * value), 0.6)
    red, green, blue = colorsys.hsv_to_rgb(
        hue, saturation * (0.55 + 0.4 * (1 - value)), value * (0.6 + 0.4 * brightness)
    )
    return mix(colour, (round(red * 255), round(green * 255), round(blue * 255)), 0.75)


def _hex(text: str) -> Colour:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)
