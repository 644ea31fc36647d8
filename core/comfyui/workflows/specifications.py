"""What a server's ``/object_info`` says of the inputs of its node classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def specification(definitions: Mapping[str, Any], node_class: str, name: str) -> Sequence[Any] | None:
    """What ``/object_info`` says of an input: ``["INT", {…}]``; None when it does not say."""
    definition = definitions.get(node_class)
    inputs = definition.get("input") if isinstance(definition, Mapping) else None
    for part in ("required", "optional"):
        specs = inputs.get(part) if isinstance(inputs, Mapping) else None
        spec = specs.get(name) if isinstance(specs, Mapping) else None
        if isinstance(spec, list | tuple) and spec:
            return spec
    return None


def options(spec: Any) -> list[Any] | None:
    """The values that an input takes from a list; None when it is no list.

    Both shapes on the wire are read: ``[["a", "b"], {…}]`` and ``["COMBO", {"options": ["a", "b"]}]``.
    """
    if not isinstance(spec, list | tuple) or not spec:
        return None
    if isinstance(spec[0], list):
        return spec[0]
    if spec[0] == "COMBO" and len(spec) > 1 and isinstance(spec[1], Mapping):
        listed = spec[1].get("options")
        return listed if isinstance(listed, list) else None
    return None


def is_upload(spec: Any) -> bool:
    """A picture to load is the user's to send; the saved name says nothing."""
    config = spec[1] if isinstance(spec, list | tuple) and len(spec) > 1 else None
    return isinstance(config, Mapping) and any(key.endswith("_upload") and config[key] for key in config)


def without_uploads(definitions: Mapping[str, Any]) -> dict[str, Any]:
    """The definitions less the lists of uploaded files, which change with every picture that somebody sends."""
    return {name: _less_lists(definition) for name, definition in definitions.items()}


def _less_lists(definition: Any) -> Any:
    inputs = definition.get("input") if isinstance(definition, Mapping) else None
    if not isinstance(inputs, Mapping):
        return definition
    fewer = {
        part: {name: _less_list(spec) if is_upload(spec) else spec for name, spec in specs.items()}
        for part, specs in inputs.items()
        if isinstance(specs, Mapping)
    }
    return {**definition, "input": fewer}


def _less_list(spec: Sequence[Any]) -> list[Any]:
    return ["COMBO", {key: value for key, value in spec[1].items() if key != "options"}]
