"""The one tree of errors.

::

    DisComfyError
    ├── ValidationError    input that is refused before any work; .field names it
    ├── ComfyUIError       the server cannot be reached or refuses; .status_code
    │   └── PromptRejectedError   the server refuses a graph; a WorkflowError as well
    ├── WorkflowError      a graph that cannot be loaded, bound or accepted; .node, .field
    │   └── MissingNodesError     it needs node classes that the server lacks; .missing
    ├── GenerationError    a run that began and did not end well; .reason, .node, .prompt_id
    └── RateLimitError     too many jobs; .retry_after in seconds

``error.message`` is one short sentence that a user may read: no path, no traceback, no token. It is a phrase, in
English here and in the reader's language where it is told. What only the operator needs is in ``detail`` and goes to
the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from utils.language import Phrase, phrase, phrase_n

_MOST_NAMED = 5
_LONGEST_NAME = 80


class DisComfyError(Exception):
    """Base of everything this project raises on purpose."""

    def __init__(self, message: str, *, detail: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail


class ValidationError(DisComfyError):
    """A value was refused at the edge.

    Args:
        message: the sentence for the user.
        field: name of the parameter, or None when no single one is to blame.
    """

    def __init__(self, message: str, field: str | None = None, *, detail: str | None = None) -> None:
        super().__init__(message, detail=detail)
        self.field = field


class ComfyUIError(DisComfyError):
    """ComfyUI could not be reached, or answered with something other than success.

    Args:
        message: the sentence for the user.
        status_code: HTTP status, or None when there was no answer.
        maybe_accepted: True when a request may have taken effect although its answer was lost or was a 5xx.
            Whoever repeats a ``POST /prompt`` looks the prompt id up first.
    """

    def __init__(
        self,
        message: str,
        status_code: int | None = None,
        *,
        detail: str | None = None,
        maybe_accepted: bool = False,
    ) -> None:
        super().__init__(message, detail=detail)
        self.status_code = status_code
        self.maybe_accepted = maybe_accepted


class WorkflowError(DisComfyError):
    """A workflow cannot be loaded, bound, or is refused by the server.

    Args:
        message: the sentence for the user.
        node: title (else class) of the node at fault, or None.
        field: the node's input at fault, or None.
    """

    def __init__(
        self, message: str, *, node: str | None = None, field: str | None = None, detail: str | None = None
    ) -> None:
        super().__init__(message, detail=detail)
        self.node = node
        self.field = field


@dataclass(frozen=True, slots=True)
class MissingNode:
    """A node class that a workflow needs and the server lacks.

    Attributes:
        class_type: name of the class.
        pack: the pack of custom nodes that it comes from; None when the file does not say.
        title: what the first node of it is called in the workflow.
    """

    class_type: str
    pack: str | None
    title: str

    @property
    def named(self) -> Phrase:
        """The class, and its pack, for people."""
        if not self.pack:
            return phrase('"{name}"', name=_shown(self.class_type))
        return phrase('"{node}" (pack "{pack}")', node=_shown(self.class_type), pack=_shown(self.pack))


class MissingNodesError(WorkflowError):
    """A workflow needs node classes that the server lacks.

    Args:
        missing: each class once, at least one.
    """

    def __init__(self, missing: tuple[MissingNode, ...]) -> None:
        named = [node.named for node in missing[:_MOST_NAMED]]
        if len(missing) > _MOST_NAMED:
            # Translators: the end of a list of which not all is named
            named.append(phrase_n("{n} more", "{n} more", len(missing) - _MOST_NAMED))
        super().__init__(
            phrase_n(
                "The ComfyUI server lacks the node class {classes}: install it, or take it out of the workflow.",
                "The ComfyUI server lacks the node classes {classes}: install them, or take them out of the workflow.",
                len(missing),
                classes=named,
            ),
            node=next((node.title for node in missing), None),
        )
        self.missing = missing


def _shown(name: str) -> str:
    """A name out of a file, on one line and not too long."""
    text = " ".join(name.split())
    return text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 1]}…"


class FailureReason(StrEnum):
    """Why a run that was accepted has no result.

    ``LOST``: its server was restarted without it. ``OFFLINE``: its server did not come back in time. ``INTERRUPTED``:
    somebody stopped it, or took it out of the queue.
    """

    ERROR = "error"
    INTERRUPTED = "interrupted"
    LOST = "lost"
    OFFLINE = "offline"
    TIMEOUT = "timeout"
    NO_OUTPUT = "no_output"


class GenerationError(DisComfyError):
    """A prompt was accepted and did not end in a result."""

    def __init__(
        self,
        message: str,
        *,
        reason: FailureReason = FailureReason.ERROR,
        node: str | None = None,
        prompt_id: str | None = None,
        detail: str | None = None,
    ) -> None:
        super().__init__(message, detail=detail)
        self.reason = reason
        self.node = node
        self.prompt_id = prompt_id


class RateLimitError(DisComfyError):
    """A user, or everybody together, submitted too many jobs.

    Args:
        retry_after: seconds until the next job is allowed, at least 0.
    """

    def __init__(self, message: str, *, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PromptRejectedError(ComfyUIError, WorkflowError):
    """ComfyUI read the graph and refused it: both an answer of the server and a fault of the workflow."""

    def __init__(
        self,
        message: str,
        status_code: int | None = None,
        *,
        node: str | None = None,
        field: str | None = None,
        detail: str | None = None,
    ) -> None:
        super().__init__(message, status_code, detail=detail)
        self.node = node
        self.field = field
