"""Files that users send: checked before they are fetched, fetched after the user has an answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol
from uuid import uuid4

import aiohttp
import discord

from bot.errors import UserError
from bot.originals import GONE
from core.exceptions import ValidationError
from utils.language import phrase
from utils.threads import give_way

if TYPE_CHECKING:
    from bot.client import ComfyUIBot

Attachments = Mapping[str, Sequence[discord.Attachment]]
"""Kind (images, masks, videos, audios) → what was attached, in order."""


class Remote(Protocol):
    """A file that Discord has, such as an attachment."""

    @property
    def filename(self) -> str: ...

    @property
    def url(self) -> str: ...


#: Seconds that Discord may take to hand over one file.
_PATIENCE, _CONNECT_PATIENCE = 45.0, 10.0
_CHUNK = 256 * 1024
_MEGABYTE = 1024 * 1024
_NOT_FETCHED = phrase("The file could not be fetched from Discord; send it again.")
_TOO_SLOW = phrase("Discord takes too long to hand over the file; send it again.")
_NOT_STORED = phrase("The file could not be stored; ask the bot's owner to look at its disk.")
_UNFIT = phrase("That file can't be used.")

#: A picture takes its pixels' memory while it is looked at: never more than two of them.
_INSPECTORS = ThreadPoolExecutor(2, thread_name_prefix="inspect", initializer=give_way)


def check_files(bot: ComfyUIBot, attachments: Attachments) -> None:
    """Refuse what is not of its kind or too large, by what Discord says of it.

    Raises:
        ValidationError: the sentence says why.
    """
    from core.validators.image import VALIDATORS

    for kind, sent in attachments.items():
        validator = VALIDATORS[kind](bot.config.security.max_image_mb)
        for attachment in sent:
            verdict = validator.validate(attachment)
            if not verdict.is_valid:
                raise ValidationError(verdict.error_message or _UNFIT, kind)


async def upload_files(bot: ComfyUIBot, attachments: Attachments) -> dict[str, tuple[str, ...]]:
    """Bring attachments that were checked to ComfyUI; kind → their names there. Raises as `upload` does."""
    return {kind: tuple([await upload(bot, one, kind) for one in sent]) for kind, sent in attachments.items() if sent}


async def upload(bot: ComfyUIBot, file: Path | Remote, kind: str = "images") -> str:
    """Bring a kept file, or one that Discord has, to ComfyUI; its name there.

    The latter passes through a file of its own in the folder of results.

    Raises:
        UserError: Discord does not give it, or it is no longer kept.
        ValidationError: its content is not what it was sent as.
        ComfyUIError: the server does not take it.
    """
    if isinstance(file, Path):
        return await _upload_kept(bot, file)
    async with fetched(bot, file, kind) as part:
        extension = await _inspect(bot, part, kind)
        return await bot.engine.generator.upload(part, extension=extension)


@asynccontextmanager
async def fetched(bot: ComfyUIBot, file: Remote, kind: str) -> AsyncIterator[Path]:
    """What Discord has of a file, on disk as long as the block lasts, unseen and unchanged.

    Raises:
        UserError: Discord does not give it, or the disk does not take it.
        ValidationError: it is larger than the configuration allows.
    """
    part = Path(bot.config.storage.outputs) / f".{uuid4().hex}.part"
    try:
        await _fetch(bot, file, part, kind)
        yield part
    except OSError as exc:
        raise UserError(_NOT_STORED, detail=repr(exc)) from exc
    finally:
        part.unlink(missing_ok=True)


async def _upload_kept(bot: ComfyUIBot, file: Path) -> str:
    with bot.engine.retention.hold(file):
        try:
            return await bot.engine.generator.upload(file, extension=file.suffix)
        except FileNotFoundError as exc:
            raise UserError(GONE, detail=repr(exc)) from exc


async def _inspect(bot: ComfyUIBot, part: Path, kind: str) -> str:
    from core.validators.media import inspect_file

    look = partial(inspect_file, kind, part, max_megapixels=bot.config.security.max_megapixels)
    return await asyncio.get_running_loop().run_in_executor(_INSPECTORS, look)


async def _fetch(bot: ComfyUIBot, attachment: Remote, part: Path, kind: str) -> None:
    part.parent.mkdir(parents=True, exist_ok=True)
    with part.open("wb") as file:
        try:
            async with asyncio.timeout(_PATIENCE):
                await _stream(bot, attachment.url, file, kind)
        except TimeoutError as exc:
            raise UserError(_TOO_SLOW, detail=attachment.filename) from exc
        except (aiohttp.ClientError, ConnectionError) as exc:
            raise UserError(_NOT_FETCHED, detail=f"{attachment.filename}: {type(exc).__name__}") from exc


async def _stream(bot: ComfyUIBot, url: str, file: IO[bytes], kind: str) -> None:
    """Write what is there to ``file``, as far as it is allowed to be large: what Discord said may not be so."""
    from core.validators.image import VALIDATORS

    most = bot.config.security.max_image_mb
    size = 0
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_PATIENCE)
    async with (
        aiohttp.ClientSession(timeout=timeout, raise_for_status=True) as session,
        session.get(url, proxy=bot.http.proxy, proxy_auth=bot.http.proxy_auth) as response,
    ):
        async for chunk in response.content.iter_chunked(_CHUNK):
            size += len(chunk)
            if size > most * _MEGABYTE:
                raise ValidationError(VALIDATORS[kind](most).oversized, kind)
            file.write(chunk)
