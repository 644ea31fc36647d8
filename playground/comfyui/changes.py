"""What some node classes do to a recipe, beyond what the names of their inputs say."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from .recipes import Mask, Recipe

_Values: TypeAlias = Mapping[str, Any]
_Sources: TypeAlias = Mapping[str, Recipe]
_FACTOR = re.compile(r"(?i)(?<![a-z\d])(?:x([2-8])|([2-8])x)")
_USUAL_FACTOR = 4
_TALL = ((672, 1568), (688, 1504), (720, 1456), (752, 1392), (800, 1328), (832, 1248), (880, 1184), (944, 1104))
_KONTEXT_SIZES = (*_TALL, (1024, 1024), *((height, width) for width, height in _TALL))


def _zero_out(recipe: Recipe, _values: _Values, _sources: _Sources) -> Recipe:
    return replace(recipe, prompt="")


def _invert(recipe: Recipe, _values: _Values, _sources: _Sources) -> Recipe:
    return replace(recipe, inverted=not recipe.inverted)


def _invert_mask(recipe: Recipe, _values: _Values, _sources: _Sources) -> Recipe:
    return (
        recipe if recipe.mask is None else replace(recipe, mask=replace(recipe.mask, inverted=not recipe.mask.inverted))
    )


def _grow_mask(recipe: Recipe, values: _Values, _sources: _Sources) -> Recipe:
    grown = values.get("expand", values.get("grow_mask_by", 0)) > 0
    return replace(recipe, mask=replace(recipe.mask, grown=True)) if recipe.mask is not None and grown else recipe


def _mask_from_image(recipe: Recipe, values: _Values, _sources: _Sources) -> Recipe:
    if not recipe.images:
        return recipe
    return replace(recipe, images=(), mask=Mask(recipe.images[0], str(values.get("channel", "red"))))


def _image_from_mask(recipe: Recipe, _values: _Values, _sources: _Sources) -> Recipe:
    return recipe if recipe.mask is None else replace(recipe, images=(recipe.mask.path,), mask=None)


def _join(recipe: Recipe, _values: _Values, sources: _Sources) -> Recipe:
    return replace(recipe, batch=sum(source.count for source in sources.values()), frames=None)


def _measure(recipe: Recipe, _values: _Values, _sources: _Sources) -> Recipe:
    return replace(recipe, value=(*recipe.size, recipe.count))


def _factor_of_model(recipe: Recipe, values: _Values, _sources: _Sources) -> Recipe:
    """The factor of an upscale model, by its name."""
    found = _FACTOR.search(str(values.get("model_name")))
    return replace(recipe, value=int(found[1] or found[2]) if found else _USUAL_FACTOR)


def _upscale(recipe: Recipe, values: _Values, _sources: _Sources) -> Recipe:
    return _scaled(recipe, values.get("upscale_model", _USUAL_FACTOR))


def _scale_by(recipe: Recipe, values: _Values, _sources: _Sources) -> Recipe:
    return _scaled(recipe, values.get("scale_by", 1.0))


def _scale_to_pixels(recipe: Recipe, values: _Values, _sources: _Sources) -> Recipe:
    width, height = recipe.size
    return _scaled(recipe, (values.get("megapixels", 1.0) * 1024 * 1024 / (width * height)) ** 0.5)


def _scale_for_kontext(recipe: Recipe, _values: _Values, _sources: _Sources) -> Recipe:
    wanted = recipe.size[0] / recipe.size[1]
    width, height = min(_KONTEXT_SIZES, key=lambda size: abs(wanted - size[0] / size[1]))
    return replace(recipe, width=width, height=height)


def _resize(recipe: Recipe, _values: _Values, sources: _Sources) -> Recipe:
    """A side of 0 follows the other one in proportion."""
    before = sources.get("image", sources.get("samples"))
    width, height = recipe.size if before is None else before.size
    if not recipe.width and not recipe.height:
        return replace(recipe, width=width, height=height)
    if not recipe.width:
        return replace(recipe, width=max(1, round(width * (recipe.height or 1) / height)))
    if not recipe.height:
        return replace(recipe, height=max(1, round(height * recipe.width / width)))
    return recipe


def _scaled(recipe: Recipe, factor: float) -> Recipe:
    width, height = recipe.size
    return replace(recipe, width=max(1, round(width * factor)), height=max(1, round(height * factor)))


CHANGES: dict[str, Callable[[Recipe, _Values, _Sources], Recipe]] = {
    "ConditioningZeroOut": _zero_out,
    "FluxKontextImageScale": _scale_for_kontext,
    "GetImageSize": _measure,
    "ImageBatch": _join,
    "GrowMask": _grow_mask,
    "ImageInvert": _invert,
    "ImageToMask": _mask_from_image,
    "InvertMask": _invert_mask,
    "LatentUpscale": _resize,
    "LatentUpscaleBy": _scale_by,
    "MaskToImage": _image_from_mask,
    "VAEEncodeForInpaint": _grow_mask,
    "ImageScale": _resize,
    "ImageScaleBy": _scale_by,
    "ImageScaleToTotalPixels": _scale_to_pixels,
    "ImageUpscaleWithModel": _upscale,
    "UpscaleModelLoader": _factor_of_model,
}
"""Class to what it does with a recipe, its literals and the recipes behind its links."""
