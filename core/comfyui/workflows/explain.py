"""What was read in the file of a workflow, and why: for whoever made the file. A refused one is explained too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.comfyui.refusals import node_title
from core.comfyui.workflows.bindings import Binding, Bindings
from core.comfyui.workflows.graph import Graph, Place
from core.comfyui.workflows.parameters import PARAMETERS
from core.comfyui.workflows.preflight import lacking, missing, unknown_classes
from core.comfyui.workflows.ranges import limits_of
from core.comfyui.workflows.readiness import Readiness, judge
from core.comfyui.workflows.roles import bind
from core.comfyui.workflows.source import read_graph
from core.comfyui.workflows.strategies import UPDATERS
from core.comfyui.workflows.updater import WorkflowUpdater
from core.comfyui.workflows.workflow import Workflow, load
from core.exceptions import MissingNodesError, ValidationError, WorkflowError
from utils.language import together

if TYPE_CHECKING:
    from config.models import WorkflowEntry
    from core.validators.limits import Limits

_LORA_RANGE = {"loras": "lora_strength"}


@dataclass(frozen=True, slots=True)
class Driven:
    """An input of a node.

    Attributes:
        node: id of the node.
        title: its title, else its class.
        field: name of the input.
        value: what is saved there.
        reason: why it was read so; empty where it was declared or is left alone.
    """

    node: str
    title: str
    field: str
    value: Any
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ExplainedRole:
    """One role of a graph.

    Attributes:
        role: positive, seed, images …
        parameters: what people set to drive it; empty where something else acts in its place.
        places: what is written together, the leading one first.
        default: the value when nobody chooses another.
        range: what it may be, in words; None where nothing is said.
        reason: which reading was taken, where several were possible.
        others: places of the same role that are left alone.
        inert: it has a place and can't act.
        ambiguous: there were several readings of equal rank.
    """

    role: str
    parameters: tuple[str, ...]
    places: tuple[Driven, ...]
    default: Any
    range: str | None
    reason: str
    others: tuple[Driven, ...]
    inert: bool
    ambiguous: bool


@dataclass(frozen=True, slots=True)
class ExplainedLora:
    """A LoRA loader: ``needed`` by the workflow, or a style that people may change."""

    node: str
    title: str
    file: str
    needed: bool


@dataclass(frozen=True, slots=True)
class ExplainedOutput:
    """A node that gives a result; ``media`` is image, video, audio, 3d or text."""

    node: str
    title: str
    media: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that can be said of one file.

    Attributes:
        name: the workflow's name, else the stem of the file.
        file: name of the file.
        label: what people see.
        enabled: the configuration does not switch it off.
        type: what it is for; None when it can't be used.
        ready: it can be read, and the server has what it takes as far as that is known, as lists have it too.
        state: how it stands, in the sentence that lists show.
        problem: why it can't run, or what looks wrong in it; None when all is well.
        starts_from_picture: it has no place for a picture and can be told to start from one.
        problems: everything that is wrong with the file, a sentence each.
        lacks: what the server lacks.
        roles: in the order in which they are listed everywhere; empty when nothing could be read.
    """

    name: str
    file: str
    label: str
    description: str
    enabled: bool
    type: str | None
    ready: bool
    state: str
    problem: str | None
    starts_from_picture: bool = False
    problems: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    roles: tuple[ExplainedRole, ...] = ()
    loras: tuple[ExplainedLora, ...] = ()
    outputs: tuple[ExplainedOutput, ...] = ()


@dataclass(slots=True)
class _Reading:
    """How far the reading came. `error` is the sentence that ended it."""

    graph: Graph | None = None
    workflow: Workflow | None = None
    bindings: Bindings | None = None
    limits: Limits | None = None
    error: str | None = None
    problems: list[str] = field(default_factory=list)


def explain(
    name: str,
    file: str,
    data: bytes,
    entry: WorkflowEntry | None = None,
    definitions: Mapping[str, Any] | None = None,
) -> Explanation:
    """Read a file as the workflows folder does, and tell what came of it.

    Args:
        name: what the workflow is called.
        file: name of the file; its ending says what it is.
        data: the whole file.
        entry: what the configuration says about it.
        definitions: the server's ``/object_info``, when it is known.
    """
    reading = _read(name, file, data, entry, definitions)
    workflow, graph, bindings = reading.workflow, reading.graph, reading.bindings
    if workflow is not None:
        found = judge(workflow, definitions)
    else:
        gaps = missing(graph, definitions) if graph is not None and definitions is not None else ()
        found = Readiness(tuple(gaps), ready=False)
    problem = reading.error or found.problem or together(reading.problems) or None
    known: dict[str, Any] = {}
    if graph is not None and bindings is not None:
        known = {
            "starts_from_picture": bindings.start is not None,
            "roles": tuple(_roles(graph, bindings, reading.limits, workflow)),
            "loras": tuple(
                ExplainedLora(loader.place.node_id, _title(graph, loader.place.node_id), loader.file, loader.needed)
                for loader in bindings.loras
            ),
            "outputs": tuple(ExplainedOutput(node, _title(graph, node), media) for node, media in bindings.outputs),
        }
    return Explanation(
        name=name,
        file=file,
        label=workflow.label if workflow else (entry.shown_name if entry else None) or name,
        description=entry.description if entry else "",
        enabled=entry is None or entry.enabled,
        type=workflow.type.value if workflow else None,
        ready=found.ready,
        state=problem or "can be read",
        problem=problem,
        problems=tuple(dict.fromkeys(([reading.error] if reading.error else []) + reading.problems)),
        lacks=tuple(dict.fromkeys(gap.named for gap in found.gaps)),
        **known,
    )


def unread(name: str, file: str, entry: WorkflowEntry | None, problem: str) -> Explanation:
    """What can be said of a file that can't even be opened."""
    label = (entry.shown_name if entry else None) or name
    about = entry.description if entry else ""
    enabled = entry is None or entry.enabled
    return Explanation(name, file, label, about, enabled, None, False, problem, problem, problems=(problem,))


def _read(
    name: str, file: str, data: bytes, entry: WorkflowEntry | None, definitions: Mapping[str, Any] | None
) -> _Reading:
    found = _Reading()
    try:
        found.graph = read_graph(file, data, definitions)
        found.workflow = load(name, found.graph, entry, WorkflowUpdater(), definitions)
    except MissingNodesError as exc:
        found.error = lacking(unknown_classes(exc))
        found.graph = _as_if_known(file, data, definitions or {}, exc)
    except (WorkflowError, ValidationError) as exc:
        found.error = exc.message
    if found.workflow is not None:
        found.graph = found.workflow.graph()
        found.bindings, found.limits = found.workflow.bindings, found.workflow.limits
        found.problems = list(found.workflow.problems)
    elif found.graph is not None:
        found.bindings = _bound(found.graph, definitions, entry)
    if found.workflow is None and found.graph is not None and found.bindings is not None:
        found.limits = limits_of(found.graph, found.bindings, definitions)
        found.problems = [problem.message for problem in found.bindings.problems]
    return found


def _as_if_known(file: str, data: bytes, definitions: Mapping[str, Any], lack: MissingNodesError) -> Graph | None:
    """The graph with the nodes of missing classes in it as far as links tell, so that the rest can be read."""
    bare = {node.class_type: {"input": {}, "output": []} for node in lack.missing}
    try:
        return read_graph(file, data, {**definitions, **bare})
    except WorkflowError:
        return None


def _bound(graph: Graph, definitions: Mapping[str, Any] | None, entry: WorkflowEntry | None) -> Bindings | None:
    """What can be read in a graph that was refused; without what is declared, where that is the fault."""
    for declared in (entry.bindings, None) if entry else (None,):
        try:
            return bind(graph, definitions, declared=declared)
        except WorkflowError:
            continue
    return None


def _roles(
    graph: Graph, bindings: Bindings, limits: Limits | None, workflow: Workflow | None
) -> Iterator[ExplainedRole]:
    for role, binding in bindings.roles.items():
        drivers = [updater.parameter for updater in UPDATERS if updater.drives(bindings) == role]
        parameters = tuple(name for name in PARAMETERS if name in drivers)
        ranged = next((name for name in (_LORA_RANGE.get(role), *reversed(parameters)) if name in (limits or ())), None)
        yield ExplainedRole(
            role=role,
            parameters=parameters,
            places=tuple(_driven(graph, binding.places, binding)),
            default=_default(parameters, binding, workflow),
            range=limits[ranged].describe() if limits and ranged else None,
            reason=binding.reason,
            others=tuple(_driven(graph, binding.others)),
            inert=role in bindings.inert,
            ambiguous=role in bindings.ambiguous,
        )


def _default(parameters: Iterable[str], binding: Binding, workflow: Workflow | None) -> Any:
    """The configured default where there is one: a seed of -1 is in no graph."""
    defaults = workflow.defaults if workflow else {}
    return next((defaults[name] for name in parameters if name in defaults and name != "loras"), binding.saved)


def _driven(graph: Graph, places: Iterable[Place], binding: Binding | None = None) -> Iterator[Driven]:
    reasons = iter(binding.reasons if binding else ())
    for node_id, name in places:
        yield Driven(node_id, _title(graph, node_id), name, graph[node_id]["inputs"][name], next(reasons, ""))


def _title(graph: Graph, node_id: str) -> str:
    return node_title(graph, node_id) or node_id
