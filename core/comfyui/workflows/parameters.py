"""What a caller may want of a workflow."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

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
        denoise: 0 to 1.
        width: pixels.
        height: pixels.
        loras: style LoRAs in the order in which they are applied; an empty tuple takes out those that are saved.
        images: names of files on the server, in the order of the workflow's image inputs.
    """

    prompt: str | None = None
    negative_prompt: str | None = None
    seed: int | None = None
    steps: int | None = None
    cfg: float | None = None
    guidance: float | None = None
    denoise: float | None = None
    width: int | None = None
    height: int | None = None
    batch_size: int | None = None
    loras: tuple[LoraChoice, ...] | None = None
    images: tuple[str, ...] | None = None

    @classmethod
    def of(cls, parameters: WorkflowParameters | PromptParameters) -> WorkflowParameters:
        """The same wishes; of `PromptParameters`, the fields that its caller set."""
        if isinstance(parameters, WorkflowParameters):
            return parameters
        return cls(**{name: getattr(parameters, name) for name in parameters.model_fields_set})

    def given(self) -> tuple[str, ...]:
        """Names of the values that are set."""
        return tuple(f.name for f in fields(self) if getattr(self, f.name) is not None)
