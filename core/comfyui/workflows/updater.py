"""Parameters into a graph: `WorkflowUpdater`."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from core.comfyui.workflows.bindings import Bindings
from core.comfyui.workflows.draft import Draft
from core.comfyui.workflows.graph import Graph
from core.comfyui.workflows.parameters import MEDIA, PARAMETERS, RANDOM_SEED, LoraChoice, WorkflowParameters, values_of
from core.comfyui.workflows.roles import bind
from core.comfyui.workflows.shape import check_shape
from core.comfyui.workflows.strategies import UPDATERS, NodeUpdater, Writer
from core.exceptions import WorkflowError
from utils.language import phrase

if TYPE_CHECKING:
    from core.validators.image import PromptParameters

__all__ = ("LoraChoice", "NodeUpdater", "WorkflowParameters", "WorkflowUpdater", "draw_seed")

_KEPT_PLANS = 64
_PLACES = {name: place for place, name in enumerate(PARAMETERS)}
_PROMPT, _SEED = _PLACES["prompt"], _PLACES["seed"]


def draw_seed(maximum: int) -> int:
    """A seed from 0 to `maximum`. The one place where chance enters."""
    return secrets.randbelow(maximum + 1)


@dataclass(frozen=True, slots=True)
class Plan:
    """A graph's bindings, and what writes parameters into copies of it, each with its place in `PARAMETERS`.

    They write in the order of `UPDATERS`.
    """

    bindings: Bindings
    writers: tuple[tuple[int, Writer], ...]

    @classmethod
    def of(cls, bindings: Bindings) -> Plan:
        writers = ((_PLACES[updater.parameter], updater.prepare(bindings)) for updater in UPDATERS)
        return cls(bindings, tuple((place, writer) for place, writer in writers if writer is not None))

    @property
    def supported(self) -> frozenset[str]:
        """Names of the parameters that act."""
        return frozenset(updater.parameter for updater in UPDATERS if updater.supports(self.bindings))

    @property
    def echoes(self) -> dict[str, str]:
        """Parameters that drive what another one drives by its own name → that one: cfg, where it is guidance.

        Where both are given, the one with the name counts.
        """
        named = {updater.parameter for updater in UPDATERS if updater.supports(self.bindings)}
        driven = {u.parameter: u.drives(self.bindings) for u in UPDATERS if u.parameter in named}
        return {name: role for name, role in driven.items() if role != name and role in named}

    def nodes(self, parameter: str) -> frozenset[str]:
        """Ids of the nodes that a parameter is written to; LoRAs are put behind some as well."""
        roles = [updater.drives(self.bindings) for updater in UPDATERS if updater.parameter == parameter]
        written = [place.node_id for role in roles for place in self.bindings.places(role)]
        behind = [source.model.node_id for source in self.bindings.models] if parameter == "loras" else []
        return frozenset((*written, *behind))

    @property
    def values(self) -> dict[str, Any]:
        """Parameter → the value that the graph was saved with, for the supported ones that have one."""
        saved = {u.parameter: u.saved(self.bindings) for u in UPDATERS if u.supports(self.bindings)}
        return {name: value for name, value in saved.items() if value is not None}


class WorkflowUpdater:
    """Writes parameters into graphs; where they go is read off the graph itself.

    Attributes:
        draw: gives a seed from 0 to its argument, for a seed of -1.
    """

    def __init__(self, draw: Callable[[int], int] = draw_seed) -> None:
        self.draw = draw

    def update(self, workflow: dict[str, Any], parameters: WorkflowParameters | PromptParameters) -> dict[str, Any]:
        """A new graph with the parameters in it. `workflow` and all that is in it stay as they are.

        What is not set, and what the graph has no place for (see `unsupported`), is left as it was saved. Nodes that
        are not touched are shared with `workflow`.

        Raises:
            WorkflowError: `workflow` is no graph in API format, or a prompt is given and nothing tells where it goes.
        """
        plan = _plan(workflow)
        return self._write(Draft(workflow), plan, parameters)

    def update_bound(self, graph: Graph, plan: Plan, parameters: WorkflowParameters | PromptParameters) -> Graph:
        """Like `update` for a fresh copy that the caller owns, with its plan at hand. It is changed and given back."""
        return self._write(Draft(graph, fresh=True), plan, parameters)

    def supported(self, workflow: dict[str, Any]) -> frozenset[str]:
        """Names of the parameters that act on a graph."""
        return _plan(workflow).supported

    def unsupported(
        self, workflow: dict[str, Any], parameters: WorkflowParameters | PromptParameters
    ) -> tuple[str, ...]:
        """Names of the parameters that are set and can't act; files too, when there are more than places for them."""
        plan, values = _plan(workflow), dict(zip(PARAMETERS, values_of(parameters), strict=True))
        able = set(plan.supported)
        able -= {role for role in MEDIA if len(values[role] or ()) > plan.bindings.room_for(role)}
        return tuple(name for name, value in values.items() if value is not None and name not in able)

    def values(self, workflow: dict[str, Any]) -> dict[str, Any]:
        """Parameter → its value in a graph: as it was saved, or as an update (a drawn seed too) has put it there."""
        return _plan(workflow).values

    def _write(self, draft: Draft, plan: Plan, parameters: WorkflowParameters | PromptParameters) -> Graph:
        values = values_of(parameters)
        if values[_SEED] == RANDOM_SEED:
            values = [*values[:_SEED], self.draw(plan.bindings.seed_limit), *values[_SEED + 1 :]]
        if values[_PROMPT] is not None and "positive" in plan.bindings.ambiguous:
            raise next(problem for problem in plan.bindings.problems if problem.role == "positive").error()
        for place, writer in plan.writers:
            value = values[place]
            if value is not None:
                writer(draft, value)
        return draft.graph


def _plan(workflow: dict[str, Any]) -> Plan:
    """The plan for a graph, kept for the graphs that were seen last.

    The key is the whole graph as JSON: whatever a caller did to its dict since the last time, it is noticed.
    """
    try:
        key = orjson.dumps(workflow)
    except TypeError as exc:
        check_shape(workflow)
        raise WorkflowError(phrase("This workflow holds values that no JSON file can hold."), detail=str(exc)) from exc
    return _plan_of(key)


@lru_cache(maxsize=_KEPT_PLANS)
def _plan_of(key: bytes) -> Plan:
    return Plan.of(bind(orjson.loads(key)))
