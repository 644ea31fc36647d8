"""Results from the server to disk, in pieces: nothing here holds a whole file in memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from core.comfyui.client import ComfyUIClient
from core.comfyui.outputs import MediaKind, Output
from core.exceptions import ComfyUIError, FailureReason, GenerationError

_FURTHER_ATTEMPTS = 2
_SAFE_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,8}")
#: An input that no node knows: ComfyUI passes it over, but it makes the node's cache entry another one.
_RERUN_MARK = "discomfy_rerun"


@dataclass(frozen=True, slots=True)
class ResultFile:
    """One result on disk; ``output`` says what it was on the server."""

    path: Path
    kind: MediaKind
    size: int
    output: Output


async def download_results(
    client: ComfyUIClient, outputs: Iterable[Output], folder: Path, stem: str
) -> tuple[ResultFile, ...]:
    """Stream every file among ``outputs`` to ``folder``, named ``<stem>_<n><extension>`` in their order.

    A file appears under its name when it is whole. What the server calls it decides nothing but the extension.

    Raises:
        ComfyUIError: with status 404 when the server no longer has a file.
        GenerationError: the disk does not take it.
    """
    files = [output for output in outputs if output.text is None]
    try:
        return tuple(
            [await _download(client, output, folder / _name(stem, n, output)) for n, output in enumerate(files, 1)]
        )
    except OSError as exc:
        raise GenerationError(
            "The result could not be stored; ask the bot's owner to look at its disk.",
            reason=FailureReason.ERROR,
            detail=repr(exc),
        ) from exc


async def _download(client: ComfyUIClient, output: Output, target: Path) -> ResultFile:
    part = target.with_name(f".{target.name}.part")
    try:
        try:
            size = await _stream(client, output, part)
        except ComfyUIError as exc:
            if not _broke_off(exc):
                raise
            size = await _stream_again(client, output, part)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return ResultFile(target, output.kind, size, output)


async def _stream(client: ComfyUIClient, output: Output, part: Path) -> int:
    with _opened(part) as file:
        return await client.stream_output(file, output.filename, output.subfolder, output.type)


async def _stream_again(client: ComfyUIClient, output: Output, part: Path) -> int:
    import stamina  # a tenth of what starting the bot costs, and needed only when a download broke off

    retrying = stamina.AsyncRetryingCaller(attempts=_FURTHER_ATTEMPTS, wait_initial=0.2, wait_max=2.0).on(_broke_off)
    return await retrying(_stream, client, output, part)


def _opened(part: Path) -> IO[bytes]:
    try:
        return part.open("wb")
    except FileNotFoundError:
        part.parent.mkdir(parents=True, exist_ok=True)
        return part.open("wb")


def _broke_off(error: Exception) -> bool:
    """Whether the same request may well succeed: the answer was cut off, or the server stumbled."""
    return isinstance(error, ComfyUIError) and error.maybe_accepted


def _name(stem: str, number: int, output: Output) -> str:
    extension = Path(output.filename).suffix
    return f"{stem}_{number}{extension.lower() if _SAFE_EXTENSION.fullmatch(extension) else '.bin'}"


def rerun_outputs(graph: Mapping[str, Any], nodes: Iterable[str], mark: str) -> dict[str, Any]:
    """The graph, changed so that ComfyUI runs these nodes again although nothing about them is new.

    A fully cached prompt repeats the old file names, also when the files were deleted meanwhile. The nodes before
    them stay cached, so the second run costs little.
    """
    renewed = dict(graph)
    for node_id in renewed.keys() & set(nodes):  # a node that another expanded into is not in the graph
        node = renewed[node_id]
        renewed[node_id] = {**node, "inputs": {**node["inputs"], _RERUN_MARK: mark}}
    return renewed
