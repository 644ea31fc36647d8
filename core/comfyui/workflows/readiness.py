"""Whether a workflow can run with what a server has. Lists and explanations go by the same judgement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.comfyui.workflows.parameters import WorkflowParameters
from core.comfyui.workflows.preflight import Missing, lacking, missing
from core.comfyui.workflows.workflow import Workflow


@dataclass(frozen=True, slots=True)
class Readiness:
    """How a workflow stands with a server.

    Attributes:
        gaps: what the server lacks to run it as it is saved.
        ready: whether it can run. A style LoRA of its own that is not there is a gap only: another one can be chosen,
            or none.
    """

    gaps: tuple[Missing, ...] = ()
    ready: bool = True

    @property
    def problem(self) -> str | None:
        """The gaps in one sentence; None where there are none."""
        return lacking(self.gaps) if self.gaps else None


def judge(workflow: Workflow, definitions: Mapping[str, Any] | None) -> Readiness:
    """Hold a workflow against a server's ``/object_info``; where that is not known, what can be read can run."""
    if definitions is None:
        return Readiness()
    gaps = tuple(missing(workflow.build(WorkflowParameters()), definitions))
    ready = not gaps or not missing(workflow.build(WorkflowParameters(loras=())), definitions)
    return Readiness(gaps, ready)
