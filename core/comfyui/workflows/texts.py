"""Where the words are written that reach a sampler.

Conditioning is walked upstream, output by output, to the encoders; an encoder's text is then followed over links to
the string that somebody typed. Titles decide only between the parts of one text, never about positive and negative.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from core.comfyui.workflows.graph import GraphView, Link, Place

Side: TypeAlias = Literal["positive", "negative"]

_FIXED_TITLE = re.compile(r"(?i)system|trigger|template|instruction|prefix|suffix|wrapper|quality tags")
_FIXED_TEXT = re.compile(r"(?i)^\s*you are (?:an?|the) ")
_USERS_TITLE = re.compile(r"(?i)prompt|user|your|describe|text here")
_WRITERS = re.compile(r"(?i)^(?:user_|text_)?prompt(?:_text)?$")
_NEGATIVE = re.compile(r"(?i)(?:^|[\W_])(?:neg|negative|uncond|nag)(?:[\W_]|$|[a-z]*_?\d+$)|^cond2$")
_POSITIVE = re.compile(r"(?i)(?:^|[\W_])pos(?:itive)?(?:[\W_\d]|$)")
_LISTED = re.compile(r"^(?:choice|option)_?\d*$")
_SHOWS = re.compile(r"(?i)show|display|preview")
_COMPUTES = frozenset(("MODEL", "IMAGE", "VIDEO", "AUDIO", "LATENT"))
_SAYS = ("", "STRING")
_FILE = re.compile(r"^\S+\.(?:[a-z]{2,5}\d?|safetensors)(?: \[\w+\])?$")


@dataclass(frozen=True, slots=True)
class Encoder:
    """A node that turns text into conditioning, and the side of the sampler it was reached on."""

    node_id: str
    side: Side


@dataclass(frozen=True, slots=True)
class Text:
    """The place of a text.

    Attributes:
        asked: node and name of the input that it was found for.
        sure: False when several parts of it could be the user's.
        left: the parts that are not, as their titles and wording say.
    """

    place: Place
    asked: tuple[str, str]
    sure: bool = True
    left: tuple[Place, ...] = ()


@lru_cache(maxsize=4096)
def side_of(name: str) -> Side:
    """The side that an input or output is on, as its name says: what is not called negative is positive."""
    return "negative" if _NEGATIVE.search(name) else "positive"


def encoders(view: GraphView, starts: Iterable[tuple[Side, Link]]) -> Iterator[Encoder]:
    """The nodes that conditioning comes from or passes through, with their side, nearest first.

    A node with ``positive`` and ``negative`` inputs hands on by its outputs: the first that carries conditioning along
    positive, the second along negative. Behind ``ConditioningZeroOut`` nothing matters.
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
    incoming = view.sources(link.node_id, "CONDITIONING")
    paired = any(side_of(name) == "negative" for name, _ in incoming)
    wanted = _side_of_output(view, side, link) if paired else None
    for name, made in incoming:
        own = side_of(name)
        if not paired or (own == wanted if not name.endswith("embeds") else own in ("positive", side)):
            yield side, made


def _side_of_output(view: GraphView, side: Side, link: Link) -> Side:
    """The side of the inputs that an output of a node with both sides goes on from.

    Where the output's name does not say, its rank among those that carry conditioning does: a node that gives a model
    first, or two pairs, is no exception. A bundle, or embeddings of both texts, go on along the side that they were
    reached on.
    """
    name = view.schema.output_name(view.class_of(link.node_id), link.slot) or ""
    if _POSITIVE.search(name) or side_of(name) == "negative":
        return side_of(name)
    slots = sorted(
        {
            slot
            for consumer, fed, slot in view.consumers[link.node_id]
            if view.kind(consumer, fed, Link(link.node_id, slot)) == "CONDITIONING" and not fed.endswith("embeds")
        }
    )
    if link.slot not in slots or (len(slots) == 1 and link.slot):
        return side
    return "negative" if slots.index(link.slot) % 2 else "positive"


def texts_of(view: GraphView, node_id: str, side: Side) -> list[list[Text]]:
    """The texts of an encoder for one side: per text input, the places that make it up.

    A node that takes both texts itself (``positive_prompt``, ``negative_prompt``) gives each to its side. What is made
    from a text that another input has, or from words to be sung, is no text of its own.
    """
    handed_on = bool(view.sources(node_id, "CONDITIONING"))
    names = view.schema.texts(view.class_of(node_id), view.inputs(node_id), called=handed_on)
    names = [n for n in names if n != "lyrics" and not _is_conditioning(view, node_id, n)]
    names = _on_side(names or _beside_lyrics(view, node_id), side)
    known = {text.place for text in text_places(view, node_id, "lyrics", side)} if len(names) > 1 else set[Place]()
    texts = []
    for name in names:
        found = text_places(view, node_id, name, side)
        if found and known.isdisjoint(text.place for text in found):
            known.update(text.place for text in found)
            texts.append(found)
    return texts


def _beside_lyrics(view: GraphView, node_id: str) -> list[str]:
    """What says how words are to be sung, whatever it is called: the sentences beside them."""
    inputs = view.inputs(node_id)
    names = view.schema.strings(view.class_of(node_id), inputs) if "lyrics" in inputs else []
    return [name for name in names if name != "lyrics" and " " in inputs[name].strip()]


def _on_side(names: list[str], side: Side) -> list[str]:
    """The texts for one side, where a node has some for each."""
    split = any(side_of(name) == "negative" for name in names)
    return [name for name in names if not split or side_of(name) == side]


def _is_conditioning(view: GraphView, node_id: str, name: str) -> bool:
    link = view.link(node_id, name)
    return link is not None and view.kind(node_id, name, link) == "CONDITIONING"


def text_places(view: GraphView, node_id: str, name: str, side: Side = "positive") -> list[Text]:
    """Where the text of an input is written: one place, or several when nothing tells which is the user's."""
    parts = list(_parts(view, node_id, name, side))
    written = [part for part in parts if _words(view, part[0])] or parts
    if not written:
        return []
    least = min(fixed for _, fixed in written)
    best = [place for place, fixed in written if fixed == least]
    sure = len({_words(view, place) for place in best if not place.input_name.startswith("populated")}) < 2
    left = tuple(place for place, fixed in written if fixed > least)
    return [Text(place, (node_id, name), sure, left) for place in best]


def _words(view: GraphView, place: Place) -> str:
    return view.inputs(place.node_id)[place.input_name].strip()


def _parts(view: GraphView, node_id: str, name: str, side: Side) -> Iterator[tuple[Place, int]]:
    """The literals that a text is put together from, each with how much speaks against its being the user's."""
    seen: set[Link | Place] = set()
    stack = [(node_id, name, 0)]
    while stack:
        asking, name, fixed = stack.pop()
        made = view.origin(asking, name)
        if made is None or made in seen:
            continue
        seen.add(made)
        if isinstance(made, Place):
            text = view.inputs(made.node_id)[made.input_name]
            if isinstance(text, str) and (made.node_id == node_id or not _FILE.search(text)):
                yield made, fixed + _against(view.title(made.node_id), text)
            continue
        asked = _asked(view, made.node_id, side)
        for part in reversed(asked):
            own = len(asked) > 1 and view.link(made.node_id, part) is None
            stack.append((made.node_id, part, fixed + own + bool(_LISTED.match(part))))


def _asked(view: GraphView, node_id: str, side: Side) -> list[str]:
    """The inputs that the text a node gives is made from. What it merely shows, or sees in a picture, nobody wrote."""
    class_type, inputs = view.class_of(node_id), view.inputs(node_id)
    names = view.schema.texts(class_type, inputs)
    kinds = {name: view.kind(node_id, name, link) for name, link in view.live_links(node_id)}
    if kinds and _SHOWS.search(class_type):
        return [name for name in names if name in kinds] or list(kinds)
    writers = [name for name in names if _WRITERS.match(name)]
    if writers or not _COMPUTES.isdisjoint(kinds.values()):
        return writers
    if names:
        return _on_side(names, side)
    return [name for name, kind in kinds.items() if kind in _SAYS] or view.schema.strings(class_type, inputs)


def _against(title: str, text: str) -> int:
    fixed = bool(_FIXED_TITLE.search(title))
    return fixed + bool(_FIXED_TEXT.search(text)) - (not fixed and bool(_USERS_TITLE.search(title)))
