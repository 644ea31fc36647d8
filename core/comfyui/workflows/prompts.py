"""Which texts of a graph are the prompt and the negative prompt, and whether that is beyond doubt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from core.comfyui.workflows.bindings import Problem
from core.comfyui.workflows.graph import GraphView, Link, Place
from core.comfyui.workflows.partners import Partner
from core.comfyui.workflows.reasons import choice, input_of
from core.comfyui.workflows.samplers import Stage, sides
from core.comfyui.workflows.texts import Side, Text, text_places, texts_of

_Group: TypeAlias = tuple[Text, ...]
"""The texts of one encoder, or of one partner node."""


@dataclass(slots=True)
class Prompts:
    """The texts that were found, each with the reason, and the inputs named guidance on the way of the positive ones.

    Attributes:
        choices: role → by what its texts were told.
        problems: why a prompt can't be told, when it can't.
    """

    positive: dict[Place, str] = field(default_factory=dict)
    negative: dict[Place, str] = field(default_factory=dict)
    lyrics: dict[Place, str] = field(default_factory=dict)
    guidance: list[tuple[str, str]] = field(default_factory=list)
    choices: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_prompts(view: GraphView, stages: Sequence[Stage], partners: Iterable[Partner]) -> Prompts:
    """Collect the texts of all stages and partner nodes.

    One picture has one prompt: base and refiner may word it differently, both are written. Texts that are combined
    for one sampler (areas, concatenation), and different texts of several pictures, are of equal rank: nothing says
    which is the user's, so the workflow is of no use until its author makes that clear.
    """
    found = Prompts()
    pictures: dict[str, list[_Group]] = {}
    part_of: dict[str, str] = {}
    doubtful = False
    negative: list[_Group] = []
    ends: dict[tuple[str, Place], str] = {}
    for stage in stages:
        part_of[stage.sampler] = picture = _picture(view, stage, part_of)
        nodes: dict[Side, list[str]] = {"positive": [], "negative": []}
        for side, node_id in sides(view, stage):
            nodes[side].append(node_id)
        groups = _spoken(view, list(_groups(view, nodes["positive"], "positive")))
        doubtful |= len({_words(view, group) for group in groups}) > 1
        pictures.setdefault(picture, []).extend(groups)
        others = list(_groups(view, nodes["negative"], "negative"))
        negative += others
        for side, these in (("positive", groups), ("negative", others)):
            for text in (text for group in these for text in group):
                ends.setdefault((side, text.place), f"which reaches {side} of {view.named(stage.sampler)}")
        for text in (text for n in nodes["positive"] for text in text_places(view, n, "lyrics")):
            found.lyrics[text.place] = f"{input_of(view, text.place, *text.asked)}, the words to be sung"
        found.guidance += [(n, "guidance") for n in nodes["positive"] if "guidance" in view.inputs(n)]
        found.problems += _unread(view, nodes["positive"])
    for partner in partners:
        if partner.prompt and (texts := text_places(view, partner.node_id, partner.prompt)):
            pictures[partner.node_id] = [tuple(texts)]
        if partner.negative:
            negative.append(tuple(text_places(view, partner.node_id, partner.negative)))
    spoken = [groups for groups in pictures.values() if groups and any(_words(view, groups[0]))]
    spoken = spoken or [groups for groups in pictures.values() if groups]
    texts = [text for groups in spoken for group in groups for text in group]
    doubtful |= len({_words(view, groups[0]) for groups in spoken}) > 1 or not all(text.sure for text in texts)
    others = [t for group in negative for t in group if t.place not in {text.place for text in texts}]
    for side, these, places in (("positive", texts, found.positive), ("negative", others, found.negative)):
        for text in these:
            end = ends.get((side, text.place), "which makes the result itself")
            places[text.place] = f"{input_of(view, text.place, *text.asked)}, {end}"
        left = [place for text in these for place in text.left]
        sure = not doubtful if side == "positive" else all(text.sure for text in these)
        found.choices[side] = choice(view, list(places), left, sure=sure)
    if doubtful:
        titles = ", ".join(dict.fromkeys(view.label(place.node_id) for place in found.positive))
        found.problems.append(
            Problem(
                f"Several texts could be the prompt ({titles}): feed them all from one text node.",
                fatal=True,
                role="positive",
            )
        )
    return found


def _picture(view: GraphView, stage: Stage, part_of: dict[str, str]) -> str:
    """The first sampler of the picture that a stage goes on with; itself when it starts one from noise."""

    def onward(link: Link) -> list[Link]:
        return [made for _, made in view.sources(link.node_id, "LATENT")]

    if stage.latent and not _starts_from_noise(view, stage):
        for link in view.upstream([stage.latent], onward):
            if link.node_id in part_of:
                return part_of[link.node_id]
    return stage.sampler


def _starts_from_noise(view: GraphView, stage: Stage) -> bool:
    place = view.number(*stage.inputs["denoise"]) if "denoise" in stage.inputs else None
    return "seed" in stage.inputs and place is not None and view.value(place) == 1


def _groups(view: GraphView, nodes: Iterable[str], side: Side) -> Iterator[_Group]:
    for node_id in dict.fromkeys(nodes):
        texts = tuple(text for found in texts_of(view, node_id, side) for text in found)
        if texts:
            yield texts


def _spoken(view: GraphView, groups: list[_Group]) -> list[_Group]:
    """Those that say something, where any does: a part that was left empty is no second prompt."""
    return [group for group in groups if any(_words(view, group))] or groups


def _words(view: GraphView, group: _Group) -> tuple[str, ...]:
    return tuple(view.inputs(text.place.node_id)[text.place.input_name].strip() for text in group)


def _unread(view: GraphView, nodes: Iterable[str]) -> Iterator[Problem]:
    """Conditioning that begins at a node with sentences in it that no known input holds."""
    for node_id in nodes:
        class_type = view.class_of(node_id)
        inputs = view.inputs(node_id)
        if view.schema.texts(class_type, inputs) or any(True for _ in view.sources(node_id, "CONDITIONING")):
            continue
        for name in view.schema.strings(class_type, inputs):
            if " " in inputs[name].strip():
                yield Problem(
                    f"{view.label(node_id)}: {name} may be the prompt, but nothing says so.",
                    fatal=True,
                    node=view.title(node_id),
                    field=name,
                    role="positive",
                )
