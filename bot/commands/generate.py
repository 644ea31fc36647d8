"""/generate: from a prompt to a picture, through a form or at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.attachments import Attachments, check_files, upload_files
from bot.choices import choice_value, names_of
from bot.draft import Draft
from bot.errors import UserError
from bot.lists import known_loras, preferred, worded
from bot.loras import complete_loras, parse_loras
from bot.options import ABOUT, PRIVATE, Complete, Option, make_command, private_option, setting, span, values_in
from bot.restriction import Place, refuse_elsewhere
from bot.submission import refuse_when_limited, submit
from bot.target import acknowledge
from bot.ui.embeds import one_line
from utils.language import phrase

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from core.comfyui.workflows.manager import Workflow

Choices = list[app_commands.Choice[str]]

#: The last options: where there are more than Discord takes, it is these that the form alone has.
_LAST = ("fps", "sampler", "scheduler")
#: Options for files, in their order, by kind.
_FILES = {
    "images": {
        "image": phrase("a picture to start from"),
        "image2": phrase("a second picture"),
        "image3": phrase("a third picture"),
    },
    "masks": {"mask": phrase("a picture that says where to work")},
    "videos": {"video": phrase("a video to work on")},
    "audios": {"audio": phrase("a sound to work on")},
}
_NO_LORA = phrase("A LoRA strength needs a LoRA; name one as well.")
_NO_WORKFLOW = phrase("No workflow can be used just now; /workflows says why.")


async def generate_command_handler(
    bot: ComfyUIBot,
    interaction: discord.Interaction[Any],
    prompt: str,
    *,
    workflow: str | None = None,
    lora: str | None = None,
    lora_strength: float | None = None,
    image: discord.Attachment | None = None,
    attachments: Attachments | None = None,
    private: bool = False,
    **values: Any,
) -> None:
    """Handle ``/generate``: with a workflow named it starts at once, else it opens the form.

    Args:
        lora: one or several, as `bot.loras` reads them.
        lora_strength: of those that have none of their own.
        image: the first picture.
        attachments: other files, by kind.
        private: nobody else sees anything of it.
        values: parameters of the workflow (width, steps, …); None where the user gave none.
    """
    from bot.ui.view import SetupView

    await acknowledge(interaction, ephemeral=private)
    name = _workflow_name(bot, workflow, interaction)
    if workflow is not None:
        refuse_elsewhere(interaction, name)
        refuse_when_limited(bot, interaction.user.id)
        if lora_strength is not None and lora is None:
            raise UserError(_NO_LORA)
    loras = await known_loras(bot) if lora or workflow is None else []
    draft = Draft(
        prompt=prompt,
        workflow=name,
        values={name: value for name, value in values.items() if value is not None},
        loras=parse_loras(lora or "", names_of(loras)) or None,
        lora_strength=lora_strength,
    )
    sent = dict(attachments or {})
    if image is not None:
        sent["images"] = [image, *sent.get("images", ())]
    check_files(bot, sent)
    if workflow is not None:
        # What can't be run is refused before anything is fetched and uploaded.
        placeholders = {kind: tuple("?" for _ in files) for kind, files in sent.items()}
        replace(draft, **placeholders).request(bot.engine.workflows.get(name))
    draft = replace(draft, **await upload_files(bot, sent))
    if workflow is None:
        now = replace(draft, workflow=_workflow_name(bot, None, interaction))  # that one may have gone in the meantime
        await SetupView(bot, interaction, now, loras).open()
    else:
        await submit(interaction, draft)


def register(bot: ComfyUIBot) -> None:
    """Add the command, with an option for whatever one of the workflows can be told."""

    async def run(interaction: discord.Interaction[Any], **given: Any) -> None:
        values, private = values_in(given), bool(given.pop(PRIVATE, False))
        files = {
            kind: [file for name in names if (file := given.pop(name, None)) is not None]
            for kind, names in _FILES.items()
        }
        attachments = {kind: sent for kind, sent in files.items() if sent}
        await generate_command_handler(bot, interaction, attachments=attachments, private=private, **values, **given)

    bot.tree.add_command(make_command("generate", phrase("Make a picture from words"), run, _options(bot)))


def _options(bot: ComfyUIBot) -> list[Option]:
    workflows = worded(bot)
    limits = [workflow.limits for workflow in workflows]

    async def complete_workflow(interaction: discord.Interaction[Any], current: str) -> Choices:
        names = _labelled(worded(bot, interaction))
        return [_choice(label, names[label]) for label in names_of(names).matches(current)]

    async def complete_lora(interaction: discord.Interaction[Any], current: str) -> Choices:
        chosen = _chosen(bot, interaction)
        names = await known_loras(bot, chosen[0] if len(chosen) == 1 else None)
        return [_choice(text, text) for text in complete_loras(current, names_of(names))]

    def complete_choices(parameter: str) -> Complete:
        async def complete(interaction: discord.Interaction[Any], current: str) -> Choices:
            names = dict.fromkeys(
                str(choice) for workflow in _chosen(bot, interaction) for choice in workflow.limits[parameter].choices
            )
            return [_choice(name, name) for name in names_of(names).matches(current)]

        return complete

    found: list[Option | None] = [
        Option("prompt", phrase("what to make"), span("prompt", str, limits), required=True),
        Option("workflow", phrase("starts at once with this workflow"), str, complete=complete_workflow),
    ]
    if any("loras" in workflow.supported for workflow in workflows):
        strength = span("lora_strength", float, limits)
        found += [
            Option("lora", phrase("a LoRA to use, or several: name:0.8, other"), str, complete=complete_lora),
            Option("lora_strength", phrase("strength of the LoRA, and of all named without one"), strength),
        ]
    files = list[Option]()
    for kind, names in _FILES.items():
        room = max((workflow.bindings.room_for(kind) for workflow in workflows), default=0)
        files += [Option(name, about, discord.Attachment) for name, about in list(names.items())[:room]]
    settings = dict[str, Option | None]()
    for name in ABOUT:
        listed = any(limit[name].choices and limit[name].kind is str for limit in limits)
        settings[name] = setting(name, workflows, complete=complete_choices(name) if listed else None)
    last = [settings.pop(name) for name in _LAST]
    found += [private_option(), *files[:1], *settings.values(), *files[1:], *last]
    return [option for option in found if option is not None]


def _chosen(bot: ComfyUIBot, interaction: discord.Interaction[Any]) -> list[Workflow]:
    """The workflow that was named in the options so far; all of them when none was."""
    asked = getattr(interaction.namespace, "workflow", None)
    workflows = worded(bot, interaction)
    return [w for w in workflows if asked in (w.name, choice_value(w.name), w.label)] or workflows


def _labelled(workflows: Sequence[Workflow]) -> dict[str, str]:
    """Label → name of workflows; the name is added to a label that several have."""
    shared = Counter(one_line(workflow.label) for workflow in workflows)
    return {
        f"{label} ({workflow.name})" if shared[label := one_line(workflow.label)] > 1 else label: workflow.name
        for workflow in workflows
    }


def _workflow_name(bot: ComfyUIBot, asked: str | None, at: Place) -> str:
    """The workflow that is meant: by name or label; without one the configured one, else any.

    One that can't be used is found as well: what it is asked for then says why.

    Raises:
        UserError: there is none of that name, or none at all.
    """
    entries = bot.engine.library.entries()
    labels = {entry.name: entry.workflow.label if entry.workflow else entry.name for entry in entries}
    if asked is not None and labels:
        return names_of(labels).find(asked, kind="workflow", label=labels.__getitem__)
    workflow = preferred(bot, worded(bot, at))
    if workflow is None:
        raise UserError(_NO_WORKFLOW)
    return workflow.name


def _choice(label: str, value: str) -> app_commands.Choice[str]:
    return app_commands.Choice(name=choice_value(label), value=choice_value(value))
