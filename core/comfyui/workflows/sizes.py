"""Width, height, batch, length and frame rate: the node behind what is sampled, and what has to follow it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from core.comfyui.workflows.controls import CONTROLLED, control
from core.comfyui.workflows.graph import GraphView, Link, Place
from core.comfyui.workflows.reasons import control_of, input_of, size_of
from core.comfyui.workflows.samplers import Stage

Found: TypeAlias = dict[str, dict[Place, str]]
"""Role → its places with the reason, each once, in the order in which they were found."""

_Named: TypeAlias = Callable[[Mapping[str, Any]], list[str]]
"""Which of a node's inputs hold a measure."""

_WIDTH = re.compile(r"^(?:.+\.|target_|empty_latent_|custom_|video_|image_|output_)?width(?:_override)?$")
_PRESET = re.compile(r"preset|aspect_ratio|dimensions")
_RATIO = re.compile(r"^\d+ ?[x×] ?\d+\b")
_LENGTHS = ("length", "num_frames", "video_frames", "frames", "frames_number")
_RATES = ("fps", "frame_rate")
_SECONDS = ("seconds", "seconds_total")


def size_places(view: GraphView, stages: Iterable[Stage]) -> Found:
    """The places of width, height, batch_size, length and duration of what the stages sample.

    What is sampled is followed upstream to the first node with a size: the sampler itself may be it. Where that is
    computed from a picture, the picture is followed to the node that gives it its size; where it is computed from a
    number that is called like it, that number counts. Frames may be counted from a duration. A latent that comes from
    another sampler has its size from there: a second pass keeps its own. Its length is its own where it is the first to
    have one: a picture that is then set in motion.
    """
    stages = tuple(stages)
    samplers = {stage.sampler for stage in stages}
    found: Found = {}

    def add(role: str, node_id: str, name: str, sampler: str, names_in: _Named | None = None) -> bool:
        inputs = list(_measures(view, node_id, name, samplers, names_in))
        end = "which samples" if node_id == sampler else f"which {view.named(sampler)} starts from"
        known = found.setdefault(role, {})
        if place := next((place for at in inputs if (place := view.number(*at))), None):
            known.setdefault(place, f"{size_of(view, place, node_id, name)}, {end}")
            return True
        for at in inputs if role in CONTROLLED else ():
            if place := control(view, *at, role):
                known.setdefault(place, f"{control_of(view, place, *at)}, {end}")
                return True
        return False

    def add_length(node_id: str, sampler: str) -> None:
        for name in _lengths(view.inputs(node_id)):
            if not add("length", node_id, name, sampler, _lengths):
                add("duration", node_id, name, sampler, _lengths)

    for stage in stages:
        for node_id in (stage.sampler, *_latents(view, stage.latent, samplers)):
            inputs = view.inputs(node_id)
            batch = "amount" if "Repeat" in view.class_of(node_id) else "batch_size"
            if batch in inputs:
                add("batch_size", node_id, batch, stage.sampler)
            add_length(node_id, stage.sampler)
            for name in _SECONDS:
                if name in inputs:
                    add("duration", node_id, name, stage.sampler)
            for width, height in [] if _is_preset(inputs) else _sizes(inputs)[:1]:
                add("width", node_id, width, stage.sampler, _widths)
                add("height", node_id, height, stage.sampler, _heights)
    for stage in stages:
        node_id = stage.latent.node_id if stage.latent and not found.get("length") else stage.sampler
        if node_id not in samplers:
            add_length(node_id, stage.sampler)
    return {role: places for role, places in found.items() if places}


def mirrors(view: GraphView, found: Found) -> Found:
    """Places elsewhere that held the same value for the same thing, and so follow it.

    A size follows only as a pair: a node whose width and height are both those of the picture.
    """
    more: Found = {}
    leading = {role: _number(view, next(iter(places))) for role, places in found.items() if places}
    size = (leading.get("width"), leading.get("height"))
    for node_id in view.living():
        inputs = view.inputs(node_id)
        for names in _sizes(inputs):
            asked = zip(names, ("width", "height"), strict=True)
            pair = [view.number(node_id, name) or control(view, node_id, name, role) for name, role in asked]
            if None not in size and tuple(_number(view, place) for place in pair) == size:
                _follow(view, more, found, "width", pair[0])
                _follow(view, more, found, "height", pair[1])
        for role, alike in (("length", _LENGTHS), ("fps", _RATES), ("duration", (*_SECONDS, "duration"))):
            for name in alike:
                place = view.number(node_id, name) if name in inputs and role in leading else None
                if place and _number(view, place) == leading[role]:
                    _follow(view, more, found, role, place)
    return more


def frame_rates(view: GraphView, outputs: Iterable[str]) -> dict[Place, str]:
    """The frame rate of the videos that come out: of the output node, or of what makes the video for it."""
    found: dict[Place, str] = {}
    for output in outputs:
        for node_id in (output, *(link.node_id for _, link in view.sources(output, "VIDEO"))):
            for name in _RATES:
                place = view.number(node_id, name)
                said = control_of if place is None else input_of
                if place := place or control(view, node_id, name, "fps"):
                    found.setdefault(place, f"{said(view, place, node_id, name)}, which makes the video")
    return found


def _latents(view: GraphView, start: Link | None, samplers: Collection[str]) -> Iterator[str]:
    """The nodes that a latent comes from, up to those that say its size; nothing behind another sampler."""

    def onward(link: Link) -> list[Link]:
        if link.node_id in samplers or _sizes(view.inputs(link.node_id)):
            return []
        latents = [made for _, made in view.sources(link.node_id, "LATENT")]
        return latents or [made for _, made in view.sources(link.node_id, "IMAGE", "VIDEO")]

    for link in view.upstream([start] if start else [], onward):
        resizes = bool(_sizes(view.inputs(link.node_id)))
        if link.node_id not in samplers and not (resizes and _comes_from(view, link.node_id, samplers)):
            yield link.node_id


def _comes_from(view: GraphView, node_id: str, samplers: Collection[str]) -> bool:
    def onward(link: Link) -> list[Link]:
        return [made for _, made in view.sources(link.node_id, "LATENT", "IMAGE")]

    return any(link.node_id in samplers for link in view.upstream(onward(Link(node_id, 0)), onward))


def _measures(
    view: GraphView, node_id: str, name: str, samplers: Collection[str], names_in: _Named | None
) -> Iterator[tuple[str, str]]:
    """A measure and, where it is computed, those of the pictures that it is measured on, nearest first."""
    yield node_id, name
    start = view.origin(node_id, name)
    if names_in is None or view.number(node_id, name) or not isinstance(start, Link):
        return

    def onward(link: Link) -> list[Link]:
        if link.node_id in samplers:
            return []
        for measured in names_in(view.inputs(link.node_id)):
            computed = view.origin(link.node_id, measured)
            return [computed] if isinstance(computed, Link) else []
        return [made for _, made in view.sources(link.node_id, "IMAGE", "LATENT")]

    for link in view.upstream([start], onward):
        for measured in names_in(view.inputs(link.node_id)):
            yield link.node_id, measured


def _sizes(inputs: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The pairs of width and height among a node's inputs; a pair of zeros is one that is not used."""
    pairs = [(name, height) for name in inputs if (height := _height_beside(name))]
    return [(width, height) for width, height in pairs if height in inputs and (inputs[width] or inputs[height])]


@lru_cache(maxsize=4096)
def _height_beside(name: str) -> str | None:
    """The input that a height has where `name` is a width."""
    return name.replace("width", "height") if _WIDTH.match(name) else None


def _is_preset(inputs: Mapping[str, Any]) -> bool:
    """Whether a node has its size from a list, where its width and height act only as custom ones."""
    chosen = [v for name, v in inputs.items() if isinstance(v, str) and (_PRESET.search(name) or _RATIO.search(v))]
    return any("custom" not in value.lower() for value in chosen)


def _widths(inputs: Mapping[str, Any]) -> list[str]:
    return [width for width, _ in _sizes(inputs)][:1]


def _heights(inputs: Mapping[str, Any]) -> list[str]:
    return [height for _, height in _sizes(inputs)][:1]


def _lengths(inputs: Mapping[str, Any]) -> list[str]:
    return [name for name in _LENGTHS if name in inputs]


def _number(view: GraphView, place: Place | None) -> int | float | None:
    value = view.value(place) if place else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _follow(view: GraphView, more: Found, found: Found, role: str, place: Place | None) -> None:
    if place and place not in found[role]:
        first = next(iter(found[role]))
        follows = f"holds the same {view.value(place)} as {first.input_name} of {view.named(first.node_id)}"
        more.setdefault(role, {})[place] = f"{place.input_name} of {view.named(place.node_id)}, which {follows}"
