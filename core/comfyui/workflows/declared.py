"""What somebody declared about a graph: it is trusted before anything that can be read there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from config.vocabulary import PARAMETERS, ROLES
from core.comfyui.workflows.bindings import Binding
from core.comfyui.workflows.graph import GraphView, Place
from core.exceptions import WorkflowError
from utils.language import commas, phrase

_NUMBERS = frozenset(role for role in ROLES if PARAMETERS.get(role) in (int, float))
_REASON = "declared in the configuration"
_NAMED = 8


def declare(view: GraphView, roles: Mapping[str, Binding], declared: Mapping[str, Sequence[str]]) -> dict[str, Binding]:
    """The roles with some of them as they were declared.

    Args:
        declared: role → places ``node_id.input_name``; none takes the role away.

    Raises:
        WorkflowError: there is no such input, it is computed, or it holds nothing that the role could be.
    """
    found = dict(roles)
    for role, texts in declared.items():
        places = tuple(dict.fromkeys(_place(view, role, text) for text in texts))
        found.pop(role, None)
        if places:
            found[role] = Binding(places, view.value(places[0]), _REASON)
    return found


def _place(view: GraphView, role: str, text: str) -> Place:
    """The literal that a declaration means: where a link leads there, its source."""
    node_id, name = _named(view, role, text)
    place = view.number(node_id, name)
    if place is None:
        raise WorkflowError(
            phrase(
                "The configuration binds {role} to {place}, which is computed: bind it to an input that holds a value.",
                role=role,
                place=text,
            ),
            node=view.title(node_id),
            field=name,
        )
    value = view.value(place)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if role in _NUMBERS and not number:
        wrong = phrase(
            "The configuration binds {role} to {place}, which holds no number: bind it to another input.",
            role=role,
            place=text,
        )
    elif role not in _NUMBERS and not isinstance(value, str):
        wrong = phrase(
            "The configuration binds {role} to {place}, which holds no text: bind it to another input.",
            role=role,
            place=text,
        )
    else:
        return place
    raise WorkflowError(wrong, node=view.title(node_id), field=name)


def _named(view: GraphView, role: str, text: str) -> tuple[str, str]:
    """Node and input of ``node_id.input_name``. Both may have dots in them."""
    nodes = [at for at, letter in enumerate(text) if letter == "." and text[:at] in view.graph]
    for at in nodes:
        if text[at + 1 :] in view.inputs(text[:at]):
            return text[:at], text[at + 1 :]
    if nodes:
        has = commas(list(view.inputs(text[: nodes[0]]))[:_NAMED])
        raise WorkflowError(
            phrase(
                "The configuration binds {role} to {place}, but that node's inputs are: {inputs}.",
                role=role,
                place=text,
                inputs=has,
            )
        )
    raise WorkflowError(
        phrase(
            "The configuration binds {role} to {place}, but the workflow has no such node: write node_id.input_name.",
            role=role,
            place=text,
        )
    )
