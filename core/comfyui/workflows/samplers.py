"""The samplers of a graph, found by their sockets, and the inputs that steer each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.comfyui.workflows.graph import GraphView, Link
from core.comfyui.workflows.schema import CORE_TYPES
from core.comfyui.workflows.texts import Side, encoders, side_of, texts_of

_SAMPLES = ("steps", "num_inference_steps", "sampler_name", "sampler", "sigmas")
_ALONE = {"seed", "steps"}
_LATENTS = ("latent_image", "latent", "samples", "latents", "image_embeds", "image")
_STEPS = ("steps", "num_inference_steps")
_CFG = ("cfg", "cfg_conds", "cfg_scale", "true_cfg", "true_gs", "guidance_scale")
_GUIDANCE = ("guidance", "embedded_guidance_scale")
_DENOISE = ("denoise", "denoise_strength")
_SEEDS = ("seed", "noise_seed")
_OFF = ("disable", False)
_LAST = ("negative", "cond2")
_SAVER = re.compile(r"(?i)save")


@dataclass(frozen=True, slots=True)
class Stage:
    """One sampling: a sampler with what it is given.

    Attributes:
        sampler: the node that samples.
        guider: the node that holds conditioning and cfg; the sampler itself where there is no other.
        scheduler: the node that holds the steps, or None behind fixed sigmas.
        inputs: role → (node id, input name) for seed, steps, cfg, denoise, sampler, scheduler, as far as it has them.
        conditioning: side → the link that arrives there.
        reached: the nodes on the conditioning, each with its side, nearest first.
        latent: what is sampled.
        model: what it is sampled with, as it is linked: in front of any switch; None where nothing is sampled.
    """

    sampler: str
    guider: str
    scheduler: str | None
    inputs: dict[str, tuple[str, str]]
    conditioning: tuple[tuple[Side, Link], ...]
    reached: tuple[tuple[Side, str], ...]
    latent: Link | None
    model: Link | None


def find_stages(view: GraphView) -> tuple[Stage, ...]:
    """The samplers that serve the user, in the order in which they run.

    A sampler without text, noise of its own and choice of steps belongs to a preprocessor (depth estimation) and is
    left out, unless there is no other.
    """
    stages = tuple(stage for node_id in view.living() if (stage := _stage(view, node_id)))
    return tuple(stage for stage in stages if not _preprocesses(view, stage)) or stages


def find_seeker(view: GraphView) -> tuple[Stage, ...]:
    """The node that takes conditioning without sampling, where there is one only: it is told in words what to find."""
    found = [
        Stage(node_id, node_id, None, {}, told, _reached(view, told), latent=None, model=None)
        for node_id in view.living()
        if (told := tuple(_conditioning(view, node_id))) and not _hands_on_conditioning(view, node_id)
    ]
    return tuple(found) if len(found) == 1 else ()


def _reached(view: GraphView, conditioning: tuple[tuple[Side, Link], ...]) -> tuple[tuple[Side, str], ...]:
    return tuple([(encoder.side, encoder.node_id) for encoder in encoders(view, conditioning)])


def _hands_on_conditioning(view: GraphView, node_id: str) -> bool:
    fed = view.consumers[node_id]
    return any(view.kind(consumer, name, Link(node_id, slot)) == "CONDITIONING" for consumer, name, slot in fed)


def _stage(view: GraphView, node_id: str) -> Stage | None:
    inputs = view.inputs(node_id)
    guider = _made_by(view, node_id, "guider") or node_id
    if guider == node_id and (not any(name in inputs for name in _SAMPLES) or _SAVER.search(view.class_of(node_id))):
        return None
    conditioning = tuple(_conditioning(view, guider))
    if not conditioning:
        if not (inputs.keys() >= _ALONE and _is_fed_alone(view, node_id)):
            return None
        conditioning = tuple(_unnamed(view, node_id))
    scheduler = node_id if any(name in inputs for name in _STEPS) else _scheduler(view, node_id)
    found: dict[str, tuple[str, str]] = {}
    for role, holder, names in (
        ("seed", _noise(view, node_id), _SEEDS),
        ("steps", scheduler, _STEPS),
        ("cfg", guider, _CFG),
        ("guidance", node_id, _GUIDANCE),
        ("denoise", scheduler or node_id, _DENOISE),
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
        reached=_reached(view, conditioning),
        latent=_latent(view, node_id),
        model=view.link(guider, "model") or next((link for _, link in view.sources(guider, "MODEL")), None),
    )


def _conditioning(view: GraphView, guider: str) -> Iterator[tuple[Side, Link]]:
    """What arrives from each side, the positive first. Embeddings of both texts, and bundles, arrive from both.

    What a model has been given on its way (areas that it attends to) is conditioning too.
    """
    inputs = view.inputs(guider)
    found = [(name, link) for name, link in view.sources(guider, "CONDITIONING") if name in inputs]
    for name, link in sorted(found, key=lambda item: _LAST.index(item[0]) + 1 if item[0] in _LAST else 0):
        yield side_of(name), link
        if name.endswith("embeds"):
            yield "negative", link
    bundle = None if found else view.bundle(guider)
    if bundle:
        yield "positive", bundle
        yield "negative", bundle
    elif not found:
        return
    models = [link for _, link in view.sources(guider, "MODEL")]
    for model in view.upstream(models, lambda link: [made for _, made in view.sources(link.node_id, "MODEL")]):
        for name, link in view.sources(model.node_id, "CONDITIONING"):
            yield side_of(name), link


def _is_fed_alone(view: GraphView, node_id: str) -> bool:
    """Is given something and has no text of its own: samples, when it is no service elsewhere."""
    class_type, inputs = view.class_of(node_id), view.inputs(node_id)
    here = not view.schema.is_partner(class_type) and not view.schema.texts(class_type, inputs)
    return here and bool(view.links(node_id))


def _unnamed(view: GraphView, node_id: str) -> Iterator[tuple[Side, Link]]:
    """What a sampler is given of a kind that only its pack knows: words may come with it."""
    for name, link in view.live_links(node_id):
        made = view.origin(node_id, name)
        if isinstance(made, Link) and view.kind(node_id, name, link) not in CORE_TYPES:
            yield "positive", made
            yield "negative", made


def _latent(view: GraphView, node_id: str) -> Link | None:
    named = next((link for name in _LATENTS if (link := _origin(view, node_id, name))), None)
    made = named or next((link for kind in ("LATENT", "IMAGE") for _, link in view.sources(node_id, kind)), None)
    return made or view.bundle(node_id)


def _noise(view: GraphView, node_id: str) -> str | None:
    """The node that holds the seed; None when the sampler adds no noise."""
    inputs = view.inputs(node_id)
    if inputs.get("add_noise") in _OFF:
        return None
    return node_id if any(name in inputs for name in _SEEDS) else _made_by(view, node_id, "noise")


def _scheduler(view: GraphView, node_id: str) -> str | None:
    """The node that makes the sigmas, past those that cut or change them; None for sigmas that are written out."""
    for link in sigma_chain(view, node_id):
        inputs = view.inputs(link.node_id)
        if "sigmas" not in inputs and any(name in inputs for name in _STEPS):
            return link.node_id
    return None


def sigma_chain(view: GraphView, node_id: str) -> Iterable[Link]:
    """The outputs that the sigmas of a sampler come through, nearest first."""
    return view.upstream(_carried(view, node_id), lambda link: _carried(view, link.node_id))


def _carried(view: GraphView, node_id: str) -> list[Link]:
    return [link for _, link in view.sources(node_id, "SIGMAS")]


def _preprocesses(view: GraphView, stage: Stage) -> bool:
    if "seed" in stage.inputs or any(texts_of(view, node_id, side) for side, node_id in stage.reached):
        return False
    place = view.number(*stage.inputs["steps"]) if "steps" in stage.inputs else None
    return place is not None and view.inputs(place.node_id)[place.input_name] == 1


def _origin(view: GraphView, node_id: str, name: str) -> Link | None:
    made = view.origin(node_id, name) if name in view.inputs(node_id) else None
    return made if isinstance(made, Link) else None


def _made_by(view: GraphView, node_id: str, name: str) -> str | None:
    link = _origin(view, node_id, name)
    return link.node_id if link else None
