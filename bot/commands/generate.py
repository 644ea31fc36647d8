"""/generate: from a prompt to a picture, through a form or at once."""

# Ranges are the workflows', known when the bot starts: annotations are evaluated there and then, not postponed.
# pyright: reportInvalidTypeForm=false

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.attachments import check_picture, upload
from bot.choices import best_matches, choice_value, find_name
from bot.draft import Draft
from bot.errors import UserError
from bot.lists import known_loras, worded
from bot.options import SeedOption, span
from bot.submission import refuse_when_limited, submit
from bot.target import acknowledge
from bot.ui.embeds import one_line

if TYPE_CHECKING:
    from bot.client import ComfyUIBot

Choices = list[app_commands.Choice[str]]


async def generate_command_handler(
    bot: "ComfyUIBot",
    interaction: discord.Interaction[Any],
    prompt: str,
    *,
    workflow: str | None = None,
    lora: str | None = None,
    lora_strength: float | None = None,
    image: discord.Attachment | None = None,
    **values: Any,
) -> None:
    """Handle ``/generate``: with a workflow named it starts at once, else it opens the form.

    Args:
        values: parameters of the workflow (width, steps, …); None where the user gave none.
    """
    from bot.ui.view import SetupView

    await acknowledge(interaction)
    name = _workflow_name(bot, workflow)
    if workflow is not None:
        refuse_when_limited(bot, interaction.user.id)
        if lora_strength is not None and lora is None:
            raise UserError("A LoRA strength needs a LoRA; name one as well.")
    loras = await known_loras(bot) if lora or workflow is None else []
    draft = Draft(
        prompt=prompt,
        workflow=name,
        values={name: value for name, value in values.items() if value is not None},
        lora=find_name(lora, loras, kind="LoRA") if lora and loras else lora,
        lora_strength=lora_strength,
    )
    if image is not None:
        check_picture(bot, image)
        draft = replace(draft, images=(await upload(bot, image),))
    if workflow is None:
        await SetupView(bot, interaction, draft, loras).open()
    else:
        await submit(interaction, draft)


def register(bot: "ComfyUIBot") -> None:
    limits = [workflow.limits for workflow in worded(bot)]
    prompt_type, negative_type = span("prompt", str, limits), span("negative_prompt", str, limits)
    width_type, height_type = span("width", int, limits), span("height", int, limits)
    steps_type, batch_type = span("steps", int, limits), span("batch_size", int, limits)
    cfg_type, strength_type = span("cfg", float, limits), span("lora_strength", float, limits)

    @bot.tree.command(name="generate", description="Make a picture from words")
    @app_commands.describe(
        prompt="what to make",
        negative_prompt="what to keep out",
        workflow="starts at once with this workflow",
        lora="a LoRA to use",
        lora_strength="how strongly it acts",
        width="in pixels",
        height="in pixels",
        steps="sampling steps",
        cfg="how closely the prompt is followed",
        seed="repeats a picture; -1 draws one",
        batch_size="how many pictures",
        image="a picture to start from",
    )
    async def generate(
        interaction: discord.Interaction,
        prompt: prompt_type,
        negative_prompt: negative_type | None = None,
        workflow: str | None = None,
        lora: str | None = None,
        lora_strength: strength_type | None = None,
        width: width_type | None = None,
        height: height_type | None = None,
        steps: steps_type | None = None,
        cfg: cfg_type | None = None,
        seed: SeedOption | None = None,
        batch_size: batch_type | None = None,
        image: discord.Attachment | None = None,
    ) -> None:
        await generate_command_handler(
            bot,
            interaction,
            prompt,
            negative_prompt=negative_prompt,
            workflow=workflow,
            lora=lora,
            lora_strength=lora_strength,
            width=width,
            height=height,
            steps=steps,
            cfg=cfg,
            seed=seed,
            batch_size=batch_size,
            image=image,
        )

    @generate.autocomplete("workflow")
    async def complete_workflow(interaction: discord.Interaction, current: str) -> Choices:
        names = _labelled(bot)
        return [_choice(label, names[label]) for label in best_matches(current, list(names))]

    @generate.autocomplete("lora")
    async def complete_lora(interaction: discord.Interaction, current: str) -> Choices:
        return [_choice(name, name) for name in best_matches(current, await known_loras(bot))]


def _labelled(bot: "ComfyUIBot") -> dict[str, str]:
    """Label → name of every workflow that is offered; the name is added to a label that several have."""
    workflows = worded(bot)
    shared = Counter(one_line(workflow.label) for workflow in workflows)
    return {
        f"{label} ({workflow.name})" if shared[label := one_line(workflow.label)] > 1 else label: workflow.name
        for workflow in workflows
    }


def _workflow_name(bot: "ComfyUIBot", asked: str | None) -> str:
    """The workflow that is meant: by name or label; without one the configured one, else any.

    Raises:
        UserError: there is none of that name, or none at all.
    """
    labels = {workflow.name: workflow.label for workflow in bot.engine.workflows.available()}
    if asked is not None and labels:
        return find_name(asked, labels, kind="workflow", label=labels.__getitem__)
    names = [workflow.name for workflow in worded(bot)]
    if not names:
        raise UserError("No workflow can be used just now; ask the bot's owner to look at the log.")
    default = bot.config.generation.default_workflow
    return default if default in names else names[0]


def _choice(label: str, value: str) -> app_commands.Choice[str]:
    return app_commands.Choice(name=choice_value(label), value=choice_value(value))
