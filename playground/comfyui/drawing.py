"""Demo pictures: they answer to the request, and say of themselves that they are demo pictures.

Imports Pillow at once: to be imported where a picture is drawn, not before.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache

from PIL import Image, ImageEnhance, ImageOps

from .art.finish import LATENT, developed, graded, marked
from .art.inputs import beside, cut, edited, loaded, opened, started_from
from .art.masks import opened_mask
from .art.motion import Camera
from .art.places import DRAWN
from .art.scene import Layer, flattened, setting
from .art.styles import asked_for, styled
from .art.subjects import subject
from .art.textures import Size, grain
from .art.weather import FALLS, falling, weather
from .art.words import read
from .recipes import Recipe

_LARGEST = 8192
_CANVAS = 1280
_FRAME = 832
_SKETCH = 256
_PREVIEW = 512
_MOST_FRAMES = 121
_ENOUGH_STEPS = 12
_ENOUGH_QUICK_STEPS = 4
_ROUGH = 0.35
_GRAIN = 5.0
_ZOOM = 0.22
_USUAL_CFG, _USUAL_GUIDANCE = 6.0, 3.5


def paint(recipe: Recipe, index: int = 0) -> Image.Image:
    """The picture with number `index` of a recipe, at its size (a side is at most 8192)."""
    size = _bounded(recipe.size, _LARGEST)
    if recipe.frames and recipe.sampled:
        return next(_moving(recipe, size, [index % recipe.frames / max(1, recipe.frames - 1)]))
    return marked(_painted(recipe, size, _scaled(size, min(1.0, _CANVAS / max(size))), index))


def frames(recipe: Recipe, stopped: Callable[[], bool] = lambda: False) -> Iterator[Image.Image]:
    """The pictures of a video or an animation: at most 121, of at most 832 pixels a side.

    Raises `InterruptedError` between two of them once `stopped` says so.
    """
    size = _bounded(recipe.size, _FRAME)
    count = min(recipe.count, _MOST_FRAMES)
    if recipe.sampled and not recipe.frames:
        moving = (marked(_painted(recipe, size, size, at)) for at in range(count))
    else:
        moving = _moving(recipe, size, [at / max(1, count - 1) for at in range(count)])
    for picture in moving:
        if stopped():
            raise InterruptedError
        yield picture


def sketch(recipe: Recipe, progress: float) -> Image.Image:
    """How far a picture is, as a server shows its latent: noise at 0, the picture at 1, at most 512 pixels a side."""
    base = _sketched(replace(recipe, steps=None))
    latent = _scaled(_bounded(recipe.size, _LARGEST), 1 / LATENT)
    small = base.resize(latent, Image.Resampling.BOX)
    seen = developed(small, progress**0.8, random.Random(f"{recipe.seed}/{progress}"), cell=1)
    return marked(ImageOps.contain(seen, (_PREVIEW, _PREVIEW), Image.Resampling.BILINEAR))


@lru_cache(maxsize=2)
def _sketched(recipe: Recipe) -> Image.Image:
    size = _bounded(recipe.size, _SKETCH)
    return _painted(recipe, size, size, 0)


def _painted(recipe: Recipe, size: Size, canvas: Size, index: int) -> Image.Image:
    """A picture without its mark, drawn at the size of `canvas`."""
    if recipe.sampled:
        picture = _sampled(recipe, canvas, index).resize(size, Image.Resampling.LANCZOS)
        if recipe.mask is not None and recipe.images:
            picture = Image.composite(picture, opened(recipe.images[0], size), opened_mask(recipe.mask, size))
    elif recipe.images:
        picture = beside(opened(recipe.images[0], size), recipe.images[1:])
    else:
        picture = Image.new("RGB", size, recipe.color or 0)
    return ImageOps.invert(picture) if recipe.inverted else picture


def _sampled(recipe: Recipe, size: Size, index: int) -> Image.Image:
    chance = _chance(recipe, index)
    wish = read(recipe.prompt, recipe.negative)
    strength = 1.0 if recipe.denoise is None else recipe.denoise
    if recipe.images and recipe.reference:
        picture = edited(opened(recipe.images[0], size), wish, chance, strength)
        picture = beside(picture, recipe.images[1:])
    elif recipe.images and strength < 1:
        before = beside(opened(recipe.images[0], size), recipe.images[1:])
        picture = started_from(before, flattened(_layers(recipe, size, index)), chance, strength)
    else:
        picture = flattened(_layers(recipe, size, index))
    return _finished(recipe, picture, index, strength)


def _layers(recipe: Recipe, size: Size, index: int) -> list[Layer]:
    wish = read(recipe.prompt, recipe.negative)
    place = setting(size, wish, _chance(recipe, index))
    return [*DRAWN[wish.place](place), *subject(place), *weather(place, falls=not recipe.frames)]


def _finished(
    recipe: Recipe, picture: Image.Image, index: int, strength: float = 1.0, *, grainy: bool = True
) -> Image.Image:
    """With all that belongs to the way it was sampled: how hard, how long, in which style."""
    if strength <= 0:
        return picture
    details = random.Random(f"{recipe.seed}/{index}/{recipe.negative}/{recipe.cfg}/{recipe.flavour}")
    picture = ImageEnhance.Color(graded(picture, _pull(recipe))).enhance(details.uniform(0.94, 1.06))
    asked = None if recipe.loras else asked_for(recipe.prompt)
    for name, weight in recipe.loras or ([(asked, strength)] if asked else []):
        picture = styled(picture, name, weight)
    enough = _ENOUGH_QUICK_STEPS if recipe.quick else _ENOUGH_STEPS
    done = min(1.0, (enough if recipe.steps is None else recipe.steps) / enough)
    picture = developed(picture, _ROUGH + (1 - _ROUGH) * done, details) if done < 1 else picture
    return grain(picture, details, _GRAIN) if grainy else picture


def _moving(recipe: Recipe, size: Size, phases: list[float]) -> Iterator[Image.Image]:
    """The frames of a video at these phases (0 is its start, 1 its end): a camera that goes through a scene."""
    if recipe.sampled and not recipe.images:
        camera = Camera(size)
        layers = _layers(recipe, camera.stage, 0)
        seen = camera.watch(layers, phases)
    elif recipe.images:
        first = loaded(recipe.images[0])
        seen = (beside(cut(first, size, _ZOOM * phase), recipe.images[1:]) for phase in phases)
    else:
        seen = (_painted(recipe, size, size, 0) for _ in phases)
    wish = read(recipe.prompt, recipe.negative)
    for phase, picture in zip(phases, seen, strict=True):
        if recipe.sampled and wish.weather in FALLS and phase:
            picture.paste(FALLS[wish.weather], (0, 0), falling(size, wish.weather, _chance(recipe, 0), phase))
        if recipe.sampled and not (recipe.images and phase == 0):
            picture = _finished(recipe, picture, 0, grainy=False)
        yield marked(ImageOps.invert(picture) if recipe.inverted else picture)


def _chance(recipe: Recipe, index: int) -> random.Random:
    return random.Random(f"{recipe.seed}/{index}/{recipe.prompt}/{recipe.model}")


def _pull(recipe: Recipe) -> float:
    """How hard the prompt is followed, 1 as usual. A distilled model has its guidance, and a cfg of 1."""
    if recipe.guidance is not None:
        return recipe.guidance / _USUAL_GUIDANCE
    return 1.0 if recipe.cfg is None or recipe.cfg <= 1 else recipe.cfg / _USUAL_CFG


def _bounded(size: Size, largest: int) -> Size:
    return _scaled(size, min(1.0, largest / max(size)))


def _scaled(size: Size, factor: float) -> Size:
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))
