"""Noise, gradients, glows, and edges that are smooth. All chance is handed in: the same gives the same bytes."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw

from .words import Colour

Size = tuple[int, int]
Point = tuple[float, float]

_FINE = 2


def noise(size: Size, chance: random.Random, cells: tuple[float, float], octaves: int = 4) -> Image.Image:
    """Clouds in grey: fractal noise, with so many cells across and down in the coarsest of its octaves."""
    small = max(1, size[0] // 2), max(1, size[1] // 2)
    total = Image.new("L", small, 128)
    for octave in range(octaves):
        across, down = (max(2, min(side, round(count * 2**octave))) for count, side in zip(cells, small, strict=True))
        rough = Image.frombytes("L", (across, down), chance.randbytes(across * down))
        smooth = rough.resize(small, Image.Resampling.BICUBIC)
        total = smooth if octave == 0 else Image.blend(total, smooth, 0.5 ** (octave + 0.35))
    return total.resize(size, Image.Resampling.BILINEAR)


def grain(picture: Image.Image, chance: random.Random, strength: float) -> Image.Image:
    """Fine noise over a picture, which also hides the steps in its gradients. `strength` in levels of 255."""
    width, height = picture.size
    tile = 256
    fine = Image.frombytes("L", (tile, tile), chance.randbytes(tile * tile))
    fine = fine.point([round(128 + (level - 128) / 128 * strength) for level in range(256)])
    sheet = Image.new("L", (width, height), 128)
    for x in range(0, width, tile):
        for y in range(0, height, tile):
            sheet.paste(ImageChops.offset(fine, (x * 7 + y * 3) % 255, (x * 5 + y * 11) % 255), (x, y))
    return ImageChops.add(picture, Image.merge("RGB", (sheet,) * 3), 1, -128)


def gradient(size: Size, stops: Sequence[tuple[float, Colour]]) -> Image.Image:
    """From top to bottom through colours at places from 0 to 1."""
    strip = Image.new("RGB", (1, 64))
    strip.putdata([_between(stops, row / 63) for row in range(64)])
    return _widened(strip, size)


def fade(size: Size, curve: Callable[[float], float]) -> Image.Image:
    """A mask from top to bottom: `curve` of 0..1 says how much (0..1) shows."""
    strip = Image.new("L", (1, 128))
    strip.putdata([max(0, min(255, round(255 * curve(row / 127)))) for row in range(128)])
    return _widened(strip, size)


@lru_cache(maxsize=8)
def _halo(power: float) -> Image.Image:
    levels = [round(255 * max(0.0, 1 - level / 181) ** power) for level in range(256)]
    return Image.radial_gradient("L").point(levels)


def glow(
    picture: Image.Image, centre: Point, radius: float, colour: Colour, strength: float, power: float = 2.5
) -> None:
    """Add a light to a picture, in place."""
    side = max(2, round(radius * 2))
    left, top = round(centre[0] - radius), round(centre[1] - radius)
    box = max(0, left), max(0, top), min(picture.width, left + side), min(picture.height, top + side)
    if box[0] >= box[2] or box[1] >= box[3]:
        return
    k = 256 / side
    inner = (box[0] - left) * k, (box[1] - top) * k, (box[2] - left) * k, (box[3] - top) * k
    shape = box[2] - box[0], box[3] - box[1]
    halo = _halo(power).resize(shape, Image.Resampling.BICUBIC, box=inner)
    light = Image.merge(
        "RGB", [halo.point([round(at * part / 255 * strength) for at in range(256)]) for part in colour]
    )
    picture.paste(ImageChops.screen(picture.crop(box), light), box)


def shape(size: Size, draw: Callable[[ImageDraw.ImageDraw, float], None]) -> Image.Image:
    """A mask with smooth edges: `draw` gets a pen and the factor by which to multiply coordinates."""
    large = Image.new("L", (size[0] * _FINE, size[1] * _FINE))
    draw(ImageDraw.Draw(large), _FINE)
    return large.reduce(_FINE)


def polygon(size: Size, points: Sequence[Point]) -> Image.Image:
    """The mask of a polygon."""
    return shape(size, lambda pen, k: pen.polygon([(x * k, y * k) for x, y in points], fill=255))


def curve(points: Sequence[Point], per_part: int = 8) -> list[Point]:
    """A closed smooth line through points."""
    count = len(points)
    line: list[Point] = []
    for at in range(count):
        p0, p1, p2, p3 = (points[(at + step) % count] for step in (-1, 0, 1, 2))
        for part in range(per_part):
            t = part / per_part
            x, y = (
                0.5
                * (
                    2 * p1[axis]
                    + (p2[axis] - p0[axis]) * t
                    + (2 * p0[axis] - 5 * p1[axis] + 4 * p2[axis] - p3[axis]) * t * t
                    + (3 * p1[axis] - p0[axis] - 3 * p2[axis] + p3[axis]) * t**3
                )
                for axis in (0, 1)
            )
            line.append((x, y))
    return line


def ridge(chance: random.Random, parts: int, roughness: float) -> list[float]:
    """A line of hills from -1 to 1, made by halving: `roughness` 0.4 is soft, 0.6 is rock. `parts` is a power of 2."""
    line = [0.0] * (parts + 1)
    line[0], line[parts] = chance.uniform(-0.5, 0.5), chance.uniform(-0.5, 0.5)
    step, swing = parts, 1.0
    while step > 1:
        for at in range(step // 2, parts, step):
            line[at] = (line[at - step // 2] + line[at + step // 2]) / 2 + chance.uniform(-swing, swing)
        step, swing = step // 2, swing * roughness
    return line


def _widened(strip: Image.Image, size: Size) -> Image.Image:
    """A strip of one column as a whole picture."""
    return strip.resize((1, size[1]), Image.Resampling.BICUBIC).resize(size, Image.Resampling.NEAREST)


def _between(stops: Sequence[tuple[float, Colour]], place: float) -> Colour:
    for (start, one), (end, other) in itertools.pairwise(stops):
        if place <= end:
            share = max(0.0, (place - start) / (end - start or 1))
            red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
            return red, green, blue
    return stops[-1][1]
