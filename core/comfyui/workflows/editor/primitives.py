"""The value of a PrimitiveNode: a widget of its own, made after that of the first input which it feeds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from core.comfyui.workflows.editor.definitions import InputSpec
from core.comfyui.workflows.editor.document import Node, Scope
from core.comfyui.workflows.editor.layout import Widget
from core.comfyui.workflows.editor.subgraphs import Instance
from core.comfyui.workflows.editor.values import number, rounded
from core.comfyui.workflows.editor.wiring import LinkId

_MAY_DIFFER = frozenset(
    {"default", "forceInput", "defaultInput", "control_after_generate", "multiline", "tooltip", "dynamicPrompts"}
)
_RANGE = frozenset({"min", "max", "step"})


class Primitives:
    """Reads the values of PrimitiveNodes, each once."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], Any] = {}
        self._fed: dict[int, dict[str, list[LinkId]]] = {}

    def value(self, instance: Instance, node: Node) -> Any:
        """What the node puts into the widgets that it feeds.

        The saved value counts while it is of the type that the first of them has, else theirs. A number is kept within
        what all of them accept.

        Raises:
            LookupError: it feeds no widget.
        """
        key = (instance.path, node.id)
        if key not in self._values:
            self._values[key] = self._read(instance, node)
        return self._values[key]

    def _read(self, instance: Instance, node: Node) -> Any:
        targets = list(self._targets(instance, node))
        first, value = targets[0]
        if isinstance(node.values, list) and node.values and node.outputs[:1] in ((), (first.kind,)):
            value = first.shown(node.values[0])
        if first.kind not in ("INT", "FLOAT"):
            return value
        options = first.options
        for spec, _ in targets:
            merged = _merged(options, spec.options) if spec.kind == first.kind else None
            if merged is not None:
                options = merged
                if isinstance(value, int | float) and not isinstance(value, bool):
                    value = min(max(value, options["min"]), options["max"])
                value = rounded(value, first.kind, options)
        return value

    def _targets(self, instance: Instance, node: Node) -> Iterator[Widget]:
        """The widgets that it feeds: what is known of each, and its value.

        One is made up for its first target when that has none; where that can't have any, neither has the node.
        """
        is_first = True
        scope = instance.scope
        if id(scope) not in self._fed:
            self._fed[id(scope)] = _fed(scope)
        for link_id in self._fed[id(scope)].get(node.id, ()):
            target = scope.nodes.get(scope.links[link_id].target)
            layout = instance.layout(target) if target is not None else None
            slot = next((slot for slot in layout.slots if slot.link == link_id), None) if layout else None
            if layout is None or slot is None:
                continue
            widget = layout.widgets.get(slot.widget)
            if widget is None and is_first:
                spec = InputSpec.read(slot.name, [slot.kind])
                if spec is None or not spec.is_widget:
                    return
                widget = Widget(spec, spec.default)
            is_first = False
            if widget is not None:
                yield widget


def _fed(scope: Scope) -> dict[str, list[LinkId]]:
    fed: dict[str, list[LinkId]] = {}
    for link_id, link in scope.links.items():
        if link.origin_slot == 0:
            fed.setdefault(link.origin, []).append(link_id)
    return fed


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any] | None:
    """What two widgets for numbers both accept; None when they have nothing in common."""
    least = max(number(one, "min", -math.inf), number(other, "min", -math.inf))
    most = min(number(one, "max", math.inf), number(other, "max", math.inf))
    if least > most or any(
        one.get(key) != other.get(key) for key in (one.keys() | other.keys()) - _MAY_DIFFER - _RANGE
    ):
        return None
    step, others = one.get("step", 1), other.get("step", 1)
    if step != others and isinstance(step, int) and isinstance(others, int):
        step = math.lcm(step, others)
    return {**one, **other, "min": least, "max": most, "step": step}
