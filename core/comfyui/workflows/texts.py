"""Where the words are written that reach a sampler.

Conditioning is walked upstream, output by output, to the encoders; an encoder's text is then followed over links to
the string that somebody typed. Titles decide only between the parts of one text, never about positive and negative.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from core.comfyui.workflows.graph import GraphView, Link, Place

Side: TypeAlias = Literal["positive", "negative"]

_FIXED_TITLE = re.compile(r"(?i)system|trigger|template|instruction|prefix|suffix|wrapper|quality tags")
_FIXED_TEXT = re.compile(r"(?i)^\s*you are (?:an?|the) ")
_USERS_TITLE = re.compile(r"(?i)prompt|user|your|describe|text here")
_WRITERS = re.compile(r"(?i)^(?:user_|text_)?prompt(?:_text)?$")


@dataclass(frozen=True, slots=True)
class Encoder:
    """A node that turns text into conditioning, and the side of the sampler it was reached on."""

    node_id: str
    side: Side


@dataclass(frozen=True, slots=True)
class Text:
    """The place of a text; `sure` is False when several parts of it could be the user's."""

    place: Place
    sure: bool = True


def encoders(view: GraphView, starts: Iterable[tuple[Side, Link]]) -> Iterator[Encoder]:
    """The nodes that conditioning comes from or passes through, with their side, nearest first.

    A node with ``positive`` and ``negative`` inputs hands on by its slots: 0 along positive, later ones along
    negative. Behind ``ConditioningZeroOut`` nothing matters.
    """
    seen: set[tuple[Side, Link]] = set()
    stack = list(starts)[::-1]
    while stack:
        side, link = stack.pop()
        if (side, link) in seen or "ZeroOut" in view.class_of(link.node_id):
            continue
        seen.add((side, link))
        yield Encoder(link.node_id, side)
        stack.extend(list(_conditioned_by(view, side, link))[::-1])


def _conditioned_by(view: GraphView, side: Side, link: Link) -> Iterator[tuple[Side, Link]]:
    incoming = list(view.sources(link.node_id, "CONDITIONING"))
    paired = any(name.startswith(("positive", "negative")) for name, _ in incoming)
    output = view.schema.output_name(view.class_of(link.node_id), link.slot)
    wanted = ("negative" if link.slot else "positive") if output is None else output.lower()[:8]
    for name, made in incoming:
        if not paired or name.startswith(wanted):
            yield side, made


def texts_of(view: GraphView, node_id: str, side: Side) -> list[list[Text]]:
    """The texts of an encoder for one side: per text input, the places that make it up.

    A node that takes both texts itself (``positive_prompt``, ``negative_prompt``) gives each to its side.
    """
    names = view.schema.texts(view.class_of(node_id), view.inputs(node_id))
    names = [n for n in names if n != "lyrics" and not _is_conditioning(view, node_id, n)]
    if any(name.startswith("negative") for name in names):
        names = [name for name in names if name.startswith("negative") == (side == "negative")]
    return [found for name in names if (found := text_places(view, node_id, name))]


def _is_conditioning(view: GraphView, node_id: str, name: str) -> bool:
    link = view.link(node_id, name)
    return link is not None and view.kind(node_id, name, link) == "CONDITIONING"


def text_places(view: GraphView, node_id: str, name: str) -> list[Text]:
    """Where the text of an input is written: one place, or several when nothing tells which is the user's."""
    parts = list(_parts(view, node_id, name))
    written = [part for part in parts if view.inputs(part[0].node_id)[part[0].input_name].strip()] or parts
    if not written:
        return []
    least = min(fixed for _, fixed in written)
    best = [place for place, fixed in written if fixed == least]
    return [Text(place, sure=len(best) == 1) for place in best]


def _parts(view: GraphView, node_id: str, name: str) -> Iterator[tuple[Place, int]]:
    """The literals that a text is put together from, each with how much speaks against its being the user's."""
    seen: set[Link | Place] = set()
    stack = [(node_id, name, 0)]
    while stack:
        node_id, name, fixed = stack.pop()
        made = view.origin(node_id, name)
        if made is None or made in seen:
            continue
        seen.add(made)
        if isinstance(made, Place):
            text = view.inputs(made.node_id)[made.input_name]
            if isinstance(text, str):
                yield made, fixed + _against(view.title(made.node_id), text)
            continue
        names = view.schema.texts(view.class_of(made.node_id), view.inputs(made.node_id))
        asked = [n for n in names if _WRITERS.match(n)] or [n for n in names if not n.startswith("negative")]
        asked = asked or view.schema.strings(view.class_of(made.node_id), view.inputs(made.node_id))
        for part in reversed(asked):
            own = len(asked) > 1 and view.link(made.node_id, part) is None
            stack.append((made.node_id, part, fixed + own))


def _against(title: str, text: str) -> int:
    fixed = bool(_FIXED_TITLE.search(title))
    return fixed + bool(_FIXED_TEXT.search(text)) - (not fixed and bool(_USERS_TITLE.search(title)))
