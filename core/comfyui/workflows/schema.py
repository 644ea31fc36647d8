"""What a node's sockets and widgets are: from the server's definitions, else from their names.

A graph in API format does not say what its links carry. `/object_info` does; without it, or for a class that it does
not know, the names that node authors use all over decide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from core.comfyui.workflows.shape import is_link

BUNDLE = "BUNDLE"
"""The type, whatever a pack calls it, of a link that carries model, conditioning, latents and more at once."""
_BUNDLES = re.compile(r"(?:^|_)(?:PIPE|PIPELINE|PIPE_LINE|CONTEXT|TUPLE)$")
CORE_TYPES = frozenset(
    (
        "CONDITIONING", "MODEL", "CLIP", "VAE", "LATENT", "IMAGE", "MASK", "SIGMAS", "GUIDER", "SAMPLER", "NOISE",
        "AUDIO", "VIDEO", "STRING", "INT", "FLOAT", "BOOLEAN", "COMBO",
    )
)  # fmt: skip
_REMADE = frozenset(("CONDITIONING", "MODEL", "CLIP", "LATENT"))
_SOCKETS = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (
            "CONDITIONING",
            r"^(?:(?:neg|pos|un|base|refiner)_?)?(?:conditioning|cond|positive|negative|\w*text_embeds|hyvid_embeds)"
            r"(?![a-z]|_prompt|_text)",
        ),
        ("MODEL", r"^(?:base_|refiner_|high_|low_)?(?:model|unet)(?:_?\d+|_high\w*|_low\w*)?$"),
        ("CLIP", r"^clip\d*$"),
        (BUNDLE, r"^(?:\w+_)?(?:pipe|ctx|context|tuple)(?:_?\d+)?$"),
        ("LATENT", r"latent|^samples|^image_embeds$|^stage_[bc]$"),
        ("SIGMAS", r"^sigmas?$"),
        ("GUIDER", r"^guider$"),
        ("SAMPLER", r"^sampler$"),
        ("NOISE", r"^noise$"),
        ("MASK", r"mask|^alpha$"),
        ("AUDIO", r"audio"),
        ("VIDEO", r"^video$|_video$|videos$"),
        ("VAE", r"vae$"),
        ("IMAGE", r"image|pixels|frame|video|photo|^input$|^destination$|^source$"),
    )
)
_ANY = ("*", "COMFY_MATCHTYPE_V3", "")
_TEXT = re.compile(
    r"(?i)^(?:text|prompt|caption|string|tags|lyrics|positive|negative|clip_[lgh]|t5xxl|llama|bert|mt5xl|qwen25_7b)"
    r"|^replace|prompt$|_text$|_caption$"
)
_NOT_THE_USERS = re.compile(
    r"(?i)system|delimiter|separator|find|regex|pattern|mode|type|model|prefix_name|filename|strength|weight"
    r"|encoder|template|normalization|(?:^|_)id$|description|display|expression|console|enhance|^log_"
    r"|^(?:pre|app|prefix|suffix|prepend|append)_"
)
_SAVES = re.compile(r"(?i)save|send|upload|export")
_HANDED_ON = ("width", "height", "length", "num_frames", "fps", "frame_rate", "batch_size")


class Schema:
    """Answers about node classes.

    Args:
        object_info: the answer of ``/object_info``, or None.
    """

    __slots__ = ("_classes", "_inputs", "_required")

    def __init__(self, object_info: Mapping[str, Any] | None) -> None:
        self._classes = object_info or {}
        self._inputs: dict[str, dict[str, Any]] = {}
        self._required: dict[str, tuple[str, ...]] = {}

    def input_type(self, class_type: str, name: str) -> str | None:
        """``"INT"``, ``"STRING"``, ``"COMBO"``, ``"MODEL"`` …; None when it is not known."""
        spec = self._specs(class_type).get(name)
        if not isinstance(spec, list) or not spec:
            return None
        return "COMBO" if isinstance(spec[0], list) else str(spec[0])

    def maximum(self, class_type: str, name: str) -> int | None:
        """The largest number that an input takes, when it is known."""
        spec = self._specs(class_type).get(name)
        most = spec[1].get("max") if isinstance(spec, list) and len(spec) > 1 and isinstance(spec[1], dict) else None
        return most if type(most) is int else None

    def link_type(self, source: str, slot: int, consumer: str, name: str) -> str:
        """The type that travels from output `slot` of one class into input `name` of another."""
        outputs = self._definition(source).get("output")
        made = outputs[slot] if isinstance(outputs, list) and 0 <= slot < len(outputs) else None
        for kind in (made, self.input_type(consumer, name)):
            if isinstance(kind, str) and kind not in _ANY:
                return kind if kind in CORE_TYPES else _pack_type(kind, name)
        return _named(name)

    def hands_on(self, class_type: str, slot: int, name: str, inputs: Mapping[str, Any]) -> bool:
        """Whether output `slot` is nothing but the node's own input `name` (a width that is passed along)."""
        if name not in inputs or (slot == 0 and len(inputs) > 1):
            return False
        output = self.output_name(class_type, slot)
        return name in _HANDED_ON if output is None else output == name

    def texts(self, class_type: str, inputs: Mapping[str, Any], *, called: bool = False) -> list[str]:
        """The inputs of a node that hold what somebody wrote, as literals or over a link.

        Args:
            called: only those that are called like a text: of a node that does other things too.
        """
        return [
            name
            for name, value in inputs.items()
            if (is_link(value) or (isinstance(value, str) and not name.startswith("replace")))
            and self._is_text(class_type, name)
            and (not called or _is_called_text(name))
        ]

    def strings(self, class_type: str, inputs: Mapping[str, Any]) -> list[str]:
        """The literal texts of a node, whatever they are called, but for what is never the user's.

        Choices from a list are left out where that is known.
        """
        return [
            name
            for name, value in inputs.items()
            if isinstance(value, str)
            and not _is_the_authors(name)
            and not name.startswith("replace")
            and self.input_type(class_type, name) in (None, "STRING")
        ]

    def output_name(self, class_type: str, slot: int) -> str | None:
        names = self._definition(class_type).get("output_name", ())
        name = names[slot] if isinstance(names, list | tuple) and 0 <= slot < len(names) else None
        return name if isinstance(name, str) else None

    def required(self, class_type: str) -> tuple[str, ...]:
        """The inputs without which the server refuses the node, those with sub-inputs of their own left out."""
        names = self._required.get(class_type)
        if names is None:
            required = self._group(class_type, "required")
            names = tuple(name for name in required if "COMFY_" not in (self.input_type(class_type, name) or ""))
            self._required[class_type] = names
        return names

    def is_partner(self, class_type: str) -> bool:
        """A node that has its work done by a service elsewhere."""
        return bool(self._definition(class_type).get("api_node"))

    def saves(self, class_type: str, inputs: Mapping[str, Any]) -> bool:
        """A node whose results are kept."""
        definition = self._definition(class_type)
        if definition and not definition.get("output_node"):
            return False
        return (
            "filename_prefix" in inputs
            or bool(_SAVES.search(class_type))
            or str(inputs.get("image_output")).startswith(("Save", "Preview", "Send"))
        )

    def gives_files(self, class_type: str) -> bool:
        """A partner node that is an output itself: those that make 3D models are."""
        return self.is_partner(class_type) and bool(self._definition(class_type).get("output_node"))

    def shows(self, class_type: str) -> bool:
        """A node whose results are shown and thrown away."""
        definition = self._definition(class_type)
        return bool(definition.get("output_node")) if definition else "preview" in class_type.lower()

    def knows(self, class_type: str) -> bool:
        """Whether the definitions have this class."""
        return bool(self._definition(class_type))

    def _is_text(self, class_type: str, name: str) -> bool:
        if _is_the_authors(name):
            return False
        known = self.input_type(class_type, name)
        return _is_called_text(name) if known is None or known in _ANY else known == "STRING"

    def _specs(self, class_type: str) -> dict[str, Any]:
        """Input name → its specification."""
        specs = self._inputs.get(class_type)
        if specs is None:
            groups = self._group(class_type, "optional"), self._group(class_type, "required")
            specs = self._inputs[class_type] = {**groups[0], **groups[1]}
        return specs

    def _group(self, class_type: str, part: str) -> dict[str, Any]:
        """The required or the optional inputs; none where a pack has damaged its definition."""
        given = self._definition(class_type).get("input")
        group = given.get(part) if isinstance(given, dict) else None
        return group if isinstance(group, dict) else {}

    def _definition(self, class_type: str) -> Mapping[str, Any]:
        definition = self._classes.get(class_type)
        return definition if isinstance(definition, dict) else {}


@lru_cache(maxsize=4096)
def _named(name: str) -> str:
    """The type that an input's name suggests."""
    known = next((kind for kind, pattern in _SOCKETS if pattern.search(name)), "")
    return known or ("STRING" if _TEXT.search(name) else "")


@lru_cache(maxsize=4096)
def _is_called_text(name: str) -> bool:
    return bool(_TEXT.search(name))


@lru_cache(maxsize=4096)
def _is_the_authors(name: str) -> bool:
    """Whether an input holds something that whoever made the graph decides."""
    return bool(_NOT_THE_USERS.search(name))


def _pack_type(kind: str, name: str) -> str:
    """What a type that some pack has made for itself stands for: its own model, its own conditioning."""
    if _BUNDLES.search(kind):
        return BUNDLE
    called = _named(name)
    return called if called in _REMADE else kind
