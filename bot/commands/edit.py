"""/editflux and /editqwen: change a picture by words."""

# Ranges are the workflow's, known when the bot starts: annotations are evaluated there and then, not postponed.
# pyright: reportInvalidTypeForm=false

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.actions import ACTIONS, Action, start, workflow_for
from bot.attachments import check_picture
from bot.options import SeedOption, span
from bot.target import acknowledge

if TYPE_CHECKING:
    from bot.client import ComfyUIBot


async def editflux_command_handler(
    bot: "ComfyUIBot", interaction: discord.Interaction[Any], image: discord.Attachment, prompt: str, **values: Any
) -> None:
    """Handle ``/editflux``; ``values`` are parameters of its workflow, None where the user gave none."""
    await _edit(bot, interaction, ACTIONS["editflux"], image, prompt, values)


async def editqwen_command_handler(
    bot: "ComfyUIBot", interaction: discord.Interaction[Any], image: discord.Attachment, prompt: str, **values: Any
) -> None:
    """Handle ``/editqwen``, as `editflux_command_handler` does its own."""
    await _edit(bot, interaction, ACTIONS["editqwen"], image, prompt, values)


async def _edit(
    bot: "ComfyUIBot",
    interaction: discord.Interaction[Any],
    action: Action,
    image: discord.Attachment,
    prompt: str,
    values: dict[str, Any],
) -> None:
    await acknowledge(interaction)
    check_picture(bot, image)
    chosen = {name: value for name, value in values.items() if value is not None}
    await start(interaction, action, image, prompt=prompt, values=chosen)


def register(bot: "ComfyUIBot") -> None:
    """Add the edits that a workflow is there for."""
    for name, handler in (("editflux", editflux_command_handler), ("editqwen", editqwen_command_handler)):
        workflow = workflow_for(bot, ACTIONS[name])
        if workflow is not None:
            bot.tree.add_command(_command(bot, name, handler, workflow.limits))


def _command(bot: "ComfyUIBot", name: str, handler: Any, limits: Any) -> app_commands.Command[Any, Any, Any]:
    prompt_type, steps_type = span("prompt", str, [limits]), span("steps", int, [limits])

    @app_commands.command(name=name, description=f"{ACTIONS[name].title}: change a picture by words")
    @app_commands.describe(
        image="the picture to change", prompt="what to change", steps="sampling steps", seed="-1 draws one"
    )
    async def edit(
        interaction: discord.Interaction,
        image: discord.Attachment,
        prompt: prompt_type,
        steps: steps_type | None = None,
        seed: SeedOption | None = None,
    ) -> None:
        await handler(bot, interaction, image, prompt, steps=steps, seed=seed)

    return edit
