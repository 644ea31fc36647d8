"""Demo pictures: a landscape that answers to the request, and says of itself that it is a demo.

Imports Pillow at once: to be imported where a picture is drawn, not before.
"""

from __future__ import annotations

import colorsys
import math
import random

from PIL import Image, ImageColor, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

from .recipes import Recipe

Colour = tuple[int, int, int]

_LARGEST = 8192
_CANVAS = 1536
_FRAME = 832
_FRAME_CANVAS = 384
_SKETCH = 256
_MOST_FRAMES = 121
_ENOUGH_STEPS = 12
_ENOUGH_QUICK_STEPS = 4
_ZOOM = 0.3


def paint(recipe: Recipe, index: int = 0) -> Image.Image:
    """The picture with number `index` of a recipe, at its size (a side is at most 8192)."""
    size = _bounded(recipe.size, _LARGEST)
    return _marked(_painted(recipe, size, _scaled(size, min(2.0, _CANVAS / max(size))), index, 0.0), recipe, index)


def frames(recipe: Recipe) -> list[Image.Image]:
    """The pictures of a video or an animation: at most 121, of at most 832 pixels a side."""
    size = _bounded(recipe.size, _FRAME)
    count = min(recipe.count, _MOST_FRAMES)
    canvas = _bounded(size, _FRAME_CANVAS)
    return [_marked(_painted(recipe, size, canvas, 0, at / count), recipe) for at in range(count)]


def sketch(recipe: Recipe, progress: float) -> Image.Image:
    """How far a picture is, in small: noise at 0, its landscape at 1."""
    picture = _landscape(recipe, _bounded(recipe.size, _SKETCH), 0, 0.0)
    noise = Image.effect_noise(picture.size, 90).convert("RGB")
    return Image.blend(noise, picture, progress)


def _painted(recipe: Recipe, size: tuple[int, int], canvas: tuple[int, int], index: int, phase: float) -> Image.Image:
    """A picture without its mark. It is drawn at the size of `canvas`; `phase` 0..1 moves what is in it."""
    if recipe.sampled:
        picture = _landscape(recipe, canvas, index, phase)
        if recipe.images:
            picture = Image.blend(_inputs(recipe, canvas, phase), picture, _share(recipe))
        enough = _ENOUGH_QUICK_STEPS if recipe.quick else _ENOUGH_STEPS
        blur = max(0, enough - (recipe.steps or enough)) * max(canvas) / 1500
        picture = picture.filter(ImageFilter.GaussianBlur(blur)) if blur else picture
        for name, strength in recipe.loras:
            picture = Image.blend(picture, _styled(picture, name), max(0.0, min(1.0, abs(strength))))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    elif recipe.images:
        picture = _inputs(recipe, size, phase)
    else:
        picture = Image.new("RGB", size, recipe.color or 0)
    return ImageOps.invert(picture) if recipe.inverted else picture


def _share(recipe: Recipe) -> float:
    """How much of a picture is new where others went in: less when it is them that are edited."""
    if recipe.denoise is None:
        return 0.35
    return (0.35 if recipe.reference else 0.6) * recipe.denoise


def _bounded(size: tuple[int, int], largest: int) -> tuple[int, int]:
    return _scaled(size, min(1.0, largest / max(size)))


def _scaled(size: tuple[int, int], factor: float) -> tuple[int, int]:
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def _inputs(recipe: Recipe, size: tuple[int, int], phase: float) -> Image.Image:
    """The first input image, ever nearer as the phase goes on, with the others as insets along the right edge."""
    with Image.open(recipe.images[0]) as first:
        picture = ImageOps.fit(first.convert("RGB"), size, bleed=phase * _ZOOM / 2)
    side = max(1, min(size) // 5)
    for place, path in enumerate(recipe.images[1:]):
        with Image.open(path) as other:
            picture.paste(ImageOps.fit(other.convert("RGB"), (side, side)), (size[0] - side, place * side))
    return picture


def _landscape(recipe: Recipe, size: tuple[int, int], index: int, phase: float) -> Image.Image:
    width, height = size
    chance = random.Random(f"{recipe.seed}/{recipe.prompt}/{recipe.negative}/{recipe.cfg}/{index}")
    hue = _hue_of(recipe.prompt, chance)
    sky = Image.new("RGB", (4, 4))
    sky.putdata([_colour(hue + chance.uniform(-0.09, 0.09), 0.45, 0.98 - 0.1 * (at // 4)) for at in range(16)])
    picture = sky.resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(picture)
    radius = min(size) * chance.uniform(0.06, 0.14)
    x = width * ((chance.uniform(0.15, 0.85) + phase) % 1.0)
    y = height * chance.uniform(0.15, 0.4)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_colour(hue + 0.45, 0.25, 1.0))
    layers = chance.randint(3, 5)
    for layer in range(layers):
        depth = (layer + 1) / layers
        line = _hills(chance, size, depth, phase)
        draw.polygon([*line, (width, height), (0, height)], fill=_colour(hue + 0.12 * depth, 0.55, 0.8 - 0.55 * depth))
    for _ in range((recipe.steps or _ENOUGH_STEPS) * 2):
        at_x, at_y = chance.uniform(0, width), chance.uniform(0, height * 0.5)
        size_of = max(size) * chance.uniform(0.001, 0.003)
        draw.ellipse((at_x, at_y, at_x + size_of, at_y + size_of), fill=(255, 255, 255))
    return picture


def _hills(chance: random.Random, size: tuple[int, int], depth: float, phase: float) -> list[tuple[float, float]]:
    width, height = size
    waves = [(chance.uniform(1, 5), chance.uniform(0, 6.28), chance.uniform(0.02, 0.07)) for _ in range(3)]
    base = height * (0.4 + 0.4 * depth)
    return [
        (x, base + height * sum(a * math.sin(f * x / width * 6.28 + p + phase * 6.28) for f, p, a in waves))
        for x in range(0, width + 4, 4)
    ]


def _hue_of(prompt: str, chance: random.Random) -> float:
    """The hue of the first colour that the prompt names, else one by chance."""
    drawn = chance.random()
    for word in prompt.lower().replace(",", " ").split():
        if word in ImageColor.colormap:
            red, green, blue = ImageColor.getrgb(word)[:3]
            return colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)[0]
    return drawn


def _colour(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, max(0.0, min(1.0, value)))
    return round(red * 255), round(green * 255), round(blue * 255)


def _styled(picture: Image.Image, lora: str) -> Image.Image:
    """What a LoRA does to a picture, by the words in its name; an unknown one shifts the colours."""
    name = lora.lower()
    if "pixel" in name:
        small = picture.resize(_bounded(picture.size, 64), Image.Resampling.BILINEAR)
        return small.resize(picture.size, Image.Resampling.NEAREST)
    if "line" in name:
        return ImageOps.invert(picture.convert("L").filter(ImageFilter.FIND_EDGES)).convert("RGB")
    if "water" in name:
        washed = ImageOps.posterize(picture.filter(ImageFilter.BoxBlur(max(picture.size) / 150)), 4)
        return ImageEnhance.Color(washed).enhance(0.7)
    if "neon" in name:
        return ImageEnhance.Color(ImageOps.solarize(picture, 110)).enhance(2.5)
    hue, saturation, value = picture.convert("HSV").split()
    shift = random.Random(name).randint(40, 215)
    return Image.merge("HSV", (hue.point([(at + shift) % 256 for at in range(256)]), saturation, value)).convert("RGB")


def _marked(picture: Image.Image, recipe: Recipe, index: int = 0) -> Image.Image:
    """The picture with its mark: DEMO, and below it what it was made from."""
    width, height = picture.size
    font_size = max(7, min(width, height) // 26)
    font = ImageFont.load_default(font_size)
    facts = [f"{width}x{height}"]
    if recipe.sampled:
        facts = [f"seed {recipe.seed}", *facts, f"{recipe.steps} steps"]
        if recipe.frames:
            facts.append(f"{recipe.frames} frames")
        elif recipe.count > 1:
            facts.append(f"image {index + 1}/{recipe.count}")
        facts += [
            f"{name.rsplit('/')[-1].removesuffix('.safetensors')} {strength:g}" for name, strength in recipe.loras
        ]
    lines = ["DEMO  " + " ".join(recipe.prompt.split()), "  ".join(facts)]
    draw = ImageDraw.Draw(picture, "RGBA")
    line_height = round(font_size * 1.4)
    top = height - line_height * len(lines) - line_height // 3
    draw.rectangle((0, top, width, height), fill=(0, 0, 0, 150))
    for place, line in enumerate(lines):
        draw.text((line_height // 2, top + place * line_height), line, fill=(255, 255, 255, 235), font=font)
    return picture
