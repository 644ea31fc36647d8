"""What a caller may want of a workflow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from utils.language import phrase

if TYPE_CHECKING:
    from core.validators.image import PromptParameters

RANDOM_SEED = -1
"""A seed that asks for one to be drawn. 0 is a seed like any other."""


@dataclass(frozen=True, slots=True)
class LoraChoice:
    """A LoRA that somebody chose.

    Attributes:
        name: file name as the server lists it.
        strength: of its effect on the model and on the text encoder; 1 is the plain effect.
    """

    name: str
    strength: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowParameters:
    """Values for a workflow. None leaves what is saved in it.

    Attributes:
        seed: 0 or more; -1 draws one.
        cfg: classifier-free guidance. Where a model is distilled and its graph has a guidance instead, it drives that.
        guidance: the distilled guidance (``FluxGuidance``) by its own name.
        denoise: 0 to 1; a pass over a picture that is given 0 is left out of the graph.
        sampler: name of a sampler as the server lists it.
        scheduler: name of a scheduler as the server lists it.
        width: pixels.
        height: pixels.
        length: frames of a video.
        fps: frames a second.
        duration: seconds of sound or video.
        upscale_factor: by which a picture is enlarged, in each direction.
        lyrics: words to be sung.
        loras: style LoRAs in the order in which they are applied; an empty tuple takes out those that are saved.
        images: names of files on the server, in the order of the workflow's image inputs.
        masks: likewise, for its mask inputs.
        videos: likewise, for its video inputs.
        audios: likewise, for its sound inputs.
    """

    prompt: str | None = None
    negative_prompt: str | None = None
    lyrics: str | None = None
    seed: int | None = None
    steps: int | None = None
    cfg: float | None = None
    guidance: float | None = None
    denoise: float | None = None
    sampler: str | None = None
    scheduler: str | None = None
    width: int | None = None
    height: int | None = None
    batch_size: int | None = None
    length: int | None = None
    fps: float | None = None
    duration: float | None = None
    upscale_factor: float | None = None
    loras: tuple[LoraChoice, ...] | None = None
    images: tuple[str, ...] | None = None
    masks: tuple[str, ...] | None = None
    videos: tuple[str, ...] | None = None
    audios: tuple[str, ...] | None = None


PARAMETERS = tuple(field.name for field in fields(WorkflowParameters))
MEDIA: Mapping[str, str] = {
    "images": phrase("picture"),
    "masks": phrase("mask"),
    "videos": phrase("video"),
    "audios": phrase("sound"),
}
"""The parameters that are files on the server, and what people call one of them."""
_values = attrgetter(*PARAMETERS)


def values_of(parameters: WorkflowParameters | PromptParameters) -> Sequence[Any]:
    """The value of each of `PARAMETERS`, None where it is not set; a default of `PromptParameters` is not set."""
    if isinstance(parameters, WorkflowParameters):
        return _values(parameters)
    given, values = parameters.model_fields_set, parameters.__dict__
    return [values[name] if name in given else None for name in PARAMETERS]
