"""Subgraphs: what a definition offers to the outside, and the instances that a file makes of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from core.comfyui.workflows.editor.definitions import Definitions
from core.comfyui.workflows.editor.document import PRIMITIVE, Node, Scope, read_scope
from core.comfyui.workflows.editor.groups import GROUP_PREFIXES
from core.comfyui.workflows.editor.layout import Layout, lay_out
from core.comfyui.workflows.editor.values import NOTHING, copied
from core.comfyui.workflows.editor.wiring import LinkId, Slot, settled
from core.comfyui.workflows.shape import MAX_NODES
from core.exceptions import WorkflowError

MAX_NESTING = 50
_CONTROLS = frozenset({"fixed", "increment", "decrement", "randomize", "increment-wrap"})
_UNCONTROLLED = (("STRING",), ("BOOLEAN",))
_OUTSIDE = "-1"
_Key = tuple[str, str]


class Promoted(NamedTuple):
    """The widget inside that an input of a subgraph drives: that of a node, or of a subgraph within at its `place`."""

    node: Node
    name: str
    place: int


class Blueprint:
    """A scope and how its nodes look on this server; every instance of a subgraph shares it.

    Attributes:
        subgraphs: id of a node → the blueprint that it stands for.
        promoted: for each input of the subgraph the widget that it drives, or None.
    """

    def __init__(self, scope: Scope, definitions: Definitions, subgraphs: Mapping[str, Blueprint]) -> None:
        self.scope = scope
        self.subgraphs = subgraphs
        self._definitions = definitions
        self._layouts: dict[str, Layout] = {}
        self.promoted = tuple(self._promoted(socket.links) for socket in scope.inputs)

    @cached_property
    def proxied(self) -> dict[_Key, int]:
        """What older files call its inputs: the widget that one drives, or the outside and its name."""
        pairs = [(place, target) for place, target in enumerate(self.promoted) if target is not None]
        outside = {(_OUTSIDE, self.scope.inputs[place].name): place for place, _ in pairs[::-1]}
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

    def own_value(self, key: _Key) -> Any:
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
                if place is not None and slots[place].is_widget:
                    return Promoted(node, slots[place].name, place)
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """A blueprint in use.

    Attributes:
        path: what comes before the ids of its nodes, ``"12:8:"``; nothing for the file itself.
        host: the node that stands for it in `parent`.
        given: place of an input → the value that the host has for it.
        overrides: values for widgets inside that no input leads to.
        is_off: it, or one that it lies in, is muted or bypassed.
    """

    path: str
    blueprint: Blueprint
    parent: Instance | None = None
    host: Node | None = None
    given: Mapping[int, Any] = field(default_factory=dict)
    overrides: Mapping[_Key, Any] = field(default_factory=dict)
    children: dict[str, Instance] = field(default_factory=dict)
    is_off: bool = False

    @property
    def scope(self) -> Scope:
        return self.blueprint.scope

    def layout(self, node: Node) -> Layout:
        return self.blueprint.layout(node)

    def widget_value(self, node: Node, name: str) -> Any:
        """What a widget of one of its nodes holds.

        Raises:
            LookupError: the node has no such widget.
        """
        if (node.id, name) in self.overrides:
            return self.overrides[node.id, name]
        if node.type == PRIMITIVE and isinstance(node.values, list):
            return node.values[0]
        return self.layout(node).widgets[name].value

    def input_value(self, place: int) -> Any:
        """The value of an input of this subgraph that nothing is linked to.

        Raises:
            LookupError: it leads to no widget.
        """
        at = self
        while place not in at.given:
            promoted = at.blueprint.promoted[place]
            if promoted is None:
                raise LookupError(place)
            if promoted.node.id not in at.blueprint.subgraphs:
                return at.widget_value(promoted.node, promoted.name)
            at, place = at.children[promoted.node.id], promoted.place
        return at.given[place]


class Blueprints:
    """Lays scopes out, each definition of a subgraph once.

    Args:
        definition: gives the definition behind the type of a node; None when the type is no subgraph.
    """

    def __init__(self, definitions: Definitions, definition: Callable[[str], Mapping[str, Any] | None]) -> None:
        self._definitions = definitions
        self._definition = definition
        self._known: dict[str, Blueprint | None] = {}
        self._open: list[str] = []

    def subgraph(self, kind: str) -> Blueprint | None:
        """The blueprint behind the type of a node; None when the type is no subgraph.

        Raises:
            WorkflowError: it is damaged, contains itself or is nested too deeply.
        """
        if kind in self._open:
            raise WorkflowError("A subgraph of this workflow contains itself: take it apart in ComfyUI and save again.")
        if kind not in self._known:
            raw = self._definition(kind)
            if raw is None:
                self._known[kind] = None
            elif len(self._open) >= MAX_NESTING:
                raise WorkflowError(f"The subgraphs of this workflow are nested over {MAX_NESTING} deep.")
            else:
                self._open.append(kind)
                self._known[kind] = self.lay_out(raw)
                self._open.pop()
        return self._known[kind]

    def lay_out(self, raw: Mapping[str, Any]) -> Blueprint:
        """Lay out the root of a file or the definition of a subgraph."""
        scope = read_scope(raw)
        found = {node.id: self.subgraph(node.type) for node in scope.nodes.values()}
        return Blueprint(scope, self._definitions, {node_id: inner for node_id, inner in found.items() if inner})


def expand(blueprint: Blueprint) -> tuple[Instance, ...]:
    """The file and every subgraph in it, the outer ones first.

    A subgraph that is off is gone with everything in it. One within another is not: the editor asks each node of it.

    Raises:
        WorkflowError: together they have too many nodes.
    """
    found = [Instance("", blueprint)]
    total = 0
    for at in found:
        total += len(at.scope.nodes)
        if total > MAX_NODES:
            raise WorkflowError(f"This workflow has over {MAX_NODES} nodes in its subgraphs: that is not accepted.")
        for host_id, inner in at.blueprint.subgraphs.items():
            host = at.scope.nodes[host_id]
            if at.parent is not None or not host.is_off:
                given, overrides = _host_values(host, inner, at.overrides)
                is_off = at.is_off or host.is_off
                child = Instance(f"{at.path}{host_id}:", inner, at, host, given, overrides, is_off=is_off)
                at.children[host_id] = child
                found.append(child)
    return tuple(found)


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
        slots.append(Slot(socket.name, socket.kind, found.link if found else None, promoted is not None))
    if host.type.startswith(GROUP_PREFIXES):
        return tuple(slots)
    lost = [slot.link for slot in host.inputs if slot.link is not None and id(slot) not in taken]
    for link_id in lost:
        place = scope.links[link_id].target_slot
        if 0 <= place < len(slots) and slots[place].link is None:
            slots[place] = slots[place]._replace(link=link_id)
    return tuple(settled(slots, scope.loose.get(host.id, ()), scope.links))


def _host_values(host: Node, inner: Blueprint, outer: Mapping[_Key, Any]) -> tuple[dict[int, Any], dict[_Key, Any]]:
    """The values that a subgraph's node has for its inputs, by place, and those for widgets without an input.

    Older files say what each value belongs to, but only where nothing says so do the values count by their places.
    """
    promoted = [place for place, target in enumerate(inner.promoted) if target is not None]
    values = host.values if isinstance(host.values, list) else []
    is_group = host.type.startswith(GROUP_PREFIXES)
    given = dict(_of_group(values, inner, promoted) if is_group else _by_place(values, promoted))
    overrides: dict[_Key, Any] = {}
    for number, proxy in enumerate(_proxies(host)):
        if proxy is None or (number >= len(values) and proxy in inner.proxied):
            continue
        value = values[number] if number < len(values) else inner.own_value(proxy)
        if proxy in inner.proxied:
            given[inner.proxied[proxy]] = value
        elif value is not NOTHING:
            overrides[proxy] = copied(value)
    for place in promoted:
        name = inner.scope.inputs[place].name
        if (host.id, name) in outer:
            given[place] = outer[host.id, name]
    return {place: copied(value) for place, value in given.items()}, overrides


def _by_place(values: list[Any], promoted: list[int]) -> Iterator[tuple[int, Any]]:
    """Each value with its input. Some files keep what happens to a seed after a run as a value of its own."""
    surplus = len(values) > len(promoted)
    left = deque(values)
    for place in promoted:
        if not left:
            return
        yield place, left.popleft()
        if surplus and left and isinstance(left[0], str) and left[0] in _CONTROLS:
            left.popleft()


def _of_group(values: list[Any], inner: Blueprint, promoted: list[int]) -> Iterator[tuple[int, Any]]:
    """Each value of a group node with its input; those that are missing are as new, whatever is saved inside."""
    left = deque(values)
    for place in promoted:
        target = inner.promoted[place]
        if target is None:
            continue
        widget = inner.layout(target.node).widgets.get(target.name)
        if left:
            yield place, left.popleft()
        elif widget is not None:
            yield place, widget.spec.default
        of_primitive = target.node.type == PRIMITIVE and target.node.outputs[:1] not in _UNCONTROLLED
        if left and (of_primitive or (widget is not None and widget.spec.is_controlled)):
            left.popleft()


def _proxies(host: Node) -> list[_Key | None]:
    """What the values of some older files belong to: node and widget inside, or the outside and an input's name."""
    listed = host.properties.get("proxyWidgets")
    return [_proxy(entry) for entry in listed] if isinstance(listed, list) else []


def _proxy(entry: Any) -> _Key | None:
    node_id, name, *_ = entry if isinstance(entry, list) and len(entry) > 1 else (None, None)
    return (node_id, name) if isinstance(node_id, str) and isinstance(name, str) else None
