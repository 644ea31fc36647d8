"""A graph that is being changed: what is not touched is shared with the original."""

from __future__ import annotations

from core.comfyui.workflows.graph import Graph, Node


class Draft:
    """Copies a node when it is first written to.

    Args:
        graph: the original, which stays as it is.
        fresh: the caller owns `graph` and nobody else has seen it: it is written to directly.

    Attributes:
        graph: the result.
    """

    __slots__ = ("_owned", "graph")

    def __init__(self, graph: Graph, *, fresh: bool = False) -> None:
        self.graph = graph if fresh else graph.copy()
        self._owned = {node_id: node["inputs"] for node_id, node in graph.items()} if fresh else {}

    def write(self, node_id: str, name: str, value: object) -> None:
        """Put a value into an input."""
        inputs = self._owned.get(node_id)
        if inputs is None:
            self.graph[node_id] = node = self.graph[node_id].copy()
            self._owned[node_id] = node["inputs"] = inputs = node["inputs"].copy()
        inputs[name] = value

    def add(self, stem: str, node: Node) -> str:
        """Add a node under an id that nothing else has, and give the id."""
        number = 1
        while (node_id := f"{stem}_{number}") in self.graph:
            number += 1
        self.graph[node_id] = node
        self._owned[node_id] = node["inputs"]
        return node_id
