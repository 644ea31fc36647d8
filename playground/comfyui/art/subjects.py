"""What a picture is of, in front of its place: animals that look into the distance, houses, boats."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .colours import brightened, mix
from .scene import Layer, Setting
from .textures import Point, curve, glow, polygon, shape
from .words import Colour

_WINDOW: Colour = (255, 208, 112)


@dataclass(frozen=True, slots=True)
class Easel:
    """Where a subject stands: `foot` is the middle of its base, `unit` a hundredth of its height, in pixels."""

    setting: Setting
    foot: Point
    unit: float

    def at(self, *points: Point) -> list[Point]:
        """Points in hundredths of the height, up from the foot, in pixels."""
        return [(self.foot[0] + x * self.unit, self.foot[1] - y * self.unit) for x, y in points]

    def form(self, outline: list[Point], colour: Colour, depth: float = 1.0) -> Layer:
        """A form in the light of the scene: its edge towards sun or moon is bright."""
        setting = self.setting
        mask = polygon(setting.size, outline)
        side = 1 if setting.sun[0] > self.foot[0] else -1
        shade = mix(
            colour, mix(setting.palette.near, setting.palette.middle, 0.3), 0.62 if setting.palette.dark else 0.34
        )
        lit = mix(brightened(colour, 1.25), setting.palette.sun, 0.45)
        inner = ImageChops.offset(
            mask.filter(ImageFilter.GaussianBlur(self.unit * 2.2)), -round(side * self.unit * 3), round(self.unit * 1.2)
        )
        rim = ImageChops.invert(inner).point([max(0, min(235, round((at - 70) * 1.5))) for at in range(256)])
        picture = Image.new("RGB", setting.size, shade)
        picture.paste(lit, (0, 0), rim)
        return Layer(picture, mask, depth)


def subject(setting: Setting) -> list[Layer]:
    """The layers of what a wish is about; none where it names nothing that can be drawn."""
    name = setting.wish.subject
    drawn = SUBJECTS.get(name)
    if drawn is None or setting.wish.place == "studio":
        return []
    draw, place, tall = drawn
    (width, height), chance = setting.size, setting.chance
    away = 0.36 if setting.sun[0] > width / 2 else 0.64
    foot = width * (away + chance.uniform(-0.05, 0.05)), height * place
    return [_on_a_sheet_of_its_own(setting, draw, foot, min(width, height) * tall / 100)]


def _on_a_sheet_of_its_own(setting: Setting, draw: Callable[[Easel], list[Layer]], foot: Point, tall: float) -> Layer:
    """A subject, drawn no larger than it is, as one layer of the scene."""
    reach, above, below = (max(1, round(tall * part)) for part in (0.9, 1.25, 0.3))
    left, top = round(foot[0]) - reach, round(foot[1]) - above
    size = reach * 2, above + below
    near = replace(setting, size=size, sun=(setting.sun[0] - left, setting.sun[1] - top))
    sheet = Image.new("RGBA", size)
    depth = 1.0
    for layer in draw(Easel(near, (foot[0] - left, foot[1] - top), tall / 100)):
        picture = layer.picture.convert("RGBA")
        picture.putalpha(layer.mask or 255)
        sheet = Image.alpha_composite(sheet, picture)
        depth = layer.depth
    picture, mask = Image.new("RGB", setting.size), Image.new("L", setting.size)
    picture.paste(sheet.convert("RGB"), (left, top))
    mask.paste(sheet.getchannel("A"), (left, top))
    return Layer(picture, mask, depth)


_COATS: dict[str, Colour] = {
    "fox": (224, 104, 36),
    "cat": (92, 88, 96),
    "wolf": (126, 132, 144),
    "dog": (176, 128, 82),
    "rabbit": (202, 184, 164),
    "bear": (104, 72, 52),
}


def _animal(easel: Easel) -> list[Layer]:
    """An animal that sits with its back to us."""
    setting = easel.setting
    name = setting.wish.subject
    coat = _coloured(setting, _COATS[name])
    wide = {"bear": 1.35, "cat": 0.88, "rabbit": 1.0}.get(name, 1.0)
    layers: list[Layer] = []
    if name in ("fox", "wolf"):
        tail = curve(easel.at((8, 6), (30, -2), (46, 4), (56, 20), (57, 36), (50, 27), (38, 22), (22, 22)))
        tip = curve(easel.at((50, 14), (56, 20), (57.5, 37), (51, 29), (46, 22)))
        layers += [easel.form(tail, brightened(coat, 0.92)), easel.form(tip, (246, 240, 232))]
    elif name in ("cat", "dog"):
        tail = curve(easel.at((10, 4), (28, -1), (42, 6), (46, 20), (42, 30), (39, 29), (41, 20), (36, 10), (24, 6)))
        layers.append(easel.form(tail, brightened(coat, 0.92)))
    body = [
        (0, -2),
        (17, -1),
        (25, 8),
        (24, 24),
        (17, 42),
        (12, 56),
        (0, 62),
        (-12, 56),
        (-17, 42),
        (-24, 24),
        (-25, 8),
        (-17, -1),
    ]
    ears = _ears(name)
    for ear in ears:
        layers.append(easel.form(easel.at(*ear) if name != "rabbit" else curve(easel.at(*ear)), brightened(coat, 0.86)))
    if name == "rabbit":
        layers.append(easel.form(curve(easel.at((-6, 2), (0, -2), (6, 2), (7, 9), (0, 14), (-7, 9))), (250, 248, 244)))
    layers.insert(len(layers) - len(ears), easel.form(curve(easel.at(*((x * wide, y) for x, y in body))), coat))
    head = curve(easel.at((0, 52), (11, 54), (17, 63), (13, 75), (0, 80), (-13, 75), (-17, 63), (-11, 54)))
    layers.append(easel.form(head, brightened(coat, 1.05)))
    if name == "rabbit":
        layers[-1], layers[-2] = layers[-2], layers[-1]
    return layers


def _ears(name: str) -> list[list[Point]]:
    right: list[Point]
    if name == "rabbit":
        right = [(3, 74), (10, 74), (15, 100), (11, 110), (5, 98)]
    elif name == "bear":
        right = [(6, 70), (16, 66), (20, 76), (15, 84), (8, 82)]
    elif name == "dog":
        right = [(7, 78), (17, 72), (22, 56), (17, 54), (12, 66)]
    else:
        right = [(2, 77), (15.5, 66), (17, 92)]
    left: list[Point] = [(-x, y) for x, y in right]
    return [right, left]


def _cabin(easel: Easel) -> list[Layer]:
    wall, roof = (126, 84, 58), (74, 52, 50)
    layers = [
        easel.form(easel.at((20, 60), (30, 60), (30, 96), (20, 96)), (110, 100, 98)),
        easel.form(easel.at((-44, -4), (44, -4), (44, 42), (-44, 42)), wall),
        easel.form(easel.at((-54, 40), (-26, 80), (30, 80), (56, 40)), roof),
    ]
    light = brightened(_WINDOW, 1.0 if easel.setting.light != "day" else 0.72)
    for x in (-30, 16):
        layers.append(_flat(easel, easel.at((x, 14), (x + 16, 14), (x + 16, 30), (x, 30)), light))
    layers.append(_flat(easel, easel.at((-8, -4), (8, -4), (8, 26), (-8, 26)), brightened(wall, 0.45)))
    return [*layers, _shine(easel, (-22, 22), 70), _shine(easel, (24, 22), 70)]


def _tower(easel: Easel) -> list[Layer]:
    stone = (196, 186, 178)
    layers = [
        easel.form(easel.at((-15, -4), (15, -4), (9.5, 74), (-9.5, 74)), stone),
        easel.form(easel.at((-13, 74), (13, 74), (13, 78), (-13, 78)), (90, 80, 84)),
        easel.form(easel.at((-7, 78), (7, 78), (7, 90), (-7, 90)), (252, 226, 160)),
        easel.form(easel.at((-10, 90), (10, 90), (0, 102)), (176, 62, 54)),
    ]
    for y in (12, 36, 60):
        wide = 15 - 5.5 * y / 74
        layers.insert(
            1, easel.form(easel.at((-wide, y), (wide, y), (wide - 0.8, y + 11), (-wide + 0.8, y + 11)), (188, 66, 58))
        )
    return [*layers, _shine(easel, (0, 84), 60)]


def _boat(easel: Easel) -> list[Layer]:
    hull = curve(easel.at((-36, 14), (0, 9), (40, 16), (30, 2), (0, -2), (-28, 2)), 6)
    return [
        easel.form(easel.at((-1.2, 10), (1.2, 10), (1.2, 98), (-1.2, 98)), (92, 68, 52)),
        easel.form(curve(easel.at((3, 16), (32, 18), (24, 48), (3, 96)), 10), (246, 240, 230)),
        easel.form(curve(easel.at((-3, 18), (-26, 18), (-16, 46), (-3, 84)), 10), (232, 222, 208)),
        easel.form(hull, (148, 70, 52)),
    ]


def _balloon(easel: Easel) -> list[Layer]:
    accent = _coloured(easel.setting, (214, 70, 62))
    layers: list[Layer] = []
    for share, colour in ((1.0, accent), (0.66, (248, 222, 160)), (0.3, accent)):
        outline = curve(
            easel.at(
                (0, 26),
                (10 * share, 32),
                (30 * share, 58),
                (33 * share, 76),
                (20 * share, 96),
                (0, 102),
                (-20 * share, 96),
                (-33 * share, 76),
                (-30 * share, 58),
                (-10 * share, 32),
            )
        )
        layers.append(easel.form(outline, colour, 0.5))
    layers.append(easel.form(easel.at((-7, 4), (7, 4), (8, 15), (-8, 15)), (122, 84, 52), 0.5))
    for x in (-7, 7):
        layers.append(
            easel.form(
                easel.at((x - 0.4, 15), (x + 0.4, 15), (x * 0.9 + 0.4, 32), (x * 0.9 - 0.4, 32)), (60, 46, 40), 0.5
            )
        )
    return layers


def _birds(easel: Easel) -> list[Layer]:
    setting, chance = easel.setting, easel.setting.chance

    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        for _ in range(11):
            x, y = easel.foot[0] + chance.gauss(0, 28) * easel.unit, easel.foot[1] + chance.gauss(0, 14) * easel.unit
            reach = easel.unit * chance.uniform(4, 9)
            for side in (-1, 1):
                wing = [
                    (x + side * reach * t, y - reach * 0.55 * math.sin(t * 2.4)) for t in (at / 8 for at in range(9))
                ]
                under = [(a, b + reach * 0.16 * (1 - abs(a - x) / reach)) for a, b in reversed(wing)]
                pen.polygon([(a * k, b * k) for a, b in (*wing, *under)], fill=255)

    return [
        Layer(Image.new("RGB", setting.size, brightened(setting.palette.near, 0.8)), shape(setting.size, draw), 0.4)
    ]


def _person(easel: Easel) -> list[Layer]:
    """Somebody with a pack and a staff, seen from behind."""
    coat = _coloured(easel.setting, (178, 74, 60))
    return [
        easel.form(easel.at((-9, -2), (-2, -2), (0, 40), (-10, 40)), (52, 58, 74)),
        easel.form(easel.at((2, -2), (9, -2), (10, 40), (0, 40)), (46, 52, 68)),
        easel.form(curve(easel.at((-13, 36), (13, 36), (15, 60), (10, 80), (0, 83), (-10, 80), (-15, 60))), coat),
        easel.form(curve(easel.at((-9, 46), (9, 46), (10, 70), (0, 76), (-10, 70))), (96, 84, 58)),
        easel.form(curve(easel.at((0, 80), (7, 84), (7, 94), (0, 99), (-7, 94), (-7, 84))), (84, 58, 44)),
        easel.form(easel.at((19, -2), (20.2, -2), (21.2, 78), (20, 78)), (70, 52, 40)),
    ]


def _coloured(setting: Setting, usual: Colour) -> Colour:
    """The colour that was asked for, as far as something can have it."""
    coat = setting.wish.coat
    return usual if coat is None else mix(usual, coat, 0.4)


def _flat(easel: Easel, outline: list[Point], colour: Colour) -> Layer:
    return Layer(Image.new("RGB", easel.setting.size, colour), polygon(easel.setting.size, outline), 1.0)


def _shine(easel: Easel, place: Point, reach: float) -> Layer:
    """Lamp light around a window."""
    size = easel.setting.size
    light = Image.new("RGB", size)
    strength = {"day": 0.12, "dawn": 0.3}.get(easel.setting.light, 0.55)
    glow(light, easel.at(place)[0], easel.unit * reach, (255, 255, 255), strength)
    return Layer(Image.new("RGB", size, _WINDOW), light.getchannel(0), 1.0)


SUBJECTS: dict[str, tuple[Callable[[Easel], list[Layer]], float, float]] = {
    **dict.fromkeys(_COATS, (_animal, 0.95, 38.0)),
    "cabin": (_cabin, 0.9, 20.0),
    "tower": (_tower, 0.86, 48.0),
    "boat": (_boat, 0.72, 30.0),
    "balloon": (_balloon, 0.42, 30.0),
    "birds": (_birds, 0.3, 50.0),
    "person": (_person, 0.96, 30.0),
}
"""Subject to what draws it, where its foot is (a part of the height), and how tall it is (hundredths of a side)."""
