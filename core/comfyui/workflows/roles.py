"""What the inputs of a graph mean: `bind` finds where prompt, seed, size, steps, LoRAs and pictures go.

Nothing goes by node id or by a list of known workflows. Links are trusted before names, names before titles. What
reaches no output, or lies on the branch of a switch that is off, does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from config.vocabulary import ROLES
from core.comfyui.refusals import plain_name
from core.comfyui.workflows.bindings import SEED_LIMIT, Binding, Bindings, Handover, LoraLoader, Problem
from core.comfyui.workflows.declared import declare
from core.comfyui.workflows.graph import Graph, GraphView, Link, Place
from core.comfyui.workflows.loras import find_loras, find_sources
from core.comfyui.workflows.media import loaded_media, media_of
from core.comfyui.workflows.partners import Partner, find_partners
from core.comfyui.workflows.passes import find_passes
from core.comfyui.workflows.prompts import read_prompts
from core.comfyui.workflows.reasons import input_of, lead
from core.comfyui.workflows.samplers import Stage, find_seeker, find_stages, sigma_chain
from core.comfyui.workflows.sizes import frame_rates, mirrors, size_places
from core.comfyui.workflows.start_image import find_start
from utils.language import Phrase, phrase

_FEW_STEPS = 8
_ONE_VALUE = frozenset(
    (
        *("steps", "cfg", "guidance", "denoise", "sampler", "scheduler", "duration", "upscale_factor"),
        *("width", "height", "length"),
    )
)
_NAMES = ("sampler", "scheduler")
_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("seed", "steps", "width", "height", "batch_size", "length"), (int,)),
    **dict.fromkeys(("cfg", "guidance", "denoise", "fps", "upscale_factor"), (int, float)),
    **dict.fromkeys(_NAMES, (str,)),
}
_FACTORS = ("upscale_by", "scale_by", "upscale_factor", "scale_factor", "rescale_factor", "resize_type.multiplier")


def bind(
    graph: Graph,
    object_info: Mapping[str, Any] | None = None,
    *,
    declared: Mapping[str, Sequence[str]] | None = None,
) -> Bindings:
    """Find the places of every role in a graph in API format.

    Args:
        graph: the graph; it is not changed.
        object_info: the server's ``/object_info``, when at hand. It makes sure what names suggest.
        declared: role → places ``node_id.input_name``, for roles that are not to be read off the graph.

    Returns:
        The places, and in ``problems`` whatever makes the graph unusable or looks wrong.

    Raises:
        WorkflowError: this is no graph in API format, or what is declared does not fit it.
    """
    declared = declared or {}
    view = GraphView(graph, object_info)
    stages = find_stages(view)
    partners = find_partners(view, _steered(stages))
    if not stages and not any(partner.prompt for partner in partners):
        stages = find_seeker(view)
    prompts = read_prompts(view, stages, partners)
    media = loaded_media(view)
    reader = _Reader(view)
    reader.choices.update(prompts.choices)
    for role, places in (("positive", prompts.positive), ("negative", prompts.negative), ("lyrics", prompts.lyrics)):
        reader.add(role, places)
    reader.add_settings(stages, partners, prompts.guidance)
    reader.add_sizes(stages)
    for role, places in media.items():
        reader.add(role, places)
    models = [stage.model for stage in stages if stage.model]
    styles = {place.rpartition(".")[0] for place in declared["loras"]} if "loras" in declared else None
    sampled = [*models, *_texts_models(view, stages)] if len(models) == len(stages) else []
    loras = find_loras(view, sampled, _takes_few_steps(reader), styles)
    reader.add_loras(loras)
    roles = declare(view, reader.bindings(), declared)
    loaders = {place.node_id for places in media.values() for place in places}
    doubts = [problem for problem in prompts.problems if problem.role not in declared]
    denoise = roles["denoise"].places if "denoise" in roles else ()
    return Bindings(
        roles=roles,
        ambiguous=frozenset([role for role, binding in roles.items() if binding.others] + ["positive"] * bool(doubts)),
        inert=frozenset(_inert(view, stages, partners, loaders) & roles.keys() - declared.keys()),
        problems=(*_problems(view), *doubts, *_wrong_types(view, roles)),
        handovers=tuple(_handovers(view, stages, roles)),
        passes=tuple(find_passes(view, stages, denoise)),
        loras=loras,
        models=find_sources(view, models),
        seed_limit=_seed_limit(view, roles),
        outputs=tuple((node_id, media_of(view, node_id)) for node_id in view.outputs),
        start=find_start(view, stages, denoise) if denoise and not loaders else None,
    )


class _Reader:
    """Collects the places of each role.

    Where settings of several samplers disagree, the leading value counts: a second pass keeps its own.
    """

    def __init__(self, view: GraphView) -> None:
        self.view = view
        self.found: dict[str, dict[Place, str]] = {}
        self.choices: dict[str, str] = {}

    def add(self, role: str, places: Mapping[Place, str]) -> None:
        """Add places with their reasons; the first reason of a place stays."""
        known = self.found.setdefault(role, {})
        for place, reason in places.items():
            known.setdefault(place, reason)

    def number(self, role: str, node_id: str, name: str, purpose: str) -> None:
        place = self.view.number(node_id, name)
        followed = place != (node_id, name)
        if place and not (followed and role not in _NAMES and isinstance(self.view.value(place), str)):
            self.add(role, {place: f"{input_of(self.view, place, node_id, name)}, {purpose}"})

    def add_settings(
        self, stages: Iterable[Stage], partners: Iterable[Partner], guidance: Iterable[tuple[str, str]]
    ) -> None:
        for stage in stages:
            steers = f"which steers {self.view.named(stage.sampler)}"
            for role, (node_id, name) in stage.inputs.items():
                self.number(role, node_id, name, "which samples" if node_id == stage.sampler else steers)
        for node_id, name in guidance:
            self.number("guidance", node_id, name, "on the way of the positive conditioning")
        for partner in partners:
            for role, names in partner.inputs.items():
                for name in names:
                    self.number(role, partner.node_id, name, "which makes the result itself")
        for node_id, name in _factors(self.view):
            self.number("upscale_factor", node_id, name, "by which a picture is enlarged")

    def add_sizes(self, stages: Iterable[Stage]) -> None:
        view = self.view
        found = size_places(view, stages)
        made = {media_of(view, node_id) for node_id in view.outputs}
        if "video" not in made:
            found.pop("length", None)
            if "audio" not in made:
                found.pop("duration", None)
        for role, places in found.items():
            self.add(role, places)
        self.add("fps", frame_rates(view, view.outputs))
        for role, places in mirrors(view, self.found).items():
            self.add(role, places)

    def add_loras(self, loras: Iterable[LoraLoader]) -> None:
        for loader in loras:
            kept = "which the workflow is made for: it stays" if loader.needed else "a style, which may be changed"
            self.add("loras", {loader.place: f"{input_of(self.view, loader.place, *loader.place)}, {kept}"})

    def leading(self, role: str) -> Any:
        place = next(iter(self.found.get(role, ())), None)
        return self.view.value(place) if place else None

    def bindings(self) -> dict[str, Binding]:
        bound = {}
        for role in ROLES:
            places = self.found.get(role)
            if places:
                saved = self.leading(role)
                first = next(iter(places))
                taken = tuple(p for p in places if p == first or role not in _ONE_VALUE or self.view.value(p) == saved)
                kept = frozenset(taken)
                others = tuple(p for p in places if p not in kept)
                reason = self.choices.get(role) or lead(self.view, role, taken, others)
                bound[role] = Binding(taken, saved, reason, others, tuple(places[p] for p in taken))
        return bound


def _steered(stages: Iterable[Stage]) -> set[str]:
    """Samplers, what steers them, and what their conditioning comes through."""
    known: set[str] = set()
    for stage in stages:
        known.update((stage.sampler, stage.guider), (node_id for node_id, _ in stage.inputs.values()))
        known.update(node_id for _, node_id in stage.reached)
    return known


def _texts_models(view: GraphView, stages: Iterable[Stage]) -> list[Link]:
    """What the texts of the stages are encoded with."""
    nodes = dict.fromkeys([node_id for stage in stages for _, node_id in stage.reached])
    return [link for node_id in nodes for name, link in view.links(node_id) if view.kind(node_id, name, link) == "CLIP"]


def _factors(view: GraphView) -> Iterator[tuple[str, str]]:
    for node_id in view.living():
        for name in _FACTORS:
            place = view.number(node_id, name) if name in view.inputs(node_id) else None
            factor = view.value(place) if place else None
            if isinstance(factor, int | float) and factor > 1:
                yield node_id, name


def _takes_few_steps(reader: _Reader) -> bool:
    steps, cfg = reader.leading("steps"), reader.leading("cfg")
    return isinstance(steps, int) and steps <= _FEW_STEPS and cfg in (None, 1)


def _inert(view: GraphView, stages: Sequence[Stage], partners: Iterable[Partner], loaders: set[str]) -> set[str]:
    """Roles that can't act: a negative under a cfg of 1, which is not even computed; denoise where all starts empty."""
    cfgs = [s.inputs.get("cfg") for s in stages if any(side == "negative" for side, _ in s.conditioning)]
    cfgs += [(p.node_id, p.inputs["cfg"][0]) if "cfg" in p.inputs else None for p in partners if p.negative]
    places = [view.number(*cfg) if cfg else None for cfg in cfgs]
    plain = all(place is not None and view.value(place) == 1 for place in places)
    content = loaders | {stage.sampler for stage in stages}

    def onward(link: Link) -> list[Link]:
        return [made for _, made in view.sources(link.node_id, "LATENT", "IMAGE", "VIDEO", "AUDIO")]

    starts = [stage.latent for stage in stages if stage.latent]
    empty = not any(link.node_id in content for link in view.upstream(starts, onward))
    works = not empty or any("denoise" in partner.inputs for partner in partners)
    return {role for role, idle in (("negative", plain), ("denoise", not works)) if idle}


def _seed_limit(view: GraphView, roles: Mapping[str, Binding]) -> int:
    places = roles["seed"].places if "seed" in roles else ()
    limits = (view.schema.maximum(view.class_of(place.node_id), place.input_name) for place in places)
    return min([SEED_LIMIT, *(limit for limit in limits if limit is not None)])


def _handovers(view: GraphView, stages: Iterable[Stage], roles: Mapping[str, Binding]) -> Iterator[Handover]:
    """The steps at which samplers hand over, each once; they move when the number of steps does."""
    seen: set[Place] = set()
    bound = frozenset(roles["steps"].places if "steps" in roles else ())
    for stage in stages:
        steps = view.number(*stage.inputs["steps"]) if "steps" in stage.inputs else None
        if steps is None or steps not in bound or type(view.value(steps)) is not int:
            continue
        nodes = [stage.sampler, *(link.node_id for link in sigma_chain(view, stage.sampler))]
        for node_id in nodes:
            for name in ("start_at_step", "end_at_step", "step"):
                place = view.number(node_id, name) if name in view.inputs(node_id) else None
                if place and place not in seen and type(view.value(place)) is int:
                    seen.add(place)
                    yield Handover(place, view.value(place), view.value(steps))


def _problems(view: GraphView) -> Iterator[Problem]:
    if not view.outputs:
        yield Problem(phrase("Nothing in this workflow reaches a node that saves or shows a result."), fatal=True)
    for node_id in view.living():
        for name in view.schema.required(view.class_of(node_id)):
            if name not in view.inputs(node_id):
                yield Problem(
                    phrase(
                        '{node} lacks its input "{field}": connect it and save the workflow again.',
                        node=view.label(node_id),
                        field=plain_name(name),
                    ),
                    fatal=True,
                    node=view.title(node_id),
                    field=name,
                )


def _wrong_types(view: GraphView, roles: Mapping[str, Binding]) -> Iterator[Problem]:
    """Values that can't be what their input is for: widgets that were shifted when the file was saved."""
    for role in (role for role in roles if role in _KINDS):
        wanted = _KINDS[role]
        for place in (*roles[role].places, *roles[role].others):
            value = view.value(place)
            if isinstance(value, bool) or not isinstance(value, wanted):
                yield Problem(
                    _wrong_type(wanted, view.label(place.node_id), place.input_name, plain_name(str(value)[:40])),
                    node=view.title(place.node_id),
                    field=place.input_name,
                )


def _wrong_type(wanted: tuple[type, ...], node: str, field: str, value: str) -> Phrase:
    named = {"node": node, "field": field, "value": value}
    if wanted == (int,):
        return phrase('{node}: {field} holds "{value}", which is no whole number: the file was saved wrongly.', **named)
    if wanted == (str,):
        return phrase('{node}: {field} holds "{value}", which is no name: the file was saved wrongly.', **named)
    return phrase('{node}: {field} holds "{value}", which is no number: the file was saved wrongly.', **named)
