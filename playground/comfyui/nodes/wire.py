"""Builders for node definitions in the shape of ``GET /object_info``.

A definition is the wire's own dict, so that it can be served, validated against and replaced by a test as it is.
An input is ``[type, options]``. A combo has two shapes on the wire, and both occur: ``[["a", "b"], {…}]``
(`combo`, `files`) and ``["COMBO", {"options": ["a", "b"]}]`` (`choice`, `file_choice`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

Definition: TypeAlias = dict[str, Any]
Spec: TypeAlias = list[Any]

MAX_RESOLUTION = 16384
MAX_SEED = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Folder:
    """Stands in a definition for the files of one model folder (or ``input``), which are known later."""

    name: str


def integer(default: int | None, low: int | None = None, high: int | None = None, **options: Any) -> Spec:
    return ["INT", _numbers(default, low, high) | options]


def number(default: float | None, low: float | None = None, high: float | None = None, **options: Any) -> Spec:
    return ["FLOAT", _numbers(default, low, high) | options]


def boolean(default: bool) -> Spec:
    return ["BOOLEAN", {"default": default}]


def text(default: str | None = None, **options: Any) -> Spec:
    return ["STRING", ({} if default is None else {"default": default}) | options]


def prompt() -> Spec:
    return text(multiline=True, dynamicPrompts=True)


def seed() -> Spec:
    return integer(0, 0, MAX_SEED, control_after_generate=True)


def steps() -> Spec:
    return integer(20, 1, 10000)


def cfg() -> Spec:
    return number(8.0, 0.0, 100.0, step=0.1, round=0.01)


def fraction() -> Spec:
    return number(1.0, 0.0, 1.0, step=0.01)


def pixels(default: int, low: int = 16, step: int = 8) -> Spec:
    return integer(default, low, MAX_RESOLUTION, step=step)


def batch() -> Spec:
    return integer(1, 1, 4096)


def combo(*values: str, **options: Any) -> Spec:
    return [list(values), options]


def choice(*values: str, **options: Any) -> Spec:
    return ["COMBO", options | {"multiselect": False, "options": list(values)}]


def files(folder: str, **options: Any) -> Spec:
    return [Folder(folder), options]


def file_choice(folder: str) -> Spec:
    return ["COMBO", {"multiselect": False, "options": Folder(folder)}]


def node(
    name: str,
    category: str,
    outputs: Sequence[str],
    inputs: Mapping[str, Spec | str],
    *,
    title: str | None = None,
    optional: Mapping[str, Spec | str] | None = None,
    output_names: Sequence[str] | None = None,
    output_node: bool = False,
    hidden: Mapping[str, str] | None = None,
    schema: bool = False,
) -> Definition:
    """One entry of ``/object_info``.

    `inputs` and `optional` map a name to a spec, or to a bare type for an input that takes a link only. `hidden`: what
    the server itself hands to the node, by name. `schema`: defined in the newer way, which leaves the display name null
    when none is given and has flags of its own.
    """
    groups: dict[str, dict[str, Any]] = {"required": _specs(inputs)}
    if optional:
        groups["optional"] = _specs(optional)
    if hidden:
        groups["hidden"] = {key: [kind] for key, kind in hidden.items()} if schema else dict(hidden)
    definition: Definition = {
        "input": groups,
        "input_order": {group: list(names) for group, names in groups.items()},
        "output": list(outputs),
        "output_is_list": [False] * len(outputs),
        "output_name": list(output_names or outputs),
        "name": name,
        "display_name": title if title or schema else name,
        "description": "",
        "python_module": "nodes",
        "category": category,
        "output_node": output_node,
    }
    if schema:
        definition |= {"deprecated": False, "experimental": False, "api_node": False}
    return definition


saver = partial(node, output_node=True, hidden={"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"})
"""A `node` that saves a file with the graph in it."""


def _specs(inputs: Mapping[str, Spec | str]) -> dict[str, Spec]:
    return {name: [spec, {}] if isinstance(spec, str) else spec for name, spec in inputs.items()}


def _numbers(default: float | None, low: float | None, high: float | None) -> dict[str, Any]:
    given = {"default": default, "min": low, "max": high}
    return {key: value for key, value in given.items() if value is not None}
