"""The LoRA loaders of a graph, which of them it needs, and where another one can be put in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from core.comfyui.workflows.bindings import LoraLoader, ModelSource
from core.comfyui.workflows.graph import GraphView, Link, Place

_WORD = re.compile(r"[a-z]+|\d+")
_STYLE = {"style", "styles"}
_SPEED = re.compile(
    r"lightning|turbo|hyper|lcm|schnell|causvid|accvid|distill|lightx2v|fusionx|dmd|pcm|tcd|self.?forcing|\d+.?steps?(?![a-z])"
)
_TASK = re.compile(
    r"control|canny|depth|(?:(?<![a-z])|open|dw)pose(?![a-z])|scribble|lineart|(?<![a-z])tile|inpaint|outpaint|ic.lora"
    r"|(?<![mr])edit(?!ion)|kontext|relight|angles?(?![a-z])|camera|upscale|remov|rgba|alpha(?!bet)|transparent|360"
    r"|panorama|try.?on|redux|face.?swap|(?<![a-z])union|diffsynth|(?<![a-z])uso(?![a-z])"
)
_MODEL_FILES = ("unet_name", "ckpt_name", "model_name")


def find_loras(
    view: GraphView, sampled: Collection[Link], few_steps: bool, declared: Collection[str] | None = None
) -> tuple[LoraLoader, ...]:
    """The LoRA loaders on the way to a result, those on a branch that is off included: a server checks them too.

    Args:
        sampled: the models that are sampled with, and the encoders' own, where that is known of all: a LoRA of none
            of them is no style of the result's.
        few_steps: the graph samples in 8 steps or less without guidance, which a plain model can't.
        declared: ids of the loaders that are the user's; None where nobody said so.
    """
    ends = [Link(node_id, 0) for node_id in view.reachable if is_loader(view, node_id)]
    way = sorted({link.node_id for link in _models(view, ends)}, key=view.position)
    files = {n: view.inputs(n)["lora_name"] for n in way if is_loader(view, n)}
    bases = _base_names(view)
    lone = few_steps and len(files) == 1 and not any(_SPEED.search(base) for base in bases)
    drawn = {link.node_id for link in view.upstream(sampled, lambda link: _parts(view, link.node_id))} or files.keys()
    styles = {n for n, file in files.items() if n in drawn and not is_needed(file, bases, lone=lone)}
    if declared is not None:
        styles = files.keys() & declared
    before = {n: {link.node_id for link in _model_links(view, n)} for n in way}
    depth: dict[str, int] = {}
    for node_id in way:
        depth[node_id] = max((depth[n] + (n in styles) for n in before[node_id]), default=0)
    followed: set[str] = set()
    for node_id in reversed(way):
        if node_id in styles or node_id in followed:
            followed |= before[node_id]
    chained = tuple(
        LoraLoader(Place(n, "lora_name"), file, n not in styles, depth[n], n not in followed, _ways(view, n))
        for n, file in files.items()
    )
    return (*chained, *_hooks(view))


def find_sources(view: GraphView, starts: Iterable[Link]) -> tuple[ModelSource, ...]:
    """The loaders that the models come from, one per stage of a two-stage model, and their CLIP where it is in use."""
    found = []
    for link in _models(view, starts):
        if not _model_links(view, link.node_id):
            clip = next(
                (
                    Link(link.node_id, slot)
                    for consumer, name, slot in view.consumers[link.node_id]
                    if view.kind(consumer, name, Link(link.node_id, slot)) == "CLIP"
                ),
                None,
            )
            found.append(ModelSource(link, view.feeds(link), clip, view.feeds(clip) if clip else ()))
    return tuple(found)


def is_loader(view: GraphView, node_id: str) -> bool:
    inputs = view.inputs(node_id)
    return isinstance(inputs.get("lora_name"), str) and view.link(node_id, "model") is not None


def _hooks(view: GraphView) -> Iterator[LoraLoader]:
    """LoRAs that are hooked onto a conditioning: a server checks them too, and only who built the graph knows why."""
    for node_id in view.living():
        file = view.inputs(node_id).get("lora_name")
        if isinstance(file, str) and view.link(node_id, "model") is None:
            yield LoraLoader(Place(node_id, "lora_name"), file, True, 0, False, ())


def is_needed(file: str, bases: Collection[str], *, lone: bool = False) -> bool:
    """Whether a workflow is made for a LoRA, as its name and its company tell.

    Names mislead: a style made for a turbo model bears that model's name. What the model's own file says too is
    therefore no sign, and a style that calls itself one is one.

    Args:
        file: name of the LoRA's file.
        bases: names of the model files it is used with, in small letters.
        lone: it is the only LoRA of a graph that takes fewer steps than its model can do with.
    """
    name = file.lower()
    if _STYLE & set(_WORD.findall(name)):
        return False
    speed = {match for match in _SPEED.findall(name) if not any(match in base for base in bases)}
    return bool(speed) or bool(_TASK.search(name)) or lone


def _ways(view: GraphView, node_id: str) -> tuple[tuple[str, int, tuple[Place, ...]], ...]:
    return tuple(
        (name, slot, view.feeds(Link(node_id, slot)))
        for slot, name in enumerate(("model", "clip"))
        if view.link(node_id, name)
    )


def _base_names(view: GraphView) -> tuple[str, ...]:
    return tuple(
        value.lower()
        for node_id in view.reachable
        for name, value in view.inputs(node_id).items()
        if name in _MODEL_FILES and isinstance(value, str)
    )


def _models(view: GraphView, starts: Iterable[Link]) -> Iterator[Link]:
    """The MODEL outputs upstream, both branches of a switch included."""
    return view.upstream(starts, lambda link: _model_links(view, link.node_id))


def _parts(view: GraphView, node_id: str) -> list[Link]:
    return _linked(view, node_id, "MODEL", "CLIP")


def _model_links(view: GraphView, node_id: str) -> list[Link]:
    return _linked(view, node_id, "MODEL")


def _linked(view: GraphView, node_id: str, *kinds: str) -> list[Link]:
    """The links of these types, both branches of a switch included."""
    choices = view.branches(node_id)
    return [
        link
        for name, link in view.links(node_id)
        if (kind := view.kind(node_id, name, link)) in kinds or (not kind and name in choices)
    ]
