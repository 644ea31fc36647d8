"""Links of a file and the sockets at which they end.

A link says where it ends by the number of the socket, an input says by which link it is fed. Where both do and differ,
the input is right: the order of sockets may have changed since. A link that no input names ends where it says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

LinkId: TypeAlias = int | str


class SavedLink(NamedTuple):
    """A link of the file: the output where it begins, and the node and socket where it ends."""

    origin: str
    origin_slot: int
    target: str
    target_slot: int


class Slot(NamedTuple):
    """An input socket.

    Attributes:
        link: the id of its link, or None.
        widget: the name of the widget that has its value, too; empty when there is none.
    """

    name: str
    kind: str
    link: LinkId | None = None
    widget: str = ""


Links: TypeAlias = Mapping[LinkId, SavedLink]


def without_rivals(links: Links, nodes: Iterable[Any]) -> tuple[Links, Mapping[LinkId, LinkId]]:
    """Links of which no two end at the same socket, and what took the place of each that was given up.

    Of two, the first stays, unless only the other is named by an input.

    Args:
        nodes: the nodes of the file, not yet read.
    """
    ends = {link[2:]: link_id for link_id, link in reversed([*links.items()])}
    if len(ends) == len(links):
        return links, {}
    named = set(_named(nodes))
    kept = dict(links)
    given_up: dict[LinkId, LinkId] = {}
    for link_id, link in links.items():
        first = ends[link[2:]]
        if first == link_id:
            continue
        if link[:2] != links[first][:2] and link_id in named and first not in named:
            ends[link[2:]], first, link_id = link_id, link_id, first
        del kept[link_id]
        given_up = {lost: first if to == link_id else to for lost, to in given_up.items()} | {link_id: first}
    return kept, given_up


def settled(slots: Sequence[Slot], loose: Iterable[LinkId], links: Links) -> list[Slot]:
    """Sockets with the links that no input names. Whatever was fed by its name there goes to where its link says."""
    found = list(slots)
    for link_id in loose:
        place = links[link_id].target_slot
        if 0 <= place < len(found):
            displaced = found[place].link
            found[place] = found[place]._replace(link=link_id)
            back = links[displaced].target_slot if displaced is not None else -1
            if 0 <= back < len(found) and found[back].link is None:
                found[back] = found[back]._replace(link=displaced)
    return found


def _named(nodes: Iterable[Any]) -> Iterable[LinkId]:
    for node in nodes:
        slots = node.get("inputs") if isinstance(node, dict) else None
        for slot in slots if isinstance(slots, list) else ():
            link_id = slot.get("link") if isinstance(slot, dict) else None
            if isinstance(link_id, int | str):
                yield link_id
