"""What there is: LoRAs, workflows, commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import discord

from bot.ui.embeds.colours import COLOUR_RUNNING, COLOUR_WARNING
from bot.ui.embeds.texts import DESCRIPTION_LIMIT, clip, fitting, one_line, page_of, plain, tail
from bot.ui.words import GENERATE
from utils.language import commas, phrase, say, together, told


def loras(
    names: Sequence[str],
    words: Mapping[str, Sequence[str]],
    *,
    page: int,
    pages: int,
    total: int,
    search: str | None,
) -> discord.Embed:
    """One page of the LoRA list; ``page`` counts from 0, ``words`` are what some of them answer to."""
    searched = one_line(clip(search, 100)) if search else ""
    none = say('There are no LoRAs matching "{search}".', search=searched) if searched else say("There are no LoRAs.")
    found = say('{n} matching "{search}"', n=total, search=searched) if searched else str(total)
    listing = "\n".join(_lora(name, words.get(name, ())) for name in names)
    if len(listing) > DESCRIPTION_LIMIT:  # no name is left out for words
        listing = "\n".join(_lora(name, ()) for name in names)
    embed = discord.Embed(
        title=say("LoRAs"),
        description=clip(listing, DESCRIPTION_LIMIT) or plain(none, DESCRIPTION_LIMIT),
        colour=COLOUR_RUNNING,
    )
    embed.set_footer(text=page_of(found, page, pages))  # a footer knows no markdown
    return embed


def _lora(name: str, words: Sequence[str]) -> str:
    shown = f"`{tail(name.replace('`', chr(39)), 150)}`"
    if not words:
        return shown
    return f"{shown}\n-# " + say("Trigger words: {words}", words=plain(", ".join(words), 300))


@dataclass(frozen=True, slots=True)
class WorkflowRow:
    """A workflow in a list: what it is called, what it can be told, and what is wrong with it."""

    label: str
    name: str
    kind: str
    inputs: tuple[str, ...]
    ready: bool
    problem: str | None


def workflows(rows: Sequence[WorkflowRow], *, page: int, pages: int, total: int) -> discord.Embed:
    """One page of the list of workflows; ``page`` counts from 0."""
    embed = discord.Embed(
        title=say("Workflows"),
        description=None if rows else say("There are no workflows; save one into the bot's workflows folder."),
        colour=COLOUR_RUNNING if all(row.ready for row in rows) else COLOUR_WARNING,
    )
    for row in rows:
        kind = f" · {told(row.kind)}" if row.kind else ""
        state = [] if row.ready else [phrase("Can't run.")]
        wrong = together([*state, row.problem]) if row.problem else ""
        lines = [told(text) for text in (commas(row.inputs), wrong) if text]
        embed.add_field(
            name=plain(one_line(f"{row.label}{kind}"), 256),
            value=plain("\n".join(lines) or row.name, 500),
            inline=False,
        )
    embed.set_footer(text=page_of(str(total), page, pages))
    return embed


def help_page(
    commands: Sequence[tuple[str, str]], menus: Sequence[tuple[str, str]], workflows: Sequence[tuple[str, str]]
) -> discord.Embed:
    """Commands, entries in the menus of messages, and workflows, each with a line about it."""
    embed = discord.Embed(
        title="DisComfy",
        description=say("Type /generate with a prompt, choose what you like, and press {button}.", button=GENERATE),
        colour=COLOUR_RUNNING,
    )
    lists = (
        (say("Commands"), commands),
        (say("In the menu of a picture"), menus),
        (say("Workflows"), workflows),
    )
    for name, rows in lists:
        if rows:
            lines = [f"**{plain(one_line(title), 80)}** {plain(about, 120)}".strip() for title, about in rows]
            embed.add_field(name=name, value=fitting(lines, 1024), inline=False)
    return embed
