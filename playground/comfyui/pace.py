"""How long things take, and in how many parts, where a server is to feel like one with a GPU."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .recipes import Recipe
from .settings import Settings

_MEGAPIXEL = 1024 * 1024
_LEAST, _MOST = 0.5, 6.0
_UPSCALE_TILE, _UPSCALE_OVERLAP = 512, 32
_TILE, _TILES = 0.4, 50
"""Steps that a tile takes, and the tiles after which a picture takes no longer for having more of them."""
_LOADER, _LORA, _TEXT, _PIXELS = 1.5, 0.5, 0.5, 0.8
"""Steps that a node takes: one that loads a model, one that loads a LoRA, one that reads a text, one with a VAE."""


def step_seconds(settings: Settings, recipe: Recipe) -> float:
    """Seconds of one sampling step. A paced server is slower with large pictures and batches, within bounds."""
    return settings.step_seconds * _size_factor(recipe) if settings.paced else settings.step_seconds


def node_seconds(settings: Settings, class_type: str, recipe: Recipe) -> float:
    """Seconds of a node that does not sample: 0 unless the server is paced."""
    if not settings.paced:
        return 0.0
    if class_type.startswith("Load"):
        return 0.0
    if "Lora" in class_type:
        return settings.step_seconds * _LORA
    if "Loader" in class_type:
        return settings.step_seconds * _LOADER
    if "TextEncode" in class_type:
        return settings.step_seconds * _TEXT
    if class_type.startswith("VAE"):
        return settings.step_seconds * _PIXELS * _size_factor(recipe)
    return 0.0


def tile_seconds(settings: Settings, count: int) -> float:
    """Seconds of one tile of a picture that is worked on in ``count`` tiles."""
    return settings.step_seconds * _TILE * min(1.0, _TILES / count) if settings.paced else 0.0


def tiles(class_type: str, values: Mapping[str, Any], before: Recipe, after: Recipe) -> int:
    """In how many tiles a node works on the picture that it gets; 0 for one that does not work in tiles.

    As ComfyUI 0.3.64 counts them: a VAE goes over the picture three times, with tiles of three shapes.
    """
    if class_type == "ImageUpscaleWithModel":
        return before.count * _grid(before.size, (_UPSCALE_TILE, _UPSCALE_TILE), _UPSCALE_OVERLAP)
    if class_type not in ("VAEDecodeTiled", "VAEEncodeTiled"):
        return 0
    side = max(64, int(values.get("tile_size", 512)))
    overlap = min(int(values.get("overlap", 64)), side // 4)
    shapes = ((side, side), (side // 2, side * 2), (side * 2, side // 2))
    return after.count * sum(_grid(after.size, shape, overlap) for shape in shapes)


def _grid(size: tuple[int, int], tile: tuple[int, int], overlap: int) -> int:
    """Tiles over a picture. Narrow shapes may overlap by all of their width: one tile a pixel would never end."""
    sides = zip(size, tile, strict=True)
    return math.prod(
        1 if whole <= part else math.ceil((whole - overlap) / max(1, part - overlap)) for whole, part in sides
    )


def _size_factor(recipe: Recipe) -> float:
    width, height = recipe.size
    return max(_LEAST, min(_MOST, math.sqrt(width * height * recipe.count / _MEGAPIXEL)))
