"""How a prompt ended → what the user gets, or why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.comfyui.events import ExecutionFailed, ExecutionInterrupted, parse_message
from core.comfyui.outputs import Output, collect_outputs
from core.comfyui.refusals import as_mapping, node_title, plain_value, rejection
from core.exceptions import DisComfyError, FailureReason, GenerationError
from utils.language import phrase

_MAX_CAUSE = 160
#: Results of one prompt: more than a video has frames.
_MOST_OUTPUTS = 500
_MAX_DETAIL = 4_000


@dataclass(frozen=True, slots=True)
class ExecutionResult:
    """What a prompt produced, in the order of the graph's nodes.

    ``problem`` is set when that is not all that the graph asked for: some outputs were refused, or a node failed
    after others had finished.
    """

    prompt_id: str
    outputs: tuple[Output, ...]
    problem: DisComfyError | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a prompt ended, as its history entry tells, or the events of its run where there is none.

    ``outputs`` are as on the wire. ``cause`` is why it is not ``completed``; None where nobody said so.
    """

    outputs: Mapping[str, Any]
    completed: bool
    cause: ExecutionFailed | ExecutionInterrupted | None = None
    graph: Mapping[str, Any] = field(default_factory=dict)


def read_entry(entry: Any) -> Ending:
    """The ending in a history entry. Interrupted and failed have the same ``status_str``: the messages tell which.

    Raises:
        GenerationError: it is no history entry.
    """
    if not isinstance(entry, Mapping):
        raise GenerationError(
            phrase("ComfyUI's record of the job makes no sense; try again."), detail=f"{entry!r:.500}"
        )
    status = as_mapping(entry.get("status"))
    prompt = entry.get("prompt")
    graph = as_mapping(prompt[2]) if isinstance(prompt, list) and len(prompt) > 2 else {}
    completed = bool(status.get("completed", True))
    cause = None if completed else next(_causes(status.get("messages")), None)
    return Ending(as_mapping(entry.get("outputs")), completed, cause, graph)


def result_of(
    prompt_id: str,
    ending: Ending,
    *,
    graph: Mapping[str, Any] | None = None,
    node_errors: Mapping[str, Any] | None = None,
    cancelled: bool = False,
) -> ExecutionResult:
    """What a prompt that ended so comes to.

    Args:
        graph: as it was posted; else the one in the history.
        node_errors: outputs that were refused when it was posted.
        cancelled: nobody wants what it kept.

    Raises:
        GenerationError: the run failed or was interrupted and kept nothing, or it ended without any output.
    """
    graph = ending.graph if graph is None else graph
    outputs = collect_outputs(ending.outputs, graph)
    if not ending.completed:
        failure = _failure(prompt_id, ending.cause, graph, cancelled=cancelled)
        kept = tuple(output for output in outputs if output.type != "temp")
        if not kept or cancelled:
            raise failure
        return ExecutionResult(prompt_id, kept[:_MOST_OUTPUTS], failure)
    if not outputs:
        raise GenerationError(
            phrase("The workflow ran but produced nothing; does it end in a Save node?"),
            reason=FailureReason.NO_OUTPUT,
            prompt_id=prompt_id,
        )
    if len(outputs) > _MOST_OUTPUTS:
        problem = GenerationError(
            phrase("Of {n} results only the first {most} are taken.", n=len(outputs), most=_MOST_OUTPUTS)
        )
        return ExecutionResult(prompt_id, outputs[:_MOST_OUTPUTS], problem)
    refused = rejection({"node_errors": node_errors}, 200, graph) if node_errors else None
    return ExecutionResult(prompt_id, outputs, refused)


def cancelled_error(prompt_id: str) -> GenerationError:
    """For a prompt that was stopped because we asked for it."""
    return GenerationError(phrase("Cancelled."), reason=FailureReason.INTERRUPTED, prompt_id=prompt_id)


def _causes(messages: Any) -> Iterator[ExecutionFailed | ExecutionInterrupted]:
    for message in messages if isinstance(messages, list) else ():
        event = parse_message(*message) if isinstance(message, list | tuple) and len(message) == 2 else None
        if isinstance(event, ExecutionFailed | ExecutionInterrupted):
            yield event


def _failure(
    prompt_id: str,
    cause: ExecutionFailed | ExecutionInterrupted | None,
    graph: Mapping[str, Any],
    *,
    cancelled: bool,
) -> GenerationError:
    if isinstance(cause, ExecutionFailed):
        return describe_failure(cause, graph)
    if cancelled:
        return cancelled_error(prompt_id)
    if cause is not None:
        return GenerationError(
            phrase("Somebody stopped the job in ComfyUI; submit it again."),
            reason=FailureReason.INTERRUPTED,
            prompt_id=prompt_id,
        )
    return GenerationError(phrase("ComfyUI could not finish the job; try again."), prompt_id=prompt_id)


def describe_failure(event: ExecutionFailed, graph: Mapping[str, Any]) -> GenerationError:
    """One sentence for a node that raised; the whole message goes to ``detail``."""
    node = node_title(graph, event.node) or plain_value(event.node_class or event.node or "?")
    if "OutOfMemory" in event.exception_type:
        sentence = phrase("ComfyUI ran out of memory; try a smaller size or batch.")
    else:
        first_line = next(iter(event.message.strip().splitlines()), "")
        cause = plain_value(first_line, _MAX_CAUSE) or plain_value(event.exception_type.rpartition(".")[2])
        sentence = phrase('The node "{node}" failed: {cause}', node=node, cause=cause)
    return GenerationError(
        sentence, node=node, prompt_id=event.prompt_id, detail=f"{event.exception_type}: {event.message}"[:_MAX_DETAIL]
    )
