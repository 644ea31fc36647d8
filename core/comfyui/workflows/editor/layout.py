"""What a saved node looks like to this server: its widgets with their values, and its sockets in the right order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from core.comfyui.workflows.editor.definitions import (
    ANY,
    AUTOGROW,
    DYNAMIC_COMBO,
    MATCH_TYPE,
    Definitions,
    InputSpec,
    NodeClass,
    read_inputs,
)
from core.comfyui.workflows.editor.document import Node, Slot
from core.comfyui.workflows.editor.values import copied, text_of

_MOST_GROWN = 100
_NO_FILTER = ""
"""What follows the control of a list: a filter for its choices, which hardly anybody fills in."""


class Widget(NamedTuple):
    """A widget and the value that it was saved with."""

    spec: InputSpec
    value: Any


@dataclass(frozen=True, slots=True)
class Layout:
    """A node on the screen of this server.

    Attributes:
        widgets: name → widget, in the order in which their values are saved.
        slots: sockets without a widget, those of the widgets, and whatever else is linked in the file.
        outputs: the types of its outputs.
    """

    widgets: Mapping[str, Widget]
    slots: tuple[Slot, ...]
    outputs: tuple[str, ...]


def lay_out(node: Node, definitions: Definitions) -> Layout:
    """Bring a saved node and its class together. A class that is not known leaves what the file says."""
    known = definitions.get(node.type)
    if known is None:
        return Layout({}, node.inputs, node.outputs)
    values = _Values(node, known)
    sockets, widgets = _read(known, values, node)
    saved = {slot.name: slot for slot in node.inputs}
    slots = [_merged(spec, saved.pop(spec.name, None)) for spec in (*sockets, *widgets)]
    extra = (slot for slot in saved.values() if slot.link is not None and not slot.is_widget)
    return Layout(values.found, (*slots, *extra), tuple(_outputs(known, node)))


class _Values:
    """Hands the saved values out to widgets, in the order in which these come."""

    def __init__(self, node: Node, known: NodeClass) -> None:
        self.found: dict[str, Widget] = {}
        self._by_name = node.values if isinstance(node.values, dict) else None
        self._left = deque(_without_dummies(node.values, known) if isinstance(node.values, list) else ())

    def take(self, spec: InputSpec) -> Any:
        """The value of a widget, or its default when the file has none; what controls it is left behind."""
        if self._by_name is not None:
            value = self._by_name.get(spec.name, spec.default)
        else:
            value = self._left.popleft() if self._left else spec.default
            if spec.is_controlled and self._left:
                self._left.popleft()
                if spec.kind == "COMBO" and self._left and self._left[0] == _NO_FILTER:
                    self._left.popleft()
        value = copied(value)
        if spec.kind == "STRING" and spec.options.get("multiline"):
            value = text_of(value)
        self.found[spec.name] = Widget(spec, value)
        return value


def _without_dummies(values: list[Any], known: NodeClass) -> list[Any]:
    """Values without those of inputs that are no widgets any more, which old files keep for each of them.

    A file is old when it has exactly as many values as there would be with them.
    """
    if not any(spec.forced for spec in known.inputs):
        return values
    dummies = [
        is_dummy
        for spec in known.inputs
        if spec.forced or spec.is_widget
        for is_dummy in (spec.forced, *[False] * spec.is_controlled)
    ]
    if len(dummies) != len(values):
        return values
    return [value for value, is_dummy in zip(values, dummies, strict=True) if not is_dummy]


def _read(known: NodeClass, values: _Values, node: Node) -> tuple[list[InputSpec], list[InputSpec]]:
    """The sockets of a class and its widgets, those included that a choice or a link brings along.

    Inputs that a dynamic combo brings come right after it.
    """
    sockets: list[InputSpec] = []
    widgets: list[InputSpec] = []
    late: deque[InputSpec] = deque()
    waiting = deque((spec, sockets) for spec in known.inputs)
    while waiting or late:
        spec, plain = waiting.popleft() if waiting else (late.popleft(), sockets)
        if spec.kind == AUTOGROW:
            at_once, later = _autogrow(spec, _grown(node).get(spec.name, 0))
            waiting.extendleft((inner, plain) for inner in reversed(at_once))
            late.extend(later)
        elif not spec.is_widget:
            plain.append(spec)
        else:
            widgets.append(spec)
            value = values.take(spec)
            if spec.kind == DYNAMIC_COMBO and isinstance(value, str):
                brought = read_inputs(spec.variants.get(value))
                under = [inner._replace(name=f"{spec.name}.{inner.name}") for inner in brought]
                waiting.extendleft((inner, widgets) for inner in reversed(under))
    return sockets, widgets


def _autogrow(spec: InputSpec, linked: int) -> tuple[list[InputSpec], list[InputSpec]]:
    """The inputs of a group that grows: those that are always there, and those that came with links."""
    template = spec.options.get("template")
    if not isinstance(template, dict):
        return [], []
    names, least, most = template.get("names"), template.get("min", 1), template.get("max", _MOST_GROWN)
    inner = list(read_inputs(template.get("input")))
    limit = len(names) if isinstance(names, list) else most if type(most) is int else _MOST_GROWN
    start = (least if type(least) is int else 1) + 1
    places = range(min(max(start, linked + 1), limit, _MOST_GROWN))

    def at(place: int) -> Iterator[InputSpec]:
        for one in inner:
            stem = f"{template.get('prefix') or ''}{place}" if len(inner) == 1 else f"{one.name}{place}"
            yield one._replace(name=f"{spec.name}.{names[place] if isinstance(names, list) else stem}")

    return [s for place in places[:start] for s in at(place)], [s for place in places[start:] for s in at(place)]


def _grown(node: Node) -> dict[str, int]:
    """Group → how many inputs it needs for the highest number that is linked, ``images.image3`` being the fourth."""
    most: dict[str, int] = {}
    for slot in node.inputs:
        group, dot, name = slot.name.rpartition(".")
        digits = name[len(name.rstrip("0123456789")) :]
        if dot and slot.link is not None and digits and len(digits) < 4:
            most[group] = max(most.get(group, 0), int(digits) + 1)
    return most


def _merged(spec: InputSpec, saved: Slot | None) -> Slot:
    """A socket of the class with the link of the file. A type that follows what is linked is as the editor saved it."""
    follows = spec.kind == MATCH_TYPE and saved is not None and saved.kind != ANY
    kind = saved.kind if follows and saved is not None else spec.accepts
    return Slot(spec.name, kind, saved.link if saved else None, spec.is_widget)


def _outputs(known: NodeClass, node: Node) -> Iterator[str]:
    for place, kind in enumerate(known.outputs):
        yield node.outputs[place] if kind == MATCH_TYPE and place < len(node.outputs) else kind
