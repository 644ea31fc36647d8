"""What the parameters of one graph may be: from the definitions of its nodes, within the public ranges.

The server refuses what is outside of a node's own range. The public range keeps a request sensible: a node takes
16,384 px and 10,000 steps. What is saved in the graph is always allowed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.comfyui.workflows.bindings import Bindings
from core.comfyui.workflows.graph import Graph, Place
from core.comfyui.workflows.shape import is_link
from core.comfyui.workflows.specifications import options, specification
from core.comfyui.workflows.strategies import UPDATERS
from core.validators.limits import DEFAULT_LIMITS, Limits, Range

_MOST_STEPS_AWAY = 4
_COUNTED = ("duration", "fps")


@dataclass(frozen=True, slots=True)
class _Bounds:
    """What the definitions say of one parameter: None, or no choices, where they say nothing."""

    min: float | None = None
    max: float | None = None
    step: float | None = None
    choices: tuple[Any, ...] = ()

    def with_(self, other: _Bounds) -> _Bounds:
        """What satisfies both."""
        both = [value for value in self.choices if value in other.choices]
        return _Bounds(
            max((v for v in (self.min, other.min) if v is not None), default=None),
            min((v for v in (self.max, other.max) if v is not None), default=None),
            max((v for v in (self.step, other.step) if v is not None), default=None),
            tuple(both) if self.choices and other.choices else self.choices or other.choices,
        )


def limits_of(graph: Graph, bindings: Bindings, definitions: Mapping[str, Any] | None) -> Limits:
    """Parameter → range for one graph."""
    ranges = {**DEFAULT_LIMITS, **_of_counted_frames(bindings)}
    consumers = _consumers(graph) if definitions else {}
    for updater in UPDATERS:
        name, role = updater.parameter, updater.drives(bindings)
        if name not in ranges or role not in bindings.roles:
            continue
        found = _Bounds()
        for place in bindings.places(role) if definitions else ():
            for bounds in _bounds(graph, consumers, definitions or {}, place):
                found = found.with_(bounds)
        ranges[name] = _fitted(ranges[name], found, updater.saved(bindings))
    return Limits(ranges)


def _of_counted_frames(bindings: Bindings) -> dict[str, Range]:
    """Duration and rate of a film whose frames are counted from both: no more frames than the public range has."""
    film = any(media == "video" for _, media in bindings.outputs) and "length" not in bindings.roles
    saved = {role: bindings.roles[role].saved for role in _COUNTED if film and role in bindings.roles}
    if len(saved) < len(_COUNTED) or not all(_number(value) and value > 0 for value in saved.values()):
        return {}
    most = DEFAULT_LIMITS["length"].max
    return {
        name: replace(DEFAULT_LIMITS[name], max=min(DEFAULT_LIMITS[name].max, math.floor(most / saved[other])))
        for name, other in (_COUNTED, _COUNTED[::-1])
    }


def _fitted(public: Range, found: _Bounds, saved: Any) -> Range:
    """The public range where the definitions allow it, and what is saved in any case."""
    if public.kind is str:
        texts = tuple(value for value in found.choices if isinstance(value, str))
        return replace(public, choices=texts) if texts else public
    made = public
    if found.choices and all(isinstance(v, int | float) and not isinstance(v, bool) for v in found.choices):
        made = replace(made, choices=found.choices)
    number = int if public.kind is int else float
    low = max(public.min, number(found.min) if found.min is not None else public.min)
    high = min(public.max, number(found.max) if found.max is not None else public.max)
    made = replace(made, min=low, max=high) if low <= high else made
    if public.kind is int and found.step is not None:
        step = int(found.step) if found.step > 1 else None
        made = replace(made, step=step, base=int(found.min or 0) % step if step else 0)
    if isinstance(saved, int | float) and not isinstance(saved, bool):
        made = _holding(made, saved)
    return made


def _holding(found: Range, saved: float) -> Range:
    """A range that the saved value lies in."""
    wide = replace(found, min=min(found.min, found.kind(saved)), max=max(found.max, found.kind(saved)))
    if wide.step and (saved - wide.base) % wide.step:
        return replace(wide, step=None, base=0)
    return wide


def _bounds(
    graph: Graph, consumers: Mapping[str, list[tuple[str, str]]], definitions: Mapping[str, Any], place: Place
) -> Iterator[_Bounds]:
    """What bounds a literal: its own input, and the inputs it goes on to when its node does nothing but hold it."""
    kind = _kind(specification(definitions, graph[place.node_id]["class_type"], place.input_name))
    holders = {place.node_id}
    yield from _of(definitions, graph, [place])
    for _ in range(_MOST_STEPS_AWAY):
        fed = [
            (node_id, name)
            for holder in holders
            if len(graph[holder]["inputs"]) == 1
            for node_id, name in consumers.get(holder, ())
        ]
        same = [
            Place(*at) for at in fed if _kind(specification(definitions, graph[at[0]]["class_type"], at[1])) == kind
        ]
        yield from _of(definitions, graph, same)
        holders = {node_id for node_id, _ in fed}


def _of(definitions: Mapping[str, Any], graph: Graph, places: Iterable[Place]) -> Iterator[_Bounds]:
    for node_id, name in places:
        spec = specification(definitions, graph[node_id]["class_type"], name)
        listed = options(spec)
        if listed is not None:
            yield _Bounds(choices=tuple(listed))
        elif spec and len(spec) > 1 and isinstance(spec[1], Mapping):
            low, high, step = (_number(spec[1].get(key)) for key in ("min", "max", "step"))
            yield _Bounds(low, high, step)


def _number(value: Any) -> float | None:
    sound = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return value if sound else None


def _kind(spec: Any) -> str | None:
    """INT, FLOAT, COMBO …; both shapes of a list are one kind."""
    if not spec:
        return None
    return "COMBO" if options(spec) is not None else str(spec[0])


def _consumers(graph: Graph) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for node_id, node in graph.items():
        for name, value in node["inputs"].items():
            if is_link(value):
                found.setdefault(value[0], []).append((node_id, name))
    return found
