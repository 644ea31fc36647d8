"""The samplers of a graph, found by their sockets, and the inputs that steer each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.comfyui.workflows.graph import GraphView, Link
from core.comfyui.workflows.texts import Side, encoders, texts_of

_SAMPLES = ("seed", "noise_seed", "steps", "sampler_name", "sampler", "sigmas")
_SIDES: dict[str, Side] = {
    "positive": "positive",
    "conditioning": "positive",
    "cond1": "positive",
    "text_embeds": "positive",
    "negative": "negative",
    "cond2": "negative",
}
_LATENTS = ("latent_image", "latent", "samples", "image_embeds", "image")
_CFG = ("cfg", "cfg_conds")
_SEEDS = ("seed", "noise_seed")
_OFF = ("disable", False)


@dataclass(frozen=True, slots=True)
class Stage:
    """One sampling: a sampler with what it is given.

    Attributes:
        sampler: the node that samples.
        guider: the node that holds conditioning and cfg; the sampler itself where there is no other.
        scheduler: the node that holds the steps, or None behind fixed sigmas.
        inputs: role → (node id, input name) for seed, steps, cfg, denoise, sampler, scheduler, as far as it has them.
        conditioning: side → the link that arrives there.
        latent: what is sampled.
        model: what it is sampled with, as it is linked: in front of any switch.
    """

    sampler: str
    guider: str
    scheduler: str | None
    inputs: dict[str, tuple[str, str]]
    conditioning: tuple[tuple[Side, Link], ...]
    latent: Link | None
    model: Link | None


def find_stages(view: GraphView) -> tuple[Stage, ...]:
    """The samplers that serve the user, in the order in which they run.

    A sampler without text, noise of its own and choice of steps belongs to a preprocessor (depth estimation) and is
    left out, unless there is no other.
    """
    stages = tuple(stage for node_id in view.living() if (stage := _stage(view, node_id)))
    return tuple(stage for stage in stages if not _preprocesses(view, stage)) or stages


def sides(view: GraphView, stage: Stage) -> Iterator[tuple[Side, str]]:
    """The nodes on the conditioning of a stage, each with its side, nearest first."""
    for encoder in encoders(view, stage.conditioning):
        yield encoder.side, encoder.node_id


def _stage(view: GraphView, node_id: str) -> Stage | None:
    inputs = view.inputs(node_id)
    guider = _made_by(view, node_id, "guider") or node_id
    conditioning = tuple(_conditioning(view, guider))
    if not conditioning or not (guider != node_id or any(name in inputs for name in _SAMPLES)):
        return None
    scheduler = node_id if "steps" in inputs else _scheduler(view, node_id)
    found: dict[str, tuple[str, str]] = {}
    for role, holder, names in (
        ("seed", _noise(view, node_id), _SEEDS),
        ("steps", scheduler, ("steps",)),
        ("cfg", guider, _CFG),
        ("denoise", scheduler or node_id, ("denoise",)),
        ("sampler", node_id if "sampler_name" in inputs else _made_by(view, node_id, "sampler"), ("sampler_name",)),
        ("scheduler", scheduler or node_id, ("scheduler",)),
    ):
        name = next((name for name in names if holder and name in view.inputs(holder)), None)
        if holder and name:
            found[role] = (holder, name)
    return Stage(
        sampler=node_id,
        guider=guider,
        scheduler=scheduler,
        inputs=found,
        conditioning=conditioning,
        latent=next((link for name in _LATENTS if (link := _origin(view, node_id, name))), None),
        model=view.link(guider, "model"),
    )


def _conditioning(view: GraphView, guider: str) -> Iterator[tuple[Side, Link]]:
    for name, side in _SIDES.items():
        link = _origin(view, guider, name)
        if link:
            yield side, link
            if name == "text_embeds":
                yield "negative", link


def _noise(view: GraphView, node_id: str) -> str | None:
    """The node that holds the seed; None when the sampler adds no noise."""
    inputs = view.inputs(node_id)
    if inputs.get("add_noise") in _OFF:
        return None
    return node_id if any(name in inputs for name in _SEEDS) else _made_by(view, node_id, "noise")


def _scheduler(view: GraphView, node_id: str) -> str | None:
    """The node that makes the sigmas, past those that cut or change them; None for sigmas that are written out."""
    for link in sigma_chain(view, node_id):
        if "steps" in view.inputs(link.node_id) and "sigmas" not in view.inputs(link.node_id):
            return link.node_id
    return None


def sigma_chain(view: GraphView, node_id: str) -> Iterable[Link]:
    """The outputs that the sigmas of a sampler come through, nearest first."""
    return view.upstream(_carried(view, node_id), lambda link: _carried(view, link.node_id))


def _carried(view: GraphView, node_id: str) -> list[Link]:
    return [link for _, link in view.sources(node_id, "SIGMAS")]


def _preprocesses(view: GraphView, stage: Stage) -> bool:
    if "seed" in stage.inputs or any(texts_of(view, node_id, side) for side, node_id in sides(view, stage)):
        return False
    place = view.number(*stage.inputs["steps"]) if "steps" in stage.inputs else None
    return place is not None and view.inputs(place.node_id)[place.input_name] == 1


def _origin(view: GraphView, node_id: str, name: str) -> Link | None:
    made = view.origin(node_id, name) if name in view.inputs(node_id) else None
    return made if isinstance(made, Link) else None


def _made_by(view: GraphView, node_id: str, name: str) -> str | None:
    link = _origin(view, node_id, name)
    return link.node_id if link else None
