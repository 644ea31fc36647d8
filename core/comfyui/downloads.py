"""Results from the server to disk, in pieces: nothing here holds a whole file in memory."""

from __future__ import annotations

import contextlib
import errno
import re
import shutil
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from core.comfyui.client import ComfyUIClient
from core.comfyui.outputs import MediaKind, Output
from core.comfyui.transport import OversizedError
from core.exceptions import ComfyUIError, FailureReason, GenerationError
from utils.files import is_text
from utils.language import phrase

_FURTHER_ATTEMPTS = 2
#: Bytes that one file may have.
_LARGEST = 8 * 1024**3
#: Of what is free, the part that one file may take: the log and the jobs need some too.
_SHARE = 0.9
_HEAD = 256
_FULL = (errno.ENOSPC, errno.EDQUOT)
_DISK_FULL = phrase("The bot's disk is full; its owner has to make room before you try again.")
_NOT_STORED = phrase("The result could not be stored; ask the bot's owner to look at its disk.")
_SAFE_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,8}")
#: An input that no node knows: ComfyUI passes it over, but it makes the node's cache entry another one.
_RERUN_MARK = "discomfy_rerun"

MakeRoom = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class ResultFile:
    """One result on disk; ``output`` says what it was on the server."""

    path: Path
    kind: MediaKind
    size: int
    output: Output


async def download_results(
    client: ComfyUIClient, outputs: Iterable[Output], folder: Path, stem: str, *, make_room: MakeRoom | None = None
) -> tuple[ResultFile, ...]:
    """Stream every file among ``outputs`` to ``folder``, named ``<stem>_<n><extension>`` in their order.

    A file appears under its name when it is whole. What the server calls it decides nothing but the extension.

    Args:
        make_room: is called when the disk is full; the file is then asked for once more.

    Raises:
        ComfyUIError: with status 404 when the server no longer has a file.
        GenerationError: the disk does not take it, or it is no such file.
    """
    files = [output for output in outputs if output.text is None]
    stored: list[ResultFile] = []
    try:
        for n, output in enumerate(files, 1):
            stored.append(await _download(client, output, folder / _name(stem, n, output), make_room))
    except OSError as exc:
        for file in stored:  # no use without the rest, and the next job needs the room
            with contextlib.suppress(OSError):
                file.path.unlink()
        sentence = _DISK_FULL if exc.errno in _FULL else _NOT_STORED
        raise GenerationError(sentence, reason=FailureReason.ERROR, detail=repr(exc)) from exc
    return tuple(stored)


async def _download(client: ComfyUIClient, output: Output, target: Path, make_room: MakeRoom | None) -> ResultFile:
    part = target.with_name(f".{target.name}.part")
    try:
        try:
            size = await _insist(client, output, part)
        except OSError as exc:
            if make_room is None or exc.errno not in _FULL:
                raise
            part.unlink(missing_ok=True)
            await make_room()
            size = await _insist(client, output, part)
        _check_content(part, output)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return ResultFile(target, output.kind, size, output)


def _check_content(part: Path, output: Output) -> None:
    """A proxy may answer 200 with a page of its own, where a picture should be.

    Raises:
        GenerationError: it did.
    """
    if output.kind in (MediaKind.TEXT, MediaKind.FILE):
        return
    with part.open("rb") as file:
        head = file.read(_HEAD)
    if not head or is_text(head):
        raise GenerationError(
            phrase(
                "ComfyUI sent something else in place of the result; ask the bot's owner to check ComfyUI's address."
            ),
            detail=repr(head),
        )


async def _insist(client: ComfyUIClient, output: Output, part: Path) -> int:
    try:
        return await _stream(client, output, part)
    except ComfyUIError as exc:
        if not _broke_off(exc):
            raise
        return await _stream_again(client, output, part)


async def _stream(client: ComfyUIClient, output: Output, part: Path) -> int:
    with _opened(part) as file:
        room = int(shutil.disk_usage(part.parent).free * _SHARE)
        try:
            return await client.stream_output(
                file, output.filename, output.subfolder, output.type, limit=min(room, _LARGEST)
            )
        except OversizedError as exc:
            if room < _LARGEST:
                raise OSError(errno.ENOSPC, "it would fill the disk") from exc
            raise GenerationError(
                phrase("The result is too large to be stored; try a smaller size."), detail=exc.detail
            ) from exc


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
