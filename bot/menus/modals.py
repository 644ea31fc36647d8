"""The forms that menus open. Their custom ids name the message, so that they can be sent after a restart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import discord

from bot.actions import ACTIONS, Action
from bot.clicks import one_job
from bot.draft import prompt_of
from bot.menus.subject import SUBJECT, Subject, find_subject, subject_in
from bot.starts import require_start_workflow, show_form
from bot.target import acknowledge
from bot.ui.fields import joined, parameter_fields, upload_field
from bot.ui.forms import DurableModal, Sent
from bot.ui.modals import MORE, MORE_PICTURES, ActionModal, Picture, begin
from utils.language import phrase, say, told

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from core.comfyui.workflows.manager import Workflow
    from core.jobs.models import Job

_ONCE = r"[0-9]{1,20}"
_ACTION = "action"


class MessageModal(ActionModal):
    """The form of an action on a picture of any message."""

    template = re.compile(f"discomfy:1:form:(?P<action>editflux|editqwen|animate):m:{SUBJECT}:{_ONCE}")

    @classmethod
    def on(
        cls,
        interaction: discord.Interaction[Any],
        action: Action,
        workflows: Mapping[int, Workflow],
        subject: Subject,
        job: Job | None,
    ) -> MessageModal:
        """Args: job: the one that the picture is a result of; its prompt stands there already."""
        custom_id = f"discomfy:1:form:{action.key}:m:{subject.id}:{interaction.id}"
        return cls(action, workflows, custom_id, prompt=prompt_of(job))

    @classmethod
    async def submitted(cls, interaction: discord.Interaction[Any], match: re.Match[str], sent: Sent) -> None:
        await _begin(interaction, ACTIONS[match["action"]], match, sent)


class EditModal(DurableModal):
    """What to change in a picture, and by which of several models.

    Args:
        able: key of the action → its workflows by the number of pictures.
        job: the one that the picture is a result of; its prompt stands there already.
    """

    template = re.compile(f"discomfy:1:form:edit:m:{SUBJECT}:{_ONCE}")

    def __init__(
        self,
        interaction: discord.Interaction[Any],
        able: Mapping[str, Mapping[int, Workflow]],
        subject: Subject,
        job: Job | None,
    ) -> None:
        super().__init__(phrase("Edit image"), f"discomfy:1:form:edit:m:{subject.id}:{interaction.id}")
        options = [discord.SelectOption(label=told(ACTIONS[key].title), value=key) for key in able]
        options[0].default = True
        self.add_item(
            discord.ui.Label(
                text=say("How to edit it"), component=discord.ui.Select(custom_id=_ACTION, options=options)
            )
        )
        first = [workflows[min(workflows)] for workflows in able.values()]
        widest = max(first, key=lambda workflow: workflow.limits["prompt"].max)
        for field in parameter_fields(widest, ["prompt"], {"prompt": prompt_of(job)}, required="prompt"):
            self.add_item(field)
        most = max(max(workflows) for workflows in able.values())
        if most > 1:
            self.add_item(upload_field(MORE, MORE_PICTURES, most=most - 1))
        if all("seed" in workflow.supported for workflow in first):
            for field in parameter_fields(first[0], ["seed"], {}):
                self.add_item(field)

    @classmethod
    async def submitted(cls, interaction: discord.Interaction[Any], match: re.Match[str], sent: Sent) -> None:
        texts = dict(sent.texts)
        await _begin(interaction, ACTIONS[texts.pop(_ACTION)], match, Sent(texts, sent.files))


class StartModal(DurableModal):
    """The words for the form of /generate, which opens with the picture then."""

    template = re.compile(f"discomfy:1:form:start:m:{SUBJECT}:{_ONCE}")

    def __init__(
        self, interaction: discord.Interaction[Any], workflow: Workflow, subject: Subject, job: Job | None
    ) -> None:
        super().__init__(phrase("Use as start"), f"discomfy:1:form:start:m:{subject.id}:{interaction.id}")
        for field in parameter_fields(workflow, ["prompt"], {"prompt": prompt_of(job)}, required="prompt"):
            self.add_item(field)

    @classmethod
    async def submitted(cls, interaction: discord.Interaction[Any], match: re.Match[str], sent: Sent) -> None:
        interaction.message = None  # as in `_begin`
        prompt = joined(sent.texts).get("prompt", "").strip()
        subject = await find_subject(interaction.client, *subject_in(match))
        job = await subject.job_to_go_on(interaction)
        require_start_workflow(interaction, job)
        await acknowledge(interaction)
        await show_form(interaction, subject.picture(job), prompt, job)


MENU_MODALS: tuple[type[DurableModal], ...] = (MessageModal, EditModal, StartModal)


async def _begin(
    interaction: discord.Interaction[ComfyUIBot], action: Action, match: re.Match[str], sent: Sent
) -> None:
    """Start an action as its form asks for it; each form that was opened starts one."""
    interaction.message = None  # which may be a question that only the asker sees; the result is for everybody
    async with one_job(interaction, None, match.string, ever=True):
        subject = await find_subject(interaction.client, *subject_in(match))
        job = await subject.job_to_go_on(interaction)

        async def picture() -> Picture:
            return subject.picture(job)

        await begin(interaction, action, sent, picture, parent=job, click=match.string)
