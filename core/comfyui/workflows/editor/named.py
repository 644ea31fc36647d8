"""Values of widgets by the names of their nodes, for texts with ``%Node.widget%``.

The editor looks at what lies on its screens. Inside a subgraph that is what the definition holds, whatever its nodes
outside were given.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from core.comfyui.workflows.editor.blueprints import Blueprint
from core.comfyui.workflows.editor.definitions import Definitions
from core.comfyui.workflows.editor.document import NAME_FOR_REPLACEMENT, Node
from core.comfyui.workflows.editor.links import Held, Links
from core.comfyui.workflows.editor.subgraphs import Instance, host_value

_Found: TypeAlias = tuple[Instance, Node]


class Named:
    """Finds nodes by their names, which it reads when they are first asked for."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._links = Links()
        self._by_name: dict[int, dict[str, _Found]] = {}

    def value(self, blueprint: Blueprint, name: str, widget: str) -> Any:
        """The value of a widget of a node on a screen, or on one within it.

        Raises:
            LookupError: there is none of these names.
        """
        at, node = self._table(blueprint)[name]
        inner = at.blueprint.subgraphs.get(node.id)
        slot = next((slot for slot in at.layout(node).slots if slot.name == widget and slot.link is not None), None)
        source = self._links.source(at, node, slot) if slot else None
        if isinstance(source, Held):
            return source.value
        return at.widget_value(node, widget) if inner is None else host_value(node, inner, widget)

    def _table(self, blueprint: Blueprint) -> dict[str, _Found]:
        key = id(blueprint)
        if key not in self._by_name:
            nodes = [*_nodes(Instance(f"{key}:", blueprint), set())]
            self._by_name[key] = dict(self._names(nodes[::-1]))
        return self._by_name[key]

    def _names(self, nodes: list[_Found]) -> Iterator[tuple[str, _Found]]:
        """Nodes by what they are called, the ones that count most last: the property for it comes before the title."""
        for at, node in nodes:
            known = self._definitions.get(node.type)
            yield node.title or (known.title if known else node.type), (at, node)
        for at, node in nodes:
            known = self._definitions.get(node.type)
            name = node.properties.get(NAME_FOR_REPLACEMENT, node.type if known and not known.saves else None)
            if isinstance(name, str):
                yield name, (at, node)


def _nodes(at: Instance, seen: set[int]) -> Iterator[_Found]:
    """All nodes, each before the ones that follow it on its screen, and those of a subgraph before its own."""
    for node in at.scope.nodes.values():
        inner = at.blueprint.subgraphs.get(node.id)
        if inner is not None and id(inner) not in seen:
            seen.add(id(inner))
            yield from _nodes(Instance(f"{at.path}{node.id}:", inner), seen)
        yield at, node
