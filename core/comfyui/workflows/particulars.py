"""What something was made with, as its graph tells it: for people to read, and to repeat it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from core.comfyui.workflows.bindings import Bindings
from core.comfyui.workflows.graph import Graph, GraphView, Place
from core.comfyui.workflows.model_folders import MODEL_FILE, folder_of
from core.comfyui.workflows.parameters import WorkflowParameters
from core.comfyui.workflows.roles import bind
from core.comfyui.workflows.updater import Plan
from core.exceptions import WorkflowError

TEXTS = ("prompt", "negative_prompt", "lyrics")
"""The parameters that are words."""
VALUES = (
    *("seed", "width", "height", "steps", "cfg", "guidance", "sampler", "scheduler", "denoise"),
    *("batch_size", "length", "fps", "duration", "upscale_factor"),
)
"""The other ones that say how something was made, in the order in which they are read."""
_STRENGTHS = ("strength_model", "strength", "lora_strength")
#: What no screen shows and no JSON is sent with: halves of characters, and control characters.
_UNREADABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_LONGEST_NAME, _MOST_NAMES = 500, 100
_DIGITS = 40


@dataclass(frozen=True, slots=True)
class UsedLora:
    """A LoRA that acted; ``strength`` is None where it is computed or not told."""

    name: str
    strength: float | None = None


@dataclass(frozen=True, slots=True)
class Particulars:
    """What is known of how something was made. Everything in it can be shown.

    Attributes:
        texts: of `TEXTS`, those that there are, whole.
        values: of `VALUES`, those that there are: numbers, and names on one line.
        models: names of the model files, LoRAs left out; like those, a hundred at most.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, int | float | str] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    loras: tuple[UsedLora, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.texts or self.values or self.models or self.loras)


def particulars_of(
    graph: Graph,
    definitions: Mapping[str, Any] | None = None,
    *,
    declared: Mapping[str, Sequence[str]] | None = None,
    asked: WorkflowParameters | None = None,
) -> Particulars:
    """What a graph in API format was told, whoever made it. Looks at all of a large one: call it in a thread.

    Args:
        definitions: the server's ``/object_info``, when at hand.
        declared: as for `bind`; left out where it does not fit this graph.
        asked: what was asked for, which counts before what is read.

    Returns:
        What could be read: nothing, where it is no graph or damaged.
    """
    told = {name: getattr(asked, name) for name in (*TEXTS, *VALUES)} if asked is not None else {}
    try:
        bindings = _bound(graph, definitions, declared)
        plan, view = Plan.of(bindings), GraphView(graph, definitions)
    except WorkflowError:
        return particulars(told)
    read = {name: value for name, value in plan.values.items() if name not in plan.echoes}
    told = {**read, **{name: value for name, value in told.items() if value is not None}}
    return particulars(told, tuple(_models(view, bindings)), tuple(_loras(view, bindings)))


def particulars(told: Mapping[str, Any], models: Sequence[str] = (), loras: Sequence[UsedLora] = ()) -> Particulars:
    """What was told, under the names of parameters and in whatever state, as it can be shown."""
    texts = {name: text for name in TEXTS if (text := readable_text(told.get(name)))}
    values = {name: value for name in VALUES if (value := _shown(told.get(name))) is not None}
    named = {_name(name): None for name in models}
    used = {UsedLora(_name(lora.name), _number(lora.strength)): None for lora in loras}
    return Particulars(texts, values, tuple(named)[:_MOST_NAMES], tuple(used)[:_MOST_NAMES])


def readable_text(value: object) -> str:
    """A text without what cannot be shown or sent; empty for what is no text."""
    return _UNREADABLE.sub("", value.replace("\r\n", "\n")).strip() if isinstance(value, str) else ""


def _shown(value: object) -> int | float | str | None:
    return _name(value) or None if isinstance(value, str) else _number(value)


def _name(text: str) -> str:
    return " ".join(readable_text(text).split())[:_LONGEST_NAME]


def _number(value: object) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float):
        return value if isfinite(value) else None
    return value if abs(value) < 10**_DIGITS else None


def _bound(
    graph: Graph, definitions: Mapping[str, Any] | None, declared: Mapping[str, Sequence[str]] | None
) -> Bindings:
    try:
        return bind(graph, definitions, declared=declared)
    except WorkflowError:
        if not declared:
            raise
        return bind(graph, definitions)


def _models(view: GraphView, bindings: Bindings) -> Iterator[str]:
    chained = {loader.place for loader in bindings.loras}
    for place, value in _files(view):
        if place not in chained and folder_of(view.class_of(place.node_id), place.input_name, value) != "loras":
            yield value


def _loras(view: GraphView, bindings: Bindings) -> Iterator[UsedLora]:
    """Those of the chains in their order; then those of other loaders, which may hold several in one node."""
    living = set(view.living())
    for loader in bindings.loras:
        if loader.place.node_id in living:
            yield _used(view, loader.place, loader.file)
    for place, value in _files(view):
        if folder_of(view.class_of(place.node_id), place.input_name, value) == "loras":
            yield _used(view, place, value)
    for node_id in view.living():
        for entry in view.inputs(node_id).values():
            if isinstance(entry, dict) and isinstance(entry.get("lora"), str) and entry.get("on") is not False:
                yield UsedLora(entry["lora"], _number(entry.get("strength")))


def _used(view: GraphView, place: Place, file: str) -> UsedLora:
    inputs = view.inputs(place.node_id)
    strength = next((inputs[name] for name in _STRENGTHS if name in inputs), None)
    return UsedLora(file, _number(strength))


def _files(view: GraphView) -> Iterator[tuple[Place, str]]:
    """The literals that name a model's file, in the order in which the nodes run."""
    for node_id in view.living():
        for name, value in view.inputs(node_id).items():
            if isinstance(value, str) and MODEL_FILE.search(value):
                yield Place(node_id, name), value
