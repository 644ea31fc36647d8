"""How finished a picture is, how hard it follows its prompt, and the mark that says what it is."""

from __future__ import annotations

import random

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageFont

LATENT = 8
"""Pixels of a picture to one of the latent, in each direction."""
_MARK = "DEMO"


def developed(picture: Image.Image, progress: float, chance: random.Random, cell: int = LATENT) -> Image.Image:
    """A picture on its way out of the noise: all noise at 0, done at 1. `cell`: pixels to a cell of the noise."""
    left = 1 - max(0.0, min(1.0, progress))
    if left == 0:
        return picture
    width, height = picture.size
    soft = picture.filter(ImageFilter.GaussianBlur(left**1.3 * max(width, height) / 26))
    cells = max(1, width // cell), max(1, height // cell)
    rough = Image.frombytes("RGB", cells, chance.randbytes(cells[0] * cells[1] * 3))
    rough = rough.filter(ImageFilter.GaussianBlur(0.6)).resize(picture.size, Image.Resampling.BICUBIC)
    patchy = Image.blend(soft, ImageChops.overlay(soft, rough), min(1.0, left * 1.3))
    return Image.blend(patchy, rough, left**3)


def graded(picture: Image.Image, pull: float) -> Image.Image:
    """Contrast and colour by how hard the prompt is followed; 1 is as usual."""
    if pull == 1:
        return picture
    picture = ImageEnhance.Color(picture).enhance(max(0.55, min(1.9, 0.7 + 0.3 * pull)))
    return ImageEnhance.Contrast(picture).enhance(max(0.75, min(1.45, 0.85 + 0.15 * pull)))


def marked(picture: Image.Image) -> Image.Image:
    """The picture with a small mark in its corner, drawn into it."""
    width, height = picture.size
    high = max(7, round(min(width, height) * 0.026))
    font = ImageFont.load_default(high)
    left, top, right, bottom = font.getbbox(_MARK)
    pad, edge = high * 0.55, high * 0.9
    wide, tall = right - left + pad * 2.4, bottom - top + pad * 1.6
    x, y = max(0.0, width - edge - wide), max(0.0, height - edge - tall)
    pen = ImageDraw.Draw(picture, "RGBA")
    pen.rounded_rectangle([x, y, x + wide, y + tall], radius=tall / 2, fill=(12, 14, 22, 190))
    pen.text((x + pad * 1.2 - left, y + pad * 0.8 - top), _MARK, fill=(255, 255, 255, 235), font=font)
    return picture
