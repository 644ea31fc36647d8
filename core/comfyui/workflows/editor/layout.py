"""What a saved node looks like to this server: its widgets with their values, and its sockets in the right order."""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
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
from core.comfyui.workflows.editor.document import Node, Scope
from core.comfyui.workflows.editor.wiring import Slot, settled

_MOST_GROWN = 100
_NO_FILTER = ""
"""What follows the control of a list: a filter for its choices, which hardly anybody fills in."""
_BUTTONS_BEFORE = frozenset({"LOAD_3D", "LOAD_3D_ANIMATION"})
_BUTTONS = frozenset({"upload3dmodel", "uploadExtraResources", "clear"})


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
        menu: the choices of a list that somebody made up for this node alone.
    """

    widgets: Mapping[str, Widget]
    slots: Sequence[Slot]
    outputs: tuple[str, ...]
    menu: tuple[str, ...] = ()


def lay_out(node: Node, scope: Scope, definitions: Definitions) -> Layout:
    """Bring a saved node and its class together. A class that is not known leaves what the file says."""
    known = definitions.get(node.type)
    loose = scope.loose.get(node.id, ())
    if known is None:
        return Layout({}, settled(node.inputs, loose, scope.links), node.outputs)
    values = _Values(node, known)
    slots = _fixed(known, values, node) if known.is_fixed else _changing(known, values, node)
    if loose:
        slots = settled(slots, loose, scope.links)
    return Layout(values.found, slots, _outputs(known, node), _menu(known, node))


class _Values:
    """Hands the saved values out to widgets, in the order in which these come."""

    def __init__(self, node: Node, known: NodeClass) -> None:
        self.found: dict[str, Widget] = {}
        self._by_name = node.values if isinstance(node.values, dict) else None
        self._saved = _without_dummies(node.values, known) if isinstance(node.values, list) else []
        self._at = 0

    def take(self, spec: InputSpec) -> Any:
        """The value of a widget, or its default when the file has none; what controls it is left behind."""
        saved, at = self._saved, self._at
        if self._by_name is not None:
            value = self._by_name.get(spec.name, spec.default)
        else:
            if spec.kind in _BUTTONS_BEFORE:
                while at < len(saved) and isinstance(saved[at], str) and saved[at] in _BUTTONS:
                    at += 1
            value = saved[at] if at < len(saved) else spec.default
            at += 1
            if spec.is_controlled:
                at += 1
                at += spec.kind == "COMBO" and at < len(saved) and saved[at] == _NO_FILTER
            self._at = at
        if spec.kind == DYNAMIC_COMBO and value is None:
            value = spec.default
        if spec.kind == "STRING" and not isinstance(value, str):
            value = spec.held(value)
        self.found[spec.name] = Widget(spec, value)
        return value


def _without_dummies(values: list[Any], known: NodeClass) -> list[Any]:
    """Values without those of inputs that are no widgets any more, which old files keep for each of them.

    A file is old when it has exactly as many values as there would be with them.
    """
    if not known.has_forced:
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


def _fixed(known: NodeClass, values: _Values, node: Node) -> list[Slot]:
    """The sockets of a class whose inputs are always the same, with the links of the file."""
    for spec in known.widgets:
        values.take(spec)
    slots, unknown = list(known.slots), []
    for saved in node.inputs:
        place = known.places.get(saved.name)
        if place is None:
            unknown.append(saved)
        elif saved.link is not None:
            name, kind, _, widget = slots[place]
            slots[place] = Slot(name, kind, saved.link, widget)
    return [*slots, *_kept(unknown, known.places)] if unknown else slots


def _changing(known: NodeClass, values: _Values, node: Node) -> list[Slot]:
    """The sockets of a class whose inputs depend on values and links, with the links of the file."""
    saved = {slot.name: slot for slot in node.inputs}
    slots = [_merged(spec, saved.pop(spec.name, None)) for spec in _read(known, values, node)]
    groups = tuple([f"{name}." for name, widget in values.found.items() if widget.spec.kind == DYNAMIC_COMBO])
    return [*slots, *_kept([slot for slot in saved.values() if not slot.name.startswith(groups)], known.places)]


def _read(known: NodeClass, values: _Values, node: Node) -> list[InputSpec]:
    """The inputs of a class, those included that a choice or a link brings along; those with widgets come last.

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
    return sockets + widgets


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
    if saved is None:
        return spec.slot(spec.accepts, None)
    follows = spec.kind == MATCH_TYPE and saved.kind not in (ANY, MATCH_TYPE)
    return spec.slot(saved.kind if follows else spec.accepts, saved.link)


def _kept(saved: list[Slot], names: Container[str]) -> Iterator[Slot]:
    """Sockets of the file that the class does not have, which has inputs of these names.

    The editor takes those of widgets away that are none of its inputs, and does so while it counts them, so that it
    passes over whatever follows one.
    """
    place = 0
    while place < len(saved):
        if saved[place].widget and saved[place].widget not in names:
            place += 1
            if place == len(saved):
                return
        yield saved[place]
        place += 1


def _outputs(known: NodeClass, node: Node) -> tuple[str, ...]:
    """The outputs of the class, and those of the file beyond them."""
    more = node.outputs[len(known.outputs) :]
    if MATCH_TYPE not in known.outputs:
        return known.outputs + more
    made = zip_longest(known.outputs, node.outputs[: len(known.outputs)], fillvalue=ANY)
    return (*(kind if kind != MATCH_TYPE else ANY if saved == MATCH_TYPE else saved for kind, saved in made), *more)


def _menu(known: NodeClass, node: Node) -> tuple[str, ...]:
    """The choices saved with a node whose only input is a list without any, after the choice and its number.

    An empty one is always the last, where the next may be written.
    """
    values = node.values
    if len(known.inputs) != 1 or known.inputs[0].kind != "COMBO" or known.inputs[0].choices:
        return ()
    if not isinstance(values, list) or len(values) < 3 or type(values[1]) is not int:
        return ()
    texts = [text for text in values[2:] if isinstance(text, str)]
    return tuple(texts if texts[-1:] == [""] else [*texts, ""])
