"""A read-only view of a graph in API format: who feeds whom, what runs, where a value comes from.

A graph is ``{node id: {"class_type": str, "inputs": {name: value}, "_meta": {"title": str}}}``. A value is a literal
or a link ``[node id, output slot]``. Ids are opaque strings: ``"12:3"`` is one. Every walk here is iterative, so that
no depth of nesting ends in a RecursionError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from core.comfyui.refusals import plain_name
from core.comfyui.workflows.schema import BUNDLE, Schema
from core.comfyui.workflows.shape import check_shape, is_link, without_strangers
from core.comfyui.workflows.switches import branches_of, chosen_by, selector_of, takes_the_first
from core.exceptions import WorkflowError
from utils.language import phrase

Node: TypeAlias = dict[str, Any]
Graph: TypeAlias = dict[str, Node]

_PLAIN = ("value", "seed", "int", "float", "number", "boolean", "bool", "string", "text", "Value", "Number")


class Link(NamedTuple):
    """An output: the node and its slot, counted from 0."""

    node_id: str
    slot: int


class Place(NamedTuple):
    """An input that holds a literal. Written ``node_id.input_name``."""

    node_id: str
    input_name: str

    def __str__(self) -> str:
        return f"{self.node_id}.{self.input_name}"


class GraphView:
    """What a graph says, with the switches that are set in it taken into account.

    Args:
        graph: a graph in API format. It is read, never written.
        object_info: the server's ``/object_info``, when at hand: it settles what names can only suggest.

    Raises:
        WorkflowError: this is no graph in API format, or it has a cycle or a link to a node that is missing.
    """

    def __init__(self, graph: Graph, object_info: Mapping[str, Any] | None = None) -> None:
        graph = without_strangers(graph)
        check_shape(graph)
        self.graph = graph
        self.schema = Schema(object_info)
        self._links: dict[str, tuple[tuple[str, Link], ...]] = {
            node_id: tuple([(name, Link(*value)) for name, value in node["inputs"].items() if is_link(value)])
            for node_id, node in graph.items()
        }
        self.consumers: dict[str, list[tuple[str, str, int]]] = {node_id: [] for node_id in graph}
        """Node id → the (consumer, input name, slot) that its outputs feed, in the order of the file."""
        for node_id, links in self._links.items():
            for name, link in links:
                if link.node_id not in graph:
                    raise WorkflowError(
                        phrase(
                            '{node}: "{field}" is linked to node {id}, which is missing.',
                            node=self.label(node_id),
                            field=plain_name(name),
                            id=link.node_id,
                        ),
                        node=self.title(node_id),
                        field=name,
                    )
                self.consumers[link.node_id].append((node_id, name, link.slot))
        self._order = self._topological()
        self._origins: dict[tuple[str, str], Link | Place | None] = {}
        self._numbers: dict[tuple[str, str], Place | None] = {}
        self._kinds: dict[tuple[str, str], str] = {}
        self._gifts: dict[str, list[tuple[str, str, Link]]] = {}
        self._chosen: dict[str, str] = {}
        self._live = dict(self._links)
        for node_id in self._order:
            branches = self.branches(node_id)
            if chosen := self._choose(node_id, branches) if branches else None:
                self._chosen[node_id] = chosen
                off = set(branches) - {chosen}
                self._live[node_id] = tuple([link for link in self._links[node_id] if link[0] not in off])
        self._position = {node_id: place for place, node_id in enumerate(self._order)}
        self.outputs: tuple[str, ...] = self._outputs()
        self.roots = self.outputs or tuple(node_id for node_id in graph if not self.consumers[node_id])
        """The outputs; in a graph that has none, the nodes that feed nothing."""
        self.reachable = self._upstream_of(self.links)
        self.alive = self._upstream_of(self.live_links) if self._chosen else self.reachable

    # -- nodes ------------------------------------------------------------------------------------------------

    def class_of(self, node_id: str) -> str:
        return self.graph[node_id]["class_type"]

    def inputs(self, node_id: str) -> dict[str, Any]:
        return self.graph[node_id]["inputs"]

    def title(self, node_id: str) -> str:
        meta = self.graph[node_id].get("_meta")
        title = meta.get("title") if isinstance(meta, dict) else None
        return title if isinstance(title, str) and title else self.class_of(node_id)

    def value(self, place: Place) -> Any:
        return self.graph[place.node_id]["inputs"][place.input_name]

    def label(self, node_id: str) -> str:
        """How a message names a node: its title and its id."""
        return f"{self.title(node_id)} ({node_id})"

    def named(self, node_id: str) -> str:
        """How a reason names a node: its title in quotes, and its id."""
        return f'"{self.title(node_id)}" ({node_id})'

    def position(self, node_id: str) -> int:
        """Rank in an order in which every node follows what feeds it."""
        return self._position[node_id]

    def living(self) -> Iterator[str]:
        """The nodes that will run, each after what feeds it."""
        return (node_id for node_id in self._order if node_id in self.alive)

    # -- links ------------------------------------------------------------------------------------------------

    def link(self, node_id: str, name: str) -> Link | None:
        value = self.inputs(node_id).get(name)
        return Link(*value) if is_link(value) else None

    def links(self, node_id: str) -> tuple[tuple[str, Link], ...]:
        """The (input name, link) of a node, in the order of the file."""
        return self._links[node_id]

    def live_links(self, node_id: str) -> tuple[tuple[str, Link], ...]:
        """Like `links`, without the branches that a switch leaves out."""
        return self._live[node_id]

    def feeds(self, link: Link) -> tuple[Place, ...]:
        """The inputs that are linked to an output."""
        return tuple(Place(node, name) for node, name, slot in self.consumers[link.node_id] if slot == link.slot)

    def kind(self, node_id: str, name: str, link: Link) -> str:
        """The type that travels over a link, as the definitions or else the names say it."""
        known = self._kinds.get((node_id, name))
        if known is None:
            known = self.schema.link_type(self.class_of(link.node_id), link.slot, self.class_of(node_id), name)
            self._kinds[node_id, name] = known
        return known

    def origin(self, node_id: str, name: str) -> Link | Place | None:
        """Where an input's value is made: past switches and reroutes. A `Place` when it is a literal."""
        passed: list[tuple[str, str]] = []
        while (node_id, name) not in self._origins:
            passed.append((node_id, name))
            value = self.inputs(node_id).get(name)
            if not is_link(value):
                self._origins[node_id, name] = None if value is None else Place(node_id, name)
            elif through := self._through(value[0]):
                node_id, name = value[0], through
            else:
                self._origins[node_id, name] = Link(*value)
        found = self._origins[node_id, name]
        self._origins.update(dict.fromkeys(passed, found))
        return found

    def sources(self, node_id: str, *kinds: str) -> list[tuple[str, Link]]:
        """The (input name, link) of a node that carry one of these types, past switches and reroutes.

        What a node is given in a bundle (a pipe, a context) is looked for where the bundle was tied.
        """
        while True:
            found = [(name, made) for kind, name, made in self._given(node_id) if kind in kinds]
            bundle = None if found else self.bundle(node_id)
            if bundle is None:
                return found
            node_id = bundle.node_id

    def bundle(self, node_id: str) -> Link | None:
        """The pipe or context that a node is given: many things in one link."""
        return next((made for kind, _, made in self._given(node_id) if kind == BUNDLE), None)

    def _given(self, node_id: str) -> list[tuple[str, str, Link]]:
        """The (type, input name, link past switches and reroutes) that a node is given."""
        known = self._gifts.get(node_id)
        if known is None:
            known = self._gifts[node_id] = [
                (self.kind(node_id, name, link), name, made)
                for name, link in self._live[node_id]
                if isinstance(made := self.origin(node_id, name), Link)
            ]
        return known

    def upstream(self, starts: Iterable[Link], follow: Callable[[Link], Iterable[Link]]) -> Iterator[Link]:
        """Depth first from `starts`, each output once; `follow` says where to go on from one."""
        seen: set[Link] = set()
        stack = list(starts)[::-1]
        while stack:
            link = stack.pop()
            if link in seen:
                continue
            seen.add(link)
            yield link
            stack.extend(list(follow(link))[::-1])

    def number(self, node_id: str, name: str) -> Place | None:
        """The literal behind an input that is a number or a yes or no; None when the value is computed."""
        passed: list[tuple[str, str]] = []
        while (node_id, name) not in self._numbers:
            passed.append((node_id, name))
            made = self.origin(node_id, name)
            onward = self._holds(made, name) if isinstance(made, Link) else None
            if isinstance(made, Link) and onward:
                node_id, name = made.node_id, onward
            else:
                self._numbers[node_id, name] = made if isinstance(made, Place) else None
        found = self._numbers[node_id, name]
        self._numbers.update(dict.fromkeys(passed, found))
        return found

    def _holds(self, link: Link, name: str) -> str | None:
        """The input whose value an output is: a primitive's, one that a formula only names, or `name`, handed on."""
        inputs = self.inputs(link.node_id)
        formula = inputs.get("expression")
        if isinstance(formula, str):
            return next((key for key in (formula.strip(), f"values.{formula.strip()}") if key in inputs), None)
        if self.schema.hands_on(self.class_of(link.node_id), link.slot, name, inputs):
            return name
        plain = [key for key in inputs if key in _PLAIN]
        alone = len(inputs) == 1 or not any(is_link(value) for value in inputs.values())
        return plain[0] if len(plain) == 1 and alone else None

    # -- what runs --------------------------------------------------------------------------------------------

    def branches(self, node_id: str) -> tuple[str, ...]:
        """The inputs that a switch chooses from; none for any other node."""
        return branches_of(self.inputs(node_id))

    def _choose(self, node_id: str, branches: tuple[str, ...]) -> str | None:
        """The input that a switch hands on; None when its setting is computed."""
        if takes_the_first(branches):
            return branches[0]
        selector = selector_of(self.inputs(node_id))
        place = self.number(node_id, selector) if selector else None
        return chosen_by(branches, self.value(place)) if place else None

    def _through(self, node_id: str) -> str | None:
        """The input that a switch or a reroute hands on."""
        inputs = self.inputs(node_id)
        if len(inputs) == 1 and self.class_of(node_id).startswith("Reroute"):
            return next(iter(inputs))
        return self._chosen.get(node_id)

    def _outputs(self) -> tuple[str, ...]:
        fed = [node_id for node_id, links in self._links.items() if links]
        saves = [n for n in fed if self.schema.saves(self.class_of(n), self.inputs(n))]
        saves = saves or [n for n in fed if self.schema.shows(self.class_of(n))]
        if not saves:  # a text that is typed into the node that shows it
            saves = [n for n in self.graph if self.inputs(n) and self.schema.shows(self.class_of(n))]
        last = [n for n in self.graph if not self.consumers[n] and n not in saves]
        return (*saves, *(n for n in last if self.schema.gives_files(self.class_of(n))))

    def _upstream_of(self, follow: Callable[[str], Iterable[tuple[str, Link]]]) -> frozenset[str]:
        seen = set(self.roots)
        stack = list(seen)
        while stack:
            for _, link in follow(stack.pop()):
                if link.node_id not in seen:
                    seen.add(link.node_id)
                    stack.append(link.node_id)
        return frozenset(seen)

    def _topological(self) -> tuple[str, ...]:
        waiting = {node_id: len(links) for node_id, links in self._links.items()}
        order = [node_id for node_id, count in waiting.items() if not count]
        for node_id in order:
            for consumer, _, _ in self.consumers[node_id]:
                waiting[consumer] -= 1
                if not waiting[consumer]:
                    order.append(consumer)
        if len(order) < len(waiting):
            stuck = next(node_id for node_id, count in waiting.items() if count)
            raise WorkflowError(
                phrase(
                    "The workflow runs in a circle at {node}: its nodes wait for each other.", node=self.label(stuck)
                ),
                node=self.title(stuck),
            )
        return tuple(order)
