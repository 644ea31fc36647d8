"""Texts that people read can be said in their language: none is put together where it is raised."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from utils.language.__main__ import template

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "core")
#: Told on a command line only.
FOR_OPERATORS = {"core/check.py", "core/order.py"}
BASE = "DisComfyError"
#: What is no error, and holds a sentence that becomes one.
SENTENCES = {"Problem"}


def trees() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if name not in FOR_OPERATORS:
                yield name, ast.parse(path.read_text("utf-8"))


def names_of(nodes: list[ast.expr]) -> set[str]:
    return {node.id if isinstance(node, ast.Name) else getattr(node, "attr", "") for node in nodes}


def error_classes() -> set[str]:
    classes = [node for _, tree in trees() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    known, before = {BASE}, 0
    while len(known) != before:
        before = len(known)
        known |= {node.name for node in classes if names_of(node.bases) & known}
    return known


def is_put_together(message: ast.expr) -> bool:
    """A text that no catalogue knows: a plain one, one with values in it, a sum of texts, or a choice of such."""
    if isinstance(message, ast.IfExp):
        return is_put_together(message.body) or is_put_together(message.orelse)
    if isinstance(message, ast.BoolOp):
        return any(map(is_put_together, message.values))
    if isinstance(message, ast.Call) and isinstance(message.func, ast.Attribute):
        return isinstance(message.func.value, ast.Constant)  # "…".join, "…".format
    return isinstance(message, ast.JoinedStr | ast.BinOp) or (
        isinstance(message, ast.Constant) and isinstance(message.value, str)
    )


def messages(tree: ast.Module, classes: set[str]) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if names_of([node.func]) & (classes | SENTENCES):
            yield from node.args[:1]
            yield from (keyword.value for keyword in node.keywords if keyword.arg == "message")
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name in classes:
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "super().__init__":
                    yield from call.args[:1]


def test_no_message_is_put_together_where_it_is_raised() -> None:
    classes = error_classes()
    assert {"WorkflowError", "StoreError", "OversizedError", "UserError"} <= classes
    wrong = [
        f"{name}:{message.lineno}: {ast.unparse(message)}"
        for name, tree in trees()
        for message in messages(tree, classes)
        if is_put_together(message)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "code", ['"plain"', 'f"{x} is wrong"', '"a" + x', '"{}".format(x)', '" ".join(x)', 'phrase("a") if x else "b"']
)
def test_such_messages_would_be_found(code: str) -> None:
    (message,) = messages(ast.parse(f"WorkflowError({code})"), {"WorkflowError"})
    assert is_put_together(message)


def test_no_text_stands_both_alone_and_for_one_of_several() -> None:
    """gettext has one entry for both, and would say a text with a number in it where there is none."""
    alone, counted = set[str](), defaultdict[str, set[str]](set)
    for package in (*PACKAGES, "config", "utils"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not isinstance(node, ast.Call) or not (called := names_of([node.func])):
                    continue
                texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
                if called & {"phrase", "say"}:
                    alone.update(texts[:1])
                elif called & {"phrase_n", "say_n"} and len(texts) == 2:
                    counted[texts[0]].add(texts[1])
    assert len(alone) > 100
    assert sorted(alone & counted.keys()) == []
    assert {one: many for one, many in counted.items() if len(many) > 1} == {}


def test_every_text_is_found_for_the_catalogues() -> None:
    """A text that is no literal could not be looked up."""
    wrong = [
        f"{name}:{node.lineno}"
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and names_of([node.func]) & {"phrase", "say", "phrase_n", "say_n"}
        for text in node.args[: 2 if names_of([node.func]) & {"phrase_n", "say_n"} else 1]
        if not (isinstance(text, ast.Constant) and isinstance(text.value, str))
    ]
    assert wrong == []
    assert len(template()) > 100
