"""The pictures of a job that is over: as they are kept on disk, else as they were posted."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import discord

from bot.errors import NOT_TAKEN, UserError, passes
from bot.pieces import prefix_of, stem_of
from bot.shown import Shown, shown_in
from core.comfyui.outputs import MediaKind
from utils.language import phrase
from utils.logging import get_logger

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from core.comfyui.downloads import ResultFile
    from core.jobs.models import Job

log = get_logger(__name__)

_PICTURES = (MediaKind.IMAGE, MediaKind.ANIMATION)
GONE = phrase("That picture is no longer kept here; send it with a slash command instead.")
_NOT_NOW = phrase("Discord does not hand over that picture just now; try again in a minute.")


def pictures_of(job: Job) -> list[ResultFile]:
    """The pictures among its files, in order: what an index in a custom id counts."""
    return [file for file in (job.result.files if job.result is not None else ()) if file.kind in _PICTURES]


def refuse_when_gone(interaction: discord.Interaction[Any], job: Job, index: int) -> None:
    """Raise `UserError` when a picture can be neither on disk nor in a message; Discord is not asked."""
    file = _file(job, index)
    shown = interaction.message
    if file.path.is_file() or (shown is not None and _posted(job, file, shown) is not None):
        return
    if not _elsewhere(interaction, job):
        raise UserError(GONE)


async def picture_of(interaction: discord.Interaction[Any], job: Job, index: int) -> Path | Shown:
    """One picture of a job: its file, else what the message shows that was clicked on, or the job's own.

    Raises:
        UserError: it is nowhere any more, or Discord does not say.
    """
    file = _file(job, index)
    if file.path.is_file():
        return file.path
    shown = interaction.message
    if shown is not None and (found := _posted(job, file, shown)) is not None:
        return found
    return await _fetched(interaction.client, job, file, _elsewhere(interaction, job))


async def _fetched(bot: ComfyUIBot, job: Job, file: ResultFile, message_ids: Iterable[int]) -> Shown:
    """As one of the messages shows it now: the addresses of attachments expire."""
    assert job.origin is not None
    channel = bot.get_partial_messageable(job.origin.channel_id, guild_id=job.origin.guild_id)
    answered = True
    for message_id in message_ids:
        try:
            message = await channel.fetch_message(message_id)
        except NOT_TAKEN as exc:
            log.info("message not fetched", job=job.id, message=message_id, detail=repr(exc))
            answered &= not passes(exc)
            continue
        if (found := _posted(job, file, message)) is not None:
            return found
    raise UserError(GONE if answered else _NOT_NOW)


def _file(job: Job, index: int) -> ResultFile:
    pictures = pictures_of(job)
    if index >= len(pictures):
        raise UserError(GONE)
    return pictures[index]


def _posted(job: Job, file: ResultFile, message: discord.Message) -> Shown | None:
    """What was posted of a file; how it is encoded, and with it the extension, may be another by then."""
    assert job.result is not None
    stem = f"{prefix_of(job.id)}{job.result.files.index(file) + 1}"
    return next((posted for posted in shown_in(message) if stem_of(posted.filename) == stem), None)


def _elsewhere(interaction: discord.Interaction[Any], job: Job) -> list[int]:
    """The messages of the job beside the one that was clicked on."""
    if job.origin is None:
        return []
    shown = interaction.message.id if interaction.message is not None else None
    return [id for id in (job.origin.message_id, *job.messages) if id is not None and id != shown]
