"""Texts that the editor changes before it sends them: prompts with choices, and names of files with placeholders."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from core.comfyui.workflows.editor.values import MAX_DEPTH, text_of
from core.exceptions import WorkflowError
from utils.language import phrase

Choose = Callable[[Sequence[str]], str]

_COMMENT = re.compile(r"/\*|(?<!:)//[^\n\r]*")
_LINE_COMMENT = re.compile(r"(?<!:)//[^\n\r]*")
_MARK = re.compile(r"\\.|[{}|\\]|[^{}|\\]+", re.DOTALL)
_ESCAPED = re.compile(r"\\([{}|])")
_PLACEHOLDER = re.compile(r"%([^%]+)%")
_UNSAFE = re.compile(r'[/?<>\\:*|"\x00-\x1f\x7f]')
_DATE_PART = re.compile(r"dd?|MM?|hh?|mm?|ss?|yyy?y?")


def first(options: Sequence[str]) -> str:
    """The choice that makes a conversion repeatable."""
    return options[0]


def resolve_choices(text: str, choose: Choose = first) -> str:
    r"""A prompt as it is sent: comments removed, one of ``{a|b}`` picked, ``\{ \} \|`` unescaped.

    Groups may be nested, and one that is never closed ends with the text. The editor takes the slashes of a web
    address for a comment too; here, addresses stay.

    Raises:
        WorkflowError: groups are nested deeper than anybody writes them.
    """
    groups: list[list[list[str]]] = [[[]]]
    for mark in _MARK.findall(_without_comments(text)):
        if mark == "{":
            if len(groups) > MAX_DEPTH:
                raise WorkflowError(
                    phrase("The choices in a prompt of this workflow are nested too deeply: simplify them.")
                )
            groups.append([[]])
        elif mark == "|" and len(groups) > 1:
            groups[-1].append([])
        elif mark == "}" and len(groups) > 1:
            _close(groups, choose)
        else:
            groups[-1][-1].append(mark)
    while len(groups) > 1:
        _close(groups, choose)
    return _joined(groups[0][0])


def _without_comments(text: str) -> str:
    kept, at = [], 0
    while found := _COMMENT.search(text, at):
        closed = text.find("*/", found.end()) if found[0] == "/*" else found.end() - 2
        if closed < 0:
            kept.append(text[at : found.end()])
            return "".join(kept) + _LINE_COMMENT.sub("", text[found.end() :])
        kept.append(text[at : found.start()])
        at = closed + 2
    return "".join(kept) + text[at:]


def _close(groups: list[list[list[str]]], choose: Choose) -> None:
    options = [_joined(parts) for parts in groups.pop()]
    groups[-1][-1].append(choose(options))


def _joined(parts: list[str]) -> str:
    return _ESCAPED.sub(r"\1", "".join(parts))


def fill_placeholders(text: str, widget: Callable[[str, str], Any], now: datetime) -> str:
    """The name of a file with ``%Node.widget%`` and ``%date:yyyy-MM-dd%`` filled in; other placeholders stay.

    Args:
        text: what is written in the widget.
        widget: gives the value of a node's widget by the names of both, and raises `LookupError` for an unknown one.
        now: the time of the conversion.
    """

    def fill(found: re.Match[str]) -> str:
        name, *rest = found[1].split(".")
        if len(rest) == 1:
            try:
                return _UNSAFE.sub("_", text_of(widget(name, rest[0])))
            except LookupError:
                return found[0]
        return _date(name[5:], now) if name.startswith("date:") else found[0]

    return _PLACEHOLDER.sub(fill, text)


def _date(pattern: str, now: datetime) -> str:
    parts = {"d": now.day, "M": now.month, "h": now.hour, "m": now.minute, "s": now.second}

    def part(found: re.Match[str]) -> str:
        mark = found[0]
        if mark[0] == "y":
            return {"yy": f"{now.year:04}"[2:], "yyyy": str(now.year)}.get(mark, mark)
        return str(parts[mark[0]]).zfill(len(mark))

    return _DATE_PART.sub(part, pattern)
