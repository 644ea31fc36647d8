"""What somebody chose → a request: checked against the workflow, the seed drawn. Every screen comes through here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.comfyui.workflows.parameters import RANDOM_SEED, LoraChoice, WorkflowParameters
from core.exceptions import ValidationError
from core.generators.base import GenerationRequest

if TYPE_CHECKING:
    from core.comfyui.workflows.manager import Workflow

#: What parameters are called where people read, in the order of the screens.
WORDS = {
    "width": "Width",
    "height": "Height",
    "steps": "Steps",
    "cfg": "CFG",
    "guidance": "Guidance",
    "seed": "Seed",
    "batch_size": "Batch size",
    "denoise": "Strength",
    "negative_prompt": "Negative prompt",
    "lora_strength": "LoRA strength",
}


def make_request(
    workflow: Workflow,
    prompt: str,
    values: Mapping[str, Any],
    *,
    loras: Sequence[LoraChoice] | None = None,
    images: Sequence[str] = (),
) -> GenerationRequest:
    """A request in which nothing is left to chance.

    Args:
        prompt: empty for workflows that need none; the saved one stays then.
        values: parameter → value of what was chosen; everything else stays as the workflow has it.
        loras: None leaves the workflow's own, an empty sequence takes style LoRAs out.
        images: names of pictures on the server, in order.

    Raises:
        ValidationError: a value is out of the workflow's range, or the workflow has no place for it.
    """
    chosen = {**values, "prompt": prompt} if prompt else dict(values)
    if prompt and "prompt" not in workflow.supported:
        raise ValidationError(f'The workflow "{workflow.label}" takes no words; choose another workflow.', "prompt")
    for name in chosen:
        if name not in workflow.supported:
            raise _no_place(workflow, name, f"has no {WORDS.get(name, name).lower()}")
        chosen[name] = workflow.limits[name].check(chosen[name])
    if loras and "loras" not in workflow.supported:
        raise _no_place(workflow, "loras", "takes no LoRA")
    for lora in loras or ():
        workflow.limits["lora_strength"].check(lora.strength)
    room = workflow.bindings.room_for_images
    if len(images) > room:
        raise _no_place(
            workflow, "images", f"takes {room} picture{'s' * (room > 1)} only" if room else "takes no picture"
        )
    if "seed" in workflow.supported and chosen.get("seed", RANDOM_SEED) == RANDOM_SEED:
        chosen["seed"] = workflow.draw_seed()
    parameters = WorkflowParameters(
        **chosen, loras=None if loras is None else tuple(loras), images=tuple(images) or None
    )
    return GenerationRequest(workflow.name, parameters)


def _no_place(workflow: Workflow, field: str, why: str) -> ValidationError:
    return ValidationError(f'The workflow "{workflow.label}" {why}; leave it out or choose another workflow.', field)
