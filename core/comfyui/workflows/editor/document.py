"""An editor file, read and checked: nodes, links and definitions of subgraphs, as they were saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from core.comfyui.workflows.editor.definitions import ANY
from core.comfyui.workflows.editor.values import string
from core.comfyui.workflows.editor.wiring import LinkId, Links, SavedLink, Slot, without_rivals
from core.comfyui.workflows.shape import MAX_NODES
from core.exceptions import WorkflowError
from utils.language import phrase

MAX_SLOTS = 1_000
MUTED, BYPASSED = 2, 4
PRIMITIVE, REROUTE = "PrimitiveNode", "Reroute"
GROUP_PREFIXES = ("workflow>", "workflow/")
NOTES = frozenset({"Note", "MarkdownNote"})
NOT_SENT = NOTES | {PRIMITIVE, REROUTE}
"""What is on the screen only: no entry of a graph is made of it."""
ONLY_WIDGET = {PRIMITIVE: "value"} | dict.fromkeys(NOTES, "text")
"""What the widget of such a node is called."""
NAME_FOR_REPLACEMENT = "Node name for S&R"
_INPUT_NODE, _OUTPUT_NODE = "-10", "-20"
_LINK_PARTS = ("id", "origin_id", "origin_slot", "target_id", "target_slot")
_LINK_ID, _VALUES = (int, str), (list, dict)
_LONGEST_ID = 60


class Node(NamedTuple):
    """A node as it was saved.

    Attributes:
        mode: 2 for muted, 4 for bypassed.
        values: what its widgets held, by place or by name.
        inputs: its sockets; their order and types are those of the server it was saved with.
    """

    id: str
    type: str
    mode: Any
    title: str
    properties: Mapping[str, Any]
    values: list[Any] | dict[str, Any]
    inputs: tuple[Slot, ...]
    outputs: tuple[str, ...]

    @property
    def is_off(self) -> bool:
        return self.mode in (MUTED, BYPASSED)

    @property
    def label(self) -> str:
        """How a message names it."""
        return f"{(self.title or self.type)[:60]} ({self.id[:40]})"


@dataclass(frozen=True, slots=True)
class Socket:
    """An input or output of a subgraph: its name, its type and the ids of the links inside."""

    name: str
    kind: str
    links: tuple[LinkId, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """What lies on one screen: the whole file, or the definition of one subgraph.

    Attributes:
        loose: id of a node → the links that end at it and that none of its inputs names.
        origins: the nodes that feed something.
        input_node: the id by which links begin at the border.
    """

    nodes: Mapping[str, Node]
    links: Links
    loose: Mapping[str, list[LinkId]]
    origins: frozenset[str]
    inputs: tuple[Socket, ...]
    outputs: tuple[Socket, ...]
    input_node: str


def read_scope(raw: Mapping[str, Any]) -> Scope:
    """Read the root of a file, or one definition of a subgraph.

    Raises:
        WorkflowError: it is damaged or far too large.
    """
    listed = _list(raw, "nodes")
    if len(listed) > MAX_NODES:
        raise WorkflowError(
            phrase("This workflow has {n} nodes: {most} are the most that is accepted.", n=len(listed), most=MAX_NODES)
        )
    links, given_up = without_rivals(_read_links(raw), listed)
    nodes: dict[str, Node] = {}
    named: set[LinkId] = set()
    for entry in listed:
        node = _read_node(entry, links, given_up, named)
        if nodes.setdefault(node.id, node) is not node:
            raise WorkflowError(
                phrase("Two nodes of this workflow have the id {id}: save it again from ComfyUI.", id=node.id[:40])
            )
    loose: dict[str, list[LinkId]] = {}
    for link_id, link in links.items():
        if link_id not in named and link.target in nodes:
            loose.setdefault(link.target, []).append(link_id)
    input_node = _io_node(raw, "inputNode", _INPUT_NODE)
    output_node = _io_node(raw, "outputNode", _OUTPUT_NODE)
    return Scope(
        nodes=nodes,
        links=links,
        loose=loose,
        origins=frozenset([link.origin for link in links.values()]),
        inputs=_read_sockets(
            raw, "inputs", ((v.origin_slot, k) for k, v in links.items() if v.origin == input_node), given_up
        ),
        outputs=_read_sockets(
            raw, "outputs", ((v.target_slot, k) for k, v in links.items() if v.target == output_node), given_up
        ),
        input_node=input_node,
    )


def read_definitions(raw: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The definitions of subgraphs by their ids, those inside others too, not yet read."""
    found: dict[str, Mapping[str, Any]] = {}
    open_: list[Any] = [raw]
    while open_:
        definitions = open_.pop().get("definitions")
        subgraphs = definitions.get("subgraphs") if isinstance(definitions, dict) else None
        for subgraph in subgraphs if isinstance(subgraphs, list) else ():
            if isinstance(subgraph, dict) and isinstance(subgraph.get("id"), str):
                found.setdefault(subgraph["id"], subgraph)
                open_.append(subgraph)
    return found


def _read_node(raw: Any, links: Links, given_up: Mapping[LinkId, LinkId], named: set[LinkId]) -> Node:
    """Read a node; the links that its inputs name are added to `named`."""
    kind = raw.get("type") if isinstance(raw, dict) else None
    if not isinstance(kind, str):
        raise WorkflowError(phrase("A node of this workflow has no type: save it again from ComfyUI."))
    node_id = _id(raw.get("id"))
    if node_id is None:
        raise WorkflowError(
            phrase("A node of this workflow ({type}) has no id: save it again from ComfyUI.", type=kind[:60])
        )
    slots = _list(raw, "inputs")
    if len(slots) > MAX_SLOTS:
        raise WorkflowError(
            phrase(
                "Node {id} has {n} inputs: {most} are the most that is accepted.",
                id=node_id[:40],
                n=len(slots),
                most=MAX_SLOTS,
            )
        )
    inputs = []
    for slot in slots:
        if not isinstance(slot, dict) or not isinstance(name := slot.get("name"), str):
            raise _damaged_input(node_id)
        link_id, kind_of, widget = slot.get("link"), slot.get("type"), slot.get("widget")
        if link_id is not None:
            if not isinstance(link_id, _LINK_ID):
                raise _damaged_input(node_id)
            link_id = given_up.get(link_id, link_id)
            link = links.get(link_id)
            if link is None or link.target != node_id or link_id in named:
                link_id = None
            else:
                named.add(link_id)
        kind_of = kind_of if isinstance(kind_of, str) else _kind(kind_of)
        own = ""
        if widget is not None and isinstance(widget, dict):
            own = widget.get("name")
            own = own if isinstance(own, str) and own else name
        inputs.append(Slot(name, kind_of, link_id, own))
    properties, values = raw.get("properties"), raw.get("widgets_values")
    return Node(
        id=node_id,
        type=kind,
        mode=raw.get("mode"),
        title=string(raw.get("title")),
        properties=properties if isinstance(properties, dict) else {},
        values=values if isinstance(values, _VALUES) else [],
        inputs=tuple(inputs),
        outputs=tuple([_kind(o.get("type")) if isinstance(o, dict) else ANY for o in _list(raw, "outputs")]),
    )


def _read_links(raw: Mapping[str, Any]) -> dict[LinkId, SavedLink]:
    """Links are lists at the root of most files, and objects in subgraphs and in newer files."""
    found: dict[LinkId, SavedLink] = {}
    for entry in _list(raw, "links"):
        if entry is None:
            continue
        parts = entry
        if isinstance(entry, dict):
            parts = list(map(entry.get, _LINK_PARTS))
        elif not isinstance(entry, list) or len(entry) < len(_LINK_PARTS):
            parts = [None] * len(_LINK_PARTS)
        link_id, origin, target = parts[0], _id(parts[1]), _id(parts[3])
        if not isinstance(link_id, _LINK_ID) or origin is None or target is None:
            raise WorkflowError(phrase("A link of this workflow is damaged: save it again from ComfyUI."))
        if link_id not in found:
            found[link_id] = SavedLink(origin, _slot(parts[2]), target, _slot(parts[4]))
    return found


def _read_sockets(
    raw: Mapping[str, Any], side: str, ends: Iterable[tuple[int, LinkId]], given_up: Mapping[LinkId, LinkId]
) -> tuple[Socket, ...]:
    """The inputs or outputs of a subgraph. The order of their links is the file's, where it says one."""
    entries = _list(raw, side)
    if len(entries) > MAX_SLOTS:
        raise _too_many(side)
    by_place: dict[int, list[LinkId]] = {}
    for place, link in ends:
        by_place.setdefault(place, []).append(link)
    sockets = []
    for place, entry in enumerate(entries):
        if not isinstance(entry, dict):
            raise WorkflowError(phrase("A subgraph of this workflow is damaged: save it again from ComfyUI."))
        listed = entry.get("linkIds")
        links = listed if isinstance(listed, list) else by_place.get(place, [])
        known = tuple([given_up.get(link, link) for link in links if isinstance(link, _LINK_ID)])
        sockets.append(Socket(string(entry.get("name")), _kind(entry.get("type")), known))
    return tuple(sockets)


def _list(raw: Mapping[str, Any], name: str) -> list[Any]:
    value = raw.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise WorkflowError(
            phrase('The part "{name}" of this workflow is damaged: save it again from ComfyUI.', name=name)
        )
    return value


def _too_many(side: str) -> WorkflowError:
    if side == "inputs":
        return WorkflowError(
            phrase("A subgraph of this workflow has over {most} inputs: that is not accepted.", most=MAX_SLOTS)
        )
    return WorkflowError(
        phrase("A subgraph of this workflow has over {most} outputs: that is not accepted.", most=MAX_SLOTS)
    )


def _damaged_input(node_id: str) -> WorkflowError:
    return WorkflowError(
        phrase("An input of node {id} is damaged: save the workflow again from ComfyUI.", id=node_id[:40])
    )


def _io_node(raw: Mapping[str, Any], name: str, otherwise: str) -> str:
    node = raw.get(name)
    found = _id(node.get("id")) if isinstance(node, dict) else None
    return otherwise if found is None else found


def _id(value: Any) -> str | None:
    if type(value) is int:
        return str(value) if abs(value) < 2**63 else None
    return value if isinstance(value, str) and len(value) <= _LONGEST_ID else None


def _slot(value: Any) -> int:
    """The number of a slot, which some old files hold as a text; -1, which no node has, for what is none."""
    if type(value) is int:
        return value
    is_number = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(MAX_SLOTS))
    return int(value) if is_number else -1


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return value
    return ",".join(kind for kind in value if isinstance(kind, str)) if isinstance(value, list) else ANY
