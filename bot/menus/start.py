""" "Use as start…": the form of /generate with a picture in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.menus.subject import Subject
from bot.starts import require_start_workflow, start_workflow

if TYPE_CHECKING:
    from bot.client import ComfyUIBot


def offered(bot: ComfyUIBot) -> bool:
    return start_workflow(bot, None) is not None


async def act(interaction: discord.Interaction[ComfyUIBot], subject: Subject) -> None:
    """Ask for the words, which a form of its own takes: the one of /generate has no room for them."""
    from bot.menus.modals import StartModal

    job = await subject.job_to_go_on(interaction)
    workflow = require_start_workflow(interaction, job)
    await StartModal(interaction, workflow, subject, job).open(interaction)
