"""A graph that is being changed: what is not touched is shared with the original."""

from __future__ import annotations

from typing import Any

from core.comfyui.workflows.graph import Graph, Node


class Draft(dict[str, dict[str, Any]]):
    """Node id → inputs that may be written to; a node is copied when it is first asked for.

    Args:
        graph: the original, which stays as it is.
        fresh: the caller owns `graph` and nobody else has seen it: it is written to directly.

    Attributes:
        graph: the result.
    """

    __slots__ = ("_fresh", "graph")

    def __init__(self, graph: Graph, *, fresh: bool = False) -> None:
        self.graph = graph if fresh else graph.copy()
        self._fresh = fresh

    def __missing__(self, node_id: str) -> dict[str, Any]:
        node = self.graph[node_id]
        inputs = node["inputs"]
        if not self._fresh:
            inputs = inputs.copy()
            self.graph[node_id] = {**node, "inputs": inputs}
        self[node_id] = inputs
        return inputs

    def add(self, stem: str, node: Node) -> str:
        """Add a node under an id that nothing else has, and give the id."""
        number = 1
        while (node_id := f"{stem}_{number}") in self.graph:
            number += 1
        self.graph[node_id] = node
        self[node_id] = node["inputs"]
        return node_id
