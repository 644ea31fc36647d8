"""Ids of nodes inside subgraphs that occur elsewhere in the file: the editor gives these nodes new ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_LARGEST_ID = 2**53
_DIGITS = len(str(_LARGEST_ID))


def new_ids(workflow: Mapping[str, Any], definitions: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """For each definition of a subgraph, the ids of its nodes that are taken, with those that they have instead.

    Numbers go on from the highest that the file knows of.

    Args:
        workflow: the file, not yet read.
        definitions: its definitions by their ids, in the order of the file.
    """
    if not definitions:
        return {}
    used = set(_ids(workflow))
    state = workflow.get("state")
    last = max(
        _number(workflow.get("last_node_id")), _number(state.get("lastNodeId") if isinstance(state, dict) else 0)
    )
    given: dict[str, dict[str, str]] = {}
    for kind, definition in definitions.items():
        for node_id in dict.fromkeys(_ids(definition)):
            if node_id not in used:
                last = max(last, _number(node_id))
                used.add(node_id)
                continue
            last += 1
            while str(last) in used:
                last += 1
            used.add(str(last))
            given.setdefault(kind, {})[node_id] = str(last)
    return given


def _ids(raw: Mapping[str, Any]) -> Iterator[str]:
    nodes: Any = raw.get("nodes")
    listed: Iterable[Any] = nodes if isinstance(nodes, list) else ()
    for node in listed:
        node_id = node.get("id") if isinstance(node, dict) else None
        if isinstance(node_id, str) or (type(node_id) is int and abs(node_id) < _LARGEST_ID):
            yield str(node_id)


def _number(value: Any) -> int:
    """The number that a file counts by; 0 when it is none."""
    if isinstance(value, str):
        value = int(value) if value.isdecimal() and len(value) <= _DIGITS else 0
    return value if type(value) is int and 0 < value < _LARGEST_ID else 0
