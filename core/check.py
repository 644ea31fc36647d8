"""What is fine and what is missing, for whoever sets the bot up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.comfyui.workflows.explain import Explanation, explain, unread
from core.comfyui.workflows.library import Entry, WorkflowLibrary, open_library
from core.comfyui.workflows.source import read_file, readable
from core.exceptions import ComfyUIError, WorkflowError

if TYPE_CHECKING:
    from config.models import BotConfig


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    subject: str
    fine: bool
    text: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A workflow, and how it stands in one sentence."""

    entry: Entry
    text: str


async def examine_comfyui(config: BotConfig) -> list[Finding]:
    """The server, then every enabled workflow against what the server has."""
    async with open_library(config) as (client, library):
        try:
            stats = await client.get_system_stats()
        except ComfyUIError:
            stats = None
        asked = stats is not None and await library.refresh()
        server = Finding("ComfyUI", False, "it cannot be reached; start it, or set COMFYUI_URL to where it is")
        if asked and stats is not None:
            version = (stats.get("system") or {}).get("comfyui_version", "unknown")
            server = Finding("ComfyUI", True, f"version {version}")
        standings = await asyncio.to_thread(_standings, library, asked=asked)
    workflows = [Finding(f"workflow {s.entry.name}", _is_fine(s.entry), s.text) for s in standings]
    return [server, *workflows, *_named_in_vain(config, {s.entry.name for s in standings})]


async def examine_workflows(config: BotConfig) -> list[Standing]:
    """Every enabled workflow against what the server has, or had when it answered last."""
    async with open_library(config) as (_, library):
        asked = await library.refresh()
        return await asyncio.to_thread(_standings, library, asked=asked)


async def explain_workflow(config: BotConfig, wanted: str) -> Explanation:
    """All that can be said of a workflow, usable or not.

    Args:
        wanted: what `WorkflowManager.get` takes, or the path of a file anywhere.

    Raises:
        WorkflowError: there is neither such a workflow nor such a file.
    """
    async with open_library(config) as (_, library):
        asked = await library.refresh()
        found = await asyncio.to_thread(_explained, library, wanted)
        state = describe(found.problem, asked=asked, known=library.definitions is not None)
    return replace(found, state=state)


def describe(problem: str | None, *, asked: bool, known: bool = False) -> str:
    """How a workflow stands, in one sentence.

    Args:
        problem: why it can't run, or what looks wrong in it.
        asked: the server has said what it has.
        known: it had said so some time before.
    """
    if problem is not None:
        return problem
    if asked:
        return "everything it needs is there"
    if known:
        return "everything it needs was there when ComfyUI answered last"
    return "can be read; what it needs is not known without ComfyUI"


def _named_in_vain(config: BotConfig, there: set[str]) -> Iterator[Finding]:
    """Settings that give a task to a workflow that there is not. Those that nobody has set are no fault."""
    settings = config.generation
    for key in sorted(settings.model_fields_set):
        named = getattr(settings, key) if key.endswith("_workflow") else ()
        for name in [named] if isinstance(named, str) else named:
            if name not in there:
                remedy = "name another one, or leave the setting out"
                yield Finding(f"generation.{key}", False, f"there is no workflow {name!r} in use; {remedy}")


def _standings(library: WorkflowLibrary, *, asked: bool) -> list[Standing]:
    known = library.definitions is not None
    return [Standing(entry, describe(entry.problem, asked=asked, known=known)) for entry in library.entries()]


def _is_fine(entry: Entry) -> bool:
    return entry.ready and entry.problem is None


def _explained(library: WorkflowLibrary, wanted: str) -> Explanation:
    try:
        name, path, entry = library.workflows.locate(wanted)
    except WorkflowError as exc:
        path = Path(wanted)
        if not path.is_file():
            raise WorkflowError(f"There is no workflow and no file {wanted!r}: choose another one.") from exc
        name, entry = readable(path.stem), None
    file = readable(path.name)
    try:
        data = read_file(path)
    except WorkflowError as exc:
        return unread(name, file, entry, exc.message)
    except OSError as exc:
        said = library.workflows.problems().get(name, f"The file {file} can't be read: {exc.strerror}.")
        return unread(name, file, entry, said)
    return explain(name, file, data, entry, library.definitions)
