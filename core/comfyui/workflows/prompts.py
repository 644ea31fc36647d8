"""Which texts of a graph are the prompt and the negative prompt, and whether that is beyond doubt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from core.comfyui.workflows.bindings import Problem
from core.comfyui.workflows.graph import GraphView, Link, Place
from core.comfyui.workflows.partners import Partner
from core.comfyui.workflows.reasons import choice, input_of
from core.comfyui.workflows.samplers import Stage
from core.comfyui.workflows.texts import Side, Text, text_places, texts_of
from utils.language import phrase

_Group: TypeAlias = tuple[Text, ...]
"""The texts of one encoder, or of one partner node."""
_Ends: TypeAlias = dict[tuple[Side, Place], str]
"""What each text reaches, in words."""


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
    ends: _Ends = {}
    for stage in stages:
        part_of[stage.sampler] = picture = _picture(view, stage, part_of)
        nodes = [node_id for side, node_id in stage.reached if side == "positive"]
        groups = _spoken(view, list(_groups(view, stage, "positive", ends)))
        doubtful |= len({_words(view, group) for group in groups}) > 1
        pictures.setdefault(picture, []).extend(groups)
        negative += _groups(view, stage, "negative", ends)
        for text in (text for node_id in nodes for text in text_places(view, node_id, "lyrics")):
            found.lyrics[text.place] = f"{input_of(view, text.place, *text.asked)}, the words to be sung"
        found.guidance += [(node_id, "guidance") for node_id in nodes if "guidance" in view.inputs(node_id)]
        found.problems += _unread(view, nodes)
    for partner in partners:
        if partner.prompt and (texts := text_places(view, partner.node_id, partner.prompt)):
            pictures[partner.node_id] = [tuple(texts)]
        if partner.negative:
            negative.append(tuple(text_places(view, partner.node_id, partner.negative)))
    spoken = [groups for groups in pictures.values() if groups and any(_words(view, groups[0]))]
    spoken = spoken or [groups for groups in pictures.values() if groups]
    texts = [text for groups in spoken for group in groups for text in group]
    doubtful |= len({_words(view, groups[0]) for groups in spoken}) > 1 or not all(text.sure for text in texts)
    found.choices["positive"] = _write(view, found.positive, texts, "positive", ends, sure=not doubtful)
    others = [text for group in negative for text in group if text.place not in found.positive]
    sure = all(text.sure for text in others)
    found.choices["negative"] = _write(view, found.negative, others, "negative", ends, sure=sure)
    if doubtful:
        found.problems.append(_doubt(view, found.positive))
    return found


def _write(
    view: GraphView, places: dict[Place, str], texts: Iterable[Text], side: Side, ends: _Ends, *, sure: bool
) -> str:
    """Fill in the places of texts with their reasons; returns by what the texts were told."""
    left = []
    for text in texts:
        end = ends.get((side, text.place), "which makes the result itself")
        places[text.place] = f"{input_of(view, text.place, *text.asked)}, {end}"
        left += text.left
    return choice(view, list(places), left, sure=sure)


def _doubt(view: GraphView, places: Iterable[Place]) -> Problem:
    titles = tuple(dict.fromkeys(view.label(place.node_id) for place in places))
    return Problem(
        phrase("Several texts could be the prompt ({nodes}): feed them all from one text node.", nodes=titles),
        fatal=True,
        role="positive",
    )


def _picture(view: GraphView, stage: Stage, part_of: dict[str, str]) -> str:
    """The first sampler of the picture that a stage goes on with; itself when it starts one from noise.

    A stage that leaves some of a decoded picture goes on with it; one that makes a video of it does not.
    """
    strength = view.number(*stage.inputs["denoise"]) if "denoise" in stage.inputs else None
    kinds = ("LATENT", "IMAGE") if strength and view.value(strength) != 1 else ("LATENT",)

    def onward(link: Link) -> list[Link]:
        return [made for _, made in view.sources(link.node_id, *kinds)]

    if stage.latent and not ("seed" in stage.inputs and strength and view.value(strength) == 1):
        for link in view.upstream([stage.latent], onward):
            if link.node_id in part_of:
                return part_of[link.node_id]
    return stage.sampler


def _groups(view: GraphView, stage: Stage, side: Side, ends: _Ends) -> Iterator[_Group]:
    """The texts on one side of a stage; in `ends` goes what each of them reaches first."""
    for node_id in dict.fromkeys([node_id for reached, node_id in stage.reached if reached == side]):
        texts = tuple([text for found in texts_of(view, node_id, side) for text in found])
        for text in texts:
            if (side, text.place) not in ends:
                ends[side, text.place] = f"which reaches {side} of {view.named(stage.sampler)}"
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
                    phrase(
                        "{node}: {field} may be the prompt, but nothing says so.",
                        node=view.label(node_id),
                        field=name,
                    ),
                    fatal=True,
                    node=view.title(node_id),
                    field=name,
                    role="positive",
                )
