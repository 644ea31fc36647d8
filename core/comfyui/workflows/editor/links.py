"""Where an input gets its value: past reroutes, bypassed nodes and borders of subgraphs, to an output or a value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from core.comfyui.workflows.editor.definitions import ANY
from core.comfyui.workflows.editor.document import BYPASSED, MUTED, NOT_SENT, NOTES, PRIMITIVE, REROUTE, Node
from core.comfyui.workflows.editor.primitives import Primitives
from core.comfyui.workflows.editor.subgraphs import Instance
from core.comfyui.workflows.editor.wiring import Slot
from core.comfyui.workflows.graph import Link
from core.exceptions import WorkflowError
from utils.language import phrase


class Held(NamedTuple):
    """A value instead of an output.

    Attributes:
        primitive: the PrimitiveNode that has it; None for a widget on a subgraph's node.
    """

    value: Any
    primitive: Node | None = None


Source = Link | Held | None


class _At(NamedTuple):
    """An input on the way: its node and socket, and the type that the input at the end wants."""

    instance: Instance
    node: Node
    slot: Slot
    kind: str


class Links:
    """Follows links. What is found is kept, so that long chains cost nothing the second time."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str, str], Source] = {}
        self._primitives = Primitives()

    def source(self, instance: Instance, node: Node, slot: Slot) -> Source:
        """What feeds an input; None when nothing does, or when that is muted or missing.

        Raises:
            WorkflowError: the way runs in a circle.
        """
        link = instance.scope.links.get(slot.link) if slot.link is not None else None
        origin = instance.scope.nodes.get(link.origin) if link is not None else None
        if link is not None and origin is not None:
            if origin.type == PRIMITIVE:
                return self._held(instance, origin)
            if origin.type not in NOT_SENT and not origin.is_off and origin.id not in instance.children:
                return Link(instance.id_of(origin.id), link.origin_slot)
        at = _step(_At(instance, node, slot, slot.kind))
        passed: dict[tuple[str, str, str, str], None] = {}
        while isinstance(at, _At):
            key = (at.instance.path, at.node.id, at.slot.name, at.kind)
            if key in passed:
                raise WorkflowError(
                    phrase("The links at {node} run in a circle.", node=at.node.label),
                    node=at.node.title or at.node.type,
                )
            if key in self._found:
                at = self._found[key]
                break
            passed[key] = None
            at = _step(at)
        self._found.update(dict.fromkeys(passed, at))
        return at

    def _held(self, instance: Instance, node: Node) -> Held | None:
        if (node.id, "value") in instance.overrides:
            return Held(instance.overrides[node.id, "value"])
        if node.inputs and node.inputs[0].link is not None:
            return None  # only in a group node, whose value for it the editor does not pass on
        try:
            return Held(self._primitives.value(instance, node), node)
        except LookupError:
            return None


def _step(at: _At) -> Source | _At:
    """One link upstream."""
    scope = at.instance.scope
    link = scope.links.get(at.slot.link) if at.slot.link is not None else None
    if link is None:
        return None
    if link.origin == scope.input_node:
        return _outside(at.instance, link.origin_slot)
    return _output(at.instance, link.origin, link.origin_slot, at.kind)


def _outside(instance: Instance, place: int) -> Source | _At:
    """What the node of a subgraph has at one of its inputs."""
    parent, host = instance.parent, instance.host
    if parent is None or host is None or not 0 <= place < len(instance.scope.inputs):
        return None
    slot = parent.layout(host).slots[place]
    if slot.link in parent.scope.links:
        return _At(parent, host, slot, slot.kind)
    try:
        return Held(instance.input_value(place))
    except LookupError:
        return None


def _output(instance: Instance, origin: str, place: int, kind: str) -> Source | _At:
    """What comes out of an output."""
    while True:
        node = instance.scope.nodes.get(origin)
        if node is None or node.type in NOTES or node.type == PRIMITIVE or node.mode == MUTED:
            return None
        if node.mode == BYPASSED:
            layout = instance.layout(node)
            through = _bypass(layout.slots, layout.outputs, place, kind)
            return _At(instance, node, through, through.kind) if through else None
        if node.type == REROUTE:
            slots = instance.layout(node).slots
            return _At(instance, node, slots[0], kind) if slots else None
        inner = instance.children.get(node.id)
        if inner is None:
            return Link(instance.id_of(node.id), place)
        sockets = inner.scope.outputs
        links = sockets[place].links if 0 <= place < len(sockets) else ()
        link = next((inner.scope.links[link] for link in links if link in inner.scope.links), None)
        if link is None:
            return None
        if link.origin == inner.scope.input_node:
            slots = instance.layout(node).slots
            return _At(instance, node, slots[link.origin_slot], kind) if 0 <= link.origin_slot < len(slots) else None
        instance, origin, place = inner, link.origin, link.origin_slot


def _bypass(slots: Sequence[Slot], outputs: Sequence[str], place: int, wanted: str) -> Slot | None:
    """The input that a bypassed node passes on through an output.

    That is the input beside it when its type suits both sides, else the first of exactly the wanted type, linked or
    not, else the first that suits both.
    """
    if not slots or not 0 <= place < len(outputs):
        return None
    beside = slots[place] if place < len(slots) else None
    if wanted in (ANY, ""):
        return beside or slots[0]
    made = outputs[place]
    if beside is not None and suits(beside.kind, made) and suits(beside.kind, wanted):
        return beside
    exact = next((slot for slot in slots if slot.kind == wanted), None)
    return exact or next((slot for slot in slots if suits(slot.kind, made) and suits(slot.kind, wanted)), None)


def suits(one: str, other: str) -> bool:
    """Whether two types may be linked: any of one list with any of the other, ``*`` with all."""
    if one == other or one in (ANY, "") or other in (ANY, ""):
        return True
    ours, theirs = one.lower().split(","), other.lower().split(",")
    return any(kind in theirs for kind in ours) or ANY in ours or ANY in theirs
