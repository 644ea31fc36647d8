"""The files that a message shows, whoever wrote it, and which of them are results of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import discord

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from core.jobs.models import Job

_OURS = re.compile(r"(?:SPOILER_)?discomfy_(?P<id>[0-9a-f]{8})_(?P<number>[0-9]{1,4})\.\w+")
_PICTURES = ("png", "jpg", "jpeg", "webp", "gif", "bmp", "avif")
_VIDEOS = ("mp4", "mov", "webm", "mkv")
_OF_DISCORD = (".discordapp.com", ".discordapp.net")
#: Jobs whose ids begin alike, of which one is looked for.
_ALIKE = 10


@dataclass(frozen=True, slots=True)
class Shown:
    """A file in a message.

    Attributes:
        url: at Discord's; it expires.
        kind: ``images`` or ``videos``.
    """

    filename: str
    url: str
    kind: str


@dataclass(frozen=True, slots=True)
class Source:
    """A message as it was when something was asked of its files."""

    channel_id: int
    message_id: int
    author_id: int
    files: tuple[Shown, ...]

    @classmethod
    def of(cls, message: discord.Message) -> Source:
        return cls(message.channel.id, message.id, message.author.id, tuple(shown_in(message)))


def shown_in(message: discord.Message) -> list[Shown]:
    """The pictures and videos of a message: what is attached, then what embeds show, each once.

    Discord lists an attached file under the embed that shows it alone. What an embed shows from elsewhere is taken
    from Discord's copy: an address that somebody wrote down is never asked.
    """
    found = {file.url: file for file in (*_attached(message), *_embedded(message))}
    named: dict[str, Shown] = {}
    for file in found.values():
        named.setdefault(urlsplit(file.url).path, file)
    return list(named.values())


def _attached(message: discord.Message) -> Iterator[Shown]:
    for file in message.attachments:
        kind = _kind(file.filename, file.content_type)
        if kind is not None:
            yield Shown(file.filename, file.url, kind)


def _embedded(message: discord.Message) -> Iterator[Shown]:
    for embed in message.embeds:
        media = embed.image if embed.image or embed.type != "image" else embed.thumbnail
        url = next((url for url in (media.url, media.proxy_url) if url and _is_discords(url)), None)
        if url is not None:
            name = unquote(PurePosixPath(urlsplit(url).path).name)
            yield Shown(name, url, "images")


def _kind(filename: str, content_type: str | None) -> str | None:
    """What a file is, by its type where Discord tells it, else by its name."""
    extension = PurePosixPath(filename).suffix.lower().lstrip(".")
    family = content_type.partition("/")[0] if content_type else ""
    if family == "image" or (not family and extension in _PICTURES):
        return "images"
    return "videos" if family == "video" or (not family and extension in _VIDEOS) else None


def _is_discords(url: str) -> bool:
    """Whether it is one of Discord's own servers, or of the one that stands in for it."""
    if url.startswith(f"{discord.Asset.BASE}/"):
        return True
    parts = urlsplit(url)
    return parts.scheme == "https" and (parts.hostname or "").endswith(_OF_DISCORD)


async def job_of(bot: ComfyUIBot, source: Source, file: Shown) -> Job | None:
    """The job whose result a file is; None for what others posted.

    Raises:
        StoreError: the store does not say.
    """
    ours = _OURS.fullmatch(file.filename)
    if ours is None or bot.user is None or source.author_id != bot.user.id:
        return None
    found = await bot.engine.jobs.store.find(prefix=ours["id"], limit=_ALIKE)
    if len(found) > 1:
        found = [job for job in found if source.message_id in _messages(job)]
    return await bot.engine.jobs.get(found[0].id) if len(found) == 1 else None


def original_of(job: Job, file: Shown) -> Path | None:
    """What ComfyUI made, of a file that was posted for a job; None where it is not kept."""
    ours = _OURS.fullmatch(file.filename)
    files = job.result.files if job.result is not None else ()
    number = int(ours["number"]) if ours is not None else 0
    path = files[number - 1].path if 0 < number <= len(files) else None
    return path if path is not None and path.is_file() else None


def _messages(job: Job) -> tuple[int | None, ...]:
    return (*job.messages, job.origin.message_id if job.origin is not None else None)
