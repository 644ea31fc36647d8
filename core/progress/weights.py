"""How much of a run each node is, so that percentages mean something.

A sampler's share is its steps; every other node counts as one. That is coarse (loading a model is not decoding a
picture), but it keeps two samplers apart and never needs to know a model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.comfyui.refusals import node_title

_MAX_STEPS = 10_000


@dataclass(frozen=True, slots=True)
class NodeShare:
    """A node's title and its weight; for nodes that step, one unit a step."""

    title: str
    weight: float


def node_shares(graph: Mapping[str, Any]) -> dict[str, NodeShare]:
    """Node id → its share, for an API-format graph. Nodes that make no sense count as one."""
    return {
        str(node_id): NodeShare(node_title(graph, node_id) or str(node_id), _weight(graph, node))
        for node_id, node in graph.items()
    }


def _weight(graph: Mapping[str, Any], node: Any) -> float:
    inputs = node.get("inputs") if isinstance(node, Mapping) else None
    if not isinstance(inputs, Mapping):
        return 1.0
    if "latent_image" in inputs or "positive" in inputs:
        source = inputs if "sigmas" not in inputs else _inputs_behind(graph, inputs["sigmas"])
        steps = source.get("steps")
        if isinstance(steps, int | float) and not isinstance(steps, bool) and 0 < steps <= _MAX_STEPS:
            return 1.0 + float(steps)
    return 1.0


def _inputs_behind(graph: Mapping[str, Any], link: Any) -> Mapping[str, Any]:
    source = graph.get(link[0]) if isinstance(link, list) and link and isinstance(link[0], str) else None
    inputs = source.get("inputs") if isinstance(source, Mapping) else None
    return inputs if isinstance(inputs, Mapping) else {}
