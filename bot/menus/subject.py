"""The one picture that somebody asks something of, and what is known of it."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import discord

from bot.errors import NOT_TAKEN, UserError
from bot.shown import Shown, Source, job_of, original_of
from bot.sight import sees
from utils.logging import get_logger

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from core.jobs.models import Job

log = get_logger(__name__)

#: Messages that are remembered, and the seconds for which the addresses of their files are good, at the least.
_MOST, _LIFETIME = 500, 12 * 3600.0
#: Seconds for looking at a message again: a form has to open within three.
_PATIENCE = 2.0
_GONE = "The bot cannot look at that picture any more; open the menu of its message again."


class Sources:
    """The messages that menus were opened on lately.

    Discord shows the bot what others wrote in the moment in which a menu is opened, and never again: reading it later
    takes a privileged intent.
    """

    def __init__(self) -> None:
        self._noted: OrderedDict[int, tuple[float, Source]] = OrderedDict()

    def note(self, source: Source) -> None:
        self._noted.pop(source.message_id, None)
        self._noted[source.message_id] = (time.monotonic(), source)
        while len(self._noted) > _MOST:
            self._noted.popitem(last=False)

    def get(self, message_id: int) -> Source | None:
        noted_at, source = self._noted.get(message_id, (0.0, None))
        return source if time.monotonic() - noted_at < _LIFETIME else None


@dataclass(frozen=True, slots=True)
class Subject:
    """One file of a message; ``place`` is which, from 0."""

    source: Source
    place: int

    @property
    def file(self) -> Shown:
        return self.source.files[self.place]

    @property
    def id(self) -> str:
        """It, as a part of custom ids; at most 46 characters."""
        return f"{self.source.channel_id}:{self.source.message_id}:{self.place}"

    async def job(self, interaction: discord.Interaction[ComfyUIBot]) -> Job | None:
        """The job that it is a result of, where whoever asks may know of it.

        Raises:
            StoreError: the store does not say.
        """
        job = await job_of(interaction.client, self.source, self.file)
        return job if job is not None and sees(interaction, job) else None

    def picture(self, job: Job | None) -> Path | Shown:
        """The file as ComfyUI made it for a job, as long as it is kept; else as it was posted."""
        return (original_of(job, self.file) if job is not None else None) or self.file


SUBJECT = r"(?P<channel>[0-9]{1,20}):(?P<message>[0-9]{1,20}):(?P<place>[0-9]{1,2})"
"""What `Subject.id` is like."""


async def find_subject(bot: ComfyUIBot, channel_id: int, message_id: int, place: int) -> Subject:
    """A file of a message that a menu was opened on.

    Raises:
        UserError: the bot cannot look at it any more.
    """
    source = bot.sources.get(message_id) or await _fetched(bot, channel_id, message_id)
    if place >= len(source.files):
        raise UserError(_GONE)
    return Subject(source, place)


async def _fetched(bot: ComfyUIBot, channel_id: int, message_id: int) -> Source:
    """The message as it is now: of what others wrote, the bot sees nothing then."""
    try:
        async with asyncio.timeout(_PATIENCE):
            message = await bot.get_partial_messageable(channel_id).fetch_message(message_id)
    except (*NOT_TAKEN, TimeoutError) as exc:
        raise UserError(_GONE, detail=repr(exc)) from exc
    return Source.of(message)


def subject_in(match: Any) -> tuple[int, int, int]:
    """Channel, message and place of a custom id with `SUBJECT` in it."""
    return int(match["channel"]), int(match["message"]), int(match["place"])
