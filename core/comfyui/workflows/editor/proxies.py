"""What the values of subgraphs' nodes belong to in older files, which name the widgets inside."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from core.comfyui.workflows.editor.blueprints import OUTSIDE
from core.comfyui.workflows.editor.document import MAX_SLOTS, Node

_PREFIX = re.compile(r"(\d+)\s*:\s*(?=\S)")


class Proxy(NamedTuple):
    """A widget inside a subgraph, or the outside and the name of an input.

    Attributes:
        node: the node that has it, or the subgraph within that shows it.
        source: of what a subgraph within shows, the node in there.
    """

    node: str
    name: str
    source: str | None = None


def read_proxies(host: Node) -> Iterator[tuple[int, Proxy]]:
    """What the values of a subgraph's node belong to, by their places."""
    for place, entry in enumerate(_listed(host, "proxyWidgets")):
        proxy = _proxy(*entry[:3]) if isinstance(entry, list) and len(entry) > 1 else None
        if proxy is not None:
            yield place, proxy


def read_kept(host: Node) -> dict[str, Any]:
    """Values for inputs by their names which newer editors could not place when they read an older file."""
    kept: dict[str, Any] = {}
    for entry in _listed(host, "proxyWidgetErrorQuarantine"):
        original = entry.get("originalEntry") if isinstance(entry, dict) else None
        proxy = _proxy(*original[:2]) if isinstance(original, list) and len(original) > 1 else None
        if proxy is not None and proxy.node == OUTSIDE and "hostValue" in entry:
            kept.setdefault(proxy.name, entry["hostValue"])
    return kept


def _listed(host: Node, name: str) -> list[Any]:
    listed: Any = host.properties.get(name)
    if isinstance(listed, str):
        try:
            listed = json.loads(listed)
        except (ValueError, RecursionError):
            return []
    return listed[:MAX_SLOTS] if isinstance(listed, list) else []


def _proxy(node_id: Any, name: Any, source: Any = None) -> Proxy | None:
    if not isinstance(node_id, str) or not isinstance(name, str):
        return None
    source = source if isinstance(source, str) else None
    while prefix := _PREFIX.match(name):
        source, name = prefix[1], name[prefix.end() :]
    return Proxy(node_id, name, source)
