"""What a LoRA does to a picture, by the words in its name."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from .textures import fade, grain, noise

_MOST, _LEAST = 1.25, -0.5


def styled(picture: Image.Image, lora: str, strength: float) -> Image.Image:
    """A picture in the style of a LoRA: as it was at strength 0, wholly so at 1, and away from it below 0."""
    share = max(_LEAST, min(_MOST, strength))
    if share == 0:
        return picture
    name = lora.lower()
    style = next((style for word, style in STYLES.items() if word in name), None)
    changed = style(picture, random.Random(name)) if style else _turned(picture, random.Random(name))
    return Image.blend(picture, changed, share)


def _pixels(picture: Image.Image, _chance: random.Random) -> Image.Image:
    width, height = picture.size
    factor = 96 / max(width, height)
    small = picture.resize((max(1, round(width * factor)), max(1, round(height * factor))), Image.Resampling.BOX)
    few = ImageEnhance.Color(small).enhance(1.35).quantize(20, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    return few.convert("RGB").resize(picture.size, Image.Resampling.NEAREST)


def _lines(picture: Image.Image, chance: random.Random) -> Image.Image:
    """Ink on paper, with a little wash."""
    grey = picture.convert("L").filter(ImageFilter.GaussianBlur(_unit(picture) * 0.22))
    edges = _edges(grey)
    ink = ImageChops.invert(edges.point([min(255, round(at * 9)) for at in range(256)])).filter(ImageFilter.SMOOTH_MORE)
    wash = (
        ImageOps.posterize(grey, 2)
        .point([min(255, 196 + at // 3) for at in range(256)])
        .filter(ImageFilter.GaussianBlur(_unit(picture) * 0.2))
    )
    paper = grain(Image.new("RGB", picture.size, (250, 246, 236)), chance, 7)
    return ImageChops.multiply(paper, Image.merge("RGB", (ImageChops.multiply(ink, wash),) * 3))


def _watercolour(picture: Image.Image, chance: random.Random) -> Image.Image:
    half = picture.reduce(2) if min(picture.size) > 1 else picture
    soft = half.filter(ImageFilter.MedianFilter(5)).filter(ImageFilter.MedianFilter(5))
    flat = ImageOps.posterize(ImageEnhance.Color(soft).enhance(1.25), 4).filter(ImageFilter.GaussianBlur(1.2))
    edge = _edges(flat.convert("L")).point([max(150, 255 - at * 2) for at in range(256)])
    flat = ImageChops.multiply(flat, Image.merge("RGB", (edge,) * 3)).resize(picture.size, Image.Resampling.BICUBIC)
    blots = noise(picture.size, chance, (4, 4), 5)
    light = Image.blend(flat, Image.new("RGB", picture.size, (255, 253, 246)), 0.28)
    washed = Image.composite(light, flat, blots.point([max(0, min(255, (at - 70) * 2)) for at in range(256)]))
    return _on_paper(washed, blots)


def _on_paper(picture: Image.Image, ragged: Image.Image) -> Image.Image:
    """With a white rim that paint did not reach."""
    width, height = picture.size
    rim = Image.new("L", picture.size)
    inset = max(1, round(_unit(picture) * 3.5))
    if width > 2 * inset and height > 2 * inset:
        rim.paste(255, (inset, inset, width - inset, height - inset))
    rim = rim.filter(ImageFilter.GaussianBlur(inset * 0.6))
    rim = ImageChops.add(rim, ragged, 1, -128).point([max(0, min(255, (at - 70) * 5)) for at in range(256)])
    return Image.composite(picture, Image.new("RGB", picture.size, (253, 250, 243)), rim)


def _neon(picture: Image.Image, _chance: random.Random) -> Image.Image:
    """Dark, with outlines that shine."""
    soft = picture.filter(ImageFilter.GaussianBlur(_unit(picture) * 0.25))
    edges = ImageEnhance.Color(_edges(soft)).enhance(3.5).point([min(255, at * 6) for at in range(256)] * 3)
    red, green, blue = edges.split()
    edges = Image.merge(
        "RGB",
        (
            ImageChops.add(red, blue, 1.6),
            green.point([round(at * 0.55) for at in range(256)]),
            ImageChops.add(blue, green, 1.3),
        ),
    )
    dark = ImageEnhance.Brightness(picture).enhance(0.4)
    red, green, blue = dark.split()
    dark = Image.merge(
        "RGB",
        (
            red,
            green.point([round(at * 0.7) for at in range(256)]),
            blue.point([min(255, round(at * 1.35) + 14) for at in range(256)]),
        ),
    )
    shine = edges.filter(ImageFilter.GaussianBlur(_unit(picture) * 1.3)).point(
        [min(255, round(at * 1.8)) for at in range(256)] * 3
    )
    return ImageChops.screen(ImageChops.screen(dark, shine), edges)


def _oil(picture: Image.Image, chance: random.Random) -> Image.Image:
    """Strokes of a brush, large below and small above, across what they paint."""
    width, height = picture.size
    unit = _unit(picture)
    picture = ImageEnhance.Color(picture).enhance(1.3)
    canvas = picture.filter(ImageFilter.GaussianBlur(unit * 2))
    pen = ImageDraw.Draw(canvas)
    flow = noise((48, 48), chance, (3, 3), 3).tobytes()
    for size, count in ((3.2, 900), (1.7, 2300), (0.9, 3600)):
        source = picture.resize(
            (max(1, round(width / unit / size)), max(1, round(height / unit / size))), Image.Resampling.BOX
        )
        colours = source.tobytes()
        for _ in range(count):
            a, b = chance.random(), chance.random()
            at = int(a * source.width) + int(b * source.height) * source.width
            red, green, blue = colours[at * 3 : at * 3 + 3]
            shift = chance.randint(-12, 12)
            angle = flow[int(a * 48) + int(b * 48) * 48] / 255 * 3.5
            x, y, reach = a * width, b * height, unit * size * chance.uniform(0.8, 1.6)
            line = [
                x - math.cos(angle) * reach,
                y - math.sin(angle) * reach,
                x + math.cos(angle) * reach,
                y + math.sin(angle) * reach,
            ]
            pen.line(line, fill=(red + shift, green + shift, blue + shift), width=max(1, round(unit * size * 0.55)))
    relief = canvas.convert("L").filter(ImageFilter.EMBOSS)
    return ImageChops.overlay(canvas, Image.merge("RGB", (relief,) * 3)) if width > 8 else canvas


def _film(picture: Image.Image, chance: random.Random) -> Image.Image:
    """An old film: warm lights, green shadows, dark corners, grain."""
    red, green, blue = picture.split()
    lifted = [
        (min(255, round(24 + at * 0.92)), min(255, round(22 + at * 0.86)), min(255, round(34 + at * 0.7)))
        for at in range(256)
    ]
    toned = Image.merge(
        "RGB", [channel.point([row[place] for row in lifted]) for place, channel in enumerate((red, green, blue))]
    )
    corners = Image.radial_gradient("L").point(
        [max(0, min(255, round(255 - max(0, at - 90) * 1.15))) for at in range(256)]
    )
    corners = corners.resize(picture.size, Image.Resampling.BICUBIC)
    return grain(ImageChops.multiply(toned, Image.merge("RGB", (corners,) * 3)), chance, 34)


def _polygons(picture: Image.Image, chance: random.Random, cells: int = 30, lead: bool = False) -> Image.Image:
    """Triangles, each in the colour of what is below it; with `lead` as panes with dark lines between them."""
    width, height = picture.size
    columns = max(2, round(cells * width / max(width, height)))
    rows = max(2, round(cells * height / max(width, height)))
    colours = picture.resize((columns * 2, rows * 2), Image.Resampling.BOX)
    points = {
        (column, row): (
            width * (column + (chance.uniform(-0.38, 0.38) if 0 < column < columns else 0)) / columns,
            height * (row + (chance.uniform(-0.38, 0.38) if 0 < row < rows else 0)) / rows,
        )
        for column in range(columns + 1)
        for row in range(rows + 1)
    }
    result = Image.new("RGB", picture.size)
    pen = ImageDraw.Draw(result)
    line = max(1, round(_unit(picture) * 0.45))
    for column in range(columns):
        for row in range(rows):
            corners = [points[column + a, row + b] for a, b in ((0, 0), (1, 0), (1, 1), (0, 1))]
            flip = (column + row) % 2
            halves = ((0, 1, 2), (0, 2, 3)) if flip else ((0, 1, 3), (1, 2, 3))
            for place, half in enumerate(halves):
                at = (column * 2 + (1 - place if flip else place), row * 2 + place)
                outline = [corners[corner] for corner in half]
                pen.polygon(outline, fill=colours.getpixel(at))
                if lead:
                    pen.line([*outline, outline[0]], fill=(18, 16, 22), width=line, joint="curve")
    return result


def _stained(picture: Image.Image, chance: random.Random) -> Image.Image:
    vivid = ImageEnhance.Color(ImageEnhance.Brightness(picture).enhance(1.15)).enhance(2.0)
    panes = _polygons(vivid, chance, 18, lead=True)
    return ImageChops.overlay(panes, Image.merge("RGB", (noise(picture.size, chance, (9, 9), 4),) * 3))


def _comic(picture: Image.Image, _chance: random.Random) -> Image.Image:
    """Flat colours, dots for shades, black outlines."""
    flat = ImageOps.posterize(ImageEnhance.Color(picture).enhance(1.7), 3).filter(ImageFilter.MedianFilter(3))
    pitch = max(3, round(_unit(picture) * 1.1))
    dot = Image.radial_gradient("L").resize((pitch, pitch), Image.Resampling.BICUBIC)
    row = Image.new("L", (picture.width + pitch, pitch))
    for x in range(0, row.width, pitch):
        row.paste(dot, (x, 0))
    screen = Image.new("L", picture.size)
    for place, y in enumerate(range(0, picture.height, pitch)):
        screen.paste(row, (-(pitch // 2) * (place % 2), y))
    shades = ImageChops.add(picture.convert("L"), screen, 1, -110).point([170 if at < 96 else 255 for at in range(256)])
    grey = picture.convert("L").filter(ImageFilter.GaussianBlur(_unit(picture) * 0.3))
    ink = _edges(grey).point([0 if at > 13 else 255 for at in range(256)]).filter(ImageFilter.MinFilter(3))
    return ImageChops.multiply(flat, Image.merge("RGB", (ImageChops.multiply(shades, ink),) * 3))


def _blueprint(picture: Image.Image, _chance: random.Random) -> Image.Image:
    """White lines on blue, with a grid."""
    grey = picture.convert("L").filter(ImageFilter.GaussianBlur(_unit(picture) * 0.25))
    lines = _edges(grey).point([min(255, at * 9) for at in range(256)])
    sheet = Image.composite(
        Image.new("RGB", picture.size, (32, 84, 156)), Image.new("RGB", picture.size, (16, 52, 112)), grey
    )
    pen = ImageDraw.Draw(sheet)
    step = max(4, round(_unit(picture) * 5))
    for x in range(0, picture.width, step):
        pen.line([x, 0, x, picture.height], fill=(52, 106, 178))
    for y in range(0, picture.height, step):
        pen.line([0, y, picture.width, y], fill=(52, 106, 178))
    return ImageChops.screen(sheet, Image.merge("RGB", (lines,) * 3))


def _golden(picture: Image.Image, _chance: random.Random) -> Image.Image:
    """Light of a low sun over everything."""
    warm = ImageChops.overlay(picture, Image.new("RGB", picture.size, (236, 152, 74)))
    haze = fade(picture.size, lambda y: 0.55 * math.sin(math.pi * min(1.0, y * 1.15)) ** 2)
    return Image.composite(ImageChops.screen(warm, Image.new("RGB", picture.size, (214, 128, 52))), warm, haze)


def _turned(picture: Image.Image, chance: random.Random) -> Image.Image:
    """Of a LoRA that nobody knows: other colours, always the same ones."""
    hue, saturation, value = picture.convert("HSV").split()
    shift = chance.randint(40, 215)
    return Image.merge("HSV", (hue.point([(at + shift) % 256 for at in range(256)]), saturation, value)).convert("RGB")


def _edges(picture: Image.Image) -> Image.Image:
    """Where a picture changes, bright on black. The filter leaves the rim as it was: that is no edge."""
    width, height = picture.size
    if min(width, height) < 3:
        return Image.new(picture.mode, picture.size)
    found = picture.filter(ImageFilter.FIND_EDGES).crop((1, 1, width - 1, height - 1))
    return ImageOps.expand(found, 1)


def _unit(picture: Image.Image) -> float:
    """A hundredth of the shorter side, in pixels."""
    return min(picture.size) / 100


STYLES: dict[str, Callable[[Image.Image, random.Random], Image.Image]] = {
    "pixel": _pixels,
    "line": _lines,
    "water": _watercolour,
    "neon": _neon,
    "oil": _oil,
    "film": _film,
    "poly": _polygons,
    "glass": _stained,
    "comic": _comic,
    "blueprint": _blueprint,
    "golden": _golden,
}
"""Word in a LoRA's name to what it does."""

_ASKED = {
    "pixel art": "pixel",
    "line art": "line",
    "watercolour": "water",
    "watercolor": "water",
    "oil painting": "oil",
    "low poly": "poly",
    "stained glass": "glass",
    "comic": "comic",
    "blueprint": "blueprint",
}


def asked_for(prompt: str) -> str | None:
    """The style that a prompt names, as `styled` takes it; None for none."""
    text = prompt.lower()
    return next((style for words, style in _ASKED.items() if words in text), None)
