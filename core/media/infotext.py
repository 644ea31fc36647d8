"""What Automatic1111's web interface, and programs after its manner, write to a picture: words, then named values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from core.comfyui.workflows.particulars import Particulars, UsedLora, particulars

#: Name there → parameter and type here.
_NAMES: dict[str, tuple[str, type[int] | type[float] | type[str]]] = {
    "Steps": ("steps", int),
    "Sampler": ("sampler", str),
    "Schedule type": ("scheduler", str),
    "CFG scale": ("cfg", float),
    "Distilled CFG Scale": ("guidance", float),
    "Seed": ("seed", int),
    "Denoising strength": ("denoise", float),
    "Hires upscale": ("upscale_factor", float),
}
_NEGATIVE = "Negative prompt:"
_PAIR = re.compile(r'([A-Z][\w /-]{0,60}):\s*("(?:\\.|[^"\\])*"|[^,]*)(?:,|$)')
_SIZE = re.compile(r"(\d{1,6})x(\d{1,6})")
_LORA = re.compile(r"<lora:([^:<>]{1,300}):(-?\d{0,6}(?:\.\d{1,6})?)[^<>]{0,60}>")
#: So many named values make the last line one: a prompt may end in "Steps: three".
_FEWEST = 3
_LONGEST = 200_000


def read_infotext(text: str) -> Particulars:
    """The particulars in such a text; what is none is a prompt as a whole."""
    *lines, last = text[:_LONGEST].strip().split("\n")
    pairs = dict(_pairs(last))
    if len(pairs) < _FEWEST:
        lines, pairs = [*lines, last], {}
    words, _, negative = "\n".join(lines).partition(_NEGATIVE)
    told: dict[str, Any] = {"prompt": words, "negative_prompt": negative}
    for name, (parameter, kind) in _NAMES.items():
        if (value := _as(kind, pairs.get(name))) is not None:
            told[parameter] = value
    if size := _SIZE.fullmatch(pairs.get("Size", "")):
        told["width"], told["height"] = map(int, size.groups())
    models = [model] if (model := pairs.get("Model")) else []
    loras = [UsedLora(name, _as(float, strength)) for name, strength in _LORA.findall(words)]
    return particulars(told, models, loras)


def _pairs(line: str) -> Iterator[tuple[str, str]]:
    """The named values of a line; quoted ones are JSON."""
    for name, value in _PAIR.findall(line):
        yield name, _unquoted(value) if value.startswith('"') else value.strip()


def _unquoted(value: str) -> str:
    try:
        return str(json.loads(value))
    except ValueError:
        return value.strip('"')


def _as(kind: type[int] | type[float] | type[str], text: str | None) -> Any:
    """The value of its kind; None where it is not one."""
    try:
        return kind(text) if text else None
    except ValueError:
        return None
