"""The conversion: every node that is on becomes an entry of the graph, with its widgets and whatever feeds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from core.comfyui.workflows.editor.definitions import Definitions, NodeClass
from core.comfyui.workflows.editor.document import (
    NAME_FOR_REPLACEMENT,
    NOTES,
    PRIMITIVE,
    REROUTE,
    Node,
    Slot,
    read_definitions,
)
from core.comfyui.workflows.editor.groups import group_definition
from core.comfyui.workflows.editor.layout import Widget
from core.comfyui.workflows.editor.links import Held, Links
from core.comfyui.workflows.editor.subgraphs import Blueprints, Instance, expand
from core.comfyui.workflows.editor.text import Choose, fill_placeholders, resolve_choices
from core.comfyui.workflows.editor.values import copied, rounded, wrapped
from core.comfyui.workflows.graph import Graph, Link
from core.exceptions import WorkflowError

_NOT_SENT = NOTES | {PRIMITIVE, REROUTE}
_LOST = "UNKNOWN"
_ORIGIN = ("cnr_id", "ver")


class Conversion:
    """One file on its way to a graph.

    Args:
        workflow: the file; it is read only.
        object_info: the classes of the server.
        choose: picks one of the texts of a ``{a|b}``.
        now: gives the time for the names of files.
    """

    def __init__(
        self,
        workflow: Mapping[str, Any],
        object_info: Mapping[str, Any],
        choose: Choose,
        now: Callable[[], datetime],
    ) -> None:
        self._definitions = Definitions(object_info)
        subgraphs = read_definitions(workflow)

        def definition(kind: str) -> Mapping[str, Any] | None:
            return subgraphs.get(kind) or group_definition(kind, workflow, self._definitions)

        self._instances = expand(Blueprints(self._definitions, definition).lay_out(workflow))
        self._links = Links()
        self._choose = choose
        self._now = now
        self._by_name: dict[str, tuple[Instance, Node]] | None = None

    def graph(self) -> Graph:
        """The graph in API format; nodes of the file itself come first, in the order of their ids."""
        graph: Graph = {}
        for instance in self._instances:
            for node in instance.scope.nodes.values():
                if node.is_off or node.type in _NOT_SENT or node.id in instance.children:
                    continue
                node_id = f"{instance.path}{node.id}"
                if node_id in graph:
                    raise WorkflowError(
                        f"Two nodes of this workflow have the id {node_id}: save it again from ComfyUI."
                    )
                graph[node_id] = self._entry(instance, node)
        whole = sorted((node_id for node_id in graph if node_id.isascii() and node_id.isdigit()), key=int)
        return {node_id: graph[node_id] for node_id in dict.fromkeys([*whole, *graph])}

    def _entry(self, instance: Instance, node: Node) -> dict[str, Any]:
        known = self._definitions.get(node.type)
        if known is None:
            return self._stranger(instance, node)
        inputs = {name: self._sent(instance, node, known, widget) for name, widget in self._widgets(instance, node)}
        inputs.update(self._linked(instance, node))
        origin = {key: node.properties[key] for key in _ORIGIN if isinstance(node.properties.get(key), str)}
        return {"inputs": inputs, "class_type": node.type, "_meta": {"title": node.title or known.title, **origin}}

    def _stranger(self, instance: Instance, node: Node) -> dict[str, Any]:
        """A node that the server does not know. Connected to nothing it is written as the editor does, to no effect.

        Raises:
            WorkflowError: something depends on it.
        """
        scope = instance.scope
        if node.id in scope.origins or len(scope.nodes) == 1 or any(slot.link in scope.links for slot in node.inputs):
            pack = node.properties.get("cnr_id") or node.properties.get("aux_id")
            source = f" of the pack {pack[:80]!r}" if isinstance(pack, str) else ""
            raise WorkflowError(
                f"The ComfyUI server does not have the node {node.type[:80]!r}{source}: install it there, or take "
                f"{node.label} out of the workflow.",
                node=node.title or node.type,
            )
        values = node.values if isinstance(node.values, list) else []
        inputs = {_LOST: wrapped(copied(values[-1]))} if values else {}
        return {"inputs": inputs, "_meta": {"title": node.title}}

    def _widgets(self, instance: Instance, node: Node) -> Iterator[tuple[str, Widget]]:
        for name, widget in instance.layout(node).widgets.items():
            key = (node.id, name)
            yield name, Widget(widget.spec, instance.overrides[key]) if key in instance.overrides else widget

    def _sent(self, instance: Instance, node: Node, known: NodeClass, widget: Widget) -> Any:
        """The value of a widget as it goes to the server."""
        value = copied(widget.value)
        if isinstance(value, str):
            if widget.spec.kind == "STRING" and widget.spec.options.get("dynamicPrompts"):
                return resolve_choices(value, self._choose)
            if known.saves and widget.spec.name == "filename_prefix" and "%" in value:
                return fill_placeholders(value, self._value_named, self._now())
        return wrapped(value)

    def _linked(self, instance: Instance, node: Node) -> Iterator[tuple[str, Any]]:
        """What comes over links, in place of what the widgets hold. What leads nowhere is left out."""
        for slot in instance.layout(node).slots:
            if slot.link is None:
                continue
            source = self._links.source(instance, node, slot)
            if isinstance(source, Link):
                yield slot.name, list(source)
            elif source is not None and (slot.is_widget or not source.is_primitive):
                yield slot.name, wrapped(_received(instance, node, slot, source))

    def _value_named(self, name: str, widget: str) -> Any:
        """The value of a widget by the name of its node, for the names of files.

        Raises:
            LookupError: there is none of these names.
        """
        if self._by_name is None:
            self._by_name = dict(self._names())
        instance, node = self._by_name[name]
        slots = instance.layout(node).slots
        slot = next((slot for slot in slots if slot.name == widget and slot.link is not None), None)
        source = self._links.source(instance, node, slot) if slot else None
        if slot is not None and isinstance(source, Held):
            return _received(instance, node, slot, source)
        child = instance.children.get(node.id)
        if child is None:
            return instance.widget_value(node, widget)
        places = [place for place, socket in enumerate(child.scope.inputs) if socket.name == widget]
        return child.input_value(places[0])

    def _names(self) -> Iterator[tuple[str, tuple[Instance, Node]]]:
        """Nodes by what they are called, the ones that count most last: the property for it comes before the title."""
        nodes = [(at, node) for at in self._instances for node in at.scope.nodes.values()][::-1]
        for at, node in nodes:
            known = self._definitions.get(node.type)
            yield node.title or (known.title if known else node.type), (at, node)
        for at, node in nodes:
            known = self._definitions.get(node.type)
            name = node.properties.get(NAME_FOR_REPLACEMENT, node.type if known and not known.saves else None)
            if isinstance(name, str):
                yield name, (at, node)


def _received(instance: Instance, node: Node, slot: Slot, source: Held) -> Any:
    """A value that is put into a widget from outside."""
    widget = instance.layout(node).widgets.get(slot.name)
    value = copied(source.value)
    return rounded(value, widget.spec.kind, widget.spec.options) if source.is_primitive and widget else value
