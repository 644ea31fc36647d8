"""What all views share: errors have one way out, a form belongs to its author, and it ends visibly.

discord.py drops what is done with a control or a form that it no longer holds: it was used, it ran out, or the bot was
restarted since. Custom ids that begin with ``form:`` and a token tell such leftovers from what is open.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

import discord

from bot.errors import NOT_TAKEN, NOT_YOURS, UserError, report, speak_to
from bot.target import JobMessage, origin_of
from core.jobs.models import Origin
from utils.language import phrase, speaking
from utils.logging import get_logger

if TYPE_CHECKING:
    from bot.client import ComfyUIBot

log = get_logger(__name__)

_CLOSED = phrase("This form is closed; type the command for a new one.")
_TOO_LONG = phrase("This form was open for too long; open it again.")
_STRAY = phrase("This does nothing any more; type the command anew.")
_FORM = re.compile(r"form:(?P<token>[0-9a-f]{32})(?::.+)?")


@dataclass(frozen=True, slots=True)
class Opening:
    """Who opened a view, where it stands, and what its controls are known by."""

    bot: ComfyUIBot
    author: int
    origin: Origin
    token: str

    @classmethod
    def of(cls, interaction: discord.Interaction[Any]) -> Self:
        """As the answer to an interaction, which must have been acknowledged."""
        return cls(interaction.client, interaction.user.id, origin_of(interaction), uuid4().hex)


class BaseView(discord.ui.View, ABC):
    """Controls that answer to whoever asked for them, and are switched off when they run out.

    Args:
        opened: the acknowledged interaction whose answer the view will be part of; or by whom and where it was opened.
        timeout: seconds since the last click.
    """

    def __init__(self, opened: discord.Interaction[Any] | Opening, *, timeout: float) -> None:
        super().__init__(timeout=timeout)
        opening = opened if isinstance(opened, Opening) else Opening.of(opened)
        self.bot = opening.bot
        self.author = opening.author
        self.token = opening.token
        self._message = JobMessage(opening.bot, opening.origin)
        self.bot.open_forms[self.token] = self

    @property
    def opening(self) -> Opening:
        """By whom it was opened, and where it stands by now."""
        return Opening(self.bot, self.author, self._message.origin, self.token)

    def clear_items(self) -> Self:
        """Take the controls out. They answer until Discord shows the next ones: a click may be on its way."""
        former = self.children
        super().clear_items()
        for item in former:
            item._view = self  # pyright: ignore[reportPrivateUsage] - clicks on items without a view are dropped
        return self

    def custom_id(self, name: str) -> str:
        """The custom id of one of its controls."""
        return f"form:{self.token}:{name}"

    async def open(self) -> None:
        """Put it into the answer, anew if it stands there; without controls it is a text like any other."""
        await self._message.edit(**self.content(), view=self if self.children else None)

    async def show(self, interaction: discord.Interaction[Any]) -> None:
        """Answer a click, or a modal that a click opened, with the state of now."""
        await interaction.response.edit_message(**self.content(), view=self)
        self._message = JobMessage.of(interaction)  # its token lives longer

    @abstractmethod
    def content(self) -> dict[str, Any]:
        """What stands above the controls, as `JobMessage.edit` takes it."""

    def farewell(self) -> dict[str, Any]:
        """What stands there once they have run out; nothing leaves what is there."""
        return {}

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        speak_to(interaction)
        if self.is_finished():
            return False  # `StaleControl` answers; it saw the same a moment ago
        if interaction.user.id == self.author:
            return True
        await report(interaction, UserError(NOT_YOURS))
        return False

    async def on_error(
        self, interaction: discord.Interaction[Any], error: Exception, item: discord.ui.Item[Any], /
    ) -> None:
        await report(interaction, error)

    async def on_timeout(self) -> None:
        self.switch_off()
        try:
            with speaking(self._message.origin.locale):
                await self._message.edit(**self.farewell(), view=self)
        except NOT_TAKEN as exc:
            log.info("form not closed", detail=repr(exc))

    def switch_off(self) -> None:
        """Disable every control."""
        for item in self.children:
            if isinstance(item, discord.ui.Button | discord.ui.Select):
                item.disabled = True


class StaleControl(discord.ui.DynamicItem[discord.ui.Item[Any]], template=_FORM):
    """A control of a view that nobody holds any more.

    Controls of open views match as well; their own view answers for them. Of one click, discord.py starts this and the
    view's own check one right after the other: both see the view in the same state, and one of them answers.
    """

    def __init__(self, item: discord.ui.Item[Any], token: str) -> None:
        self.token = token
        super().__init__(item)

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(item, match["token"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        speak_to(interaction)
        if not _is_open(interaction.client, self.token):
            await report(interaction, UserError(_CLOSED))


async def answer_stray(interaction: discord.Interaction[Any]) -> None:
    """Say so when something was used that nobody here listens to; do nothing for other interactions.

    That is a modal or a control of another version's, or of nobody's making.
    """
    if interaction.response.is_done() or _is_heard(interaction):
        return
    if interaction.type is discord.InteractionType.modal_submit:
        await report(interaction, UserError(_TOO_LONG))
    elif interaction.type is discord.InteractionType.component:
        await report(interaction, UserError(_STRAY))


def _is_heard(interaction: discord.Interaction[Any]) -> bool:
    """Whether discord.py has given it to a view or a dynamic item; it drops the others in silence."""
    if interaction.type is discord.InteractionType.modal_submit:
        return False
    store = interaction._state._view_store  # pyright: ignore[reportPrivateUsage] - it tells nobody else
    data: Any = interaction.data or {}
    custom_id = str(data.get("custom_id"))
    if any(pattern.fullmatch(custom_id) for pattern in store._dynamic_items):
        return True
    message_ids = (None, interaction.message.id if interaction.message is not None else None)
    return any((data.get("component_type"), custom_id) in store._views.get(where, {}) for where in message_ids)


def _is_open(bot: ComfyUIBot, token: str) -> bool:
    form = bot.open_forms.get(token)
    return form is not None and not form.is_finished()
