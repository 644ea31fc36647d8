""" "Image info": how a picture was made, from our record or from the file itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.information import tell_of_file, tell_of_job
from bot.menus.subject import Subject
from bot.target import acknowledge

if TYPE_CHECKING:
    from bot.client import ComfyUIBot


def offered(bot: ComfyUIBot) -> bool:
    return True


async def act(interaction: discord.Interaction[ComfyUIBot], subject: Subject) -> None:
    await acknowledge(interaction, ephemeral=True)
    job = await subject.job(interaction)
    if job is not None:
        await tell_of_job(interaction, job)
    else:
        await tell_of_file(interaction, subject.file, subject.file.kind)
