"""What can be done with a picture: which workflow does it, and what it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import discord

from bot.draft import Draft
from bot.errors import UserError
from core.comfyui.outputs import MediaKind

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from core.comfyui.workflows.manager import Workflow


@dataclass(frozen=True, slots=True)
class Action:
    """Something that starts from a picture.

    Attributes:
        key: its name in custom ids; the configuration names its workflow under ``generation.<key>_workflow``.
        label: its name on a button.
        title: its name on a form and a result.
        needs_prompt: whether it makes no sense without words.
        parameters: what its form asks for beside the prompt, where the workflow has it.
    """

    key: str
    label: str
    title: str
    needs_prompt: bool
    parameters: tuple[str, ...]


ACTIONS = {
    action.key: action
    for action in (
        Action("upscale", "Upscale", "Upscale", False, ("upscale_factor", "denoise", "steps", "seed")),
        Action("editflux", "Flux edit", "Edit with Flux", True, ("steps", "guidance", "seed")),
        Action("editqwen", "Qwen edit", "Edit with Qwen", True, ("steps", "cfg", "seed")),
        Action("animate", "Animate", "Animate", True, ("length", "steps", "seed")),
    )
}


def workflow_for(bot: ComfyUIBot, action: Action) -> Workflow | None:
    """The workflow that the configuration gives to an action; None where there is none that takes a picture."""
    name = getattr(bot.config.generation, f"{action.key}_workflow")
    found = next((workflow for workflow in bot.engine.workflows.available() if workflow.name == name), None)
    return found if found is not None and "images" in found.supported else None


def require_workflow(bot: ComfyUIBot, action: Action) -> Workflow:
    """As `workflow_for`.

    Raises:
        UserError: nobody has set one up.
    """
    workflow = workflow_for(bot, action)
    if workflow is None:
        raise UserError(
            f'"{action.title}" is not set up on this server; ask the bot\'s owner to add a workflow for it.'
        )
    return workflow


async def open_form(interaction: discord.Interaction[ComfyUIBot], action: Action, job_id: str, index: int) -> None:
    """Show the form of an action on one picture of a job; a modal is an answer of its own.

    Raises:
        UserError: the action is not set up, or the picture is gone.
    """
    from bot.ui.modals import FORMS, asked_for

    workflow = require_workflow(interaction.client, action)
    picture = await picture_of(interaction.client, job_id, index)
    if not asked_for(action, workflow):
        await interaction.response.defer(thinking=True)
        image = await interaction.client.engine.generator.upload(picture)
        await start(interaction, action, image, prompt="", values={}, parent=job_id)
        return
    job = await interaction.client.engine.jobs.get(job_id)
    prompt = (job.request.parameters.prompt if job is not None else None) or ""
    await interaction.response.send_modal(FORMS[action.key](action, workflow, job_id, index, prompt=prompt))


async def picture_of(bot: ComfyUIBot, job_id: str, index: int) -> Path:
    """The file of one picture of a finished job.

    Raises:
        UserError: it is not kept any more.
    """
    job = await bot.engine.jobs.get(job_id)
    files = job.result.files if job is not None and job.result is not None else ()
    pictures = [file for file in files if file.kind in (MediaKind.IMAGE, MediaKind.ANIMATION)]
    if index >= len(pictures) or not pictures[index].path.is_file():
        raise UserError("That picture is no longer kept here; send it with a slash command instead.")
    return pictures[index].path


async def start(
    interaction: discord.Interaction[ComfyUIBot],
    action: Action,
    image: str,
    *,
    prompt: str,
    values: dict[str, Any],
    parent: str | None = None,
) -> None:
    """Run the action's workflow on ``image``, a picture's name on ComfyUI. The interaction must be acknowledged."""
    from bot.submission import submit

    bot = interaction.client
    workflow = require_workflow(bot, action)
    draft = Draft(prompt, workflow.name, values, images=(image,))
    await submit(interaction, draft, title=action.title, parent=parent)
