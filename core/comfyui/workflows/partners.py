"""Nodes that have a picture made elsewhere and carry prompt, seed and size themselves."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core.comfyui.workflows.graph import GraphView, Link

_TEXTS = (
    ("prompt", re.compile(r"(?i)^(?:text_|user_)?prompt(?:_text)?$")),
    ("negative", re.compile(r"^negative_prompt$")),
)
_ROLES = (
    ("seed", re.compile(r"(?i)^(?:\w+_)?seed$")),
    ("steps", re.compile(r"^steps$")),
    ("cfg", re.compile(r"^(?:cfg|cfg_scale|prompt_adherence)$")),
    ("guidance", re.compile(r"^guidance(?:_scale)?$")),
    ("denoise", re.compile(r"^(?:image_)?denoise$")),
    ("batch_size", re.compile(r"^(?:n|number_of_images|num_images|batch_size)$")),
    ("duration", re.compile(r"^duration(?:_seconds)?$")),
    ("width", re.compile(r"^width$")),
    ("height", re.compile(r"^height$")),
)
_PRESETS = ("size_preset", "resolution_preset")
_DETECTS = re.compile(r"threshold|confidence")
_PARTS = frozenset(("MODEL", "CLIP", "CONDITIONING"))
_CONDITIONED = _PARTS - {"CLIP"}
_MEDIA = frozenset(("IMAGE", "VIDEO", "AUDIO", ""))
_SHOWN = _MEDIA | {"STRING"}


@dataclass(frozen=True, slots=True)
class Partner:
    """One such node: its prompt inputs, its negative ones, and role → input names for the rest."""

    node_id: str
    prompt: str | None
    negative: str | None
    inputs: dict[str, list[str]]


def find_partners(view: GraphView, known: Collection[str]) -> tuple[Partner, ...]:
    """The living nodes of this kind, outside of `known` (samplers, encoders and what they are made of).

    A node of which nothing says that it works elsewhere is taken for one when it has a prompt and no model: beside
    samplers only when pictures or the like are all that is made of it, which no language model is used for; without
    any sampler, also when it has no prompt but a seed. What a detector looks for is a prompt only when there is no
    other.
    """
    found: list[Partner] = []
    detectors: list[Partner] = []
    for node_id in view.living():
        if node_id in known:
            continue
        inputs = view.inputs(node_id)
        roles = [(_role_of(name), name) for name in inputs]
        prompt = next((name for role, name in roles if role == "prompt"), None)
        partner = view.schema.is_partner(view.class_of(node_id))
        seeded = any(role == "seed" for role, _ in roles)
        if prompt is None and isinstance(inputs.get("text"), str) and (partner or (seeded and not known)):
            prompt = "text"
        if not (partner or _makes(view, node_id, prompt, seeded=seeded, lone=not known)):
            continue
        made = Partner(
            node_id,
            prompt,
            next((name for role, name in roles if role == "negative"), None),
            {
                role: names
                for role, _ in _ROLES
                if (_is_sized(inputs) or role not in ("width", "height"))
                and (names := [name for known, name in roles if known == role])
            },
        )
        (found if partner or seeded or not _detects(view, node_id) else detectors).append(made)
    spoken = any(partner.prompt for partner in found)
    return (*found, *(detectors if len(detectors) == 1 and not known and not spoken else ()))


def _is_sized(inputs: Mapping[str, Any]) -> bool:
    """Whether width and height act: beside a list of sizes only when that says custom."""
    return not any("custom" not in str(inputs[name]).lower() for name in _PRESETS if name in inputs)


def _makes(view: GraphView, node_id: str, prompt: str | None, *, seeded: bool, lone: bool) -> bool:
    """Whether a node makes something from words, or from a seed, with nothing but pictures and the like to go by.

    Alone, it may be a language model that answers: loaded like a text encoder, it encodes nothing.
    """
    given = {view.kind(node_id, name, link) for name, link in view.links(node_id)}
    used = {view.kind(n, name, Link(node_id, slot)) for n, name, slot in view.consumers[node_id]}
    if given & _PARTS:
        return lone and prompt is not None and not given & _CONDITIONED and used <= _SHOWN
    if lone:
        return prompt is not None or (seeded and bool(given) and not view.schema.knows(view.class_of(node_id)))
    return prompt is not None and used <= _MEDIA


def _detects(view: GraphView, node_id: str) -> bool:
    """Whether a prompt says what to look for: a model of its own is given, or how sure to be, or a mask is taken."""
    names = view.inputs(node_id)
    if _DETECTS.search(" ".join(names)) or any("model" in name for name, _ in view.links(node_id)):
        return True
    return any(view.kind(n, name, Link(node_id, slot)) == "MASK" for n, name, slot in view.consumers[node_id])


@lru_cache(maxsize=4096)
def _role_of(name: str) -> str | None:
    """The role that an input has by its name proper: what belongs to a choice is called ``choice.name``."""
    last = name.rpartition(".")[2]
    return next((role for role, pattern in (*_TEXTS, *_ROLES) if pattern.match(last)), None)
