"""Pictures that users send: checked before they are fetched, fetched after the user has an answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import discord

from bot.errors import NOT_TAKEN, UserError
from core.exceptions import ValidationError

if TYPE_CHECKING:
    from bot.client import ComfyUIBot


def check_picture(bot: ComfyUIBot, attachment: discord.Attachment) -> None:
    """Refuse what is no picture or too large, by what Discord says of it.

    Raises:
        ValidationError: the sentence says why.
    """
    from core.validators.image import ImageValidator

    verdict = ImageValidator(bot.config.security.max_image_mb).validate(attachment)
    if not verdict.is_valid:
        raise ValidationError(verdict.error_message or "That is no picture.", "image")


async def upload(bot: ComfyUIBot, picture: Path | discord.Attachment) -> str:
    """Bring a kept picture, or an attachment that was checked, to ComfyUI; its name there.

    Raises:
        UserError: Discord no longer has it.
        ComfyUIError: the server does not take it.
    """
    data = picture if isinstance(picture, Path) else await _fetched(picture)
    return await bot.engine.generator.upload(data)


async def _fetched(attachment: discord.Attachment) -> bytes:
    try:
        return await attachment.read()
    except NOT_TAKEN as exc:
        raise UserError("The picture could not be fetched from Discord; send it again.", detail=repr(exc)) from exc
