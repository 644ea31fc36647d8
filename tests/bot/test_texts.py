"""Texts in the code: what is said is found by whoever translates, and is said when somebody reads it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.bot.conftest import ROOT
from utils.language.__main__ import template

_SAID = {"phrase": 1, "say": 1, "phrase_n": 2, "say_n": 2}
_AT_ONCE = ("say", "say_n", "told")


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / "bot").rglob("*.py")):
        yield path, ast.parse(path.read_text("utf-8"))


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id, node


def test_every_text_is_a_literal_that_the_catalogues_know() -> None:
    known = {text for message in template() for text in ([message.id] if isinstance(message.id, str) else message.id)}
    wrong = [
        f"{path.name}:{call.lineno}"
        for path, tree in trees()
        for name, call in calls(tree)
        for text in call.args[: _SAID.get(name, 0)]
        if not isinstance(text, ast.Constant) or text.value not in known
    ]
    assert wrong == []


def test_nothing_is_said_while_the_code_is_read() -> None:
    """It would be English for ever."""
    wrong = []
    for path, tree in trees():
        later = {
            id(inner)
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            for inner in ast.walk(node)
        }
        wrong += [
            f"{path.name}:{call.lineno}" for name, call in calls(tree) if name in _AT_ONCE and id(call) not in later
        ]
    assert wrong == []


def test_no_log_says_anything_in_the_language_of_a_user() -> None:
    wrong = [
        f"{path.name}:{inner.lineno}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
        if node.func.value.id == "log"
        for name, inner in calls(node)
        if name in _AT_ONCE
    ]
    assert wrong == []
