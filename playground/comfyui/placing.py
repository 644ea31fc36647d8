"""A node of a graph, seen through the definition of its class."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from .catalog import Catalog
from .graph import is_link
from .nodes import Definition
from .prompts import Graph

_UPLOADS = ("image_upload", "audio_upload", "video_upload")


class Source(NamedTuple):
    """The output that an input is linked to."""

    node_id: str
    slot: int


@dataclass(frozen=True, slots=True)
class PlacedNode:
    """`literals` and `sources` (by input name) are in the order of the class's inputs, unknown ones last.

    `loads`: the value that names an input file, for nodes that load one.
    """

    node_id: str
    class_type: str
    is_output: bool
    literals: dict[str, Any]
    sources: dict[str, Source]
    loads: str | None

    @property
    def is_sampler(self) -> bool:
        """By shape: what takes a latent, or a model with seed and steps, reports a progress of its own."""
        names = self.literals.keys() | self.sources.keys()
        return "latent_image" in names or {"model", "seed", "steps"} <= names


def place(graph: Graph, node_ids: Collection[str], catalog: Catalog) -> dict[str, PlacedNode]:
    """The nodes that take part in a run. Their classes are known, as validation has made sure."""
    return {node_id: _placed(node_id, graph[node_id], catalog) for node_id in node_ids}


def file_inputs(definition: Definition) -> list[str]:
    """The inputs of a class whose value names a file below ``input``."""
    return [
        name
        for group in ("required", "optional")
        for name, spec in definition["input"].get(group, {}).items()
        if len(spec) > 1 and any(spec[1].get(upload) for upload in _UPLOADS)
    ]


def _placed(node_id: str, node: dict[str, Any], catalog: Catalog) -> PlacedNode:
    definition = catalog.get(node["class_type"]) or {"input": {}, "output_node": False}
    known = [name for group in ("required", "optional") for name in definition["input"].get(group, {})]
    given = node["inputs"]
    ordered = {name: given[name] for name in known if name in given} | given
    literals = {name: value for name, value in ordered.items() if not is_link(value)}
    sources = {name: Source(*value) for name, value in ordered.items() if is_link(value)}
    loads = next((literals[name] for name in file_inputs(definition) if isinstance(literals.get(name), str)), None)
    return PlacedNode(node_id, node["class_type"], definition["output_node"], literals, sources, loads)
