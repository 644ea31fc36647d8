"""What can be done with a picture: which workflow does it, and what it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import discord

from bot.attachments import Remote, upload
from bot.clicks import one_job
from bot.draft import Draft
from bot.errors import UserError
from bot.originals import picture_of, refuse_when_gone
from bot.restriction import ELSEWHERE, Place, offered
from bot.target import acknowledge
from core.comfyui.workflows.parameters import MEDIA
from utils.language import commas, phrase

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from core.comfyui.workflows.manager import Workflow
    from core.jobs.models import Job


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


_UPSCALE, _ANIMATE = phrase("Upscale"), phrase("Animate")
ACTIONS = {
    action.key: action
    for action in (
        Action("upscale", _UPSCALE, _UPSCALE, False, ("upscale_factor", "denoise", "steps", "seed")),
        Action("editflux", phrase("Flux edit"), phrase("Edit with Flux"), True, ("steps", "guidance", "seed")),
        Action("editqwen", phrase("Qwen edit"), phrase("Edit with Qwen"), True, ("steps", "cfg", "seed")),
        Action("animate", _ANIMATE, _ANIMATE, True, ("length", "denoise", "steps", "seed")),
    )
}


def workflows_for(bot: ComfyUIBot, action: Action, at: Place | None = None) -> dict[int, Workflow]:
    """Number of pictures → the first workflow of the configuration that works on so many, and on nothing else.

    Args:
        at: as `bot.restriction.offered` takes it.
    """
    able = {workflow.name: workflow for workflow in offered(bot, at)}
    named = (able.get(name) for name in getattr(bot.config.generation, f"{action.key}_workflow"))
    found: dict[int, Workflow] = {}
    for workflow in named:
        if workflow is not None and not any(workflow.bindings.files(kind) for kind in MEDIA if kind != "images"):
            found.setdefault(workflow.bindings.room_for("images"), workflow)
    return {pictures: found[pictures] for pictures in sorted(found) if pictures}


def require_workflow(bot: ComfyUIBot, action: Action, pictures: int = 1, at: Place | None = None) -> Workflow:
    """The one for so many pictures, of those that may be used at a place.

    Raises:
        UserError: nobody has set one up, or none for so many pictures, or it is not for this place.
    """
    found = workflows_for(bot, action, at)
    if not found:
        raise _not_set_up(bot, action)
    if pictures not in found:
        raise UserError(
            phrase(
                '"{action}" works on this number of pictures: {numbers}. Send that many.',
                action=action.title,
                numbers=commas(map(str, found)),
            )
        )
    return found[pictures]


async def open_form(interaction: discord.Interaction[ComfyUIBot], action: Action, job: Job, index: int) -> None:
    """Show the form of an action on one picture of a job; a modal is an answer of its own.

    Where there is nothing to ask, the action starts. A second click makes no second job then.

    Raises:
        UserError: the action is not set up, the picture is gone, or it is under way.
    """
    from bot.ui.modals import FORMS, asked_for

    workflows = workflows_for(interaction.client, action, interaction)
    if not workflows:
        raise _not_set_up(interaction.client, action)
    refuse_when_gone(interaction, job, index)
    if max(workflows) > 1 or asked_for(action, workflows[min(workflows)]):
        await FORMS[action.key].of_job(interaction, action, workflows, job, index).open(interaction)
        return
    click = f"{action.key}:{job.id}:{index}"
    async with one_job(interaction, job.id, click):
        await acknowledge(interaction)
        await start(interaction, action, await picture_of(interaction, job, index), parent=job, click=click)


async def start(
    interaction: discord.Interaction[ComfyUIBot],
    action: Action,
    *pictures: Path | Remote,
    prompt: str = "",
    values: Mapping[str, Any] | None = None,
    parent: Job | None = None,
    click: str | None = None,
) -> None:
    """Run the action's workflow for so many pictures on them, in their order. The interaction must be acknowledged.

    Args:
        parent, click: as `bot.submission.submit_request` takes them.

    Raises:
        UserError, RateLimitError, ValidationError, WorkflowError, ComfyUIError: nothing was submitted.
    """
    from bot.submission import refuse_when_limited, submit

    bot = interaction.client
    workflow = require_workflow(bot, action, len(pictures), interaction)
    refuse_when_limited(bot, interaction.user.id)
    draft = Draft(prompt, workflow.name, values or {}, images=("?",) * len(pictures))
    draft.request(workflow)  # what can't be run is refused before anything is fetched and uploaded
    images = tuple([await upload(bot, picture) for picture in pictures])
    await submit(interaction, replace(draft, images=images), title=action.title, parent=parent, click=click)


def _not_set_up(bot: ComfyUIBot, action: Action) -> UserError:
    if workflows_for(bot, action):
        return UserError(ELSEWHERE)
    return UserError(
        phrase(
            '"{action}" is not set up on this server; ask the bot\'s owner to add a workflow for it.',
            action=action.title,
        )
    )
