"""What can be done with a picture: which workflow does it, and what it asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import discord

from bot.attachments import upload
from bot.draft import Draft
from bot.errors import UserError
from bot.target import acknowledge
from core.comfyui.outputs import MediaKind
from core.comfyui.workflows.parameters import MEDIA

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


def workflow_for(bot: ComfyUIBot, action: Action, pictures: int = 1) -> Workflow | None:
    """The workflow that the configuration gives to an action on so many pictures; None where there is none."""
    return workflows_for(bot, action).get(pictures)


def workflows_for(bot: ComfyUIBot, action: Action) -> dict[int, Workflow]:
    """Number of pictures → the first workflow of the configuration that works on so many, and on nothing else."""
    offered = {workflow.name: workflow for workflow in bot.engine.library.offered()}
    named = (offered.get(name) for name in getattr(bot.config.generation, f"{action.key}_workflow"))
    found: dict[int, Workflow] = {}
    for workflow in named:
        if workflow is not None and not any(workflow.bindings.files(kind) for kind in MEDIA if kind != "images"):
            found.setdefault(workflow.bindings.room_for("images"), workflow)
    return {pictures: found[pictures] for pictures in sorted(found) if pictures}


def require_workflow(bot: ComfyUIBot, action: Action, pictures: int = 1) -> Workflow:
    """As `workflow_for`.

    Raises:
        UserError: nobody has set one up, or none for so many pictures.
    """
    found = workflows_for(bot, action)
    if not found:
        raise UserError(
            f'"{action.title}" is not set up on this server; ask the bot\'s owner to add a workflow for it.'
        )
    if pictures not in found:
        numbers = ", ".join(map(str, found))
        raise UserError(f'"{action.title}" works on this number of pictures: {numbers}. Send that many.')
    return found[pictures]


async def open_form(interaction: discord.Interaction[ComfyUIBot], action: Action, job_id: str, index: int) -> None:
    """Show the form of an action on one picture of a job; a modal is an answer of its own.

    Where there is nothing to ask, the action starts. A second click makes no second job then.

    Raises:
        UserError: the action is not set up, the picture is gone, or it is under way.
    """
    from bot.ui.modals import FORMS, asked_for

    bot = interaction.client
    workflow = require_workflow(bot, action)
    picture = await picture_of(bot, job_id, index)
    if asked_for(action, workflow):
        job = await bot.engine.jobs.get(job_id)
        prompt = (job.request.parameters.prompt if job is not None else None) or ""
        await FORMS[action.key](action, workflow, job_id, index, prompt=prompt).open(interaction)
        return
    with _once(bot, interaction.user.id, f"{action.key}:{job_id}:{index}"):
        await acknowledge(interaction)
        await start(interaction, action, picture, parent=job_id)


@contextmanager
def _once(bot: ComfyUIBot, user_id: int, what: str) -> Iterator[None]:
    if (user_id, what) in bot.under_way:
        raise UserError("That is under way already; wait for its result.")
    bot.under_way.add((user_id, what))
    try:
        yield
    finally:
        bot.under_way.discard((user_id, what))


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
    *pictures: Path | discord.Attachment,
    prompt: str = "",
    values: Mapping[str, Any] | None = None,
    parent: str | None = None,
) -> None:
    """Run the action's workflow for so many pictures on them, in their order. The interaction must be acknowledged.

    Raises:
        UserError, RateLimitError, ValidationError, WorkflowError, ComfyUIError: nothing was submitted.
    """
    from bot.submission import refuse_when_limited, submit

    bot = interaction.client
    workflow = require_workflow(bot, action, len(pictures))
    refuse_when_limited(bot, interaction.user.id)
    draft = Draft(prompt, workflow.name, values or {}, images=("?",) * len(pictures))
    draft.request(workflow)  # what can't be run is refused before anything is fetched and uploaded
    images = tuple([await upload(bot, picture) for picture in pictures])
    await submit(interaction, replace(draft, images=images), title=action.title, parent=parent)
