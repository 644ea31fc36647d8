"""Node classes as `/object_info` describes them: which inputs are widgets, which are sockets, and what they carry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from core.comfyui.workflows.editor.values import string

ANY = "*"
DYNAMIC_COMBO = "COMFY_DYNAMICCOMBO_V3"
AUTOGROW = "COMFY_AUTOGROW_V3"
MATCH_TYPE = "COMFY_MATCHTYPE_V3"
_ON_SCREEN = frozenset({"AUDIO_RECORD", "IMAGECOMPARE", "LOAD_3D", "LOAD_3D_ANIMATION", "WEBCAM"})
"""What is drawn or recorded on the screen. It has its place among the values like any other widget."""
_WIDGETS = frozenset({"INT", "FLOAT", "STRING", "BOOLEAN", "COMBO", "COLOR", DYNAMIC_COMBO}) | _ON_SCREEN
_CONTROLLED = frozenset({"INT", "FLOAT", "COMBO"})
_SEEDS = ("seed", "noise_seed")
_EMPTY = {"INT": 0, "FLOAT": 0, "BOOLEAN": False, "IMAGECOMPARE": ["", ""]}
_SAVES_UNDER = "filename_prefix"


class InputSpec(NamedTuple):
    """One input of a class.

    Attributes:
        kind: ``"INT"``, ``"COMBO"``, ``"MODEL"`` …; a list of choices is a ``"COMBO"``.
        accepts: the type of its socket, ``"*"`` for any, ``"IMAGE,MASK"`` for several.
        forced: a value that can only come over a link.
        is_widget: it has a widget, and a value of its own.
    """

    name: str
    kind: str
    accepts: str
    options: Mapping[str, Any]
    choices: Sequence[Any]
    forced: bool
    is_widget: bool

    @classmethod
    def read(cls, name: str, raw: Any, *, optional: bool = False) -> InputSpec | None:
        """An entry such as ``["INT", {"default": 20}]`` or ``[["euler", "ddim"]]``; None when it is none."""
        if not isinstance(raw, list) or not raw:
            return None
        options = raw[1] if len(raw) > 1 and isinstance(raw[1], dict) else {}
        forced = bool(options.get("forceInput") or (optional and options.get("defaultInput")))
        if isinstance(raw[0], list):
            return cls(name, "COMBO", "COMBO", options, raw[0], forced, not forced)
        template = options.get("template") if raw[0] == MATCH_TYPE else None
        allowed = template.get("allowed_types") if isinstance(template, dict) else None
        own = string(raw[0], ANY)
        accepts = string(allowed, own)
        kind = string(options.get("widgetType"), accepts if accepts in _WIDGETS else own)
        choices = options.get("options")
        listed = choices if isinstance(choices, list) else ()
        return cls(name, kind, accepts, options, listed, forced, kind in _WIDGETS and not forced)

    @property
    def is_controlled(self) -> bool:
        """Whether what happens to its value after a run is saved as a value of its own."""
        flag = self.options.get("control_after_generate")
        if flag is None:
            flag = self.kind == "INT" and self.name in _SEEDS
        return bool(flag) and self.kind in _CONTROLLED

    @property
    def default(self) -> Any:
        if "default" in self.options:
            return self.options["default"]
        if self.kind == DYNAMIC_COMBO:
            return next(iter(self.variants), "")
        return self.choices[0] if self.choices else _EMPTY.get(self.kind, "")

    @property
    def variants(self) -> dict[str, Mapping[str, Any]]:
        """Of a dynamic combo: each choice with the inputs that it brings."""
        return {
            variant["key"]: variant["inputs"]
            for variant in self.choices
            if isinstance(variant, dict)
            and isinstance(variant.get("key"), str)
            and isinstance(variant.get("inputs"), dict)
        }


@dataclass(frozen=True, slots=True)
class NodeClass:
    """A class of nodes.

    Attributes:
        title: what its nodes are called when nobody named them.
        outputs: the types of its outputs.
        saves: it writes files, under a name that may hold placeholders.
    """

    title: str
    inputs: tuple[InputSpec, ...]
    outputs: tuple[str, ...]
    saves: bool


class Definitions:
    """The classes of a server, each read when it is first asked for.

    Args:
        object_info: the answer of ``/object_info``.
    """

    def __init__(self, object_info: Mapping[str, Any]) -> None:
        self._raw = object_info
        self._read: dict[str, NodeClass | None] = {}

    def get(self, name: str) -> NodeClass | None:
        if name not in self._read:
            raw = self._raw.get(name)
            self._read[name] = _read_class(name, raw) if isinstance(raw, Mapping) else None
        return self._read[name]


def read_inputs(groups: Any, order: Any = None) -> Iterator[InputSpec]:
    """The inputs of ``{"required": {name: entry}, "optional": {…}}``, the required ones first."""
    for group in ("required", "optional"):
        entries = groups.get(group) if isinstance(groups, Mapping) else None
        if not isinstance(entries, Mapping):
            continue
        names = order.get(group) if isinstance(order, Mapping) else None
        listed = [n for n in names if isinstance(n, str) and n in entries] if isinstance(names, list) else []
        for name in dict.fromkeys([*listed, *entries]):
            spec = InputSpec.read(name, entries[name], optional=group == "optional")
            if spec is not None:
                yield spec


def _read_class(name: str, raw: Mapping[str, Any]) -> NodeClass:
    inputs = tuple(read_inputs(raw.get("input"), raw.get("input_order")))
    outputs = raw.get("output")
    return NodeClass(
        title=string(raw.get("display_name"), name),
        inputs=inputs,
        outputs=tuple("COMBO" if isinstance(o, list) else string(o, ANY) for o in outputs)
        if isinstance(outputs, list)
        else (),
        saves=bool(raw.get("output_node")) and any(spec.name == _SAVES_UNDER for spec in inputs),
    )
