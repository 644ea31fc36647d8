"""Subgraphs in use: the instances that a file makes of definitions, each with values of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any

from core.comfyui.workflows.editor.blueprints import OUTSIDE, Blueprint, WidgetKey
from core.comfyui.workflows.editor.document import GROUP_PREFIXES, ONLY_WIDGET, PRIMITIVE, Node, Scope
from core.comfyui.workflows.editor.layout import Layout
from core.comfyui.workflows.editor.proxies import Proxy, read_kept, read_proxies
from core.comfyui.workflows.editor.values import NOTHING, copied
from core.comfyui.workflows.shape import MAX_NODES
from core.exceptions import WorkflowError
from utils.language import phrase

_UNCONTROLLED = (("STRING",), ("BOOLEAN",))


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """A blueprint in use.

    Attributes:
        path: what comes before the ids of its nodes, ``"12:8:"``; nothing for the file itself.
        host: the node that stands for it in `parent`.
        given: place of an input → the value that the host has for it.
        overrides: values for widgets inside that no input leads to.
        handed: values for what subgraphs inside show.
        is_off: it, or one that it lies in, is muted or bypassed.
    """

    path: str
    blueprint: Blueprint
    parent: Instance | None = None
    host: Node | None = None
    given: Mapping[int, Any] = field(default_factory=dict)
    overrides: Mapping[WidgetKey, Any] = field(default_factory=dict)
    handed: Mapping[Proxy, Any] = field(default_factory=dict)
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
        if name == ONLY_WIDGET.get(node.type) and isinstance(node.values, list):
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
            raise WorkflowError(
                phrase("This workflow has over {most} nodes in its subgraphs: that is not accepted.", most=MAX_NODES)
            )
        for host_id, inner in at.blueprint.subgraphs.items():
            host = at.scope.nodes[host_id]
            if at.parent is not None or not host.is_off:
                made = _host_values(host, inner, at.handed)
                path, is_off = f"{at.id_of(host_id)}:", at.is_off or host.is_off
                child = Instance(path, inner, at, host, made.given, made.overrides, made.handed, is_off=is_off)
                at.children[host_id] = child
                found.append(child)
    return tuple(found)


def host_value(host: Node, inner: Blueprint, name: str) -> Any:
    """What the node of a subgraph shows for one of its widgets.

    Raises:
        LookupError: there is none of this name.
    """
    values = _host_values(host, inner, {})
    for place, socket in enumerate(inner.scope.inputs):
        if socket.name == name:
            return Instance("", inner, given=values.given).input_value(place)
    return {widget: value for (_, widget), value in reversed(values.overrides.items())}[name]


class _Values:
    """The values that a subgraph's node has for its inputs, for widgets without one, and for subgraphs within."""

    def __init__(self, inner: Blueprint, given: Mapping[int, Any]) -> None:
        self.given = {place: copied(value) for place, value in given.items()}
        self.overrides: dict[WidgetKey, Any] = {}
        self.handed: dict[Proxy, Any] = {}
        self._inner = inner

    def put(self, where: int | Proxy, value: Any) -> None:
        value = copied(value)
        if isinstance(where, int):
            self.given[where] = value
        elif where.node in self._inner.subgraphs:
            self.handed[where] = value
        else:
            self.overrides[where.node, where.name] = value


def _host_values(host: Node, inner: Blueprint, outer: Mapping[Proxy, Any]) -> _Values:
    """The values of a subgraph's node, in place of which come those that were handed to it.

    Older files say what each value belongs to, but only where nothing says so do the values count by their places.
    Where two of them mean one input, that which calls it by its own name counts.
    """
    promoted = [place for place, target in enumerate(inner.promoted) if target is not None]
    values = host.values if isinstance(host.values, list) else []
    is_group = host.type.startswith(GROUP_PREFIXES)
    made = _Values(inner, dict(_of_group(values, inner, promoted) if is_group else zip(promoted, values, strict=False)))
    kept = read_kept(host)
    for place in promoted:
        if (name := inner.scope.inputs[place].name) in kept:
            made.put(place, kept[name])
    proxies = list(read_proxies(host))
    for number, proxy in sorted(proxies, key=lambda numbered: numbered[1].node == OUTSIDE):
        where = inner.proxied.get((proxy.node, proxy.name), proxy)
        if number < len(values):
            made.put(where, values[number])
        elif where is proxy and (value := inner.own_value((proxy.node, proxy.name))) is not NOTHING:
            made.put(where, value)
    handed = {wanted: value for wanted, value in outer.items() if wanted.node == host.id}
    if handed:
        own = [proxy for _, proxy in proxies if (proxy.node, proxy.name) not in inner.proxied]
        offered = list(_offered(inner, own))
        for wanted, value in handed.items():
            where = _meant(wanted, offered)
            if where is not None:
                made.put(where, value)
    return made


def _meant(wanted: Proxy, offered: list[tuple[str, WidgetKey, int | Proxy]]) -> int | Proxy | None:
    """Where a value belongs that an outer subgraph has for one within."""
    if wanted.source is not None:
        exact = next((where for _, target, where in offered if target == (wanted.source, wanted.name)), None)
        return exact if exact is not None else next((w for name, _, w in offered if name == wanted.name), None)
    return next((where for name, target, where in offered if wanted.name in (name, target[1])), None)


def _offered(inner: Blueprint, proxies: list[Proxy]) -> Iterator[tuple[str, WidgetKey, int | Proxy]]:
    """What a subgraph's node shows outside: names, the widgets behind them, and where their values belong."""
    for place, target in enumerate(inner.promoted):
        if target is not None:
            yield inner.scope.inputs[place].name, (target.node.id, target.name), place
    names = {socket.name for socket in inner.scope.inputs}
    for proxy in dict.fromkeys(proxies):
        numbered = (f"{proxy.name}_{number}" for number in count(1))
        name = next(name for name in chain([proxy.name], numbered) if name not in names)
        names.add(name)
        yield name, (proxy.node, proxy.name), proxy


def _of_group(values: list[Any], inner: Blueprint, promoted: list[int]) -> Iterator[tuple[int, Any]]:
    """Each value of a group node with its input; those that are missing are as new, whatever is saved inside."""
    left = deque(values)
    for place in promoted:
        target = inner.promoted[place]
        if target is None:
            continue
        widget = inner.layout(target.node).widgets.get(target.name)
        if left:
            value = left.popleft()
            yield place, widget.spec.held(value) if widget is not None else value
        elif widget is not None:
            yield place, widget.spec.default
        of_primitive = target.node.type == PRIMITIVE and target.node.outputs[:1] not in _UNCONTROLLED
        if left and (of_primitive or (widget is not None and widget.spec.is_controlled)):
            left.popleft()
