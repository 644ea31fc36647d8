"""Places with ground: mountains, forest, meadow, desert."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .colours import brightened, mix
from .scene import Layer, Setting
from .sky import sky
from .textures import Point, fade, gradient, noise, polygon, ridge, shape
from .words import Colour

Line = list[Point]


def mountains(setting: Setting) -> list[Layer]:
    """Ranges one before the other with mist between them, the nearest ones with firs."""
    layers = [Layer(sky(setting), None, 0.0)]
    layers += [_range(setting, place, 0.16 + 0.16 * place) for place in range(3)]
    for depth, base, tall in ((0.66, 0.78, 4.5), (0.97, 0.95, 11.0)):
        line = _line(setting, base, 0.05, 0.5, 32)
        layers.append(_wooded(setting, line, depth, tall, 46 if tall < 8 else 20))
    return layers


def forest(setting: Setting) -> list[Layer]:
    """Trees behind trees, and light that falls between them."""
    chance, (width, height) = setting.chance, setting.size
    layers = [Layer(sky(setting, 0.8), None, 0.0)]
    for depth, base, tall, count in ((0.12, 0.72, 36, 30), (0.34, 0.79, 46, 20), (0.6, 0.87, 58, 12)):
        line = _line(setting, base, 0.03, 0.45, 32)
        layers.append(_wooded(setting, line, depth, tall, count))
    beams = shape(setting.size, lambda pen, k: _beams(pen, k, setting))
    beams = beams.filter(ImageFilter.GaussianBlur(setting.unit * 1.4)).point([round(at * 0.34) for at in range(256)])
    layers.append(Layer(Image.new("RGB", setting.size, setting.palette.sun), beams, 0.4))
    layers.append(_wooded(setting, _line(setting, 0.96, 0.03, 0.5, 32), 1.0, 5, 60))
    sides = shape(setting.size, lambda pen, k: _trunks(pen, k, chance, width, height))
    layers.append(Layer(Image.new("RGB", setting.size, brightened(setting.palette.near, 0.85)), sides, 1.0))
    return layers


def meadow(setting: Setting) -> list[Layer]:
    """Round hills, trees far off, and flowers."""
    chance, size = setting.chance, setting.size
    green = mix(setting.palette.near, (92, 150, 60), 0.12 if setting.palette.dark else 0.55)
    layers = [Layer(sky(setting, 0.6), None, 0.0), _range(setting, 0, 0.1)]
    for depth, base in ((0.35, 0.62), (0.6, 0.72), (0.95, 0.85)):
        line = _line(setting, base, 0.06, 0.3, 8)
        top = mix(setting.hazy(depth), brightened(green, 1.45 - 0.5 * depth), 0.45 + 0.4 * depth)
        layers.append(_ground(setting, line, top, brightened(top, 0.62), depth))
        if depth < 0.9:
            trees = shape(
                size, lambda pen, k, line=line, d=depth: _round_trees(pen, k, chance, line, setting.unit * 5 * d)
            )
            layers.append(Layer(Image.new("RGB", size, brightened(top, 0.55)), trees, depth))
    return [*layers, _flowers(setting, line)]


def desert(setting: Setting) -> list[Layer]:
    """Dunes, light along their ridges and dark below."""
    sand = mix(setting.palette.horizon, (226, 164, 92), 0.25 if setting.palette.dark else 0.6)
    layers = [Layer(sky(setting, 0.58), None, 0.0), _range(setting, 0, 0.06)]
    for depth, base in ((0.25, 0.6), (0.5, 0.68), (0.75, 0.79), (1.0, 0.92)):
        line = _line(setting, base, 0.075, 0.28, 8)
        lit = mix(mix(setting.palette.horizon, sand, 0.5 + 0.5 * depth), setting.palette.near, 0.06 + 0.2 * depth)
        shade = mix(brightened(lit, 0.42), setting.palette.top, 0.22)
        layers.append(_ground(setting, line, brightened(lit, 1.12), shade, depth))
    return layers


def _line(setting: Setting, base: float, swing: float, roughness: float, parts: int) -> Line:
    """A line of hills from edge to edge; `base` and `swing` are parts of the height."""
    width, height = setting.size
    heights = ridge(setting.chance, parts, roughness)
    smooth = 256 // parts
    points: Line = []
    for at in range(parts * smooth + 1):
        left, part = divmod(at, smooth)
        share = (1 - math.cos(math.pi * part / smooth)) / 2
        level = heights[left] + (heights[min(left + 1, parts)] - heights[left]) * share
        points.append((width * at / (parts * smooth), height * (base - swing * level)))
    return points


def _below(line: Sequence[Point], size: tuple[int, int]) -> Line:
    return [
        (-4.0, line[0][1]),
        *line,
        (size[0] + 4.0, line[-1][1]),
        (size[0] + 4.0, size[1] + 4.0),
        (-4.0, size[1] + 4.0),
    ]


def _range(setting: Setting, place: int, swing: float) -> Layer:
    """One range of mountains: the further back, the nearer to the colour of the horizon. Its foot lies in mist."""
    size, chance, (sun_x, _) = setting.size, setting.chance, setting.sun
    depth = 0.1 + 0.17 * place
    heights = ridge(chance, 256, 0.52)
    base = 0.5 + 0.09 * place
    line = [(size[0] * at / 256, size[1] * (base - swing * (0.25 + level * 0.42))) for at, level in enumerate(heights)]
    mask = polygon(size, _below(line, size))
    colour = setting.hazy(depth)
    picture = gradient(
        size,
        [
            (0.0, colour),
            (base - 0.1, colour),
            (min(1.0, base + 0.16), mix(colour, setting.palette.horizon, 0.75)),
            (1.0, setting.palette.horizon),
        ],
    )
    rock = noise(size, chance, (14, 9), 5)
    slopes = Image.new("L", (256, 1))
    side = 1 if sun_x > size[0] / 2 else -1
    slopes.putdata([max(0, min(255, round(128 + side * (heights[at + 1] - heights[at]) * 900))) for at in range(256)])
    slopes = slopes.filter(ImageFilter.GaussianBlur(1)).resize((size[0], 1), Image.Resampling.BICUBIC)
    slopes = slopes.resize(size, Image.Resampling.NEAREST)
    slopes = ImageChops.add(
        ImageChops.multiply(slopes, rock.point([min(255, at + 70) for at in range(256)])), rock, 2, 0
    )
    lit = mix(brightened(colour, 1.18), setting.palette.sun, 0.22)
    picture = Image.composite(
        Image.new("RGB", size, lit),
        picture,
        ImageChops.multiply(
            slopes.point([max(0, min(200, (at - 100) * 3)) for at in range(256)]),
            fade(size, lambda y: 1 - max(0.0, (y - base + 0.12) / 0.2)),
        ),
    )
    if place < 2 and setting.wish.place == "mountains":
        picture = _snow_cap(setting, picture, line, rock, swing)
    return Layer(picture, mask, depth * 0.6)


def _snow_cap(setting: Setting, picture: Image.Image, line: Line, rock: Image.Image, swing: float) -> Image.Image:
    """Snow where a range is high: above a level that runs unevenly over its rock."""
    size = setting.size
    top = min(y for _, y in line) / size[1]
    level = top + swing * (0.8 if setting.wish.weather == "snow" else 0.16)
    height = fade(size, lambda y: 0.5 + (level - y) / swing * 0.9)
    snow = ImageChops.add(height, rock, 1, -128).point([max(0, min(255, (at - 122) * 14)) for at in range(256)])
    white = mix(setting.palette.sun, setting.palette.far, 0.6 if setting.palette.dark else 0.2)
    return Image.composite(Image.new("RGB", size, white), picture, snow)


def _wooded(setting: Setting, line: Line, depth: float, tall: float, count: int) -> Layer:
    """A slope with firs along its ridge; `tall` in hundredths of the shorter side, `count` on a square picture."""
    size, chance = setting.size, random.Random(setting.chance.random())
    number = round(count * size[0] / min(size))

    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        pen.polygon([(x * k, y * k) for x, y in _below(line, size)], fill=255)
        for _ in range(number):
            x, y = chance.choice(line)
            _fir(
                pen,
                k,
                chance,
                (x + chance.uniform(-1, 1) * setting.unit * 2, y),
                setting.unit * tall * chance.uniform(0.45, 1.1),
            )

    colour = setting.hazy(depth)
    low = line[len(line) // 2][1] / size[1]
    foot = mix(colour, setting.palette.horizon, 0.45 * (1 - depth))
    picture = gradient(
        size,
        [(0.0, colour), (max(0.0, low - 0.1), colour), (min(1.0, low + 0.16), foot), (1.0, brightened(foot, 0.85))],
    )
    return Layer(picture, shape(size, draw), depth)


def _fir(pen: ImageDraw.ImageDraw, k: float, chance: random.Random, foot: Point, tall: float) -> None:
    tall *= k
    x, y = foot[0] * k, foot[1] * k + tall * 0.07
    tiers, half = 9, tall * 0.17
    left: Line = []
    right: Line = []
    for tier in range(tiers):
        share = (tier + 1) / tiers
        level = y - tall + tall * 0.94 * share
        out, inner = half * share * chance.uniform(0.8, 1.15), half * share * 0.5
        left += [(x - out, level), (x - inner, level - tall * 0.02)]
        right += [(x + out * chance.uniform(0.85, 1.1), level), (x + inner, level - tall * 0.02)]
    pen.polygon([(x, y - tall), *right, (x + half * 0.12, y + 3), (x - half * 0.12, y + 3), *reversed(left)], fill=255)


def _round_trees(pen: ImageDraw.ImageDraw, k: float, chance: random.Random, line: Line, tall: float) -> None:
    for _ in range(14):
        x, y = chance.choice(line)
        for _ in range(5):
            radius = tall * chance.uniform(0.3, 0.6)
            a, b = (x + chance.uniform(-0.6, 0.6) * tall) * k, (y - chance.uniform(0.1, 0.7) * tall) * k
            pen.ellipse([a - radius * k, b - radius * k, a + radius * k, b + radius * k], fill=255)


def _trunks(pen: ImageDraw.ImageDraw, k: float, chance: random.Random, width: int, height: int) -> None:
    """The stems of two trees that stand so near that one does not see their tops."""
    for place in (chance.uniform(-0.02, 0.1), chance.uniform(0.9, 1.02)):
        x, thick = width * place, min(width, height) * chance.uniform(0.018, 0.034)
        pen.polygon(
            [
                ((x - thick * 0.7) * k, 0),
                ((x + thick * 0.7) * k, 0),
                ((x + thick * 1.5) * k, height * k),
                ((x - thick * 1.5) * k, height * k),
            ],
            fill=255,
        )
        for _ in range(7):
            y, reach = height * chance.uniform(0.0, 0.6), thick * chance.uniform(2, 7)
            side = 1 if place < 0.5 else -1
            pen.line(
                [(x * k, y * k), ((x + side * reach) * k, (y - thick * chance.uniform(0.2, 1.6)) * k)],
                fill=255,
                width=max(1, round(thick * 0.16 * k)),
            )


def _beams(pen: ImageDraw.ImageDraw, k: float, setting: Setting) -> None:
    chance, (x, y) = random.Random(setting.chance.random()), setting.sun
    reach = max(setting.size) * 1.5
    for _ in range(7):
        angle = chance.uniform(0.2, 0.8) * math.pi
        spread = chance.uniform(0.012, 0.04)
        ends = [(x + math.cos(angle + turn) * reach, y + math.sin(angle + turn) * reach) for turn in (-spread, spread)]
        pen.polygon([(a * k, b * k) for a, b in ((x, y), *ends)], fill=chance.randint(120, 255))


def _ground(setting: Setting, line: Line, top: Colour, bottom: Colour, depth: float) -> Layer:
    size = setting.size
    high = min(y for _, y in line) / size[1]
    picture = gradient(size, [(0.0, top), (high, top), (min(1.0, high + 0.35), bottom), (1.0, bottom)])
    rough = noise(size, setting.chance, (6, 30), 4).point([150 + at // 4 for at in range(256)])
    picture = ImageChops.multiply(
        picture, Image.merge("RGB", (rough.point([min(255, at + 60) for at in range(256)]),) * 3)
    )
    return Layer(picture, polygon(size, _below(line, size)), depth)


def _flowers(setting: Setting, line: Line) -> Layer:
    chance, size, unit = setting.chance, setting.size, setting.unit
    picture = Image.new("RGB", size, brightened(setting.palette.near, 0.7))
    colours = [setting.palette.accent, mix(setting.palette.accent, (255, 255, 255), 0.5), setting.palette.sun]
    pen = ImageDraw.Draw(picture)
    spots: list[tuple[float, float, float]] = []
    for _ in range(round(170 * size[0] / min(size))):
        x, y = chance.choice(line)
        y += (size[1] - y) * chance.random() ** 0.6
        spots.append((x, y, unit * (0.35 + 1.1 * (y / size[1] - 0.8) * 4)))
    for x, y, radius in spots:
        pen.ellipse([x - radius * 2, y - radius * 2, x + radius * 2, y + radius * 2], fill=chance.choice(colours))

    def draw(mask: ImageDraw.ImageDraw, k: float) -> None:
        for x, y, radius in spots:
            mask.ellipse([(x - radius) * k, (y - radius * 0.8) * k, (x + radius) * k, (y + radius * 0.8) * k], fill=255)

    return Layer(picture, shape(size, draw), 1.0)
