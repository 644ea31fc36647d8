""" "Edit image…", "Upscale image" and "Animate image…"."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import discord

from bot.actions import ACTIONS, require_workflow, start, workflows_for
from bot.clicks import one_job
from bot.errors import UserError
from bot.menus.subject import Subject
from bot.target import acknowledge
from utils.language import phrase

if TYPE_CHECKING:
    from bot.client import ComfyUIBot

EDITS = ("editflux", "editqwen")
_CHANGED = phrase("The workflows have changed since; open the menu of the message again in a minute.")


def offered(*keys: str) -> Callable[[ComfyUIBot], bool]:
    """Whether there is a workflow for one of these actions."""
    return lambda bot: any(workflows_for(bot, ACTIONS[key]) for key in keys)


def upscale_offered(bot: ComfyUIBot) -> bool:
    return 1 in workflows_for(bot, ACTIONS["upscale"])


async def upscale(interaction: discord.Interaction[ComfyUIBot], subject: Subject) -> None:
    """Start at once, with everything as the workflow has it."""
    require_workflow(interaction.client, ACTIONS["upscale"], at=interaction)
    await _at_once(interaction, "upscale", subject)


async def edit(interaction: discord.Interaction[ComfyUIBot], subject: Subject) -> None:
    """Show a form; where there are several models for it, one is chosen there."""
    from bot.menus.modals import EditModal, MessageModal

    able = {key: found for key in EDITS if (found := workflows_for(interaction.client, ACTIONS[key], interaction))}
    if not able:
        raise UserError(_CHANGED)
    job = await subject.job_to_go_on(interaction)
    if len(able) > 1:
        await EditModal(interaction, able, subject, job).open(interaction)
        return
    ((key, workflows),) = able.items()
    await MessageModal.on(interaction, ACTIONS[key], workflows, subject, job).open(interaction)


async def animate(interaction: discord.Interaction[ComfyUIBot], subject: Subject) -> None:
    """Show the form, or start where there is nothing to ask."""
    from bot.menus.modals import MessageModal
    from bot.ui.modals import asked_for

    action = ACTIONS["animate"]
    workflows = workflows_for(interaction.client, action, interaction)
    if not workflows:
        raise UserError(_CHANGED)
    if max(workflows) == 1 and not asked_for(action, workflows[1]):
        await _at_once(interaction, "animate", subject)
        return
    job = await subject.job_to_go_on(interaction)
    await MessageModal.on(interaction, action, workflows, subject, job).open(interaction)


async def _at_once(interaction: discord.Interaction[ComfyUIBot], key: str, subject: Subject) -> None:
    click = f"{key}:m:{subject.id}"
    async with one_job(interaction, None, click):
        job = await subject.job_to_go_on(interaction)
        await acknowledge(interaction)
        await start(interaction, ACTIONS[key], subject.picture(job), parent=job, click=click)
