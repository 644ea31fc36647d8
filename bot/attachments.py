"""Pictures that users send: checked before they are fetched, fetched after the user has an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.errors import UserError
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


async def upload_picture(bot: ComfyUIBot, attachment: discord.Attachment) -> str:
    """Bring a checked attachment to ComfyUI; its name there.

    Raises:
        UserError: Discord no longer has it.
        ComfyUIError: the server does not take it.
    """
    try:
        data = await attachment.read()
    except discord.HTTPException as exc:
        raise UserError("The picture could not be fetched from Discord; send it again.", detail=repr(exc)) from exc
    return await bot.engine.generator.upload(data)
