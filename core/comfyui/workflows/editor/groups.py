"""Group nodes, which came before subgraphs: `group_definition` gives one the shape of a subgraph's definition.

What such a node shows outside is not saved, but follows from what it contains. Node by node, it offers the widgets,
then the sockets that nothing inside feeds; at the end, all widgets that had been turned into sockets. Its outputs are
those that nothing inside uses, and those marked as used outside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from core.comfyui.workflows.editor.definitions import ANY, Definitions
from core.comfyui.workflows.editor.document import GROUP_PREFIXES, NOTES, PRIMITIVE, REROUTE
from core.comfyui.workflows.editor.values import string
from core.exceptions import WorkflowError
from utils.language import phrase

_BORDER_IN, _BORDER_OUT = -10, -20
_DAMAGED = phrase("A group node of this workflow is damaged: open it in ComfyUI, take the group apart and save again.")


def group_definition(kind: str, workflow: Mapping[str, Any], definitions: Definitions) -> dict[str, Any] | None:
    """The contents of a group node as the definition of a subgraph; None when `kind` is no group of this file.

    Raises:
        WorkflowError: the group is damaged.
    """
    prefix = next((prefix for prefix in GROUP_PREFIXES if kind.startswith(prefix)), None)
    extra = workflow.get("extra")
    groups = extra.get("groupNodes") if isinstance(extra, dict) else None
    data = groups.get(kind.removeprefix(prefix)) if prefix and isinstance(groups, dict) else None
    if data is None:
        return None
    if not isinstance(data, dict) or not isinstance(data.get("nodes"), list):
        raise WorkflowError(_DAMAGED)
    return _Group(data, definitions).definition()


class _Member:
    """A node in a group, with the sockets that links inside count by.

    Those are the sockets of its class, followed by the widgets that had been turned into sockets.
    """

    def __init__(self, place: int, raw: Any, definitions: Definitions) -> None:
        if not isinstance(raw, dict) or not isinstance(raw.get("type"), str):
            raise WorkflowError(_DAMAGED)
        self.place, self.raw, self.type = place, raw, str(raw["type"])
        known = definitions.get(self.type)
        specs = known.inputs if known else ()
        saved = {string(slot.get("name")): slot for slot in _dicts(raw.get("inputs"))}
        turned = [name for name, slot in saved.items() if isinstance(slot.get("widget"), dict)]
        self.widgets = [spec.name for spec in specs if spec.is_widget and spec.name not in turned]
        self.sockets = [spec.name for spec in specs if not spec.is_widget]
        if self.type == PRIMITIVE:
            self.widgets = ["value"]
        elif self.type == REROUTE:
            self.sockets = list(saved)[:1]
        self.turned = [spec.name for name in turned for spec in specs if spec.name == name and spec.is_widget]
        self.labels = {name: string(slot.get("label"), name) for name, slot in saved.items()}
        self.kinds = {spec.name: spec.accepts for spec in specs}
        outputs = [string(output.get("type"), ANY) for output in _dicts(raw.get("outputs"))]
        self.outputs = list(known.outputs) if known else outputs

    @property
    def title(self) -> str:
        return string(self.raw.get("title"), self.type)

    @property
    def slots(self) -> list[str]:
        return [*self.widgets, *self.sockets, *self.turned]


class _Group:
    def __init__(self, data: Mapping[str, Any], definitions: Definitions) -> None:
        self._members = [_Member(place, raw, definitions) for place, raw in enumerate(data["nodes"])]
        self._config = data.get("config")
        self._external = {(e[0], e[1]) for e in _rows(data.get("external"), 2)}
        self._links: list[dict[str, Any]] = []
        self._feeds: dict[tuple[int, str], int] = {}
        self._inputs: list[dict[str, Any]] = []
        self._outputs: list[dict[str, Any]] = []
        self._used: set[tuple[int, int]] = set()
        self._seen: dict[str, int] = {}
        for origin, origin_slot, target, target_slot in _rows(data.get("links"), 4):
            if origin in range(len(self._members)) and target in range(len(self._members)):
                member = self._members[target]
                slots = [*member.sockets, *member.turned]
                if target_slot in range(len(slots)):
                    name = slots[target_slot]
                    self._used.add((origin, origin_slot))
                    self._feeds[target, name] = self._link(origin, origin_slot, target, member.slots.index(name))

    def definition(self) -> dict[str, Any]:
        for member in self._members:
            primitive_used = (member.place, 0) in self._used
            if member.type in NOTES or (member.type == PRIMITIVE and not primitive_used):
                continue
            for name in member.widgets:
                self._offer(member, name)
            if member.type != REROUTE or not primitive_used:
                self._offer_sockets(member, member.sockets)
            self._offer_outputs(member)
        for member in self._members:
            self._offer_sockets(member, member.turned)
        return {
            "nodes": [dict(self._node(member)) for member in self._members],
            "links": self._links,
            "inputs": self._inputs,
            "outputs": self._outputs,
        }

    def _offer_sockets(self, member: _Member, names: list[str]) -> None:
        for name in names:
            if (member.place, name) not in self._feeds:
                self._offer(member, name)

    def _offer(self, member: _Member, name: str) -> None:
        """Make an input of the group of one inside, under the name that the editor gave it."""
        custom = self._custom(member, "input", name)
        shown = string(custom.get("name"), member.labels.get(name, name))
        key = shown
        if shown in self._seen or (member.type == PRIMITIVE and string(member.raw.get("title"))):
            key = shown = f"{member.title} {name}"
            if shown in self._seen:
                shown = f"{member.title} {self._seen[shown]} {name}"
        self._seen[key] = self._seen.get(key, 1) + 1
        if custom.get("visible") is False and name in member.sockets:
            return
        link = self._link(_BORDER_IN, len(self._inputs), member.place, member.slots.index(name))
        self._feeds[member.place, name] = link
        self._inputs.append({"name": shown, "type": member.kinds.get(name, ANY), "linkIds": [link]})

    def _offer_outputs(self, member: _Member) -> None:
        for slot, kind in enumerate(member.outputs):
            inside = (member.place, slot) in self._used and (member.place, slot) not in self._external
            if self._custom(member, "output", str(slot)).get("visible", not inside):
                link = self._link(member.place, slot, _BORDER_OUT, len(self._outputs))
                self._outputs.append({"name": kind, "type": kind, "linkIds": [link]})

    def _custom(self, member: _Member, side: str, name: str) -> Mapping[str, Any]:
        """What somebody set for an input or output in the group's dialog: a name, or that it is not shown."""
        found: Any = self._config
        for step in (str(member.place), side, name):
            found = found.get(step) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}

    def _link(self, origin: int, origin_slot: int, target: int, target_slot: int) -> int:
        self._links.append(
            {
                "id": len(self._links),
                "origin_id": origin,
                "origin_slot": origin_slot,
                "target_id": target,
                "target_slot": target_slot,
            }
        )
        return len(self._links) - 1

    def _node(self, member: _Member) -> Iterator[tuple[str, Any]]:
        """The node with links in place of its own, which meant nothing outside the file that it came from."""
        yield from member.raw.items()
        yield "id", member.place
        yield (
            "inputs",
            [
                {
                    "name": name,
                    "type": member.kinds.get(name, ANY),
                    "link": self._feeds.get((member.place, name)),
                    "widget": {"name": name} if name not in member.sockets else None,
                }
                for name in member.slots
            ],
        )


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _rows(value: Any, length: int) -> Iterator[list[int]]:
    """The first numbers of each row that has them."""
    for row in value if isinstance(value, list) else ():
        if isinstance(row, list) and len(row) >= length and all(type(part) is int for part in row[:length]):
            yield row[:length]
