"""A graph against what a server has: what is missing, by name, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.comfyui.refusals import node_title


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that a graph needs and the server lacks.

    Attributes:
        node: title of the node.
        field: the input whose value is not on the server; None when the whole class is unknown.
        value: the file or option, else the class.
    """

    node: str
    field: str | None
    value: str

    def __str__(self) -> str:
        if self.field is None:
            return f'node class "{self.value}"'
        return f'{self.field} "{self.value}" (node "{self.node}")'


def missing(graph: Mapping[str, Any], definitions: Mapping[str, Any]) -> list[Missing]:
    """What the server whose ``/object_info`` is given lacks to run this API-format graph, in the graph's order."""
    return [
        gap
        for node_id, node in graph.items()
        for gap in _gaps(node, node_title(graph, node_id) or node_id, definitions)
    ]


def options(spec: Any) -> list[Any] | None:
    """The values that an input takes from a list; None when it is no list.

    Both shapes on the wire are read: ``[["a", "b"], {…}]`` and ``["COMBO", {"options": ["a", "b"]}]``.
    """
    if not isinstance(spec, list | tuple) or not spec:
        return None
    if isinstance(spec[0], list):
        return spec[0]
    if spec[0] == "COMBO" and len(spec) > 1 and isinstance(spec[1], Mapping):
        listed = spec[1].get("options")
        return listed if isinstance(listed, list) else None
    return None


def _gaps(node: Mapping[str, Any], title: str, definitions: Mapping[str, Any]) -> Iterator[Missing]:
    node_class = str(node.get("class_type"))
    definition = definitions.get(node_class)
    if definition is None:
        yield Missing(title, None, node_class)
        return
    inputs = definition.get("input") or {}
    specs = {**(inputs.get("required") or {}), **(inputs.get("optional") or {})}
    for name, value in (node.get("inputs") or {}).items():
        listed = options(specs.get(name))
        # A picture to load is the user's to send; the saved name says nothing.
        uploaded = listed is not None and len(specs[name]) > 1 and _is_upload(specs[name][1])
        if listed is not None and not uploaded and not isinstance(value, list) and value not in listed:
            yield Missing(title, name, str(value))


def _is_upload(config: Any) -> bool:
    return isinstance(config, Mapping) and any(key.endswith("_upload") and config[key] for key in config)
