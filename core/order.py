"""What a command line asks for, before anything is checked."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.exceptions import ValidationError

if TYPE_CHECKING:
    from core.comfyui.workflows.workflow import Workflow
    from core.engine import Engine
    from core.generators.base import GenerationRequest


@dataclasses.dataclass(frozen=True, slots=True)
class Order:
    """Settings by parameter, files by kind. A LoRA's strength is None for the workflow's own; ``loras`` None leaves all
    as the workflow has it.
    """

    prompt: str
    workflow: str
    values: Mapping[str, Any]
    loras: Sequence[tuple[str, float | None]] | None
    files: Mapping[str, Sequence[Path]]

    async def request(self, engine: Engine, workflow: Workflow) -> GenerationRequest:
        """Make the request; files are brought to the server when all else is known to be right."""
        from core.comfyui.workflows.parameters import LoraChoice
        from core.generators.requests import make_request

        names = {kind: [path.name for path in paths] for kind, paths in self.files.items()}
        chosen = [LoraChoice(lora, workflow.lora_strength if at is None else at) for lora, at in self.loras or ()]
        loras = None if self.loras is None else chosen
        request = make_request(workflow, self.prompt, self.values, loras=loras, **names)
        sent = {
            kind: tuple([await engine.generator.upload(path, extension=path.suffix) for path in paths])
            for kind, paths in self.files.items()
        }
        return dataclasses.replace(request, parameters=dataclasses.replace(request.parameters, **sent))


def existing(paths: list[Path]) -> list[Path]:
    """The same paths. Raises ValidationError when one is no file."""
    for path in paths:
        if not path.is_file():
            raise ValidationError(f"There is no file {path}: check how it is written.")
    return paths


def lora_named(text: str) -> tuple[str, float | None]:
    """Name and strength of ``NAME:STRENGTH``. Raises ValidationError when the strength is no number."""
    name, separator, strength = text.rpartition(":")
    if not separator:
        return text, None
    try:
        return name, float(strength)
    except ValueError as exc:
        raise ValidationError(f'--lora takes NAME:STRENGTH, such as "{name}:0.8".', "lora") from exc
