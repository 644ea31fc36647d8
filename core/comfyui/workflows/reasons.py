"""Why a place was read as it was, in words for whoever made the graph. The words are made once, at binding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.comfyui.workflows.graph import GraphView, Place

_NAMED = 3
_EACH = {
    **dict.fromkeys(("images", "masks", "videos", "audios"), "in the order in which they arrive"),
    "loras": "in the order in which they apply",
}


def input_of(view: GraphView, place: Place, node_id: str, name: str) -> str:
    """A place, and the input that its value was asked for where that is another one."""
    own = f"{place.input_name} of {view.named(place.node_id)}"
    return own if place == (node_id, name) else f"{own}, over links to {name} of {view.named(node_id)}"


def size_of(view: GraphView, place: Place, node_id: str, name: str) -> str:
    """Like `input_of`; where the value is computed, the place is that of the picture that it is measured on."""
    if view.number(node_id, name) == place:
        return input_of(view, place, node_id, name)
    own = f"{place.input_name} of {view.named(place.node_id)}"
    return f"{own}, whose result is measured for {name} of {view.named(node_id)}"


def control_of(view: GraphView, place: Place, node_id: str, name: str) -> str:
    """A number that is called for what it does, and the input that is computed from it."""
    return f"{place.input_name} of {view.named(place.node_id)}, which {name} of {view.named(node_id)} is computed from"


def arrival_of(view: GraphView, place: Place, fed: Place) -> str:
    """A file's place, and the input that it arrives at."""
    own = f"{place.input_name} of {view.named(place.node_id)}"
    return f"{own}, which arrives at {fed.input_name} of {view.named(fed.node_id)}"


def lead(view: GraphView, role: str, places: Sequence[Place], others: Iterable[Place]) -> str:
    """What was decided where several places have one role."""
    if role in _EACH:
        return _EACH[role] if len(places) > 1 else ""
    left = [f"{p.input_name} of {view.named(p.node_id)} keeps its {view.value(p)!r}" for p in others]
    if left:
        return f"{view.named(places[0].node_id)} comes first and leads; {_some(left)}"
    return "all of them are written together" if len(places) > 1 else ""


def choice(view: GraphView, taken: Sequence[Place], left: Iterable[Place], *, sure: bool) -> str:
    """By what the texts were told that were taken for the user's."""
    names = [view.named(place.node_id) for place in dict.fromkeys(left) if place not in taken]
    if not sure:
        return "nothing tells which of them is the user's"
    if names:
        return f"told from {_some(names)} by title and wording"
    return "told by the links" + ("; they word the same picture and are written together" if len(taken) > 1 else "")


def _some(words: Sequence[str]) -> str:
    more = f" and {len(words) - _NAMED} more" if len(words) > _NAMED else ""
    return ", ".join(words[:_NAMED]) + more
