"""What every generator is, and what goes into and comes out of one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.comfyui.workflows.workflow import WorkflowType

if TYPE_CHECKING:
    from core.comfyui.downloads import ResultFile
    from core.comfyui.workflows.updater import WorkflowParameters
    from core.exceptions import DisComfyError

#: What a generator makes: a workflow's type.
GeneratorType = WorkflowType


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """Everything that a result depends on, less the workflow file and the server's models.

    ``parameters.seed`` is drawn before this is made: two runs of one request are the same picture.
    """

    workflow: str
    parameters: WorkflowParameters


@dataclass(frozen=True, slots=True)
class GenerationResult:
    """What a request became.

    ``files`` and ``texts`` come in the order of the graph's nodes. ``problem`` is set when some of what the graph
    asked for is missing. ``seconds`` counts from the post to the files on disk.
    """

    prompt_id: str
    files: tuple[ResultFile, ...]
    texts: tuple[str, ...]
    seconds: float
    problem: DisComfyError | None = None


class BaseGenerator(ABC):
    """Makes content from a prompt."""

    @property
    @abstractmethod
    def generator_type(self) -> GeneratorType:
        """What this makes."""

    @abstractmethod
    async def initialize(self) -> None:
        """Acquire what `generate` needs."""

    @abstractmethod
    async def shutdown(self) -> None:
        """Give it back."""

    @abstractmethod
    async def generate(self, prompt: str, **kwargs: Any) -> tuple[bytes, dict[str, Any]]:
        """Content and what is known about it."""
