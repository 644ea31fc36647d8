"""One workflow, loaded and understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import orjson

from core.comfyui.workflows.bindings import Bindings
from core.comfyui.workflows.graph import Graph
from core.comfyui.workflows.parameters import RANDOM_SEED, WorkflowParameters
from core.comfyui.workflows.passes import skip_idle
from core.comfyui.workflows.roles import bind
from core.comfyui.workflows.updater import Plan, WorkflowUpdater
from core.exceptions import WorkflowError
from core.validators.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from config.models import WorkflowEntry

_ONLY_SHOWN = ("lora_strength",)


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
        supported: names of the parameters that act on it.
        problems: what looks wrong in the file without keeping it from being used.
    """

    name: str
    label: str
    description: str
    type: WorkflowType
    limits: Limits
    defaults: Mapping[str, Any]
    supported: frozenset[str]
    problems: tuple[str, ...]
    plan: Plan = field(repr=False)
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

    def draw_seed(self) -> int:
        """A seed that every sampler of this workflow takes."""
        return self._updater.draw(self.bindings.seed_limit)


def load(name: str, data: bytes, entry: WorkflowEntry | None, updater: WorkflowUpdater) -> Workflow:
    """Understand the bytes of a workflow file.

    Args:
        name: what it is called.
        entry: what the configuration says about it.

    Raises:
        WorkflowError: the file is no graph in API format, or of no use as it is.
        ValidationError: a default or a limit of the entry is out of range.
    """
    try:
        graph = orjson.loads(data)
    except orjson.JSONDecodeError as exc:
        raise WorkflowError(f"The file of {name!r} is not valid JSON: save it again.", detail=str(exc)) from exc
    bindings = bind(graph)
    if bindings.refusal:
        raise bindings.refusal.error()
    problems = [problem.message for problem in bindings.problems]
    limits, defaults = DEFAULT_LIMITS, dict[str, Any]()
    if entry is not None:
        limits = DEFAULT_LIMITS.overridden(entry.limits)
        defaults = {key: limits[key].check(value) for key, value in entry.defaults.items()}
    plan = Plan.of(bindings)
    for key in defaults.keys() - plan.supported - set(_ONLY_SHOWN):
        problems.append(f"The default for {key} has no place in this workflow: remove it from the configuration.")
    wanted = {key: value for key, value in defaults.items() if key in plan.supported}
    if wanted.get("seed") == RANDOM_SEED:
        del wanted["seed"]
    updater.update_bound(graph, plan, WorkflowParameters(**wanted))
    plan = Plan.of(bind(graph))
    return Workflow(
        name=name,
        label=(entry.name if entry else None) or name.replace("_", " ").replace("-", " ").strip().capitalize(),
        description=entry.description if entry else "",
        type=_type_of(plan),
        limits=limits,
        defaults={**{key: value for key, value in plan.values.items() if key != "prompt"}, **defaults},
        supported=plan.supported,
        problems=tuple(problems),
        plan=plan,
        _json=orjson.dumps(graph),
        _updater=updater,
    )


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
    return WorkflowType.EDIT if bindings.places("positive") else WorkflowType.UPSCALE
