"""A graph against what a server has: what is missing, by name, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.comfyui.refusals import node_title, plain_value
from core.comfyui.workflows.model_folders import MODEL_FILE, folder_of
from core.comfyui.workflows.shape import is_link
from core.comfyui.workflows.specifications import is_upload, options, specification
from core.exceptions import MissingNodesError
from utils.language import Phrase, phrase, phrase_n

_NAMED = 6
_NEAREST = 2
_NEAR_ENOUGH = 70
#: Where the editor notes the pack of a node: its name in the registry, else its repository.
_PACK = ("cnr_id", "aux_id")


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that a graph needs and the server lacks.

    Attributes:
        node: title of the node.
        field: the input whose value is not on the server; None when the whole class is unknown.
        value: the file or option, else the class.
        folder: the model folder that the file belongs in; None when it is no model file.
        pack: the pack of custom nodes that the class comes from, when the file of the workflow says so.
        nearest: values of that list that look alike, the most alike first.
    """

    node: str
    field: str | None
    value: str
    folder: str | None = None
    pack: str | None = None
    nearest: tuple[str, ...] = ()

    @property
    def named(self) -> Phrase:
        """It, and what may help to find it, for people."""
        value = plain_value(self.value)
        if self.field is None:
            if self.pack:
                return phrase('node class "{type}" (of the pack {pack})', type=value, pack=plain_value(self.pack))
            return phrase('node class "{type}"', type=value)
        near = _alternatives(self.nearest)
        if self.folder is not None:
            file = {"file": value, "folder": self.folder}
            if near:
                return phrase('model file "{file}" in models/{folder} (nearest: {near})', **file, near=near)
            return phrase('model file "{file}" in models/{folder}', **file)
        option = {"field": self.field, "value": value, "node": plain_value(self.node)}
        if near:
            return phrase('{field} "{value}" of node "{node}" (nearest: {near})', **option, near=near)
        return phrase('{field} "{value}" of node "{node}"', **option)


def missing(graph: Mapping[str, Any], definitions: Mapping[str, Any]) -> list[Missing]:
    """What the server whose ``/object_info`` is given lacks to run this API-format graph, in the graph's order.

    It wants to know the class of every node; values it looks at where they reach an output.
    """
    used = _reaching_outputs(graph, definitions)
    return [
        gap
        for node_id, node in graph.items()
        for gap in _gaps(node, node_title(graph, node_id) or node_id, definitions, used=node_id in used)
    ]


def unknown_classes(error: MissingNodesError) -> list[Missing]:
    """The node classes for whose lack a file of the editor could not be converted."""
    return [Missing(node.title, None, node.class_type, pack=node.pack) for node in error.missing]


def lacking(gaps: Sequence[Missing]) -> Phrase:
    """Everything that is missing in one sentence, the same wherever it is said."""
    # Translators: {things} is a list of model files, node classes and options
    return phrase("ComfyUI lacks {things}.", things=_listed(gaps))


def refused(gaps: Sequence[Missing]) -> Phrase:
    """The same for whoever asked for it."""
    return phrase(
        "ComfyUI lacks {things}; choose something else, or ask the bot's owner to add it.", things=_listed(gaps)
    )


def _listed(gaps: Sequence[Missing]) -> list[Phrase]:
    named = list(dict.fromkeys(gap.named for gap in gaps[:_NAMED]))
    more = len(gaps) - _NAMED
    return [*named, phrase_n("{n} more", "{n} more", more)] if more > 0 else named


def _alternatives(names: Sequence[str]) -> str:
    shown = [plain_value(name) for name in names]
    if len(shown) > 1:
        return phrase('"{first}" or "{second}"', first=shown[0], second=shown[1])
    return phrase('"{name}"', name=shown[0]) if shown else ""


def nearest(value: str, names: Iterable[Any]) -> tuple[str, ...]:
    """The names that look most like a value, at most two."""
    from rapidfuzz import fuzz, process, utils

    found = process.extract(
        value,
        [name for name in names if isinstance(name, str)],
        scorer=fuzz.WRatio,
        processor=lambda name: utils.default_process(MODEL_FILE.sub("", name)),  # all of them end alike
        limit=_NEAREST,
        score_cutoff=_NEAR_ENOUGH,
    )
    return tuple(name for name, _, _ in found)


def _reaching_outputs(graph: Mapping[str, Any], definitions: Mapping[str, Any]) -> set[str]:
    """The nodes that the server will look at closely: the outputs, and all upstream of them."""
    stack = [
        node_id
        for node_id, node in graph.items()
        if isinstance(known := definitions.get(node.get("class_type")), Mapping) and known.get("output_node")
    ]
    if not stack:
        return set(graph)
    used = set(stack)
    while stack:
        for value in (graph[stack.pop()].get("inputs") or {}).values():
            if is_link(value) and value[0] in graph and value[0] not in used:
                used.add(value[0])
                stack.append(value[0])
    return used


def _gaps(node: Mapping[str, Any], title: str, definitions: Mapping[str, Any], *, used: bool) -> Iterator[Missing]:
    node_class = str(node.get("class_type"))
    if node_class not in definitions:
        meta = node.get("_meta")
        packs = [meta.get(key) for key in _PACK] if isinstance(meta, Mapping) else []
        yield Missing(title, None, node_class, pack=next((pack for pack in packs if isinstance(pack, str)), None))
        return
    for name, value in (node.get("inputs") or {}).items() if used else ():
        spec = specification(definitions, node_class, name)
        listed = options(spec)
        if listed is None or isinstance(value, list) or value in listed or is_upload(spec):
            continue
        yield Missing(title, name, str(value), folder_of(node_class, name, value), nearest=nearest(str(value), listed))
