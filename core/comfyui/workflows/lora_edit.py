"""LoRAs into a graph and out of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.comfyui.workflows.bindings import Bindings, LoraLoader, ModelSource
from core.comfyui.workflows.draft import Draft
from core.comfyui.workflows.graph import Place
from core.comfyui.workflows.parameters import LoraChoice

_STRENGTHS = ("strength_model", "strength_clip", "strength")


class LoraEditor:
    """The style LoRAs of one graph: set, chained, put in or taken out. Those that it needs are never touched.

    A graph that has style loaders keeps them as long as there are choices for them, and gets further ones of the same
    class behind the last. A graph that has none gets new loaders behind each model loader: what comes after it, a
    needed LoRA included, is fed from them.
    """

    __slots__ = ("_models", "_styles")

    def __init__(self, bindings: Bindings) -> None:
        self._styles = bindings.styles
        self._models = () if bindings.styles else bindings.models

    def __call__(self, draft: Draft, choices: Sequence[LoraChoice]) -> None:
        for loader in self._styles:  # from the model on: what a loader feeds is still there when it goes
            if loader.depth >= len(choices):
                _take_out(draft, loader)
                continue
            for name, value in _settings(draft.graph[loader.place.node_id]["inputs"], choices[loader.depth]).items():
                draft.write(loader.place.node_id, name, value)
            if loader.last:
                _chain(draft, loader, choices[loader.depth + 1 :])
        if choices:
            for source in self._models:
                _put_in(draft, source, choices)


def _settings(inputs: Mapping[str, Any], choice: LoraChoice) -> dict[str, Any]:
    """The inputs of a loader that a choice sets."""
    return {"lora_name": choice.name, **{name: choice.strength for name in _STRENGTHS if name in inputs}}


def _chain(draft: Draft, loader: LoraLoader, choices: Sequence[LoraChoice]) -> None:
    """More loaders of the same class behind one."""
    first = draft.graph[loader.place.node_id]
    last = loader.place.node_id
    for choice in choices:
        fed = {name: [last, slot] for name, slot, _ in loader.ways}
        last = draft.add("lora", {**first, "inputs": {**first["inputs"], **_settings(first["inputs"], choice), **fed}})
    if choices:
        for _, slot, fed in loader.ways:
            _relink(draft, fed, last, slot)


def _take_out(draft: Draft, loader: LoraLoader) -> None:
    """Join what feeds a loader with what it feeds."""
    inputs = draft.graph[loader.place.node_id]["inputs"]
    for name, _, fed in loader.ways:
        _relink(draft, fed, *inputs[name])
    del draft.graph[loader.place.node_id]


def _put_in(draft: Draft, source: ModelSource, choices: Sequence[LoraChoice]) -> None:
    """New loaders behind a model loader, for its text encoder too when that is its own and in use."""
    (model, slot), clip = source.model, source.clip
    text, text_slot = clip or ("", 0)
    for choice in choices:
        inputs = {"lora_name": choice.name, "strength_model": choice.strength, "model": [model, slot]}
        node = {"class_type": "LoraLoaderModelOnly", "inputs": inputs, "_meta": {"title": "Load LoRA"}}
        if clip:
            node["class_type"] = "LoraLoader"
            inputs |= {"strength_clip": choice.strength, "clip": [text, text_slot]}
        model = text = draft.add("lora", node)
        slot, text_slot = 0, 1
    _relink(draft, source.model_feeds, model, slot)
    if clip:
        _relink(draft, source.clip_feeds, text, text_slot)


def _relink(draft: Draft, places: Iterable[Place], source: str, slot: int) -> None:
    """Feed inputs from another output. Each gets a list of its own."""
    for node_id, name in places:
        draft.write(node_id, name, [source, slot])
