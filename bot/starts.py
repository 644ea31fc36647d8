"""The form of /generate, opened with a picture to start from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import discord

from bot.attachments import Remote, upload
from bot.draft import Draft, prompt_of
from bot.errors import UserError
from bot.lists import known_loras, preferred, worded
from bot.originals import picture_of
from bot.restriction import Place
from bot.target import acknowledge
from core.comfyui.workflows.parameters import MEDIA
from utils.language import phrase

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from core.comfyui.workflows.manager import Workflow
    from core.jobs.models import Job

_NONE = phrase("No workflow starts from a picture just now; /workflows says what there is.")


def start_workflow(bot: ComfyUIBot, job: Job | None, at: Place | None = None) -> Workflow | None:
    """The workflow that the form opens with: the job's own where it starts from a picture, the configured one, any.

    Args:
        at: as `bot.restriction.offered` takes it.
    """
    own = [job.request.workflow] if job is not None else []
    return preferred(bot, filter(_needs_no_more, worded(bot, at)), *own)


async def open_with(interaction: discord.Interaction[ComfyUIBot], job: Job, index: int) -> None:
    """Answer a click with the form.

    Raises:
        UserError: no workflow takes the picture, or it is gone.
        ValidationError, ComfyUIError: it cannot be brought to the server.
    """
    require_start_workflow(interaction, job)
    await acknowledge(interaction)
    picture = await picture_of(interaction, job, index)
    await show_form(interaction, picture, prompt_of(job), job)


def require_start_workflow(interaction: discord.Interaction[ComfyUIBot], job: Job | None) -> Workflow:
    """As `start_workflow`; raises `UserError` where there is none."""
    workflow = start_workflow(interaction.client, job, interaction)
    if workflow is None:
        raise UserError(_NONE)
    return workflow


async def show_form(
    interaction: discord.Interaction[ComfyUIBot], picture: Path | Remote, prompt: str, parent: Job | None
) -> None:
    """Bring a picture to the server, and put the form into the answer; raises as `open_with`."""
    from bot.ui.view import SetupView

    bot = interaction.client
    image, loras = await upload(bot, picture), await known_loras(bot)
    workflow = require_start_workflow(interaction, parent)  # the one of before may have gone in the meantime
    draft = Draft(prompt, workflow.name, _size(parent, workflow), images=(image,))
    await SetupView(bot, interaction, draft, loras, parent=parent.id if parent is not None else None).open()


def _size(parent: Job | None, workflow: Workflow) -> dict[str, int]:
    """What was chosen for the picture when its own workflow made it: another size would cut something off."""
    if parent is None or parent.request.workflow != workflow.name:
        return {}
    sides = [name for name in ("width", "height") if workflow.takes(name, started=True)]
    chosen = {name: getattr(parent.request.parameters, name) for name in sides}
    return {name: value for name, value in chosen.items() if value is not None}


def _needs_no_more(workflow: Workflow) -> bool:
    """Whether a picture is all that it works on."""
    needed = {kind: len(workflow.bindings.files(kind)) for kind in MEDIA}
    return workflow.bindings.room_for("images") > 0 and needed.pop("images") <= 1 and not any(needed.values())
