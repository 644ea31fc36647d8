"""The controls below a result: for one of its pictures, which is chosen where there are several, and for the job."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Self

import discord

from bot.actions import workflows_for
from bot.clicks import allowed_job, known_job, may_remove, one_job
from bot.errors import UserError, admitted, report
from bot.information import tell_of_job
from bot.originals import picture_of, pictures_of, refuse_when_gone
from bot.removal import remove_result
from bot.repeats import STRONG, SUBTLE, can_reroll, can_reword, can_vary, offered_workflow, repeat, require_workflow_of
from bot.starts import open_with, start_workflow
from bot.target import acknowledge
from bot.ui.buttons import ACTION_BUTTONS, ID, DurableButton, ResultButton
from bot.ui.embeds import clip
from bot.ui.limits import MOST_OPTIONS, OPTION_LENGTH
from bot.ui.modals import REWORD, RewordModal
from core.comfyui.workflows.parameters import RANDOM_SEED
from utils.language import phrase, say, speaking

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from core.jobs.models import Job

_OTHERS = phrase("That is somebody else's; to delete it takes the permission Manage Messages here.")


class RerollButton(ResultButton, template=ID.format(key="reroll")):
    """Makes another of the same, with another seed."""

    key, label = "reroll", phrase("Reroll")

    async def use(self, interaction: discord.Interaction[Any], job: Job) -> None:
        require_workflow_of(interaction.client, job)
        click = f"{self.key}:{job.id}"
        async with one_job(interaction, job.id, click):
            await acknowledge(interaction)
            await repeat(interaction, job, {"seed": RANDOM_SEED}, title=self.label, click=click)


class VaryButton(ResultButton, template="discomfy:0:vary"):
    """Makes another from one picture, with the same words."""

    strength: ClassVar[float]
    title: ClassVar[str]

    async def use(self, interaction: discord.Interaction[Any], job: Job) -> None:
        require_workflow_of(interaction.client, job)
        refuse_when_gone(interaction, job, self.index)
        click = f"{self.key}:{job.id}:{self.index}"
        async with one_job(interaction, job.id, click):
            await acknowledge(interaction)
            picture = await picture_of(interaction, job, self.index)
            changed = {"seed": RANDOM_SEED, "denoise": self.strength}
            await repeat(interaction, job, changed, title=self.title, click=click, picture=picture)


class SubtleButton(VaryButton, template=ID.format(key="subtle")):
    """Changes little."""

    key, label, title, strength = "subtle", phrase("Vary subtle"), phrase("Vary (subtle)"), SUBTLE


class StrongButton(VaryButton, template=ID.format(key="strong")):
    """Changes much."""

    key, label, title, strength = "strong", phrase("Vary strong"), phrase("Vary (strong)"), STRONG


class RewordButton(ResultButton, template=ID.format(key="reword")):
    """Opens the prompt, to be changed."""

    key, label = "reword", REWORD

    async def use(self, interaction: discord.Interaction[Any], job: Job) -> None:
        workflow = require_workflow_of(interaction.client, job)
        if "prompt" not in workflow.supported:
            raise UserError(
                phrase(
                    'The workflow "{workflow}" takes no words any more; type the command again.',
                    workflow=workflow.label,
                )
            )
        await RewordModal(interaction, workflow, job).open(interaction)


class StartButton(ResultButton, template=ID.format(key="start")):
    """Opens the form of /generate with one picture to start from."""

    key, label = "start", phrase("Use as start")

    async def use(self, interaction: discord.Interaction[Any], job: Job) -> None:
        refuse_when_gone(interaction, job, self.index)
        await open_with(interaction, job, self.index)


class InfoButton(ResultButton, template=ID.format(key="info")):
    """Tells everything about a picture to the one who clicks."""

    key, label = "info", phrase("Info")

    async def use(self, interaction: discord.Interaction[Any], job: Job) -> None:
        await acknowledge(interaction, ephemeral=True)
        await tell_of_job(interaction, job)


class DeleteButton(ResultButton, template=ID.format(key="delete")):
    """Takes the result away."""

    key, label, style = "delete", phrase("Delete"), discord.ButtonStyle.danger

    async def find(self, interaction: discord.Interaction[Any]) -> Job:
        job = await known_job(interaction.client, self.job_id)
        if not may_remove(interaction, job):
            raise UserError(_OTHERS)
        return job

    async def use(self, interaction: discord.Interaction[Any], job: Job) -> None:
        await remove_result(interaction, job)


class PictureSelect(
    discord.ui.DynamicItem[discord.ui.Select[Any]], template=r"discomfy:1:picture:(?P<job>[0-9a-f-]{36})"
):
    """Chooses the picture that the buttons are about.

    Args:
        count: how many there are.
        index: the one that is chosen.
    """

    def __init__(self, job_id: str, count: int = 1, index: int = 0) -> None:
        self.job_id = job_id
        options = [
            discord.SelectOption(label=clip(_place(n, count), OPTION_LENGTH), value=str(n), default=n == index)
            for n in _window(count, index)
        ]
        select = discord.ui.Select[Any](custom_id=f"discomfy:1:picture:{job_id}", options=options)
        super().__init__(select, row=0)

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["job"])

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        return await admitted(interaction)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        try:
            job = await allowed_job(interaction, self.job_id)
            with speaking(_language(interaction, job)):
                view = PostView(interaction.client, job, int(self.item.values[0]))
            await interaction.response.edit_message(view=view)
        except Exception as exc:  # noqa: BLE001 - discord.py swallows what a dynamic item raises
            await report(interaction, exc, apart=True)


def _place(index: int, count: int) -> str:
    return say("Picture {number} of {count}", number=index + 1, count=count)


def _language(interaction: discord.Interaction[Any], job: Job) -> str | None:
    """Of the message that is changed: a job's own is in its owner's, whoever clicks."""
    origin, shown = job.origin, interaction.message
    own = origin is not None and shown is not None and shown.id == origin.message_id
    return origin.locale if own and origin is not None else str(interaction.locale)


class PostView(discord.ui.View):
    """What can be done next with a job that is done; only what the available workflows can do.

    Args:
        index: the picture that is chosen.
    """

    def __init__(self, bot: ComfyUIBot, job: Job, index: int = 0) -> None:
        super().__init__(timeout=None)
        count = len(pictures_of(job))
        if count > 1:
            self.add_item(PictureSelect(job.id, count, index))
        for row, buttons in enumerate(_rows(bot, job), 1):
            for button in buttons:
                self.add_item(button(job.id, index, row=row))


def _rows(bot: ComfyUIBot, job: Job) -> list[list[type[ResultButton]]]:
    """The buttons that are of use, in their rows."""
    picture, workflow = bool(pictures_of(job)), offered_workflow(bot, job, job.origin)
    made_of_it: list[type[ResultButton]] = [
        button for button in ACTION_BUTTONS if picture and workflows_for(bot, button.action, job.origin)
    ]
    again: list[tuple[type[ResultButton], bool]] = [
        (RerollButton, workflow is not None and can_reroll(workflow, job)),
        (SubtleButton, picture and workflow is not None and can_vary(workflow)),
        (StrongButton, picture and workflow is not None and can_vary(workflow)),
        (RewordButton, workflow is not None and can_reword(workflow, job)),
        (StartButton, picture and start_workflow(bot, job, job.origin) is not None),
    ]
    return [made_of_it, [button for button, useful in again if useful], [InfoButton, DeleteButton]]


def _window(count: int, index: int) -> range:
    """Those of the pictures that are in the select, the chosen one among them. Where there are more, the first or last
    one leads on.
    """
    first = max(0, min(index - MOST_OPTIONS // 2, count - MOST_OPTIONS))
    return range(first, min(count, first + MOST_OPTIONS))


RESULT_BUTTONS: tuple[type[DurableButton], ...] = (
    *(*ACTION_BUTTONS, RerollButton, SubtleButton, StrongButton),
    *(RewordButton, StartButton, InfoButton, DeleteButton),
)
