"""A job once more with something changed: another seed, other words, or one of its pictures to start from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import discord

from bot.attachments import Remote, upload
from bot.draft import summary_of
from bot.errors import UserError
from bot.restriction import Place, offered
from bot.submission import refuse_when_limited, submit_request
from bot.ui.embeds import Summary, read
from core.comfyui.workflows.parameters import MEDIA, PARAMETERS, values_of
from core.comfyui.workflows.workflow import WorkflowType
from core.exceptions import ValidationError
from core.generators.requests import make_request, word
from utils.language import phrase

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from core.comfyui.workflows.workflow import Workflow
    from core.generators.base import GenerationRequest
    from core.jobs.models import Job

#: How much of a picture a variation replaces.
SUBTLE, STRONG = 0.35, 0.65
_WORKFLOW_GONE = phrase("The workflow of that job can't be used any more; /workflows says what there is.")
#: Others work on what they were given: an upscaled picture would be enlarged once more.
_VARIED = (WorkflowType.IMAGE, WorkflowType.EDIT)


def offered_workflow(bot: ComfyUIBot, job: Job, at: Place | None = None) -> Workflow | None:
    """The workflow of a job, where it can be used now, at a place where one is given."""
    return next((w for w in offered(bot, at) if w.name == job.request.workflow), None)


def require_workflow_of(bot: ComfyUIBot, job: Job) -> Workflow:
    """The same; raises `UserError` where it cannot be used."""
    workflow = offered_workflow(bot, job)
    if workflow is None:
        raise UserError(_WORKFLOW_GONE)
    return workflow


def can_reroll(workflow: Workflow, job: Job) -> bool:
    """Whether another seed would make something else of a job."""
    return "seed" in workflow.supported - workflow.idle(job.request.parameters.denoise)


def can_vary(workflow: Workflow) -> bool:
    """Whether it can start from a picture, and be told how much of it is to change."""
    takes = workflow.takes("denoise", started=True) and workflow.bindings.room_for("images") > 0
    return takes and workflow.type in _VARIED


def can_reword(workflow: Workflow, job: Job) -> bool:
    """Whether other words would."""
    return "prompt" in workflow.supported - workflow.idle(job.request.parameters.denoise)


async def repeat(
    interaction: discord.Interaction[ComfyUIBot],
    job: Job,
    changed: Mapping[str, Any],
    *,
    title: str,
    click: str,
    picture: Path | Remote | None = None,
) -> None:
    """Submit a job's request with some parameters changed. The interaction must be acknowledged.

    Args:
        title: of the new job.
        picture: takes the place of the first picture that the job began with.

    Raises:
        UserError: the workflow is gone or another one by now; nothing was submitted.
        RateLimitError, ValidationError, WorkflowError, ComfyUIError, StoreError: nothing was submitted.
    """
    bot = interaction.client
    workflow = require_workflow_of(bot, job)
    refuse_when_limited(bot, interaction.user.id)
    rest = (job.request.parameters.images or ())[1:]
    checked = {**changed, "images": ("?", *rest)} if picture is not None else changed
    request = changed_request(workflow, job, checked)  # what can't be run is refused before anything is uploaded
    if picture is not None:
        images = (await upload(bot, picture), *rest)
        request = replace(request, parameters=replace(request.parameters, images=images))
    await submit_request(interaction, request, _summary(job, request, changed, title=title), parent=job, click=click)


def changed_request(workflow: Workflow, job: Job, changed: Mapping[str, Any]) -> GenerationRequest:
    """A job's request with some parameters changed, as the workflow of now takes it.

    Raises:
        ValidationError: what was changed is out of range.
        UserError: the rest is not what it takes any more.
    """
    for name, value in changed.items():
        if name not in MEDIA and value not in (None, ""):
            workflow.limits[name].check(value)
    values = {**dict(zip(PARAMETERS, values_of(job.request.parameters), strict=True)), **changed}
    prompt, loras = values.pop("prompt") or "", values.pop("loras")
    files = {kind: values.pop(kind) or () for kind in MEDIA}
    given = {name: value for name, value in values.items() if value is not None}
    try:
        return make_request(workflow, prompt, given, loras=loras, **files)
    except ValidationError as exc:
        raise UserError(
            phrase('The workflow "{workflow}" has changed since; type the command again.', workflow=workflow.label),
            detail=exc.message,
        ) from exc


def _summary(job: Job, request: GenerationRequest, changed: Mapping[str, Any], *, title: str) -> Summary:
    before = summary_of(job)
    settings = dict(before.settings)
    for name in changed:
        value = getattr(request.parameters, name)
        if name == "prompt":
            continue
        if value in (None, ""):
            settings.pop(word(name), None)
        else:
            settings[word(name)] = read(value)
    prompt = request.parameters.prompt or before.prompt
    return replace(before, title=title, prompt=prompt, settings=settings)
