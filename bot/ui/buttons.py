"""Buttons on a result. Their custom ids say all that they need, so they work after a restart."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Self

import discord

from bot.actions import ACTIONS, Action, open_form
from bot.errors import report

OnClick = Callable[[discord.Interaction[Any]], Awaitable[None]]

_ID = r"discomfy:1:{key}:(?P<job>[0-9a-f-]{{36}}):(?P<index>[0-9]{{1,3}})"


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
        super().__init__(label=label, style=style, custom_id=custom_id, disabled=disabled, row=row)
        self._on_click = on_click

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        if self._on_click is not None:
            await self._on_click(interaction)


class ActionButton(discord.ui.DynamicItem[BaseButton], template="discomfy:0:abstract"):
    """Starts something from one picture of a job.

    Args:
        job_id: the job whose result it is on.
        index: which of its files, from 0.
    """

    action: ClassVar[Action]

    def __init__(self, job_id: str, index: int = 0) -> None:
        self.job_id = job_id
        self.index = index
        super().__init__(
            BaseButton(label=self.action.label, custom_id=f"discomfy:1:{self.action.key}:{job_id}:{index}")
        )

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["job"], int(match["index"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        try:
            await open_form(interaction, self.action, self.job_id, self.index)
        except Exception as exc:  # noqa: BLE001 - discord.py swallows what a dynamic item raises
            await report(interaction, exc)


class UpscaleButton(ActionButton, template=_ID.format(key="upscale")):
    """Makes a picture larger."""

    action = ACTIONS["upscale"]


class EditFluxButton(ActionButton, template=_ID.format(key="editflux")):
    """Changes a picture by words, with Flux."""

    action = ACTIONS["editflux"]


class EditQwenButton(ActionButton, template=_ID.format(key="editqwen")):
    """Changes a picture by words, with Qwen."""

    action = ACTIONS["editqwen"]


class AnimateButton(ActionButton, template=_ID.format(key="animate")):
    """Makes a video that begins with a picture."""

    action = ACTIONS["animate"]


ACTION_BUTTONS: tuple[type[ActionButton], ...] = (UpscaleButton, EditFluxButton, EditQwenButton, AnimateButton)
