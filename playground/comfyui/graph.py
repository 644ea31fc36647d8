"""Pure questions to a graph: its links, the order it runs in, and what tells an unchanged node."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from .prompts import Graph

_FAR = 3


def is_link(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and not isinstance(value[1], str)


def links(node: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(input name, source node id) of every linked input, in the order of the graph."""
    for name, value in node["inputs"].items():
        if is_link(value):
            yield name, value[0]


def needed(graph: Graph, outputs: Collection[str]) -> set[str]:
    """The outputs and everything upstream of them."""
    found: set[str] = set()
    stack = list(outputs)
    while stack:
        node_id = stack.pop()
        if node_id not in found:
            found.add(node_id)
            stack += [source for _, source in links(graph[node_id])]
    return found


def execution_order(
    graph: Graph, outputs: Collection[str], cached: Collection[str], is_output: Callable[[str], bool]
) -> list[str]:
    """Node ids in the order in which the real server runs them (held against its recordings).

    Nodes are found from the outputs upwards, the last input first; what is cached is not entered, except for an
    output itself. Of those whose sources are done, the nearest to an output goes first, then the one found first.
    """
    waiting: dict[str, set[str]] = {}
    for output in outputs:
        stack = [output]
        while stack:
            node_id = stack.pop()
            if node_id not in waiting:
                upstream = () if node_id in cached else links(graph[node_id])
                sources = [source for _, source in upstream if source not in cached]
                waiting[node_id] = set(sources)
                stack += sources
    distance = _distances(waiting, is_output)
    order: list[str] = []
    while waiting:
        ready = [node_id for node_id, sources in waiting.items() if not sources]
        chosen = min(ready, key=distance.__getitem__)
        order.append(chosen)
        del waiting[chosen]
        for sources in waiting.values():
            sources.discard(chosen)
    return order


def _distances(sources_of: Mapping[str, set[str]], is_output: Callable[[str], bool]) -> dict[str, int]:
    """Links from a node to the nearest output, counted up to 2; anything beyond is equally far."""
    distance = {node_id: 0 if is_output(node_id) else _FAR for node_id in sources_of}
    for steps in range(1, _FAR):
        for node_id, sources in sources_of.items():
            if distance[node_id] == steps - 1:
                for source in sources:
                    distance[source] = min(distance[source], steps)
    return distance


def signatures(graph: Graph, outputs: Collection[str], stamp: Callable[[str], object]) -> dict[str, str]:
    """For every node that an output needs: a digest of its class, its inputs, and its sources' digests.

    Any literal counts, that of an input the class does not have included; ids and titles do not. `stamp` adds what
    else a node depends on (the file that it loads).
    """
    known: dict[str, str] = {}

    def sign(node_id: str) -> str:
        if node_id not in known:
            node = graph[node_id]
            inputs = [
                (name, (sign(value[0]), value[1]) if is_link(value) else value)
                for name, value in sorted(node["inputs"].items())
            ]
            content = repr((node["class_type"], inputs, stamp(node_id)))
            known[node_id] = hashlib.blake2b(content.encode(), digest_size=16).hexdigest()
        return known[node_id]

    for output in outputs:
        sign(output)
    return known
