"""What is fine and what is missing, for whoever sets the bot up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.comfyui.workflows.library import Entry, WorkflowLibrary, open_library
from core.exceptions import ComfyUIError

if TYPE_CHECKING:
    from config.models import BotConfig


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    subject: str
    fine: bool
    text: str


async def examine_comfyui(config: BotConfig) -> list[Finding]:
    """The server, then every enabled workflow against what the server has."""
    async with open_library(config) as (client, library):
        try:
            stats = await client.get_system_stats()
        except ComfyUIError:
            stats = None
        if stats is None or not await library.refresh():
            away = Finding("ComfyUI", False, "it cannot be reached; start it, or set COMFYUI_URL to where it is")
            return [away, *_workflows(library, asked=False)]
    version = (stats.get("system") or {}).get("comfyui_version", "unknown")
    return [Finding("ComfyUI", True, f"version {version}"), *_workflows(library, asked=True)]


def _workflows(library: WorkflowLibrary, *, asked: bool) -> list[Finding]:
    return [
        Finding(f"workflow {entry.name}", entry.ready and entry.problem is None, describe(entry, asked=asked))
        for entry in library.entries()
    ]


def describe(entry: Entry, *, asked: bool) -> str:
    """How a workflow stands, in one sentence; without having ``asked`` the server, only its file can be judged."""
    if entry.problem is not None:
        return entry.problem
    return "everything it needs is there" if asked else "can be read; what it needs is not known without ComfyUI"
