"""Passes over a picture that are switched off: encode, sample with a strength of 0, decode gives the same picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from core.comfyui.workflows.bindings import RefiningPass
from core.comfyui.workflows.graph import Graph, GraphView, Link, Place
from core.comfyui.workflows.samplers import Stage
from core.comfyui.workflows.shape import is_link


def find_passes(view: GraphView, stages: Iterable[Stage], denoise: Iterable[Place]) -> Iterator[RefiningPass]:
    """The stages that work over a picture and give a picture, each with a strength of its own."""
    strengths = frozenset(denoise)
    for stage in stages:
        place = view.number(*stage.inputs["denoise"]) if "denoise" in stage.inputs else None
        pixels = view.origin(stage.latent.node_id, "pixels") if stage.latent else None
        decoders = [node_id for node_id, _, _ in view.consumers[stage.sampler]]
        decoded = all(view.link(node_id, "samples") and view.link(node_id, "vae") for node_id in decoders)
        if place in strengths and place is not None and isinstance(pixels, Link) and decoders and decoded:
            feeds = tuple(fed for node_id in decoders for fed in view.feeds(Link(node_id, 0)))
            yield RefiningPass(place, pixels, tuple(decoders), feeds)


def skip_idle(graph: Graph, passes: Sequence[RefiningPass]) -> None:
    """Take out of a graph that the caller owns the passes that have a strength of 0, with all that only they need.

    ComfyUI would load the pass's models, encode and decode, and give the picture as it was, less what that loses.
    """
    idle = [p for p in passes if graph[p.denoise.node_id]["inputs"][p.denoise.input_name] == 0]
    begun_with = {Link(node_id, 0): p.source for p in idle for node_id in p.decoders}
    for refining in idle:
        source = refining.source
        for _ in idle:  # what it begins with may be what another one gives, that goes as well
            source = begun_with.get(source, source)
        for node_id, name in refining.feeds:
            graph[node_id]["inputs"][name] = list(source)
    _drop(graph, [node_id for p in idle for node_id in p.decoders])


def _drop(graph: Graph, node_ids: Iterable[str]) -> None:
    """Remove nodes, and what fed nothing else."""
    fed = Counter(value[0] for node in graph.values() for value in node["inputs"].values() if is_link(value))
    stack = list(node_ids)
    while stack:
        for value in graph.pop(stack.pop())["inputs"].values():
            if is_link(value):
                fed[value[0]] -= 1
                if not fed[value[0]]:
                    stack.append(value[0])
