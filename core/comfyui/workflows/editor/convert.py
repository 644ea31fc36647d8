"""The conversion: every node that is on becomes an entry of the graph, with its widgets and whatever feeds it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from core.comfyui.workflows.editor.blueprints import Blueprints
from core.comfyui.workflows.editor.definitions import SAVES_UNDER, Definitions, InputSpec, NodeClass
from core.comfyui.workflows.editor.document import NOT_SENT, Node, read_definitions
from core.comfyui.workflows.editor.groups import group_definition
from core.comfyui.workflows.editor.links import Links
from core.comfyui.workflows.editor.named import Named
from core.comfyui.workflows.editor.renumbering import new_ids
from core.comfyui.workflows.editor.subgraphs import Instance, expand
from core.comfyui.workflows.editor.text import Choose, fill_placeholders, resolve_choices
from core.comfyui.workflows.editor.values import NAN, NOTHING, copied, rounded, wrapped
from core.comfyui.workflows.editor.wiring import Slot
from core.comfyui.workflows.graph import Graph, Link
from core.exceptions import MissingNode, MissingNodesError, WorkflowError
from utils.language import phrase

_LOST = "UNKNOWN"
_ORIGIN = ("cnr_id", "aux_id", "ver")
_PACK = ("cnr_id", "aux_id")
_FILLS_IN = "Run widget replace on values"


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

        self._instances = expand(
            Blueprints(self._definitions, definition, new_ids(workflow, subgraphs)).lay_out(workflow)
        )
        self._links = Links()
        self._choose = choose
        self._now = now
        self._named = Named(self._definitions)
        self._missing: dict[str, MissingNode] = {}

    def graph(self) -> Graph:
        """The graph in API format; nodes of the file itself come first, in the order of their ids.

        Raises:
            MissingNodesError: nodes that are connected are of classes that the server lacks.
        """
        graph: Graph = {}
        for instance in self._instances:
            for node in instance.scope.nodes.values():
                if node.is_off or node.type in NOT_SENT or node.id in instance.children:
                    continue
                node_id = instance.id_of(node.id)
                if node_id in graph:
                    raise WorkflowError(
                        phrase("Two nodes of this workflow have the id {id}: save it again from ComfyUI.", id=node_id)
                    )
                graph[node_id] = self._entry(instance, node)
        if self._missing:
            raise MissingNodesError(tuple(self._missing.values()))
        whole = sorted((node_id for node_id in graph if node_id.isascii() and node_id.isdigit()), key=int)
        return {node_id: graph[node_id] for node_id in dict.fromkeys([*whole, *graph])}

    def _entry(self, instance: Instance, node: Node) -> dict[str, Any]:
        known = self._definitions.get(node.type)
        if known is None:
            return self._stranger(instance, node)
        layout = instance.layout(node)
        inputs: dict[str, Any] = {}
        for name, (spec, value) in layout.widgets.items():
            if instance.overrides:
                value = instance.overrides.get((node.id, name), value)
            if value is not NOTHING:
                inputs[name] = self._sent(known, spec, spec.shown(value))
        for slot in layout.slots:
            if slot.link is not None and (node.id, slot.name) not in instance.overrides:
                value = self._received(instance, node, known, slot)
                if value is not NOTHING:
                    inputs[slot.name] = value
        if layout.menu:
            name = known.inputs[0].name
            chosen = inputs[name] = layout.menu[0] if inputs.get(name) is None else inputs[name]
            inputs["index"] = layout.menu.index(chosen) if chosen in layout.menu else -1
            inputs.update({f"option{number}": text for number, text in enumerate(layout.menu, 1)})
        meta = {"title": node.title or known.title}
        for key in _ORIGIN:
            if isinstance(origin := node.properties.get(key), str):
                meta[key] = origin
        return {"inputs": inputs, "class_type": node.type, "_meta": meta}

    def _stranger(self, instance: Instance, node: Node) -> dict[str, Any]:
        """A node that the server does not know, written as the editor writes it; what needs it is told at the end."""
        scope = instance.scope
        alone = node.id not in scope.origins and not any(slot.link in scope.links for slot in node.inputs)
        if not instance.is_off and (not alone or len(scope.nodes) == 1):
            packs = (node.properties.get(key) for key in _PACK)
            pack = next((pack for pack in packs if isinstance(pack, str) and pack), None)
            self._missing.setdefault(node.type, MissingNode(node.type, pack, node.title or node.type))
        values = node.values if isinstance(node.values, list) else []
        inputs = {f"{_LOST}_{place}" if place else _LOST: _as_text(copied(v)) for place, v in enumerate(values)}
        return {"inputs": inputs, "_meta": {"title": node.title}}

    def _sent(self, known: NodeClass, spec: InputSpec, value: Any) -> Any:
        """The value of a widget as it goes to the server."""
        value = copied(value)
        if isinstance(value, str):
            if spec.kind == "STRING" and spec.options.get("dynamicPrompts"):
                return resolve_choices(value, self._choose)
            if known.saves and spec.name == SAVES_UNDER and "%" in value:
                return self._filled(value, self._instances[0])
        return {"__type__": "CURVE", "__value__": value} if spec.kind == "CURVE" else wrapped(value)

    def _received(self, instance: Instance, node: Node, known: NodeClass, slot: Slot) -> Any:
        """What comes over a link, in place of what a widget holds; `NOTHING` when the link leads nowhere."""
        source = self._links.source(instance, node, slot)
        if isinstance(source, Link):
            return list(source)
        if source is None or source.value is NOTHING:
            return NOTHING
        widget = instance.layout(node).widgets.get(slot.name)
        if source.primitive is None:
            return wrapped(copied(widget.spec.shown(source.value) if widget else source.value))
        if widget is None:
            return NOTHING
        value = source.value
        if isinstance(value, str) and source.primitive.properties.get(_FILLS_IN):
            value = self._filled(value, instance)
        value = rounded(value, widget.spec.kind, widget.spec.options)
        return self._sent(known, widget.spec, None if value is NAN else widget.spec.held(value))

    def _filled(self, text: str, instance: Instance) -> str:
        """A text with the values that it names of nodes on the screen of an instance, and of those within."""
        return fill_placeholders(text, lambda *names: self._named.value(instance.blueprint, *names), self._now())


def _as_text(value: Any) -> Any:
    """A value of a widget that nothing is known about: lists, objects and null are JSON there."""
    if isinstance(value, str | int | float):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
