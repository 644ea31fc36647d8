"""Workflows on a terminal: what there is, and how one of them was read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from core.generators.requests import inputs_of

if TYPE_CHECKING:
    from rich.table import Table

    from core.check import Standing
    from core.comfyui.workflows.explain import Driven, ExplainedRole, Explanation

Rows = Iterable[tuple[str, ...]]

_PIPED_WIDTH = 100_000
_KEPT_OR_FREE = {True: "the workflow needs it", False: "a style that may be changed"}


def listed(standings: Iterable[Standing]) -> Iterator[str]:
    """Lines that give every workflow with its type, whether it can run, and what goes in."""
    return _lines([_table(row for standing in standings for row in _list_rows(standing))])


def explained(found: Explanation) -> Iterator[str]:
    """Lines that tell how a file was read."""
    return _lines([_table(_file_rows(found)), *[_table(_role_rows(role)) for role in found.roles]])


def _list_rows(standing: Standing) -> Rows:
    entry = standing.entry
    state = f"{'ready' if entry.ready else 'not ready'}: {standing.text}"
    if entry.workflow is None:
        yield entry.name, "", "", state
        return
    yield entry.name, entry.workflow.label, entry.workflow.type.value, state
    yield "", "", "", f"takes {', '.join(inputs_of(entry.workflow)) or 'nothing'}"


def _file_rows(found: Explanation) -> Rows:
    yield "workflow", f"{found.name} ({found.label})" + ("" if found.enabled else ", switched off in the configuration")
    yield "file", found.file
    yield "type", found.type or "none: it can't be used"
    yield "state", f"{'ready' if found.ready else 'not ready'}: {found.state}"
    for problem in found.problems:
        if problem != found.state:
            yield "problem", problem
    for gap in found.lacks:
        yield "lacking", gap
    for loader in found.loras:
        yield "LoRA", f"{loader.file} in {loader.title} ({loader.node}): {_KEPT_OR_FREE[loader.needed]}"
    for output in found.outputs:
        yield "result", f"{output.media} of {output.title} ({output.node})"
    if found.starts_from_picture:
        yield "picture", "it has no place for one, and can be told to start from one"


def _role_rows(role: ExplainedRole) -> Rows:
    marks = [word for word, holds in (("can't act", role.inert), ("ambiguous", role.ambiguous)) if holds]
    yield role.role, "; ".join([*marks, role.reason] if role.reason else marks)
    for place in role.places:
        yield "  drives", f"{_input(place)}: {place.reason}" if place.reason else _input(place)
    for place in role.others:
        yield "  leaves", f"{_input(place)} at {_value(place.value)}"
    if role.parameters:
        yield "  set by", ", ".join(role.parameters)
    yield "  default", _value(role.default)
    if role.range:
        yield "  range", role.range


def _input(place: Driven) -> str:
    return f"{place.title} ({place.node}).{place.field}"


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _table(rows: Rows) -> Table:
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0))
    for row in rows:
        for _ in range(len(row) - len(table.columns)):
            table.add_column(overflow="fold")
        table.add_row(*[_plain(cell) for cell in row])
    return table


def _plain(text: str) -> str:
    """On one line, and without what would steer the terminal: titles and texts are a stranger's."""
    indent = text[: len(text) - len(text.lstrip(" "))]
    return indent + "".join(letter for letter in " ".join(text.split()) if letter.isprintable())


def _lines(parts: Sequence[Table]) -> Iterator[str]:
    """For a terminal as wide as it is; for a file or a pipe in full, a line for each row."""
    from rich.console import Console

    console = Console(markup=False, highlight=False, emoji=False)
    width = console.width if console.is_terminal else _PIPED_WIDTH
    for number, part in enumerate(parts):
        if number:
            yield ""
        for segments in console.render_lines(part, console.options.update_width(width), pad=False):
            yield "".join(segment.text for segment in segments).rstrip()
