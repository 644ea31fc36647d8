"""What somebody chose → a request: checked against the workflow, the seed drawn. Every screen comes through here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.comfyui.workflows.parameters import MEDIA, RANDOM_SEED, LoraChoice, WorkflowParameters
from core.exceptions import ValidationError
from core.generators.base import GenerationRequest
from core.validators.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    from core.comfyui.workflows.manager import Workflow

#: The parameters that people set one by one, in the order of the screens.
SETTINGS = (
    *("width", "height", "steps", "cfg", "guidance", "seed", "batch_size", "denoise", "negative_prompt"),
    *("length", "fps", "duration", "upscale_factor", "sampler", "scheduler", "lyrics", "lora_strength"),
)


def word(name: str) -> str:
    """What a parameter is called where people read."""
    return DEFAULT_LIMITS[name].label if name in DEFAULT_LIMITS else name.replace("_", " ").capitalize()


def inputs_of(workflow: Workflow) -> list[str]:
    """What a workflow can be told, in words and in the order of the screens: "prompt", "2 pictures", "steps" …"""
    found = ["prompt"] if "prompt" in workflow.supported else []
    for kind, noun in MEDIA.items():
        places = len(workflow.bindings.files(kind))
        if places:
            found.append(noun if places == 1 else f"{places} {noun}s")
        elif workflow.bindings.room_for(kind):
            found.append(f"{noun} to start from")
    if "loras" in workflow.supported:
        found.append("LoRA")
    return found + [word(name).lower() for name in settings_of(workflow)]


def settings_of(workflow: Workflow, *, started: bool = False) -> list[str]:
    """The parameters of a workflow that people set one by one, each once, in the order of the screens.

    Args:
        started: as for `Workflow.takes`.
    """
    echoes = workflow.plan.echoes
    return [name for name in SETTINGS if workflow.takes(name, started=started) and name not in echoes]


def make_request(
    workflow: Workflow,
    prompt: str,
    values: Mapping[str, Any],
    *,
    loras: Sequence[LoraChoice] | None = None,
    images: Sequence[str] = (),
    masks: Sequence[str] = (),
    videos: Sequence[str] = (),
    audios: Sequence[str] = (),
) -> GenerationRequest:
    """A request in which nothing is left to chance.

    Args:
        prompt: empty for workflows that need none; the saved one stays then.
        values: parameter → value of what was chosen; everything else stays as the workflow has it.
        loras: None leaves the workflow's own, an empty sequence takes style LoRAs out.
        images: names of pictures on the server, in order; masks, videos and audios likewise.

    Raises:
        ValidationError: a value is out of the workflow's range, the workflow has no place for it, or a file that it
            works on is not given: those that it was saved with are its author's.
    """
    chosen = {**values, "prompt": prompt} if prompt else dict(values)
    if prompt and "prompt" not in workflow.supported:
        raise ValidationError(f'The workflow "{workflow.label}" takes no words; choose another workflow.', "prompt")
    sent = {"images": images, "masks": masks, "videos": videos, "audios": audios}
    files = {role: tuple(names) for role, names in sent.items() if names}
    for name in chosen:
        if not workflow.takes(name, started="images" in files):
            with_picture = "without a picture to start from" if workflow.takes(name, started=True) else ""
            raise _no_place(workflow, name, f"has no {word(name).lower()} {with_picture}".rstrip())
        chosen[name] = workflow.limits[name].check(chosen[name])
    if loras and "loras" not in workflow.supported:
        raise _no_place(workflow, "loras", "takes no LoRA")
    for lora in loras or ():
        workflow.limits["lora_strength"].check(lora.strength)
        if not workflow.takes_lora(lora.name):
            raise ValidationError(
                f'The LoRA "{lora.name}" is not for the workflow "{workflow.label}"; choose another one.', "loras"
            )
    for role, names in files.items():
        room = workflow.bindings.room_for(role)
        if len(names) > room:
            kind = MEDIA[role]
            takes = f"takes {room} {kind}{'s' * (room > 1)} only" if room else f"takes no {kind}"
            raise _no_place(workflow, role, takes)
    _refuse_incomplete(workflow, files)
    if "images" in files and workflow.start_strength is not None:
        chosen.setdefault("denoise", workflow.start_strength)
    if "seed" in workflow.supported:
        own = RANDOM_SEED if workflow.seed is None else workflow.seed
        if chosen.setdefault("seed", own) == RANDOM_SEED:
            chosen["seed"] = workflow.draw_seed()
    given: dict[str, Any] = {**chosen, **files}
    parameters = WorkflowParameters(**given, loras=None if loras is None else tuple(loras))
    return GenerationRequest(workflow.name, parameters)


def _refuse_incomplete(workflow: Workflow, files: Mapping[str, Sequence[str]]) -> None:
    for role, noun in MEDIA.items():
        lacking = len(workflow.bindings.files(role)) - len(files.get(role, ()))
        if lacking > 0:
            number = f"{lacking} more" if role in files else str(lacking) if lacking > 1 else "a"
            needs, them = (f"{number} {noun}s", "them") if lacking > 1 else (f"{number} {noun}", "it")
            raise ValidationError(f'The workflow "{workflow.label}" needs {needs} to work on; attach {them}.', role)


def _no_place(workflow: Workflow, field: str, why: str) -> ValidationError:
    return ValidationError(f'The workflow "{workflow.label}" {why}; leave it out or choose another workflow.', field)
