"""ComfyUI's answers to a graph that it does not accept, as one sentence for whoever asked.

Details in those answers hold file names, server paths and tracebacks. A sentence is made of the node's title,
the field and the value alone; the details stay in ``detail``, for the log.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from core.exceptions import PromptRejectedError
from utils.language import Phrase, phrase

_MAX_VALUE = 80
#: Of what a server sends, so many characters are looked at, and so many levels kept for the log.
_MAX_TEXT, _MAX_DETAIL, _MAX_DEPTH = 2_000, 10_000, 20
_PATH = re.compile(
    r"(?:(?<![A-Za-z])[A-Za-z]:[\\/](?!/)|\\\\|(?<![\w.:/])/(?=\S))(?:[^\s\\/'\":]+[\\/])*(?P<name>[^\s\\/'\":]*)"
)
_SOURCE_FILE = re.compile(r"(?<![^\s'\"])[^\s'\"]*\.pyc?\b")
_NODE_ID_IN_DETAILS = re.compile(r"Node ID '#(?P<id>[^']+)'")


def node_title(graph: Mapping[str, Any] | None, node_id: str | None) -> str | None:
    """What a person calls a node: its title, else its class; None when it is not in the graph."""
    node = (graph or {}).get(node_id) if node_id is not None else None
    if not isinstance(node, Mapping):
        return None
    meta = node.get("_meta")
    title = meta.get("title") if isinstance(meta, Mapping) else None
    return plain_name(title or node.get("class_type") or node_id)


def plain_name(value: Any) -> str:
    """A name as it may be shown: one line, not too long."""
    name = " ".join(str(value)[:_MAX_TEXT].split())
    return name if len(name) <= _MAX_VALUE else name[: _MAX_VALUE - 1] + "…"


def plain_value(value: Any, limit: int = _MAX_VALUE) -> str:
    """A value or message as it may be shown: one line, at most ``limit`` characters.

    Of paths only the last part is left, and of the server's source files nothing.
    """
    text = _SOURCE_FILE.sub("…", _PATH.sub(lambda path: path["name"], " ".join(str(value)[:_MAX_TEXT].split())))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def rejection(
    body: Mapping[str, Any], status: int | None = None, graph: Mapping[str, Any] | None = None
) -> PromptRejectedError:
    """The error for a ``400`` of ``POST /prompt``, or for the ``node_errors`` of a ``200``."""
    detail = json.dumps(_without_configs(body), ensure_ascii=False)[:_MAX_DETAIL]
    for node_id, report in as_mapping(body.get("node_errors")).items():
        errors = report.get("errors") if isinstance(report, Mapping) else None
        if isinstance(errors, list) and errors and isinstance(errors[0], Mapping):
            name = node_title(graph, node_id) or plain_name(report.get("class_type") or node_id)
            field = _field(errors[0])
            return PromptRejectedError(
                _about_node(errors[0], name, field), status, node=name, field=field, detail=detail
            )
    return _about_graph(as_mapping(body.get("error")), status, graph, detail)


def as_mapping(value: Any) -> Mapping[str, Any]:
    """A part of an answer that should be an object; an empty one where it is something else."""
    return value if isinstance(value, Mapping) else {}


def _field(error: Mapping[str, Any]) -> str | None:
    name = as_mapping(error.get("extra_info")).get("input_name")
    if name is None and error.get("type") == "required_input_missing":
        name = error.get("details")
    return plain_name(name) if name is not None else None


def _about_node(error: Mapping[str, Any], node: str, field: str | None) -> Phrase:
    extra = as_mapping(error.get("extra_info"))
    received = extra.get("received_value")
    # Translators: the value of an input that has none, between quotation marks or not
    named = {"node": node, "field": field, "value": phrase("nothing") if received is None else plain_value(received)}
    match error.get("type") if field is not None else None:
        case "value_not_in_list":
            return phrase(
                'ComfyUI does not have "{value}" for {field} of the node "{node}"; choose another or install it.',
                **named,
            )
        case "required_input_missing":
            return phrase('The node "{node}" lacks its input {field}; mend the workflow.', **named)
        case "value_smaller_than_min":
            return _too_small(named, _limit(extra, "min"))
        case "value_bigger_than_max":
            return _too_big(named, _limit(extra, "max"))
        case "invalid_input_type":
            return phrase('{field} of the node "{node}" does not take the value "{value}"; mend the workflow.', **named)
        case "custom_validation_failed":
            return phrase('ComfyUI does not accept {field} of the node "{node}": a file may be missing there.', **named)
        case "return_type_mismatch" | "bad_linked_input" | "exception_during_inner_validation":
            return phrase('The link to {field} of the node "{node}" is broken; mend the workflow.', **named)
        case _:
            return phrase('ComfyUI refused the node "{node}"; ask whoever looks after the workflow.', node=node)


def _too_small(named: Mapping[str, Any], limit: str | None) -> Phrase:
    if limit is None:
        return phrase('{field} of the node "{node}" is {value}, which is too small.', **named)
    return phrase(
        '{field} of the node "{node}" is {value}, which is too small (at least {limit}).', **named, limit=limit
    )


def _too_big(named: Mapping[str, Any], limit: str | None) -> Phrase:
    if limit is None:
        return phrase('{field} of the node "{node}" is {value}, which is too big.', **named)
    return phrase('{field} of the node "{node}" is {value}, which is too big (at most {limit}).', **named, limit=limit)


def _limit(extra: Mapping[str, Any], key: str) -> str | None:
    config = extra.get("input_config")
    options = config[1] if isinstance(config, list) and len(config) > 1 else None
    limit = as_mapping(options).get(key)
    return None if limit is None else plain_value(limit)


def _about_graph(
    error: Mapping[str, Any], status: int | None, graph: Mapping[str, Any] | None, detail: str
) -> PromptRejectedError:
    kind = error.get("type")
    if kind == "prompt_no_outputs":
        return PromptRejectedError(phrase("The workflow has no output; add a Save node to it."), status, detail=detail)
    missing = _missing_class(error, graph)
    if missing:
        return PromptRejectedError(
            phrase('ComfyUI lacks the node "{node}"; install the pack that brings it.', node=missing),
            status,
            node=missing,
            detail=detail,
        )
    return PromptRejectedError(
        phrase("ComfyUI refused the workflow; ask whoever looks after it."), status, detail=detail
    )


def _missing_class(error: Mapping[str, Any], graph: Mapping[str, Any] | None) -> str | None:
    """The class that the server does not know: newer servers name it, older ones only the node's id."""
    named = as_mapping(error.get("extra_info")).get("class_type")
    if named:
        return plain_name(named)
    found = _NODE_ID_IN_DETAILS.search(str(error.get("details", ""))[:_MAX_TEXT])
    node = as_mapping((graph or {}).get(found["id"])) if found else {}
    return plain_name(node["class_type"]) if "class_type" in node else None


def _without_configs(body: Any, depth: int = 0) -> Any:
    """The body less ``input_config``, which repeats whole model lists, and less what is nested too deeply."""
    if isinstance(body, Mapping | list) and depth == _MAX_DEPTH:
        return "…"
    if isinstance(body, Mapping):
        return {str(k): _without_configs(v, depth + 1) for k, v in body.items() if k != "input_config"}
    if isinstance(body, list):
        return [_without_configs(item, depth + 1) for item in body]
    return body
