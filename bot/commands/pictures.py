"""What the commands that work on pictures share: their options are what their workflows can be told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import discord

from bot.actions import ACTIONS, Action, start, workflows_for
from bot.attachments import check_files
from bot.options import ABOUT, PRIVATE, Option, make_command, private_option, setting, span, values_in
from bot.target import acknowledge
from utils.language import phrase

if TYPE_CHECKING:
    from bot.client import ComfyUIBot

Handler = Callable[..., Awaitable[None]]

_NUMBERED = (
    ("image", phrase("a picture to work on")),
    ("image2", phrase("a second picture")),
    ("image3", phrase("a third picture")),
)


def handler_of(action: str) -> Handler:
    """The handler of a command that starts an action on the pictures that are given, in their order.

    It takes the bot, the interaction, a picture, the prompt and further pictures; ``private`` for an answer of which
    nobody else sees anything; and parameters of the action's workflow, None where the user gave none. The workflow is
    chosen by the number of pictures.
    """

    async def handle(
        bot: ComfyUIBot,
        interaction: discord.Interaction[Any],
        image: discord.Attachment,
        prompt: str | None = None,
        *more: discord.Attachment | None,
        private: bool = False,
        **values: Any,
    ) -> None:
        await acknowledge(interaction, ephemeral=private)
        given = [picture for picture in (image, *more) if picture is not None]
        check_files(bot, {"images": given})
        chosen = {name: value for name, value in values.items() if value is not None}
        await start(interaction, ACTIONS[action], *given, prompt=prompt or "", values=chosen)

    return handle


def register_action(bot: ComfyUIBot, name: str, about: str, handler: Handler, *, prompt: str, required: bool) -> None:
    """Add the command of an action that a workflow is there for, with the options that it has.

    Args:
        about: what the command is for.
        handler: as `handler_of` makes it.
        prompt: what the option of that name says.
        required: whether there is nothing to do without words.
    """
    options = _options(bot, ACTIONS[name], prompt, required=required)
    if not options:
        return

    async def run(interaction: discord.Interaction[Any], **given: Any) -> None:
        values, private = values_in(given), bool(given.get(PRIVATE))
        image, *more = (given.get(name) for name, _ in _NUMBERED)
        await handler(bot, interaction, image, given.get("prompt"), *more, private=private, **values)

    bot.tree.add_command(make_command(name, about, run, options))


def _options(bot: ComfyUIBot, action: Action, prompt: str, *, required: bool) -> list[Option]:
    """Empty when there is no workflow for the action."""
    found = workflows_for(bot, action)
    workflows = list(found.values())
    if not workflows:
        return []
    names = _NUMBERED[: max(found)]
    options = [Option(n, a, discord.Attachment, required=at < min(found)) for at, (n, a) in enumerate(names)]
    worded = [workflow.limits for workflow in workflows if "prompt" in workflow.supported]
    if worded:
        options.append(Option("prompt", prompt, span("prompt", str, worded), required=required))
    first = [name for name in action.parameters if name in ABOUT]
    own, others = ([setting(name, workflows) for name in names] for names in (first, [*ABOUT]))
    listed = {option.name: option for option in (*own, private_option(), *others) if option is not None}
    return [*options, *listed.values()]
