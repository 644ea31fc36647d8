"""Masks: which part of a picture may be changed."""

from __future__ import annotations

from PIL import Image, ImageChops, ImageFilter, ImageOps

from ..recipes import Mask
from .textures import Size


def opened_mask(mask: Mask, size: Size) -> Image.Image:
    """A mask at a size: white is what may be changed. Its edge is soft, and as much wider as it was grown."""
    with Image.open(mask.path) as image:
        whole = image.convert("RGBA").getchannel({"alpha": "A", "red": "R", "green": "G", "blue": "B"}[mask.channel])
    seen = ImageOps.fit(whole, size)
    if mask.inverted:
        seen = ImageChops.invert(seen)
    if mask.grown:
        reach = max(1, min(size) // 100)
        seen = seen.filter(ImageFilter.GaussianBlur(reach)).point([min(255, at * 3) for at in range(256)])
    return seen.filter(ImageFilter.GaussianBlur(max(0.6, min(size) / 300)))
