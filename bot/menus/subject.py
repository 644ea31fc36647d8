"""The one picture that somebody asks something of, and what is known of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import discord

from bot.clicks import refuse_others
from bot.errors import NOT_TAKEN, UserError
from bot.shown import Shown, Source, job_of, original_of
from bot.sight import sees
from core.jobs.store import StoreError
from utils.language import phrase
from utils.logging import get_logger

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from core.jobs.models import Job

log = get_logger(__name__)

#: Seconds for looking at a message again, and for its job: a form has to open within three.
_PATIENCE = 0.7
_GONE = phrase("The bot cannot look at that picture any more; open the menu of its message again.")


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

    async def job_soon(self, interaction: discord.Interaction[ComfyUIBot]) -> Job | None:
        """The same for what has to be answered at once: None as well where the store does not say so soon."""
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self.job(interaction)
        except (StoreError, TimeoutError) as exc:
            log.info("job of a picture unknown", message=self.source.message_id, detail=repr(exc))
            return None

    async def job_to_go_on(self, interaction: discord.Interaction[ComfyUIBot]) -> Job | None:
        """As `job_soon`, for what goes on from it; raises `UserError` where that is left to its owner."""
        job = await self.job_soon(interaction)
        if job is not None:
            refuse_others(interaction, job)
        return job

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
