"""Jobs as rows, and rows as jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from core.comfyui.downloads import ResultFile
from core.comfyui.outputs import MediaKind, Output
from core.comfyui.results import ExecutionResult
from core.comfyui.workflows.parameters import MEDIA, PARAMETERS, LoraChoice, WorkflowParameters, values_of
from core.exceptions import DisComfyError, GenerationError
from core.generators.base import GenerationRequest, GenerationResult
from core.jobs.models import Delivery, Job, JobState, Origin
from utils.language import Phrase, packed, unpacked

Made = TypeVar("Made")

_ORIGIN = tuple(field.name for field in fields(Origin))
_KINDS = {kind.value: kind for kind in MediaKind}
_NOWHERE = dict.fromkeys(_ORIGIN)
#: Columns that hold a field of `Job` as it is.
_PLAIN = (
    "id",
    "owner",
    "parent",
    "server",
    "attempts",
    "created_at",
    "posted_at",
    "accepted_at",
    "finished_at",
    "running_seconds",
    "work",
    "cancel_requested",
    "retried_as",
    "delivered_at",
)
#: Texts for people: in English for whoever looks into the database, and beside that what says them in any language.
_SENTENCES = ("error", "delivery_note")


def row_of(job: Job) -> dict[str, Any]:
    """The values of a job's columns. An interaction's token is among them only while an answer to it is owed."""
    return {
        **{name: getattr(job, name) for name in _PLAIN},
        **_origin_row(job),
        **_sentences_row(job),
        "request": {"workflow": job.request.workflow, "parameters": _set_of(job.request.parameters)},
        "display": packed(job.display),
        "state": job.state.value,
        "execution": None if job.execution is None else _execution_row(job.execution),
        "result": None if job.result is None else _result_row(job.result),
        "delivery": job.delivery.value,
        "messages": list(job.messages),
    }


def job_of(row: Mapping[Any, Any]) -> Job:
    """The job of a row. What a later version kept in it and this one does not know is passed over."""
    origin = {name: row[name] for name in _ORIGIN}
    return Job(
        **{name: row[name] for name in _PLAIN},
        **{name: unpacked(row[f"{name}_phrase"]) or row[name] for name in _SENTENCES},
        request=_request(row["request"]),
        origin=None if row["channel_id"] is None else Origin(**origin),
        display=unpacked(row["display"]),
        state=JobState(row["state"]),
        execution=None if row["execution"] is None else _execution(row["execution"]),
        result=None if row["result"] is None else _result(row["result"]),
        delivery=Delivery(row["delivery"]),
        messages=tuple(row["messages"]),
    )


def _origin_row(job: Job) -> dict[str, Any]:
    if job.origin is None:
        return _NOWHERE
    row = {name: getattr(job.origin, name) for name in _ORIGIN}
    ends = job.origin.expires_at
    if job.delivery is not Delivery.OWED or (ends is not None and ends <= datetime.now(UTC)):
        row["token"] = None
    return row


def _sentences_row(job: Job) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name in _SENTENCES:
        sentence = getattr(job, name)
        row[name] = sentence
        row[f"{name}_phrase"] = packed(sentence) if isinstance(sentence, Phrase) else None
    return row


def _set_of(parameters: WorkflowParameters) -> dict[str, Any]:
    given = {name: value for name, value in zip(PARAMETERS, values_of(parameters), strict=True) if value is not None}
    if parameters.loras is not None:
        given["loras"] = [asdict(lora) for lora in parameters.loras]
    return given


def _request(kept: Mapping[str, Any]) -> GenerationRequest:
    values = dict(kept["parameters"])
    if "loras" in values:
        values["loras"] = tuple(_known(LoraChoice, lora) for lora in values["loras"])
    values.update({name: tuple(values[name]) for name in MEDIA if name in values})
    return GenerationRequest(kept["workflow"], _known(WorkflowParameters, values))


def _execution_row(execution: ExecutionResult) -> dict[str, Any]:
    return {
        "prompt_id": execution.prompt_id,
        "outputs": [asdict(output) for output in execution.outputs],
        "problem": _sentence(execution.problem),
    }


def _execution(kept: Mapping[str, Any]) -> ExecutionResult:
    outputs = tuple(_output(output) for output in kept["outputs"])
    return ExecutionResult(kept["prompt_id"], outputs, _problem(kept))


def _result_row(result: GenerationResult) -> dict[str, Any]:
    return {
        "prompt_id": result.prompt_id,
        "files": [{**asdict(file), "path": str(file.path)} for file in result.files],
        "texts": result.texts,
        "seconds": result.seconds,
        "problem": _sentence(result.problem),
    }


def _result(kept: Mapping[str, Any]) -> GenerationResult:
    files = tuple(_file(file) for file in kept["files"])
    return GenerationResult(kept["prompt_id"], files, tuple(kept["texts"]), kept["seconds"], _problem(kept))


def _sentence(problem: DisComfyError | None) -> Any:
    return None if problem is None else packed(problem.message)


def _problem(kept: Mapping[str, Any]) -> GenerationError | None:
    sentence = unpacked(kept["problem"])
    return None if sentence is None else GenerationError(sentence, prompt_id=kept["prompt_id"])


def _output(kept: Mapping[str, Any]) -> Output:
    return _known(Output, {**kept, "kind": _kind(kept)})


def _file(kept: Mapping[str, Any]) -> ResultFile:
    values = {"path": Path(kept["path"]), "kind": _kind(kept), "output": _output(kept["output"])}
    return _known(ResultFile, {**kept, **values})


def _kind(kept: Mapping[str, Any]) -> MediaKind:
    return _KINDS.get(kept["kind"], MediaKind.FILE)


def _known(kind: type[Made], values: Mapping[str, Any]) -> Made:
    """A dataclass of those values that it has fields for."""
    names = {field.name for field in fields(kind)}  # pyright: ignore[reportArgumentType]
    return kind(**{name: value for name, value in values.items() if name in names})
