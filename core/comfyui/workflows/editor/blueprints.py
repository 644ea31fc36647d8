"""Definitions of subgraphs, laid out: how their nodes look on this server, and what they offer to the outside."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

from core.comfyui.workflows.editor.definitions import Definitions
from core.comfyui.workflows.editor.document import GROUP_PREFIXES, PRIMITIVE, Node, Scope, read_scope
from core.comfyui.workflows.editor.layout import Layout, lay_out
from core.comfyui.workflows.editor.values import NOTHING
from core.comfyui.workflows.editor.wiring import LinkId, Slot, settled
from core.exceptions import WorkflowError
from utils.language import phrase

MAX_NESTING = 50
OUTSIDE = "-1"
"""What older files call the outside of a subgraph, where they name one of its inputs."""
WidgetKey: TypeAlias = tuple[str, str]
"""The id of a node and the name of a widget."""


class Promoted(NamedTuple):
    """The widget inside that an input of a subgraph drives: that of a node, or of a subgraph within at its `place`."""

    node: Node
    name: str
    place: int


class Blueprint:
    """A scope and how its nodes look on this server; every instance of a subgraph shares it.

    Attributes:
        subgraphs: id of a node → the blueprint that it stands for.
        new_ids: ids of its nodes that were taken, with those that they have in the graph.
        promoted: for each input of the subgraph the widget that it drives, or None.
    """

    def __init__(
        self,
        scope: Scope,
        definitions: Definitions,
        subgraphs: Mapping[str, Blueprint],
        new_ids: Mapping[str, str],
    ) -> None:
        self.scope = scope
        self.subgraphs = subgraphs
        self.new_ids = new_ids
        self._definitions = definitions
        self._layouts: dict[str, Layout] = {}
        self.promoted = tuple(self._promoted(socket.links) for socket in scope.inputs)

    @cached_property
    def proxied(self) -> dict[WidgetKey, int]:
        """What older files call its inputs: the widget that one drives, or the outside and its name."""
        pairs = [(place, target) for place, target in enumerate(self.promoted) if target is not None]
        outside = {(OUTSIDE, self.scope.inputs[place].name): place for place, _ in pairs[::-1]}
        return outside | {(target.node.id, target.name): place for place, target in pairs[::-1]}

    def layout(self, node: Node) -> Layout:
        """The widgets and sockets of one of its nodes, made when they are first asked for."""
        if node.id not in self._layouts:
            inner = self.subgraphs.get(node.id)
            if inner is None:
                self._layouts[node.id] = lay_out(node, self.scope, self._definitions)
            else:
                outputs = tuple(socket.kind for socket in inner.scope.outputs)
                self._layouts[node.id] = Layout({}, _host_slots(node, self.scope, inner), outputs)
        return self._layouts[node.id]

    def own_value(self, key: WidgetKey) -> Any:
        """What a widget of one of its nodes was saved with; `NOTHING` when there is no such widget."""
        node = self.scope.nodes.get(key[0])
        widget = self.layout(node).widgets.get(key[1]) if node is not None else None
        return widget.value if widget is not None else NOTHING

    def _promoted(self, links: Iterable[LinkId]) -> Promoted | None:
        """The first widget that the links of an input reach."""
        for link_id in links:
            link = self.scope.links.get(link_id)
            node = self.scope.nodes.get(link.target) if link else None
            if node is not None:
                slots = self.layout(node).slots
                place = next((place for place, slot in enumerate(slots) if slot.link == link_id), None)
                if place is not None and slots[place].widget:
                    return Promoted(node, slots[place].widget, place)
        return None


class Blueprints:
    """Lays scopes out, each definition of a subgraph once.

    Args:
        definition: gives the definition behind the type of a node; None when the type is no subgraph.
        new_ids: for each definition the ids that were taken.
    """

    def __init__(
        self,
        definitions: Definitions,
        definition: Callable[[str], Mapping[str, Any] | None],
        new_ids: Mapping[str, Mapping[str, str]],
    ) -> None:
        self._definitions = definitions
        self._definition = definition
        self._new_ids = new_ids
        self._known: dict[str, Blueprint | None] = {}
        self._open: list[str] = []

    def subgraph(self, kind: str) -> Blueprint | None:
        """The blueprint behind the type of a node; None when the type is no subgraph.

        Raises:
            WorkflowError: it is damaged, contains itself or is nested too deeply.
        """
        if kind in self._open:
            raise WorkflowError(
                phrase("A subgraph of this workflow contains itself: take it apart in ComfyUI and save again.")
            )
        if kind not in self._known:
            raw = self._definition(kind)
            if raw is None:
                self._known[kind] = None
            elif len(self._open) >= MAX_NESTING:
                raise WorkflowError(
                    phrase("The subgraphs of this workflow are nested over {most} deep.", most=MAX_NESTING)
                )
            else:
                self._open.append(kind)
                self._known[kind] = self.lay_out(raw, self._new_ids.get(kind, {}))
                self._open.pop()
        return self._known[kind]

    def lay_out(self, raw: Mapping[str, Any], new_ids: Mapping[str, str] | None = None) -> Blueprint:
        """Lay out the root of a file or the definition of a subgraph. Group nodes are always on: the editor turns them
        into subgraphs when it reads a file, and forgets that they were off.
        """
        scope = read_scope(raw)
        kinds = ((node.id, self.subgraph(node.type)) for node in scope.nodes.values())
        subgraphs = {node_id: inner for node_id, inner in kinds if inner is not None}
        groups = [node for node_id in subgraphs if (node := scope.nodes[node_id]).type.startswith(GROUP_PREFIXES)]
        if groups:
            on = {node.id: node._replace(mode=None) for node in groups}
            scope = replace(scope, nodes={**scope.nodes, **on})
        return Blueprint(scope, self._definitions, subgraphs, new_ids or {})


def _host_slots(host: Node, scope: Scope, subgraph: Blueprint) -> tuple[Slot, ...]:
    """The sockets of a subgraph's node in the order of the definition, found in the file by name and type.

    What the definition does not know any more is fed where its link says, if nothing else is; a group node shows its
    sockets in another order than its definition, so that such links mean nothing.
    """
    saved: dict[tuple[str, str | None], deque[Slot]] = {}
    for slot in host.inputs:
        saved.setdefault((slot.name, slot.kind), deque()).append(slot)
        saved.setdefault((slot.name, None), deque()).append(slot)
    taken: set[int] = set()
    slots = []
    for socket, promoted in zip(subgraph.scope.inputs, subgraph.promoted, strict=True):
        candidates = (*saved.get((socket.name, socket.kind), ()), *saved.get((socket.name, None), ()))
        found = next((slot for slot in candidates if id(slot) not in taken), None)
        if found is not None:
            taken.add(id(found))
        slots.append(Slot(socket.name, socket.kind, found.link if found else None, socket.name if promoted else ""))
    if host.type.startswith(GROUP_PREFIXES):
        return tuple(_without_primitives(slots, scope))
    lost = [slot.link for slot in host.inputs if slot.link is not None and id(slot) not in taken]
    for link_id in lost:
        place = scope.links[link_id].target_slot
        if 0 <= place < len(slots) and slots[place].link is None:
            slots[place] = slots[place]._replace(link=link_id)
    return tuple(settled(slots, scope.loose.get(host.id, ()), scope.links))


def _without_primitives(slots: Iterable[Slot], scope: Scope) -> Iterator[Slot]:
    """The sockets of a group node, whose own values are those that PrimitiveNodes had put there."""
    for slot in slots:
        origin = scope.nodes.get(scope.links[slot.link].origin) if slot.link is not None else None
        yield slot._replace(link=None) if origin is not None and origin.type == PRIMITIVE else slot
