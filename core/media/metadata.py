"""What a picture or video says about how it was made. Files may be anybody's: nothing in them need be sound."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.comfyui.workflows.editor.containers import read_texts
from core.comfyui.workflows.editor.embedded import workflow_among
from core.comfyui.workflows.editor_format import is_editor_format, to_api
from core.comfyui.workflows.graph import Graph
from core.comfyui.workflows.particulars import Particulars, particulars_of
from core.comfyui.workflows.shape import is_link
from core.exceptions import WorkflowError
from core.media.infotext import read_infotext

#: Bytes of a file that is looked into, characters of one text in it, and of all of them. The largest workflows have
#: some hundred thousand; all other threads wait while one is parsed.
_LARGEST, _LONGEST, _MOST = 64 * 2**20, 2**20, 32 * 2**20
#: Nodes times links of a graph: what is wired to be hard to read takes up to 10 µs for each.
_MOST_WORK = 250_000
_WORDS = "parameters"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What was found in a file.

    Attributes:
        particulars: what could be understood of it; false where that is nothing.
        document: the workflow in it, as JSON; None where there is none.
    """

    particulars: Particulars
    document: bytes | None = None


def read_metadata(path: Path, definitions: Mapping[str, Any] | None = None) -> Metadata:
    """Read what ComfyUI, the packs for it or Automatic1111 wrote to a PNG, WebP, JPEG, MP4 or WebM.

    The file is in memory while it is read, and its graph is looked at as a whole: call it in a thread.

    Args:
        definitions: the server's ``/object_info``; without it the editor's own format tells nothing.

    Raises:
        OSError: the file cannot be read.
    """
    if path.stat().st_size > _LARGEST:
        return Metadata(Particulars())
    notes = list(_bounded(path.read_bytes()))
    found = workflow_among(notes)
    graph = _graph(found, definitions)
    known = particulars_of(graph, definitions) if graph is not None else Particulars()
    words = next((text for key, text in notes if key == _WORDS), "")
    if not known and words:
        known = read_infotext(words)
    return Metadata(known, None if found is None else document_of(found))


def document_of(graph: Mapping[str, Any]) -> bytes | None:
    """A workflow as a file; None where its nesting has no end."""
    try:
        return json.dumps(graph).encode("ascii")
    except RecursionError:
        return None


def _bounded(data: bytes) -> Iterator[tuple[str, str]]:
    room = _MOST
    for key, text in read_texts(data):
        room -= len(text)
        if room < 0:
            return
        if len(text) <= _LONGEST:
            yield key, text


def _graph(found: dict[str, Any] | None, definitions: Mapping[str, Any] | None) -> Graph | None:
    """What of it can be read: nothing of one that would take too long."""
    if found is None:
        return None
    if is_editor_format(found):
        links = found.get("links")
        if definitions is None or len(found["nodes"]) * (len(links) if isinstance(links, list) else 0) > _MOST_WORK:
            return None
        try:
            found = to_api(found, definitions)
        except WorkflowError:
            return None
    return found if len(found) * _links(found) <= _MOST_WORK else None


def _links(graph: Graph) -> int:
    inputs = [node.get("inputs") for node in graph.values()]
    return sum(is_link(value) for given in inputs if isinstance(given, dict) for value in given.values())
