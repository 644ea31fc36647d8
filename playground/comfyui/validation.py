"""Is a graph fit to run? Answers with the error types and shapes of the recordings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .catalog import Catalog
from .checks import GraphCheck
from .prompts import Graph
from .storage import Storage


@dataclass(slots=True)
class Verdict:
    """`error` None: the prompt is accepted with `outputs`; `node_errors` tells of outputs that will not run."""

    outputs: list[str] = field(default_factory=list)
    error: dict[str, Any] | None = None
    node_errors: dict[str, dict[str, Any]] = field(default_factory=dict)


def refusal(kind: str, message: str, details: str = "", extra: dict[str, Any] | None = None) -> dict[str, Any]:
    """The ``error`` of a refused prompt."""
    return {"type": kind, "message": message, "details": details, "extra_info": extra or {}}


def validate(graph: Graph, catalog: Catalog, storage: Storage, *, newer: bool) -> Verdict:
    """Check a graph. Literals that can be converted to their input's type are converted in place."""
    candidates: list[str] = []
    for node_id, node in graph.items():
        class_type = node.get("class_type") if isinstance(node, dict) else None
        where = f"Node ID '#{node_id}'"
        if class_type is None:
            message = "Cannot execute because a node is missing the class_type property."
            return Verdict(error=refusal("invalid_prompt", message, where))
        definition = catalog.get(class_type)
        if definition is None:
            return Verdict(error=_unknown_class(node_id, node, where, newer))
        if definition["output_node"]:
            candidates.append(node_id)
    if not candidates:
        return Verdict(error=refusal("prompt_no_outputs", "Prompt has no outputs"))
    check = GraphCheck(graph, catalog, storage)
    verdict = Verdict()
    for output in candidates:
        if check.output_is_valid(output):
            verdict.outputs.append(output)
            continue
        for node_id, errors in check.errors.items():
            entry = {"errors": errors, "dependent_outputs": [], "class_type": graph[node_id]["class_type"]}
            verdict.node_errors.setdefault(node_id, entry)["dependent_outputs"].append(output)
    if not verdict.outputs:
        own = [error for output in candidates for error in check.errors.get(output, ())]  # those of outputs themselves
        details = "\n".join(f"{error['message']}: {error['details']}" for error in own)
        verdict.error = refusal("prompt_outputs_failed_validation", "Prompt outputs failed validation", details)
    return verdict


def _unknown_class(node_id: str, node: dict[str, Any], where: str, newer: bool) -> dict[str, Any]:
    class_type = node["class_type"]
    if not newer:
        return refusal("invalid_prompt", f"Cannot execute because node {class_type} does not exist.", where)
    title = (node.get("_meta") or {}).get("title", class_type)
    message = f"Node '{title}' not found. The custom node may not be installed."
    extra = {"node_id": node_id, "class_type": class_type, "node_title": title}
    return refusal("missing_node_type", message, where, extra)
