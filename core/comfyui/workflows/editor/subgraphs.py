"""Subgraphs in use: the instances that a file makes of definitions, each with values of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.comfyui.workflows.editor.blueprints import Blueprint, WidgetKey
from core.comfyui.workflows.editor.document import GROUP_PREFIXES, PRIMITIVE, Node, Scope
from core.comfyui.workflows.editor.layout import Layout
from core.comfyui.workflows.editor.values import NOTHING, copied
from core.comfyui.workflows.shape import MAX_NODES
from core.exceptions import WorkflowError

_CONTROLS = frozenset({"fixed", "increment", "decrement", "randomize", "increment-wrap"})
_UNCONTROLLED = (("STRING",), ("BOOLEAN",))


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
    overrides: Mapping[WidgetKey, Any] = field(default_factory=dict)
    children: dict[str, Instance] = field(default_factory=dict)
    is_off: bool = False

    @property
    def scope(self) -> Scope:
        return self.blueprint.scope

    def id_of(self, node_id: str) -> str:
        """The id of one of its nodes in the graph."""
        return self.path + self.blueprint.new_ids.get(node_id, node_id)

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
                child = Instance(f"{at.id_of(host_id)}:", inner, at, host, given, overrides, is_off=is_off)
                at.children[host_id] = child
                found.append(child)
    return tuple(found)


def _host_values(
    host: Node, inner: Blueprint, outer: Mapping[WidgetKey, Any]
) -> tuple[dict[int, Any], dict[WidgetKey, Any]]:
    """The values that a subgraph's node has for its inputs, by place, and those for widgets without an input.

    Older files say what each value belongs to, but only where nothing says so do the values count by their places.
    """
    promoted = [place for place, target in enumerate(inner.promoted) if target is not None]
    values = host.values if isinstance(host.values, list) else []
    is_group = host.type.startswith(GROUP_PREFIXES)
    given = dict(_of_group(values, inner, promoted) if is_group else _by_place(values, promoted))
    overrides: dict[WidgetKey, Any] = {}
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


def _proxies(host: Node) -> list[WidgetKey | None]:
    """What the values of some older files belong to: node and widget inside, or the outside and an input's name."""
    listed = host.properties.get("proxyWidgets")
    return [_proxy(entry) for entry in listed] if isinstance(listed, list) else []


def _proxy(entry: Any) -> WidgetKey | None:
    node_id, name, *_ = entry if isinstance(entry, list) and len(entry) > 1 else (None, None)
    return (node_id, name) if isinstance(node_id, str) and isinstance(name, str) else None
