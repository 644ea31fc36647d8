"""The modals: what they ask for, and what a submission does."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import discord

from bot.actions import ACTIONS, Action, require_workflow, start
from bot.attachments import Remote, check_files
from bot.clicks import allowed_job, one_job
from bot.draft import prompt_of
from bot.errors import NOT_YOURS, UserError
from bot.originals import picture_of
from bot.repeats import repeat, require_workflow_of
from bot.target import acknowledge
from bot.ui.fields import MAX_FIELDS, joined, parameter_fields, upload_field, values_of
from bot.ui.forms import DurableModal, Sent
from core.comfyui.workflows.parameters import MEDIA, RANDOM_SEED
from utils.language import Phrase, phrase, say

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from bot.ui.view import SetupView
    from core.comfyui.workflows.manager import Workflow
    from core.jobs.models import Job

Picture = Path | Remote

MORE = "pictures"
_WORDLESS = phrase("There are no words in that form; open it again and write some.")
CLOSED = phrase("The form of these settings is closed; type /generate for a new one.")
REWORD = phrase("Edit prompt")
MORE_PICTURES = phrase("More pictures, in their order")
_ANOTHER = phrase("Another picture")
#: Kind of file → its place alone, one of several, and one place for several.
PLACES = {
    "images": (phrase("Picture"), phrase("Picture {number}"), phrase("Pictures, in their order")),
    "masks": (phrase("Mask"), phrase("Mask {number}"), phrase("Masks, in their order")),
    "videos": (phrase("Video"), phrase("Video {number}"), phrase("Videos, in their order")),
    "audios": (phrase("Sound"), phrase("Sound {number}"), phrase("Sounds, in their order")),
}
_OF_A_JOB = r":(?P<job>[0-9a-f-]{36}):(?P<index>[0-9]{1,3}):[0-9]{1,20}"
_OF_A_FORM = r":(?P<token>[0-9a-f]{32})"


class ActionModal(DurableModal):
    """The form of an action on a picture.

    Args:
        workflows: number of pictures → workflow, as `bot.actions.workflows_for` gives them.
        custom_id: matches the template of the subclass, and tells the submission what it is about.
        prompt: stands in the field for it.
    """

    def __init__(self, action: Action, workflows: Mapping[int, Workflow], custom_id: str, *, prompt: str = "") -> None:
        super().__init__(action.title, custom_id)
        first = workflows[min(workflows)]
        required = "prompt" if action.needs_prompt else ""
        words, *settings = [
            list[discord.ui.Label[Any]](parameter_fields(first, [name], {"prompt": prompt}, required=required))
            for name in asked_for(action, first)
        ] or [[]]
        if max(workflows) > 1:
            label = _ANOTHER if max(workflows) == 2 else MORE_PICTURES
            settings.insert(0, [upload_field(MORE, label, least=min(workflows) - 1, most=max(workflows) - 1)])
        for item in [item for items in (words, *settings) for item in items][:MAX_FIELDS]:
            self.add_item(item)

    @classmethod
    def of_job(
        cls,
        interaction: discord.Interaction[Any],
        action: Action,
        workflows: Mapping[int, Workflow],
        job: Job,
        index: int,
    ) -> ActionModal:
        """On one picture of a job; each that is opened has a custom id of its own, and can be sent once."""
        custom_id = f"discomfy:1:form:{action.key}:{job.id}:{index}:{interaction.id}"
        return cls(action, workflows, custom_id, prompt=prompt_of(job))

    @classmethod
    async def submitted(cls, interaction: discord.Interaction[Any], match: re.Match[str], sent: Sent) -> None:
        job = await allowed_job(interaction, match["job"])
        index = int(match["index"])

        async def picture() -> Picture:
            return await picture_of(interaction, job, index)

        async with one_job(interaction, job.id, match.string, ever=True):
            await begin(interaction, ACTIONS[match["action"]], sent, picture, parent=job, click=match.string)


class UpscaleModal(ActionModal):
    """Upscale parameters: factor, strength, steps and seed, as the workflow has them."""

    template = re.compile(f"discomfy:1:form:(?P<action>upscale){_OF_A_JOB}")


class EditModal(ActionModal):
    """What to change in a picture, and other pictures to do it with."""

    template = re.compile(f"discomfy:1:form:(?P<action>editflux|editqwen){_OF_A_JOB}")


class VideoModal(ActionModal):
    """What should move in a picture."""

    template = re.compile(f"discomfy:1:form:(?P<action>animate){_OF_A_JOB}")


class RewordModal(DurableModal):
    """A job's prompt and seed, to be changed."""

    template = re.compile(f"discomfy:1:form:reword{_OF_A_JOB}")

    def __init__(self, interaction: discord.Interaction[Any], workflow: Workflow, job: Job) -> None:
        super().__init__(REWORD, f"discomfy:1:form:reword:{job.id}:0:{interaction.id}")
        before = job.request.parameters
        own = workflow.defaults.get("negative_prompt") or ""
        shown = {
            "prompt": before.prompt or "",
            "negative_prompt": own if before.negative_prompt is None else before.negative_prompt,
            "seed": "" if before.seed is None else str(before.seed),
        }
        for item in parameter_fields(workflow, reworded(workflow), shown, required="prompt"):
            self.add_item(item)

    @classmethod
    async def submitted(cls, interaction: discord.Interaction[Any], match: re.Match[str], sent: Sent) -> None:
        job = await allowed_job(interaction, match["job"])
        async with one_job(interaction, job.id, match.string, ever=True):
            workflow = require_workflow_of(interaction.client, job)
            values = values_of(sent.texts, workflow)
            emptied = {"seed": RANDOM_SEED, "negative_prompt": ""}
            changed = {name: values.get(name, emptied.get(name)) for name in joined(sent.texts)}
            if not changed.get("prompt"):
                raise UserError(_WORDLESS)
            await acknowledge(interaction)
            await repeat(interaction, job, changed, title=REWORD, click=match.string)


class SettingsModal(DurableModal):
    """Some parameters of a form that is being filled in."""

    template = re.compile(f"discomfy:1:settings{_OF_A_FORM}")

    def __init__(
        self, title: str, token: str, workflow: Workflow, names: Iterable[str], shown: Mapping[str, str]
    ) -> None:
        super().__init__(title, f"discomfy:1:settings:{token}")
        for item in parameter_fields(workflow, names, shown):
            self.add_item(item)

    @classmethod
    async def submitted(cls, interaction: discord.Interaction[Any], match: re.Match[str], sent: Sent) -> None:
        await _open_form(interaction, match["token"]).save(interaction, joined(sent.texts))


class FilesModal(DurableModal):
    """What a workflow works on: each place with an upload of its own, or each kind where there are more places."""

    template = re.compile(f"discomfy:1:files{_OF_A_FORM}")

    def __init__(self, token: str, workflow: Workflow) -> None:
        super().__init__(say("Files for {workflow}", workflow=workflow.label), f"discomfy:1:files:{token}")
        rooms = {kind: room for kind in MEDIA if (room := workflow.bindings.room_for(kind))}
        apart = sum(rooms.values()) <= MAX_FIELDS
        for kind, room in rooms.items():
            alone, one, several = PLACES[kind]
            if room == 1:
                self.add_item(upload_field(kind, alone))
            elif apart:
                for place in range(1, room + 1):
                    self.add_item(upload_field(f"{kind}{place}", Phrase(one, {"number": place})))
            else:
                self.add_item(upload_field(kind, several, most=room))

    @classmethod
    async def submitted(cls, interaction: discord.Interaction[Any], match: re.Match[str], sent: Sent) -> None:
        files: dict[str, list[discord.Attachment]] = {}
        for custom_id, attached in sent.files.items():
            kind = custom_id.rstrip("0123456789")
            if kind in MEDIA and attached:
                files.setdefault(kind, []).extend(attached)
        await _open_form(interaction, match["token"]).save_files(interaction, files)


FORMS: dict[str, type[ActionModal]] = {
    "upscale": UpscaleModal,
    "editflux": EditModal,
    "editqwen": EditModal,
    "animate": VideoModal,
}
MODALS: Sequence[type[DurableModal]] = (
    *(UpscaleModal, EditModal, VideoModal, RewordModal),
    *(SettingsModal, FilesModal),
)
"""Every modal that there is: what is none of these was made by another version."""


async def begin(
    interaction: discord.Interaction[ComfyUIBot],
    action: Action,
    sent: Sent,
    picture: Callable[[], Awaitable[Picture]],
    *,
    parent: Job | None = None,
    click: str | None = None,
) -> None:
    """Start an action as an `ActionModal` asked for it. Nothing was answered so far.

    Args:
        picture: finds the picture that it is about; is asked once Discord has its answer.
        parent, click: as `bot.submission.submit_request` takes them.

    Raises:
        UserError, ValidationError and what `start` raises: nothing was submitted.
    """
    bot, more = interaction.client, sent.files.get(MORE, ())
    values = values_of(sent.texts, require_workflow(bot, action, 1 + len(more), interaction))
    prompt = values.pop("prompt", "")
    if action.needs_prompt and not prompt:
        raise UserError(_WORDLESS)
    check_files(bot, {"images": more})
    await acknowledge(interaction)
    await start(interaction, action, await picture(), *more, prompt=prompt, values=values, parent=parent, click=click)


def asked_for(action: Action, workflow: Workflow) -> list[str]:
    """The parameters that an action's form asks for: those of its own that the workflow has."""
    return [name for name in ("prompt", *action.parameters) if workflow.takes(name, started=True)]


def reworded(workflow: Workflow) -> list[str]:
    """The parameters that "Edit prompt" asks for."""
    return [name for name in ("prompt", "negative_prompt", "seed") if name in workflow.supported]


def _open_form(interaction: discord.Interaction[Any], token: str) -> SetupView:
    form = interaction.client.open_forms.get(token)
    if form is None or form.is_finished():
        raise UserError(CLOSED)
    if form.author != interaction.user.id:
        raise UserError(NOT_YOURS)
    return form
