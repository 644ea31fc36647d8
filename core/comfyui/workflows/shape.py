"""Is this a graph in API format at all? One clear sentence when it is not."""

from __future__ import annotations

from typing import Any, TypeGuard

from core.exceptions import WorkflowError
from utils.language import phrase

MAX_NODES = 10_000


def is_link(value: object) -> TypeGuard[list[Any]]:
    """A list of a node id and an output slot: how ComfyUI itself tells links from literals."""
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and type(value[1]) is int


def without_strangers(graph: Any) -> Any:
    """The graph less the nodes without a class that stand alone: the editor writes what it does not know like that."""
    if not isinstance(graph, dict) or not all(isinstance(node, dict) for node in graph.values()):
        return graph
    strange = {node_id for node_id, node in graph.items() if "class_type" not in node and _stands_alone(node)}
    return {node_id: node for node_id, node in graph.items() if node_id not in strange} or graph if strange else graph


def _stands_alone(node: dict[str, Any]) -> bool:
    inputs = node.get("inputs")
    return isinstance(inputs, dict) and not any(is_link(value) for value in inputs.values())


def check_shape(graph: object) -> None:
    """Raise `WorkflowError` unless `graph` is ``{id: {"class_type": str, "inputs": {name: value}}}``."""
    if not isinstance(graph, dict):
        raise WorkflowError(phrase("This is not a workflow: a JSON object of nodes is expected."))
    if isinstance(graph.get("nodes"), list) and "links" in graph:
        raise WorkflowError(
            phrase("This workflow is in the editor's own format: save it again with Workflow > Export (API).")
        )
    if not graph:
        raise WorkflowError(phrase("This workflow is empty: save it again with Workflow > Export (API)."))
    if len(graph) > MAX_NODES:
        raise WorkflowError(
            phrase("This workflow has {n} nodes: {most} are the most that is accepted.", n=len(graph), most=MAX_NODES)
        )
    for node_id, node in graph.items():
        _check_node(node_id, node)


def _check_node(node_id: object, node: Any) -> None:
    if not isinstance(node_id, str):
        raise WorkflowError(phrase("This workflow has the node id {id}: ids are texts in API format.", id=str(node_id)))
    if not isinstance(node, dict) or not isinstance(node.get("class_type"), str):
        raise WorkflowError(
            phrase(
                "Node {id} has no class_type: save the workflow again with Workflow > Export (API).", id=node_id[:40]
            )
        )
    inputs = node.get("inputs")
    if not isinstance(inputs, dict) or not all(isinstance(name, str) for name in inputs):
        raise WorkflowError(
            phrase("Node {id} has no inputs: save the workflow again with Workflow > Export (API).", id=node_id[:40]),
            node=node["class_type"],
        )
