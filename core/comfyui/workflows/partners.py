"""Nodes that have a picture made elsewhere and carry prompt, seed and size themselves."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from core.comfyui.workflows.graph import GraphView

_PROMPT = re.compile(r"(?i)^(?:text_|user_)?prompt(?:_text)?$")
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


@dataclass(frozen=True, slots=True)
class Partner:
    """One such node: its prompt inputs, its negative ones, and role → input names for the rest."""

    node_id: str
    prompt: str | None
    negative: str | None
    inputs: dict[str, list[str]]


def find_partners(view: GraphView, known: Collection[str]) -> Iterator[Partner]:
    """The living nodes of this kind, outside of `known` (samplers, encoders and what they are made of)."""
    for node_id in view.living():
        inputs = view.inputs(node_id)
        prompt = next((name for name in inputs if _PROMPT.match(_last(name))), None)
        partner = view.schema.is_partner(view.class_of(node_id))
        if partner and prompt is None and isinstance(inputs.get("text"), str):
            prompt = "text"
        if node_id in known or not (partner or (prompt and _works_alone(view, node_id))):
            continue
        sized = not any("custom" not in str(inputs[name]).lower() for name in _PRESETS if name in inputs)
        yield Partner(
            node_id,
            prompt,
            next((name for name in inputs if _last(name) == "negative_prompt"), None),
            {
                role: names
                for role, pattern in _ROLES
                if (sized or role not in ("width", "height"))
                and (names := [name for name in inputs if pattern.match(_last(name))])
            },
        )


def _works_alone(view: GraphView, node_id: str) -> bool:
    """Is given no model, text encoder or conditioning."""
    given = {view.kind(node_id, name, link) for name, link in view.links(node_id)}
    return not given & {"MODEL", "CLIP", "CONDITIONING"}


def _last(name: str) -> str:
    """The name proper of an input: what belongs to a choice is called ``choice.name``."""
    return name.rpartition(".")[2]
