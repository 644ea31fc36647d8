"""A camera that goes through a scene: what is near passes faster than what is far."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from PIL import Image, ImageChops

from .scene import Layer
from .textures import Size

_ROOM = 1.16
_SHEETS = (0.0, 0.2, 0.45, 0.75, 1.0)
"""The depths that are told from each other while things move; fewer are drawn faster."""


class Camera:
    """Sees a part of a stage. `size`: of what it sees; `stage`: of what is to be drawn for it, in pixels."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.stage = (round(size[0] * _ROOM), size[1])

    def watch(self, layers: Sequence[Layer], phases: Iterable[float]) -> Iterator[Image.Image]:
        """The pictures at phases from 0 to 1. It starts and ends gently, and moves by parts of a pixel."""
        sheets = _sheets(layers)
        for phase in phases:
            eased = (1 - math.cos(math.pi * max(0.0, min(1.0, phase)))) / 2
            picture = Image.new("RGB", self.size)
            for sheet in sheets:
                left = self._left(sheet.depth, eased)
                mask = None if sheet.mask is None else self._part(sheet.mask, left)
                picture.paste(self._part(sheet.picture, left), (0, 0), mask)
            yield picture

    def _left(self, depth: float, eased: float) -> float:
        """Where what is seen of a sheet begins: about its middle, and the further to the right the nearer it is."""
        room = self.stage[0] - self.size[0]
        return room / 2 * (1 + 0.9 * depth * (2 * eased - 1))

    def _part(self, sheet: Image.Image, left: float) -> Image.Image:
        whole, width = int(left), self.size[0]
        part = sheet.crop((whole, 0, whole + width, self.size[1]))
        if left == whole:
            return part
        return Image.blend(part, sheet.crop((whole + 1, 0, whole + 1 + width, self.size[1])), left - whole)


def _sheets(layers: Sequence[Layer]) -> list[Layer]:
    """Layers that are about equally far away as one; what is further away than all before it moves with those."""
    sheets: list[Layer] = []
    for layer in layers:
        depth = min(_SHEETS, key=lambda near: abs(near - layer.depth))
        if not sheets or depth > sheets[-1].depth or layer.mask is None:
            sheets.append(Layer(layer.picture.copy(), layer.mask, depth))
            continue
        below = sheets.pop()
        if below.mask is None:
            below.picture.paste(layer.picture, (0, 0), layer.mask)
            sheets.append(below)
            continue
        picture = Image.composite(below.picture, layer.picture, below.mask)
        picture.paste(layer.picture, (0, 0), layer.mask)
        sheets.append(Layer(picture, ImageChops.lighter(below.mask, layer.mask), below.depth))
    return sheets
