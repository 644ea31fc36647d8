"""From a file to a graph: API format, the editor's own, or a picture or video that carries one of them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path, PurePath
from stat import S_ISDIR, S_ISREG
from typing import Any

import orjson

from core.comfyui.refusals import node_title, plain_value
from core.comfyui.workflows.editor_format import embedded_workflow, is_editor_format, to_api
from core.comfyui.workflows.graph import Graph
from core.comfyui.workflows.shape import check_shape, without_strangers
from core.exceptions import WorkflowError
from utils.language import phrase

TEXT = ".json"
MEDIA = (".png", ".webp", ".mp4", ".mov", ".webm", ".mkv")
_MB = 1024 * 1024
_MOST_MB = {TEXT: 32}
_MOST_MB_OF_MEDIA = 64

_FILE_INPUT = re.compile(
    r"(?i)(?:^|_)(?:images?|masks?|files?|filename|videos?|audios?|paths?|dir|directory|folder|prefix|name)\d*$"
)
_OUTSIDE = re.compile(r"^\s*(?:[\\/~]|[A-Za-z]:[\\/]|\w+://)|(?:^|[\\/])\.\.(?:[\\/]|$)")


def is_source(file: str) -> bool:
    """Whether a file's name is one of those that may hold a workflow."""
    return not file.startswith(".") and PurePath(file).suffix.lower() in (TEXT, *MEDIA)


def readable(file: str) -> str:
    """A file's name as text: bytes in it that are none, which nobody could be sent, are replaced."""
    return file.encode(errors="surrogateescape").decode(errors="replace")


def read_file(path: Path) -> bytes:
    """All that is in a file.

    Raises:
        WorkflowError: it is too large to be read, or no file that comes to an end: a pipe, a device.
        OSError: it is not there, or can't be read.
    """
    stat = path.stat()
    if S_ISREG(stat.st_mode):
        check_size(readable(path.name), stat.st_size)
    elif not S_ISDIR(stat.st_mode):
        raise WorkflowError(
            phrase("The file {file} is no ordinary file: put the workflow itself there.", file=readable(path.name))
        )
    return path.read_bytes()


def check_size(file: str, size: int) -> None:
    """Raise `WorkflowError` for a file that is too large to be read; ``size`` is in bytes."""
    most = _MOST_MB.get(PurePath(file).suffix.lower(), _MOST_MB_OF_MEDIA)
    if size > most * _MB:
        raise WorkflowError(
            phrase("The file {file} is larger than {most} MB: save the workflow anew.", file=file, most=most)
        )


def read_graph(file: str, data: bytes, definitions: Mapping[str, Any] | None) -> Graph:
    """The graph, in API format, that a file holds.

    Args:
        file: its name; its ending says what it is.
        data: the whole file.
        definitions: the server's ``/object_info``; only the editor's format needs it.

    Raises:
        WorkflowError: the file holds no workflow or a damaged one, one that leads out of ComfyUI's folders, or one in
            the editor's format when no definitions are known.
    """
    graph = _content(file, data)
    if is_editor_format(graph):
        if definitions is None:
            raise WorkflowError(
                phrase(
                    "The file {file} is in the editor's format, which takes ComfyUI's node definitions to read: "
                    "start ComfyUI once.",
                    file=file,
                )
            )
        graph = to_api(graph, definitions)
    graph = without_strangers(graph)
    check_shape(graph)
    _check_paths(graph)
    return _plain_json(file, graph)


def _content(file: str, data: bytes) -> Any:
    if PurePath(file).suffix.lower() != TEXT:
        found = embedded_workflow(data)
        if found is None:
            raise WorkflowError(
                phrase("The file {file} carries no workflow: take one that ComfyUI saved, unchanged.", file=file)
            )
        return found
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as exc:
        return _lenient(file, data, exc)


def _lenient(file: str, data: bytes, cause: Exception) -> Any:
    """JSON with the NaN and Infinity that Python programs write, or behind the mark that some editors begin with."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise WorkflowError(
            phrase("The file {file} is not valid JSON: save it again.", file=file), detail=str(cause)
        ) from cause


def _plain_json(file: str, graph: Graph) -> Graph:
    """The graph without what only Python takes for JSON: NaN becomes null, as it does on its way to the server."""
    try:
        return orjson.loads(orjson.dumps(graph))
    except TypeError as exc:
        raise WorkflowError(
            phrase("The file {file} holds a number, text or nesting that no workflow has: save it again.", file=file),
            detail=str(exc),
        ) from exc


def _check_paths(graph: Graph) -> None:
    """ComfyUI takes what LoadImage is told without asking where it is."""
    for node_id, node in graph.items():
        for name, value in node["inputs"].items():
            if isinstance(value, str) and _FILE_INPUT.search(name) and _OUTSIDE.search(value):
                title = plain_value(node_title(graph, node_id) or node_id)
                raise WorkflowError(
                    phrase(
                        'Node "{node}": {field} leads out of the folders of ComfyUI; choose a file inside of them.',
                        node=title,
                        field=name,
                    ),
                    node=title,
                    field=name,
                    detail=value[:200],
                )
