"""Buttons on a result. Their custom ids say all that they need, so they work after a restart."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Self

import discord

from bot.actions import ACTIONS, Action, open_form
from bot.cancellation import OTHERS, end_job
from bot.clicks import allowed_job, known_job, may_remove
from bot.errors import UserError, admitted, report
from bot.target import acknowledge
from bot.ui.embeds import clip
from core.jobs.models import Job, JobState
from utils.language import phrase

OnClick = Callable[[discord.Interaction[Any]], Awaitable[None]]

_LABEL = 80
#: The custom ids of the buttons on a result.
ID = r"discomfy:1:{key}:(?P<job>[0-9a-f-]{{36}}):(?P<index>[0-9]{{1,3}})"


class BaseButton(discord.ui.Button[Any]):
    """A button. What a click does is ``on_click``, or a subclass's ``callback``."""

    def __init__(
        self,
        *,
        label: str,
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
        custom_id: str | None = None,
        disabled: bool = False,
        row: int | None = None,
        on_click: OnClick | None = None,
    ) -> None:
        super().__init__(label=clip(label, _LABEL), style=style, custom_id=custom_id, disabled=disabled, row=row)
        self._on_click = on_click

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        if self._on_click is not None:
            await self._on_click(interaction)


class DurableButton(discord.ui.DynamicItem[BaseButton], ABC, template="discomfy:0:abstract"):
    """A button that works after a restart. What a click does is a subclass's ``act``; what that raises is told."""

    @abstractmethod
    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Answer a click."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        return await admitted(interaction)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        try:
            await self.act(interaction)
        except Exception as exc:  # noqa: BLE001 - discord.py swallows what a dynamic item raises
            await report(interaction, exc, apart=True)


class ResultButton(DurableButton, template="discomfy:0:result"):
    """A button that is about one picture of a job, or about the job. What a click does is a subclass's ``use``.

    Args:
        job_id: the job whose result it is on.
        index: which of its pictures, from 0.
    """

    key: ClassVar[str]
    label: ClassVar[str]
    style: ClassVar[discord.ButtonStyle] = discord.ButtonStyle.secondary

    def __init__(self, job_id: str, index: int = 0, *, row: int | None = None) -> None:
        self.job_id = job_id
        self.index = index
        custom_id = f"discomfy:1:{self.key}:{job_id}:{index}"
        super().__init__(BaseButton(label=self.label, style=self.style, custom_id=custom_id), row=row)

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["job"], int(match["index"]))

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        await self.use(interaction, await self.find(interaction))

    async def find(self, interaction: discord.Interaction[Any]) -> Job:
        """The job; raises `UserError` when it is not known, or not for the one who clicked."""
        return await allowed_job(interaction, self.job_id)

    @abstractmethod
    async def use(self, interaction: discord.Interaction[Any], job: Job) -> None:
        """Answer the click of somebody who may."""


class ActionButton(ResultButton, template="discomfy:0:action"):
    """Starts something from one picture of a job."""

    action: ClassVar[Action]

    def __init_subclass__(cls, *, template: str) -> None:
        super().__init_subclass__(template=template)
        cls.key, cls.label = cls.action.key, cls.action.label

    async def use(self, interaction: discord.Interaction[Any], job: Job) -> None:
        await open_form(interaction, self.action, job, self.index)


class UpscaleButton(ActionButton, template=ID.format(key="upscale")):
    """Makes a picture larger."""

    action = ACTIONS["upscale"]


class EditFluxButton(ActionButton, template=ID.format(key="editflux")):
    """Changes a picture by words, with Flux."""

    action = ACTIONS["editflux"]


class EditQwenButton(ActionButton, template=ID.format(key="editqwen")):
    """Changes a picture by words, with Qwen."""

    action = ACTIONS["editqwen"]


class AnimateButton(ActionButton, template=ID.format(key="animate")):
    """Makes a video that begins with a picture."""

    action = ACTIONS["animate"]


ACTION_BUTTONS: tuple[type[ActionButton], ...] = (UpscaleButton, EditFluxButton, EditQwenButton, AnimateButton)


class JobButton(DurableButton, template="discomfy:0:job"):
    """A button below a job that has no result, so far or at all."""

    key: ClassVar[str]
    label: ClassVar[str]

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        super().__init__(BaseButton(label=self.label, custom_id=f"discomfy:1:{self.key}:{job_id}"))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["job"])


class RetryButton(JobButton, template=r"discomfy:1:retry:(?P<job>[0-9a-f-]{36})"):
    """Asks once more for a job that came to nothing."""

    key, label = "retry", phrase("Retry")

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        from bot.submission import retry

        await retry(interaction, self.job_id)


class CancelButton(JobButton, template=r"discomfy:1:cancel:(?P<job>[0-9a-f-]{36})"):
    """Ends a job that waits or runs."""

    key, label = "cancel", phrase("Cancel")

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        job = await known_job(interaction.client, self.job_id)
        if not may_remove(interaction, job):
            raise UserError(OTHERS)
        await acknowledge(interaction, thinking=False)
        said = await end_job(interaction.client, job)
        if job.state is not JobState.CANCELLED:  # else its message says so
            raise UserError(said)


def cancel_view(job_id: str) -> discord.ui.View:
    """What stands below the progress of a job."""
    return discord.ui.View(timeout=None).add_item(CancelButton(job_id))


def retry_view(job: Job) -> discord.ui.View:
    """Retry, where that may help: for a job that was lost, or failed on a server that had taken it."""
    view = discord.ui.View(timeout=None)
    failed = job.state is JobState.FAILED and job.accepted_at is not None
    if (failed or job.state is JobState.LOST) and job.retried_as is None:
        view.add_item(RetryButton(job.id))
    return view
