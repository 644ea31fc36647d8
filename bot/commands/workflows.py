"""/workflows: what there is to work with, and what keeps the rest from running."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import discord

from bot.restriction import ELSEWHERE, is_open
from bot.target import acknowledge
from bot.ui import embeds
from bot.ui.pages import Pages, drawn
from core.comfyui.workflows.workflow import WorkflowType
from utils.language import phrase

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from core.comfyui.workflows.library import Entry

PAGE = 7
#: Seconds that the server is given to say what it has; what is known already is shown otherwise.
_PATIENCE = 3.0
# Translators: what a workflow makes or does
_KINDS = {
    WorkflowType.IMAGE: phrase("image"),
    WorkflowType.EDIT: phrase("edit"),
    WorkflowType.UPSCALE: phrase("upscale"),
    WorkflowType.VIDEO: phrase("video"),
    WorkflowType.AUDIO: phrase("audio"),
    WorkflowType.OTHER: phrase("other"),
}


async def workflows_command_handler(bot: ComfyUIBot, interaction: discord.Interaction[Any]) -> None:
    """Handle ``/workflows``: each with its type, what it can be told, and whether it can run."""
    await acknowledge(interaction, ephemeral=True)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            await bot.engine.library.refresh()
    rows = [_row(entry, open_here=is_open(bot, entry.name, interaction)) for entry in bot.engine.library.entries()]

    def render(shown: Sequence[embeds.WorkflowRow], page: int, pages: int) -> discord.Embed:
        return embeds.workflows(shown, page=page, pages=pages, total=len(rows))

    await Pages(interaction, len(rows), PAGE, drawn(rows, PAGE, render)).open()


def _row(entry: Entry, *, open_here: bool) -> embeds.WorkflowRow:
    from core.generators.requests import inputs_of

    workflow = entry.workflow
    return embeds.WorkflowRow(
        label=workflow.label if workflow else entry.name,
        name=entry.name,
        kind=_KINDS[workflow.type] if workflow else "",
        inputs=tuple(inputs_of(workflow)) if workflow else (),
        ready=entry.ready,
        problem=entry.problem if open_here or not entry.ready else ELSEWHERE,
    )


def register(bot: ComfyUIBot) -> None:
    @bot.tree.command(name="workflows", description=phrase("The workflows, and whether they can run"))
    async def workflows(interaction: discord.Interaction) -> None:
        await workflows_command_handler(bot, interaction)
