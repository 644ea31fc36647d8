"""The checks behind validation: every input of every node from an output upwards."""

from __future__ import annotations

from typing import Any

from .catalog import Catalog
from .placing import file_inputs
from .prompts import Graph
from .storage import Storage

_LONG_LIST = 20
_CONVERSIONS = {"INT": int, "FLOAT": float, "STRING": str, "BOOLEAN": bool}

Error = dict[str, Any]


class GraphCheck:
    """Walks from outputs upwards. What was found of a node is kept for the next output.

    `errors`: node id to what is wrong with the node itself. A node below an invalid one has no errors of its own.
    """

    def __init__(self, graph: Graph, catalog: Catalog, storage: Storage) -> None:
        self.errors: dict[str, list[Error]] = {}
        self._graph = graph
        self._catalog = catalog
        self._storage = storage
        self._valid: dict[str, bool] = {}
        self._entered: set[str] = set()

    def output_is_valid(self, node_id: str) -> bool:
        """Whether an output and everything upstream of it is valid."""
        try:
            return self._node_is_valid(node_id)
        except (LookupError, TypeError, RecursionError) as exc:
            kind, message = "exception_during_validation", "Exception when validating node"
            self._give_up(node_id, kind, message, exc, {})
            return False

    def _node_is_valid(self, node_id: str) -> bool:
        """As `output_is_valid`; raises where one of the node's links leads nowhere, or in a circle."""
        if node_id in self._valid:
            return self._valid[node_id]
        if node_id in self._entered:
            raise RecursionError("maximum recursion depth exceeded")
        self._entered.add(node_id)
        node = self._graph[node_id]
        definition = self._catalog.get(node["class_type"]) or {"input": {}}
        files = file_inputs(definition)
        errors: list[Error] = []
        upstream_is_valid = True
        for group in ("required", "optional"):
            for name, spec in definition["input"].get(group, {}).items():
                if name not in node["inputs"]:
                    if group == "required":
                        errors.append(_error("required_input_missing", "Required input is missing", name, name))
                elif isinstance(node["inputs"][name], list):
                    upstream_is_valid &= self._link_is_valid(node, name, spec, errors)
                elif name in files:
                    errors += self._check_file(name, node["inputs"][name])
                else:
                    errors += _check_literal(node["inputs"], name, spec)
        if errors:
            self.errors[node_id] = errors
        self._valid[node_id] = upstream_is_valid and not errors
        return self._valid[node_id]

    def _link_is_valid(self, node: dict[str, Any], name: str, spec: list[Any], errors: list[Error]) -> bool:
        """False when the fault is upstream; one of the link itself is added to `errors`."""
        link, config = node["inputs"][name], _config(spec)
        if len(link) != 2:
            message = "Bad linked input, must be a length-2 list of [node_id, slot_index]"
            errors.append(_error("bad_linked_input", message, name, name, input_config=config, received_value=link))
            return True
        source = link[0]
        outputs = (self._catalog.get(self._graph[source]["class_type"]) or {})["output"]
        received = tuple(outputs)[link[1]]
        if not _fits(received, spec[0]):
            details = f"{name}, received_type({received}) mismatch input_type({spec[0]})"
            message = "Return type mismatch between linked nodes"
            more = {"input_config": config, "received_type": received, "linked_node": link}
            errors.append(_error("return_type_mismatch", message, details, name, **more))
            return True
        try:
            return self._node_is_valid(source)
        except (LookupError, TypeError, RecursionError) as exc:
            kind, message = "exception_during_inner_validation", "Exception when validating inner node"
            more = {"input_name": name, "input_config": config, "exception_message": str(exc), "linked_node": link}
            self._give_up(source, kind, message, exc, more)
            return False

    def _give_up(self, node_id: str, kind: str, message: str, exc: Exception, more: dict[str, Any]) -> None:
        """Note a check that raised. The real one tells its traceback, so this one has something like it."""
        code = f'  File "{self._storage.root}/execution.py", line 1, in validate_inputs\n    received = outputs[slot]\n'
        extra = {**more, "exception_type": type(exc).__name__, "traceback": [code]}
        self.errors[node_id] = [{"type": kind, "message": message, "details": str(exc), "extra_info": extra}]
        self._valid[node_id] = False

    def _check_file(self, name: str, value: object) -> list[Error]:
        if isinstance(value, str) and self._storage.annotated(value).is_file():
            return []
        details = f"{name} - Invalid {name} file: {value}"
        return [_error("custom_validation_failed", "Custom validation failed for node", details, name)]


def _check_literal(inputs: dict[str, Any], name: str, spec: list[Any]) -> list[Error]:
    """What is wrong with a literal. One that fits after a conversion is replaced in `inputs`."""
    kind, options = spec[0], spec[1] if len(spec) > 1 else {}
    value = inputs[name]
    if kind in ("INT", "FLOAT", "STRING", "BOOLEAN"):
        try:
            value = inputs[name] = _CONVERSIONS[kind](value)
        except (TypeError, ValueError, OverflowError) as exc:
            message = f"Failed to convert an input value to a {kind} value"
            more = {"input_config": _config(spec), "received_value": value, "exception_message": str(exc)}
            return [_error("invalid_input_type", message, f"{name}, {value}, {exc}", name, **more)]
    more = {"input_config": _config(spec), "received_value": value}
    if "min" in options and value < options["min"]:
        message = f"Value {value} smaller than min of {options['min']}"
        return [_error("value_smaller_than_min", message, name, name, **more)]
    if "max" in options and value > options["max"]:
        message = f"Value {value} bigger than max of {options['max']}"
        return [_error("value_bigger_than_max", message, name, name, **more)]
    choices = kind if isinstance(kind, list) else options.get("options") if kind == "COMBO" else None
    if choices is not None and value not in choices:
        is_long = len(choices) > _LONG_LIST
        listed = f"(list of length {len(choices)})" if is_long else str(choices)
        more["input_config"] = None if is_long else more["input_config"]
        return [_error("value_not_in_list", "Value not in list", f"{name}: '{value}' not in {listed}", name, **more)]
    return []


def _fits(received: str, wanted: str | list[str]) -> bool:
    """Whether an output of one type may be linked to an input of another. Types may be lists with commas."""
    if isinstance(wanted, list):
        return received in ("COMBO", "*")
    offered, accepted = set(received.split(",")), set(wanted.split(","))
    return "*" in offered or "*" in accepted or bool(offered & accepted)


def _config(spec: list[Any]) -> list[Any]:
    return [spec[0], spec[1] if len(spec) > 1 else {}]


def _error(kind: str, message: str, details: str, input_name: str, **more: Any) -> Error:
    extra = {"input_name": input_name, **more}
    return {"type": kind, "message": message, "details": details, "extra_info": extra}
