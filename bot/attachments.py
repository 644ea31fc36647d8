"""Files that users send: checked before they are fetched, fetched after the user has an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import discord

from bot.errors import NOT_TAKEN, UserError
from core.exceptions import ValidationError

if TYPE_CHECKING:
    from bot.client import ComfyUIBot

Attachments = Mapping[str, Sequence[discord.Attachment]]
"""Kind (images, masks, videos, audios) → what was attached, in order."""


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
                raise ValidationError(verdict.error_message or "That file can't be used.", kind)


async def upload_files(bot: ComfyUIBot, attachments: Attachments) -> dict[str, tuple[str, ...]]:
    """Bring attachments that were checked to ComfyUI; kind → their names there. Raises as `upload` does."""
    return {kind: tuple([await upload(bot, one) for one in sent]) for kind, sent in attachments.items() if sent}


async def upload(bot: ComfyUIBot, file: Path | discord.Attachment) -> str:
    """Bring a kept file, or an attachment that was checked, to ComfyUI; its name there.

    Raises:
        UserError: Discord no longer has it.
        ComfyUIError: the server does not take it.
    """
    name = file.name if isinstance(file, Path) else file.filename
    data = file if isinstance(file, Path) else await _fetched(file)
    return await bot.engine.generator.upload(data, extension=PurePath(name).suffix)


async def _fetched(attachment: discord.Attachment) -> bytes:
    try:
        return await attachment.read()
    except NOT_TAKEN as exc:
        raise UserError("The file could not be fetched from Discord; send it again.", detail=repr(exc)) from exc
