"""What flows through a graph here instead of tensors: a description of the picture that is being made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

_TEXTS = ("text", "prompt", "clip_l", "t5xxl", "text_g", "text_l")
_DIRECT = {
    "width": "width",
    "height": "height",
    "batch_size": "batch",
    "amount": "batch",
    "length": "frames",
    "steps": "steps",
    "cfg": "cfg",
    "denoise": "denoise",
    "color": "color",
    "value": "value",
}
_INHERITED = ("width", "height", "batch", "frames", "seed", "steps", "cfg", "denoise", "color")
_DEFAULT_STEPS = 20


class NodeError(Exception):
    """A node fails while it runs. `exception_type` is the name that the client is told."""

    def __init__(self, message: str, exception_type: str) -> None:
        super().__init__(message)
        self.exception_type = exception_type


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that a picture answers to. None: not said so far. `images`: files that went into it, in order."""

    width: int | None = None
    height: int | None = None
    batch: int | None = None
    frames: int | None = None
    seed: int | None = None
    steps: int | None = None
    cfg: float | None = None
    denoise: float | None = None
    color: int | None = None
    prompt: str = ""
    negative: str = ""
    loras: tuple[tuple[str, float], ...] = ()
    images: tuple[Path, ...] = ()
    sampled: bool = False
    inverted: bool = False
    value: Any = None

    @property
    def count(self) -> int:
        """How many pictures it is: the batch, or the frames of a video."""
        return (self.batch or 1) * (self.frames or 1)

    @property
    def size(self) -> tuple[int, int]:
        return self.width or 512, self.height or 512


def derive(class_type: str, inputs: Mapping[str, Any], sources: Mapping[str, Recipe], sampler: bool) -> Recipe:
    """The recipe that a node hands on: what it is fed with, then its own literals, then what its class does.

    `inputs`: the node's literals; `sources`: the recipes behind its links, in the order of its inputs. Works by the
    names of inputs, so that a class which nobody described still does something sensible.
    """
    merged = Recipe()
    for name, source in sources.items():
        merged = _merge(merged, source, name)
    values = dict(inputs) | {name: source.value for name, source in sources.items() if source.value is not None}
    recipe = _apply(merged, values)
    if sampler:
        recipe = replace(recipe, sampled=True)
    change = _CHANGES.get(class_type)
    return change(recipe, values, sources) if change else recipe


def sampling_steps(recipe: Recipe, inputs: Mapping[str, Any]) -> int:
    """How often a sampler reports progress; a two-stage sampler only for its own part of the steps."""
    steps = recipe.steps or _DEFAULT_STEPS
    return max(0, min(inputs.get("end_at_step", steps), steps) - inputs.get("start_at_step", 0))


def _merge(into: Recipe, source: Recipe, input_name: str) -> Recipe:
    changes: dict[str, Any] = {name: getattr(source, name) for name in _INHERITED if getattr(source, name) is not None}
    if input_name.startswith("negative"):
        changes["negative"] = source.negative or source.prompt
    else:
        changes["prompt"] = source.prompt or into.prompt
        changes["negative"] = source.negative or into.negative
    return replace(
        into,
        **changes,
        loras=tuple(dict.fromkeys(into.loras + source.loras)),
        images=tuple(dict.fromkeys(into.images + source.images)),
        sampled=into.sampled or source.sampled,
        inverted=into.inverted or source.inverted,
    )


def _apply(recipe: Recipe, values: Mapping[str, Any]) -> Recipe:
    changes: dict[str, Any] = {field: values[name] for name, field in _DIRECT.items() if name in values}
    texts = [values[name] for name in _TEXTS if isinstance(values.get(name), str)]
    if texts:
        changes["prompt"] = max(texts, key=len)
    if values.get("add_noise", "enable") not in ("disable", False):
        seeds = [values[name] for name in ("seed", "noise_seed") if name in values]
        changes |= {"seed": seeds[0]} if seeds else {}
    if isinstance(values.get("lora_name"), str):
        lora = (values["lora_name"], float(values.get("strength_model", 1.0)))
        changes["loras"] = (*recipe.loras, lora)
    return replace(recipe, **changes)


_Change = Callable[[Recipe, Mapping[str, Any], Mapping[str, Recipe]], Recipe]


def _zero_out(recipe: Recipe, _values: Mapping[str, Any], _sources: Mapping[str, Recipe]) -> Recipe:
    return replace(recipe, prompt="")


def _invert(recipe: Recipe, _values: Mapping[str, Any], _sources: Mapping[str, Recipe]) -> Recipe:
    return replace(recipe, inverted=not recipe.inverted)


def _join(recipe: Recipe, _values: Mapping[str, Any], sources: Mapping[str, Recipe]) -> Recipe:
    return replace(recipe, batch=sum(source.count for source in sources.values()), frames=None)


def _scaled(recipe: Recipe, factor: float) -> Recipe:
    width, height = recipe.size
    return replace(recipe, width=max(1, round(width * factor)), height=max(1, round(height * factor)))


def _scale_by(recipe: Recipe, values: Mapping[str, Any], _sources: Mapping[str, Recipe]) -> Recipe:
    return _scaled(recipe, values.get("scale_by", 1.0))


def _upscale(recipe: Recipe, _values: Mapping[str, Any], _sources: Mapping[str, Recipe]) -> Recipe:
    return _scaled(recipe, 4)


def _scale_to_pixels(recipe: Recipe, values: Mapping[str, Any], _sources: Mapping[str, Recipe]) -> Recipe:
    width, height = recipe.size
    return _scaled(recipe, (values.get("megapixels", 1.0) * 1024 * 1024 / (width * height)) ** 0.5)


def _resize(recipe: Recipe, _values: Mapping[str, Any], sources: Mapping[str, Recipe]) -> Recipe:
    """A side of 0 follows the other one in proportion."""
    width, height = sources["image"].size if "image" in sources else recipe.size
    if not recipe.width and not recipe.height:
        return replace(recipe, width=width, height=height)
    if not recipe.width:
        return replace(recipe, width=max(1, round(width * (recipe.height or 1) / height)))
    if not recipe.height:
        return replace(recipe, height=max(1, round(height * recipe.width / width)))
    return recipe


_CHANGES: dict[str, _Change] = {
    "ConditioningZeroOut": _zero_out,
    "ImageBatch": _join,
    "ImageInvert": _invert,
    "ImageScale": _resize,
    "ImageScaleBy": _scale_by,
    "ImageScaleToTotalPixels": _scale_to_pixels,
    "ImageUpscaleWithModel": _upscale,
}
