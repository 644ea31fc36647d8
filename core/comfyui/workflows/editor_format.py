"""The editor's own format: what "Save" writes, and what pictures and videos made by ComfyUI carry.

A graph in API format has nodes by id. A file of the editor has what is on the screen: nodes with the bare values of
their widgets, links, reroutes, notes, subgraphs. What belongs to which input, only the definitions of the node classes
say, so that the conversion needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from core.comfyui.workflows.editor.convert import Conversion
from core.comfyui.workflows.editor.embedded import embedded_workflow, is_editor_format
from core.comfyui.workflows.editor.text import Choose, first
from core.comfyui.workflows.graph import Graph
from core.exceptions import WorkflowError
from utils.language import phrase

__all__ = ["embedded_workflow", "is_editor_format", "to_api"]


def to_api(
    workflow: dict[str, Any],
    object_info: Mapping[str, Any],
    *,
    choose: Choose = first,
    now: Callable[[], datetime] = lambda: datetime.now(UTC).astimezone(),
) -> Graph:
    """Convert a file of the editor into a graph in API format, as the editor itself does when a run is queued.

    Args:
        workflow: the file; it is not changed, and nothing of it is shared with the graph.
        object_info: the server's ``/object_info``.
        choose: picks one text of a ``{a|b}`` in a prompt; the first, unless told otherwise, so that converting twice
            gives the same.
        now: gives the time for ``%date:…%`` in the names of files.

    Returns:
        The graph. Nodes inside subgraphs have ids such as ``"12:3"``, as the editor numbers them. A node of an unknown
        class that is connected to nothing has no ``class_type``: that is how the editor writes it. ComfyUI refuses a
        graph with such a node in it, so leave it out before it is sent.

    Raises:
        MissingNodesError: it needs node classes that the server lacks.
        WorkflowError: the file is damaged, too large or runs in a circle.
    """
    if not is_editor_format(workflow):
        raise WorkflowError(phrase("This is not a workflow in the editor's format: a list of nodes is expected."))
    if not isinstance(object_info, Mapping):
        raise WorkflowError(
            phrase("The node definitions of the ComfyUI server are missing: connect to it once and try again.")
        )
    return Conversion(workflow, object_info, choose, now).graph()
