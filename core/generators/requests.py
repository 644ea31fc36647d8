"""What somebody chose → a request: checked against the workflow, the seed drawn. Every screen comes through here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.comfyui.workflows.parameters import MEDIA, RANDOM_SEED, LoraChoice, WorkflowParameters
from core.exceptions import ValidationError
from core.generators import file_words
from core.generators.base import GenerationRequest
from core.validators.words import noun, word
from utils.language import phrase

if TYPE_CHECKING:
    from core.comfyui.workflows.manager import Workflow

__all__ = ("SETTINGS", "inputs_of", "make_request", "settings_of", "word")

#: The parameters that people set one by one, in the order of the screens.
SETTINGS = (
    *("width", "height", "steps", "cfg", "guidance", "seed", "batch_size", "denoise", "negative_prompt"),
    *("length", "fps", "duration", "upscale_factor", "sampler", "scheduler", "lyrics", "lora_strength"),
)
_LORA = phrase("LoRA")
_START = phrase("picture to start from")


def inputs_of(workflow: Workflow) -> list[str]:
    """What a workflow can be told, in words and in the order of the screens: "prompt", "2 pictures", "steps" …"""
    found = [noun("prompt")] if "prompt" in workflow.supported else []
    for kind in MEDIA:
        places = len(workflow.bindings.files(kind))
        if places:
            found.append(MEDIA[kind] if places == 1 else file_words.counted(kind, places))
        elif workflow.bindings.room_for(kind):
            found.append(_START)
    if "loras" in workflow.supported:
        found.append(_LORA)
    return found + [noun(name) for name in settings_of(workflow)]


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
    """A request in which nothing is left to chance, without what would not act: it tells how something was made.

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
        raise ValidationError(
            phrase('The workflow "{workflow}" takes no words; choose another workflow.', workflow=workflow.label),
            "prompt",
        )
    sent = {"images": images, "masks": masks, "videos": videos, "audios": audios}
    files = {role: tuple(names) for role, names in sent.items() if names}
    for name in chosen:
        if not workflow.takes(name, started="images" in files):
            raise _no_place(workflow, name)
        chosen[name] = workflow.limits[name].check(chosen[name])
    _check_loras(workflow, loras or ())
    _check_files(workflow, files)
    if "images" in files and workflow.start_strength is not None:
        chosen.setdefault("denoise", workflow.start_strength)
    idle = workflow.idle(chosen.get("denoise"))
    chosen = {name: value for name, value in chosen.items() if name not in idle}
    if "seed" in workflow.supported - idle:
        own = RANDOM_SEED if workflow.seed is None else workflow.seed
        if chosen.setdefault("seed", own) == RANDOM_SEED:
            chosen["seed"] = workflow.draw_seed()
    given: dict[str, Any] = {**chosen, **files}
    parameters = WorkflowParameters(**given, loras=None if loras is None or "loras" in idle else tuple(loras))
    return GenerationRequest(workflow.name, parameters)


def _check_loras(workflow: Workflow, loras: Sequence[LoraChoice]) -> None:
    if loras and "loras" not in workflow.supported:
        raise ValidationError(
            phrase(
                'The workflow "{workflow}" takes no LoRA; leave it out or choose another workflow.',
                workflow=workflow.label,
            ),
            "loras",
        )
    for lora in loras:
        workflow.limits["lora_strength"].check(lora.strength)
        if not workflow.takes_lora(lora.name):
            raise ValidationError(
                phrase(
                    'The LoRA "{lora}" is not for the workflow "{workflow}"; choose another one.',
                    lora=lora.name,
                    workflow=workflow.label,
                ),
                "loras",
            )


def _check_files(workflow: Workflow, files: Mapping[str, Sequence[str]]) -> None:
    for role, names in files.items():
        room = workflow.bindings.room_for(role)
        if len(names) > room:
            raise ValidationError(file_words.refused(role, workflow.label, room), role)
    for role in MEDIA:
        lacking = len(workflow.bindings.files(role)) - len(files.get(role, ()))
        if lacking > 0:
            needs = file_words.more_needed if role in files else file_words.needed
            raise ValidationError(needs(role, workflow.label, lacking), role)


def _no_place(workflow: Workflow, name: str) -> ValidationError:
    named = {"workflow": workflow.label, "setting": noun(name)}
    if workflow.takes(name, started=True):
        # Translators: {setting} is what a setting is called, such as "strength" or "width"
        sentence = phrase(
            'The workflow "{workflow}" has no {setting} without a picture to start from; '
            "leave it out or choose another workflow.",
            **named,
        )
    else:
        # Translators: {setting} is what a setting is called, such as "strength" or "width"
        sentence = phrase(
            'The workflow "{workflow}" has no {setting}; leave it out or choose another workflow.', **named
        )
    return ValidationError(sentence, name)
