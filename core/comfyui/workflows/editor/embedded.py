"""The workflow that a picture or video made by ComfyUI carries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from core.comfyui.workflows.editor.containers import read_texts

_RUN, _SAVED, _BOTH = "prompt", "workflow", "comment"


def is_editor_format(data: object) -> bool:
    """Whether this is a file of the editor: in API format, ``nodes`` could only be a node's id."""
    return isinstance(data, dict) and isinstance(data.get("nodes"), list)


def embedded_workflow(data: bytes) -> dict[str, Any] | None:
    """What a PNG, WebP, MP4 or WebM was made with; ``data`` is the whole file, the rest as for `workflow_among`."""
    return workflow_among(read_texts(data))


def workflow_among(notes: Iterable[tuple[str, str]]) -> dict[str, Any] | None:
    """What the notes in a file say that it was made with.

    Args:
        notes: (key, text) pairs, as `read_texts` gives them.

    Returns:
        The graph that ran, in API format, which needs no conversion; where the file has none, the editor's workflow;
        None when it has neither. A ``comment`` that holds both, as some packs write it, counts too.
    """
    texts: dict[str, str] = {}
    for key, text in notes:
        if key in (_RUN, _SAVED, _BOTH):
            texts.setdefault(key, text)
    found = _choice(texts)
    if found is None and isinstance(both := _parsed(texts.get(_BOTH)), dict):
        found = _choice(both)
    return found


def _choice(held: Mapping[str, Any]) -> dict[str, Any] | None:
    for key in (_RUN, _SAVED):
        parsed = _parsed(held.get(key))
        if isinstance(parsed, dict) and (_is_graph(parsed) or is_editor_format(parsed)):
            return parsed
    return None


def _parsed(value: Any) -> Any:
    """A value that may still be text; None when that is no JSON. NaN, which ComfyUI writes at times, is accepted."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _is_graph(data: dict[str, Any]) -> bool:
    return bool(data) and all(isinstance(node, dict) and "class_type" in node for node in data.values())
