"""A history entry → what the user gets, or why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.comfyui.events import ExecutionFailed, ExecutionInterrupted, parse_message
from core.comfyui.outputs import Output, collect_outputs
from core.comfyui.refusals import node_title, plain_value, rejection
from core.exceptions import DisComfyError, FailureReason, GenerationError

_MAX_CAUSE = 160


@dataclass(frozen=True, slots=True)
class ExecutionResult:
    """What a prompt produced, in the order of the graph's nodes.

    ``problem`` is set when that is not all that the graph asked for: some outputs were refused, or a node failed
    after others had finished.
    """

    prompt_id: str
    outputs: tuple[Output, ...]
    problem: DisComfyError | None = None


def read_result(
    prompt_id: str,
    entry: Mapping[str, Any],
    graph: Mapping[str, Any] | None,
    node_errors: Mapping[str, Any],
    *,
    cancelled: bool = False,
) -> ExecutionResult:
    """The result in a history entry.

    Raises:
        GenerationError: the run failed or was interrupted and kept nothing, or it ended without any output.
    """
    graph = graph if graph is not None else _graph_of(entry)
    outputs = collect_outputs(_mapping(entry.get("outputs")), graph)
    failure = _failure(prompt_id, _mapping(entry.get("status")), graph)
    if failure is not None:
        kept = tuple(output for output in outputs if output.type != "temp")
        if not kept or cancelled:
            raise failure
        return ExecutionResult(prompt_id, kept, failure)
    refused = rejection({"node_errors": node_errors}, 200, graph) if node_errors else None
    if not outputs:
        raise GenerationError(
            "The workflow ran but produced nothing; does it end in a Save node?",
            reason=FailureReason.NO_OUTPUT,
            prompt_id=prompt_id,
        )
    return ExecutionResult(prompt_id, outputs, refused)


def _failure(prompt_id: str, status: Mapping[str, Any], graph: Mapping[str, Any]) -> GenerationError | None:
    """Interrupted and failed have the same ``status_str``: the messages tell which."""
    if status.get("completed", True):
        return None
    for message in status.get("messages") or ():
        if not (isinstance(message, list | tuple) and len(message) == 2 and isinstance(message[1], dict)):
            continue
        event = parse_message(message[0], message[1])
        if isinstance(event, ExecutionInterrupted):
            return GenerationError("The job was interrupted.", reason=FailureReason.INTERRUPTED, prompt_id=prompt_id)
        if isinstance(event, ExecutionFailed):
            return describe_failure(event, graph)
    return GenerationError("ComfyUI could not finish the job; try again.", prompt_id=prompt_id)


def describe_failure(event: ExecutionFailed, graph: Mapping[str, Any]) -> GenerationError:
    """One sentence for a node that raised; the whole message goes to ``detail``."""
    node = node_title(graph, event.node) or event.node_class or event.node
    if "OutOfMemory" in event.exception_type:
        sentence = "ComfyUI ran out of memory; try a smaller size or batch."
    else:
        first_line = next(iter(event.message.strip().splitlines()), "")
        cause = plain_value(first_line, _MAX_CAUSE) or event.exception_type.rpartition(".")[2]
        sentence = f'The node "{node}" failed: {cause}'
    return GenerationError(
        sentence, node=node, prompt_id=event.prompt_id, detail=f"{event.exception_type}: {event.message}"
    )


def _graph_of(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    prompt = entry.get("prompt")
    return _mapping(prompt[2]) if isinstance(prompt, list) and len(prompt) > 2 else {}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
