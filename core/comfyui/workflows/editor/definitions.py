"""Node classes as `/object_info` describes them: which inputs are widgets, which are sockets, and what they carry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from core.comfyui.workflows.editor.values import NOTHING, copied, string, text_of
from core.comfyui.workflows.editor.wiring import LinkId, Slot

ANY = "*"
DYNAMIC_COMBO = "COMFY_DYNAMICCOMBO_V3"
AUTOGROW = "COMFY_AUTOGROW_V3"
MATCH_TYPE = "COMFY_MATCHTYPE_V3"
_ON_SCREEN = frozenset({"AUDIO_RECORD", "IMAGECOMPARE", "LOAD_3D", "LOAD_3D_ANIMATION", "WEBCAM"})
"""What is drawn or recorded on the screen. It has its place among the values like any other widget."""
_RARE = frozenset({"BOUNDING_BOX", "BOUNDING_BOXES", "COLORS", "CURVE", "MARKDOWN", "PAINTER", "RANGE", "TEXTAREA"})
_WIDGETS = frozenset({"INT", "FLOAT", "STRING", "BOOLEAN", "COMBO", "COLOR", DYNAMIC_COMBO}) | _ON_SCREEN | _RARE
_CHANGING = frozenset({AUTOGROW, DYNAMIC_COMBO, MATCH_TYPE})
_CONTROLLED = frozenset({"INT", "FLOAT", "COMBO"})
_SEEDS = ("seed", "noise_seed")
_EMPTY = {"INT": 0, "FLOAT": 0, "BOOLEAN": False, "IMAGECOMPARE": ["", ""]}
SAVES_UNDER = "filename_prefix"
_FILLS_NOTHING_IN = frozenset(
    {
        "CheckpointSave",
        "ImageOnlyCheckpointSave",
        "LossGraphNode",
        "SaveImageDataSetToFolder",
        "SaveImageTextDataSetToFolder",
    }
)
"""Classes that save, too, but whose names of files the editor sends as they are."""
_GROUPS = ("required", "optional")
_MOST_KEPT = 2_000


class InputSpec(NamedTuple):
    """One input of a class.

    Attributes:
        kind: ``"INT"``, ``"COMBO"``, ``"MODEL"`` …; a list of choices is a ``"COMBO"``.
        accepts: the type of its socket, ``"*"`` for any, ``"IMAGE,MASK"`` for several.
        forced: a value that can only come over a link.
        is_widget: it has a widget, and a value of its own.
        is_controlled: what happens to its value after a run is saved as a value of its own.
    """

    name: str
    kind: str
    accepts: str
    options: Mapping[str, Any]
    choices: Sequence[Any]
    forced: bool
    is_widget: bool
    is_controlled: bool

    @classmethod
    def read(cls, name: str, raw: Any, *, optional: bool = False) -> InputSpec | None:
        """An entry such as ``["INT", {"default": 20}]`` or ``[["euler", "ddim"]]``; None when it is none."""
        if not isinstance(raw, list) or not raw:
            return None
        options = raw[1] if len(raw) > 1 and isinstance(raw[1], dict) else {}
        forced = bool(options.get("forceInput") or (optional and options.get("defaultInput")))
        if isinstance(raw[0], list):
            kind = accepts = "COMBO"
            choices = raw[0]
        else:
            template = options.get("template") if raw[0] == MATCH_TYPE else None
            allowed = template.get("allowed_types") if isinstance(template, dict) else None
            own = string(raw[0], ANY)
            accepts = string(allowed, own)
            kind = string(options.get("widgetType"), accepts if accepts in _WIDGETS else own)
            choices = options.get("options")
        flag = options.get("control_after_generate")
        return cls(
            name=name,
            kind=kind,
            accepts=accepts,
            options=options,
            choices=choices if isinstance(choices, list) else (),
            forced=forced,
            is_widget=kind in _WIDGETS and not forced,
            is_controlled=kind in _CONTROLLED and bool(kind == "INT" and name in _SEEDS if flag is None else flag),
        )

    def slot(self, kind: str, link: LinkId | None) -> Slot:
        """Its socket, of this type and with this link."""
        return Slot(self.name, kind, link, self.name if self.is_widget else "")

    @property
    def default(self) -> Any:
        """What the widget holds when a file does not say; `NOTHING` for a list without choices."""
        default = self.options.get("default")
        if self.kind == DYNAMIC_COMBO:
            return next(iter(self.variants), "")
        if self.kind == "COMBO":
            return default or (self.choices[0] if self.choices else NOTHING)
        return _EMPTY.get(self.kind, "") if default is None else default

    def held(self, value: Any) -> Any:
        """What the widget keeps of a value that it is given: a box of several lines holds texts alone."""
        if self.kind == "STRING" and self.options.get("multiline"):
            return text_of(copied(value))
        return value

    def shown(self, value: Any) -> Any:
        """What the widget makes of a saved value: a list shows its first choice for none."""
        return self.choices[0] if value is None and self.kind == "COMBO" and self.choices else value

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
        sockets: the inputs without a widget.
        widgets: the inputs with one, in the order in which their values are saved.
        outputs: the types of its outputs.
        saves: it writes files, under a name that may hold placeholders.
        slots: the sockets of all inputs, those of widgets last.
        places: name of an input → its place among the slots.
        is_fixed: no value or link changes which inputs it has, or of which types.
        has_forced: it has inputs that were widgets once.
    """

    title: str
    inputs: tuple[InputSpec, ...]
    sockets: tuple[InputSpec, ...]
    widgets: tuple[InputSpec, ...]
    outputs: tuple[str, ...]
    slots: tuple[Slot, ...]
    places: Mapping[str, int]
    saves: bool
    is_fixed: bool
    has_forced: bool


class Definitions:
    """The classes of a server, each read when it is first asked for.

    What was read is kept for the next workflow; a class whose inputs or outputs are no longer the same is read again.

    Args:
        object_info: the answer of ``/object_info``.
    """

    def __init__(self, object_info: Mapping[str, Any]) -> None:
        self._raw = object_info
        self._read: dict[str, NodeClass | None] = {}

    def get(self, name: str) -> NodeClass | None:
        if name not in self._read:
            raw = self._raw.get(name)
            self._read[name] = _known(name, raw) if isinstance(raw, Mapping) else None
        return self._read[name]


_kept: dict[int, tuple[Mapping[str, Any], list[Any], NodeClass]] = {}


def _known(name: str, raw: Mapping[str, Any]) -> NodeClass:
    shape = _shape(raw)
    kept = _kept.get(id(raw))
    if kept is None or kept[0] is not raw or kept[1] != shape:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        kept = _kept[id(raw)] = (raw, shape, _read_class(name, raw))
    return kept[2]


def _shape(raw: Mapping[str, Any]) -> list[Any]:
    """All that the reading of a class depends on, but for what is within the entry of an input."""
    groups, outputs = raw.get("input"), raw.get("output")
    shape: list[Any] = [raw.get("display_name"), *outputs] if isinstance(outputs, list) else [raw.get("display_name")]
    for group in _GROUPS:
        entries = groups.get(group) if isinstance(groups, Mapping) else None
        shape.append(tuple(entries.items()) if isinstance(entries, Mapping) else None)
    return shape


def read_inputs(groups: Any, order: Any = None) -> Iterator[InputSpec]:
    """The inputs of ``{"required": {name: entry}, "optional": {…}}``, the required ones first."""
    for group in _GROUPS:
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
    sockets = tuple([spec for spec in inputs if not spec.is_widget])
    widgets = tuple([spec for spec in inputs if spec.is_widget])
    slots = tuple([spec.slot(spec.accepts, None) for spec in (*sockets, *widgets)])
    outputs = raw.get("output")
    return NodeClass(
        title=string(raw.get("display_name"), name),
        inputs=inputs,
        sockets=sockets,
        widgets=widgets,
        outputs=tuple(["COMBO" if isinstance(o, list) else string(o, ANY) for o in outputs])
        if isinstance(outputs, list)
        else (),
        slots=slots,
        places={slot.name: place for place, slot in enumerate(slots)},
        saves=bool(raw.get("output_node"))
        and name not in _FILLS_NOTHING_IN
        and any(spec.name == SAVES_UNDER for spec in inputs),
        is_fixed=all(spec.kind not in _CHANGING for spec in inputs),
        has_forced=any(spec.forced for spec in inputs),
    )
