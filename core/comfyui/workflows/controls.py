"""Numbers that others are computed from, where their titles say what for.

A computed value has no place of its own. What somebody has called "Width" and the size is worked out from, or
"Duration" where frames are counted, is what they meant to be changed.
"""

from __future__ import annotations

import re

from core.comfyui.workflows.graph import GraphView, Link, Place

_NUMBERS = frozenset(("INT", "FLOAT", "BOOLEAN", ""))
_BOUNDARY = re.compile(r"(?i)\b(?:max\w*|min|minimum|limit|original|source|input)\b")
_CALLED = {
    "width": re.compile(r"(?i)\bwidth\b"),
    "height": re.compile(r"(?i)\bheight\b"),
    "duration": re.compile(r"(?i)\b(?:duration|seconds?|secs?)\b"),
    "fps": re.compile(r"(?i)\b(?:fps|frame ?rate)\b"),
}
CONTROLLED = frozenset(_CALLED)
"""The roles that a title can tell."""


def control(view: GraphView, node_id: str, name: str, role: str) -> Place | None:
    """The one number with a title for `role` that a computed input is made from; None when none or several are.

    Only numbers are followed: what was measured on a picture is not what somebody typed.
    """

    def onward(link: Link) -> list[Link]:
        return [
            made
            for key, fed in view.live_links(link.node_id)
            if view.kind(link.node_id, key, fed) in _NUMBERS
            and isinstance(made := view.origin(link.node_id, key), Link)
        ]

    start = view.origin(node_id, name)
    found: set[Place] = set()
    for link in view.upstream([start] if isinstance(start, Link) else [], onward):
        for key, _ in view.live_links(link.node_id):
            place = view.number(link.node_id, key)
            if place and type(view.value(place)) in (int, float) and _is_called(view.title(place.node_id), role):
                found.add(place)
    return found.pop() if len(found) == 1 else None


def _is_called(title: str, role: str) -> bool:
    return bool(_CALLED[role].search(title)) and not _BOUNDARY.search(title)
