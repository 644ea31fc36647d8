"""From the recipes that a node is fed with to the one that it hands on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .changes import CHANGES
from .recipes import Recipe

_TEXTS = ("text", "prompt", "clip_l", "t5xxl", "text_g", "text_l", "tags")
_DIRECT = {
    "width": "width",
    "height": "height",
    "batch_size": "batch",
    "amount": "batch",
    "length": "frames",
    "seconds": "seconds",
    "seconds_total": "seconds",
    "duration": "seconds",
    "fps": "fps",
    "frame_rate": "fps",
    "steps": "steps",
    "cfg": "cfg",
    "guidance": "guidance",
    "denoise": "denoise",
    "color": "color",
    "value": "value",
}
_INHERITED = (
    "width",
    "height",
    "batch",
    "frames",
    "fps",
    "seconds",
    "seed",
    "steps",
    "cfg",
    "guidance",
    "denoise",
    "color",
)
_QUICK_MODEL = re.compile(r"(?i)turbo|schnell|lightning|fast")
_QUICK = {
    "unet_name": _QUICK_MODEL,
    "ckpt_name": _QUICK_MODEL,
    "lora_name": re.compile(r"(?i)lightning|lightx2v|\dsteps"),
}
"""Loader input to what in a file's name says that few steps are enough. Such a LoRA changes nothing else."""
_MODELS = ("unet_name", "ckpt_name")
_FLAVOURS = ("sampler_name", "scheduler")
_CONDITIONING = ("positive", "conditioning", "guider")
_DEFAULT_STEPS = 20


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
        reference = recipe.mask is None and any(sources[name].images for name in _CONDITIONING if name in sources)
        recipe = replace(recipe, sampled=True, reference=recipe.reference or reference)
    else:
        recipe = replace(recipe, pair={"positive", "negative"} <= sources.keys())
    change = CHANGES.get(class_type)
    return change(recipe, values, sources) if change else recipe


def sampling_steps(recipe: Recipe, inputs: Mapping[str, Any]) -> int:
    """How often a sampler reports progress; a two-stage sampler only for its own part of the steps."""
    steps = recipe.steps or _DEFAULT_STEPS
    return max(0, min(inputs.get("end_at_step", steps), steps) - inputs.get("start_at_step", 0))


def _merge(into: Recipe, source: Recipe, input_name: str) -> Recipe:
    if input_name == "audio":
        return replace(into, sound=source.sound or source)
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
        mask=source.mask or into.mask,
        audio=source.audio or into.audio,
        sound=source.sound or into.sound,
        model=_joined(into.model, source.model),
        flavour=_joined(into.flavour, source.flavour),
        reference=into.reference or source.reference,
        quick=into.quick or source.quick,
        sampled=into.sampled or source.sampled,
        inverted=into.inverted or source.inverted,
    )


def _apply(recipe: Recipe, values: Mapping[str, Any]) -> Recipe:
    changes: dict[str, Any] = {field: values[name] for name, field in _DIRECT.items() if name in values}
    texts = [values[name] for name in _TEXTS if isinstance(values.get(name), str)]
    if texts:
        changes["prompt"] = max(texts, key=len)
    for field, names in (("model", _MODELS), ("flavour", _FLAVOURS)):
        said = [str(values[name]) for name in names if name in values]
        changes |= {field: _joined(getattr(recipe, field), *said)} if said else {}
    if values.get("add_noise", "enable") not in ("disable", False):
        seeds = [values[name] for name in ("seed", "noise_seed") if name in values]
        changes |= {"seed": seeds[0]} if seeds else {}
    if any(pattern.search(str(values.get(name))) for name, pattern in _QUICK.items()):
        changes["quick"] = True
    elif isinstance(values.get("lora_name"), str):
        lora = (values["lora_name"], float(values.get("strength_model", 1.0)))
        changes["loras"] = (*recipe.loras, lora)
    return replace(recipe, **changes)


def _joined(*names: str) -> str:
    """Names that were said, each once."""
    return "/".join(dict.fromkeys(part for name in names for part in name.split("/") if part))
