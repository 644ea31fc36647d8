"""One workflow, loaded and understood."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import translate
from typing import TYPE_CHECKING, Any

import orjson

from core.comfyui.workflows.bindings import Bindings
from core.comfyui.workflows.graph import Graph
from core.comfyui.workflows.parameters import RANDOM_SEED, WorkflowParameters
from core.comfyui.workflows.passes import skip_idle
from core.comfyui.workflows.ranges import limits_of
from core.comfyui.workflows.roles import bind
from core.comfyui.workflows.start_image import DENOISE
from core.comfyui.workflows.updater import Plan, WorkflowUpdater
from core.validators.limits import Limits
from utils.language import phrase

if TYPE_CHECKING:
    from config.models import WorkflowEntry

_ONLY_SHOWN = ("lora_strength",)
#: Up to this strength a pass over an enlarged picture adds detail and changes nothing.
_LIGHT = 0.5


class WorkflowType(StrEnum):
    """What a workflow is for, as its inputs and outputs tell."""

    IMAGE = "image"
    EDIT = "edit"
    UPSCALE = "upscale"
    VIDEO = "video"
    AUDIO = "audio"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Workflow:
    """A template that can be filled in. It never changes: a changed file becomes another `Workflow`.

    Attributes:
        name: its key in the configuration, else the stem of its file.
        label: what people see.
        limits: parameter → range, the public ones with the config entry's in their place.
        defaults: parameter → the value that it has when nobody chooses another.
        seed: the seed that is taken when nobody chooses one; None draws one.
        supported: names of the parameters that act on it.
        problems: what looks wrong in the file without keeping it from being used.
    """

    name: str
    label: str
    description: str
    type: WorkflowType
    limits: Limits
    defaults: Mapping[str, Any]
    seed: int | None
    supported: frozenset[str]
    problems: tuple[str, ...]
    plan: Plan = field(repr=False, compare=False)
    _loras: re.Pattern[str] | None = field(repr=False)
    _json: bytes = field(repr=False)
    _updater: WorkflowUpdater = field(repr=False)

    @property
    def bindings(self) -> Bindings:
        """Where the graph takes its values."""
        return self.plan.bindings

    def graph(self) -> Graph:
        """A copy of the graph, as it is saved and with the configured defaults in it. The caller owns it."""
        return orjson.loads(self._json)

    def build(self, parameters: WorkflowParameters) -> Graph:
        """The graph with parameters in it, as it is sent: without passes whose strength is 0. None leaves a value."""
        graph = self._updater.update_bound(self.graph(), self.plan, parameters)
        if self.bindings.passes:
            skip_idle(graph, self.bindings.passes)
        return graph

    def idle(self, strength: float | None) -> frozenset[str]:
        """The parameters that act on nothing but passes that are left out at a strength; None: at the saved one."""
        if not self.bindings.passes:
            return frozenset()
        left = self.build(WorkflowParameters(denoise=strength)).keys()
        driven = {name: self.plan.nodes(name) for name in self.supported - {"denoise"}}
        return frozenset(name for name, nodes in driven.items() if nodes and left.isdisjoint(nodes))

    def takes(self, name: str, *, started: bool) -> bool:
        """Whether a parameter acts.

        Args:
            started: a picture is given. A workflow that was saved to start from nothing has a strength only then.
        """
        return name in self.supported or (name == "denoise" and started and self.bindings.start is not None)

    def takes_lora(self, file: str) -> bool:
        """Whether a LoRA is one of those that the configuration lets this workflow have; all are, unless it says so."""
        return self._loras is None or self._loras.match(file.replace("\\", "/").casefold()) is not None

    @property
    def lora_strength(self) -> float:
        """Of a LoRA that nobody chose a strength for."""
        return self.defaults.get("lora_strength", 1.0)

    @property
    def start_strength(self) -> float | None:
        """How much of a picture to start from is changed when nobody says so; None where there can be none."""
        if self.bindings.start is None:
            return None
        allowed = self.limits["denoise"]
        usual = min(allowed.choices or [DENOISE], key=lambda choice: abs(float(choice) - DENOISE))
        return self.defaults.get("denoise", min(max(float(usual), allowed.min), allowed.max))

    def draw_seed(self) -> int:
        """A seed that every sampler of this workflow takes."""
        return self._updater.draw(self.bindings.seed_limit)


def load(
    name: str,
    graph: Graph,
    entry: WorkflowEntry | None,
    updater: WorkflowUpdater,
    definitions: Mapping[str, Any] | None = None,
) -> Workflow:
    """Understand the graph of a workflow file.

    Args:
        name: what it is called.
        graph: its graph, which is kept and filled with the configured defaults.
        entry: what the configuration says about it.
        definitions: the server's ``/object_info``, when it is known.

    Raises:
        WorkflowError: the graph is of no use as it is, or the entry does not fit it.
        ValidationError: a default, a limit or a choice of the entry is out of range.
    """
    declared = entry.bindings if entry else None
    bindings = bind(graph, definitions, declared=declared)
    if bindings.refusal:
        raise bindings.refusal.error()
    plan = Plan.of(bindings)
    limits = limits_of(graph, bindings, definitions)
    defaults = dict[str, Any]()
    if entry is not None:
        limits = limits.overridden(entry.limits, entry.choices)
        defaults = {key: limits[key].preset(value) for key, value in entry.defaults.items()}
    wanted = {key: value for key, value in defaults.items() if key in plan.supported}
    if wanted.get("seed") == RANDOM_SEED:
        del wanted["seed"]
    if wanted:
        updater.update_bound(graph, plan, WorkflowParameters(**wanted))
        plan = Plan.of(bind(graph, definitions, declared=declared))
    kind = WorkflowType(entry.type) if entry and entry.type else _type_of(plan)
    return Workflow(
        name=name,
        label=_label(name, entry),
        description=entry.description if entry else "",
        type=kind,
        limits=limits,
        defaults={**{key: value for key, value in plan.values.items() if key != "prompt"}, **defaults},
        seed=wanted.get("seed"),
        supported=plan.supported,
        problems=(*(problem.message for problem in bindings.problems), *_without_place(entry, plan)),
        plan=plan,
        _loras=_pattern(entry.loras) if entry and entry.loras else None,
        _json=orjson.dumps(graph),
        _updater=updater,
    )


def _pattern(patterns: Iterable[str]) -> re.Pattern[str]:
    """What matches where one of some patterns for file names does; a list may have thousands of names."""
    return re.compile("|".join(translate(pattern.casefold()) for pattern in patterns))


def _label(name: str, entry: WorkflowEntry | None) -> str:
    """What people see: Discord takes no blanks, and refuses a whole list for one."""
    given = ((entry.shown_name if entry else None) or "").strip()
    return given or name.replace("_", " ").replace("-", " ").strip().capitalize() or "Workflow"


def _without_place(entry: WorkflowEntry | None, plan: Plan) -> Iterator[str]:
    """What an entry says of parameters that have no place in the graph."""
    if entry is None:
        return
    used = {*plan.supported, *_ONLY_SHOWN}
    if plan.bindings.start is not None:
        used.add("denoise")  # with a picture to start from
    for key in [key for key in entry.defaults if key not in used]:
        yield phrase(
            "The default for {setting} has no place in this workflow: remove it from the configuration.", setting=key
        )
    for key in [key for key in {**entry.limits, **entry.choices} if key not in used]:
        yield phrase(
            "The range for {setting} has no place in this workflow: remove it from the configuration.", setting=key
        )
    if entry.loras and "loras" not in plan.supported:
        yield phrase("The filter for LoRAs has no place in this workflow: remove it from the configuration.")


def _type_of(plan: Plan) -> WorkflowType:
    bindings = plan.bindings
    media = {kind for _, kind in bindings.outputs}
    if "video" in media:
        return WorkflowType.VIDEO
    if "audio" in media:
        return WorkflowType.AUDIO
    if "image" not in media:
        return WorkflowType.OTHER
    if not bindings.places("images"):
        return WorkflowType.IMAGE
    if not bindings.places("positive"):
        return WorkflowType.UPSCALE
    strength = bindings.saved("denoise")
    light = isinstance(strength, int | float) and strength <= _LIGHT
    return WorkflowType.UPSCALE if light and bindings.places("upscale_factor") else WorkflowType.EDIT
