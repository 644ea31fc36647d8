"""What there is: LoRAs, workflows, commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import discord

from bot.ui.embeds.colours import COLOUR_RUNNING, COLOUR_WARNING
from bot.ui.embeds.texts import DESCRIPTION_LIMIT, clip, fitting, one_line, plain, tail


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
    found = f' matching "{one_line(clip(search, 100))}"' if search else ""
    listing = "\n".join(_lora(name, words.get(name, ())) for name in names)
    embed = discord.Embed(
        title="LoRAs",
        description=clip(listing, DESCRIPTION_LIMIT) or plain(f"There are none{found}.", DESCRIPTION_LIMIT),
        colour=COLOUR_RUNNING,
    )
    embed.set_footer(text=f"{total}{found} · page {page + 1} of {pages}")  # a footer knows no markdown
    return embed


def _lora(name: str, words: Sequence[str]) -> str:
    shown = f"`{tail(name.replace('`', chr(39)), 150)}`"
    return f"{shown}\n-# Trigger words: {plain(', '.join(words), 300)}" if words else shown


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
        title="Workflows",
        description=None if rows else "There are none; save one into the bot's workflows folder.",
        colour=COLOUR_RUNNING if all(row.ready for row in rows) else COLOUR_WARNING,
    )
    for row in rows:
        kind = f" · {row.kind}" if row.kind else ""
        told = [", ".join(row.inputs)] if row.inputs else []
        state = "" if row.ready else "Can't run. "
        wrong = [f"{state}{row.problem}"] if row.problem else []
        embed.add_field(
            name=plain(one_line(f"{row.label}{kind}"), 256),
            value=plain("\n".join([*told, *wrong]) or row.name, 500),
            inline=False,
        )
    embed.set_footer(text=f"{total} · page {page + 1} of {pages}")
    return embed


def help_page(
    commands: Sequence[tuple[str, str]], menus: Sequence[tuple[str, str]], workflows: Sequence[tuple[str, str]]
) -> discord.Embed:
    """Commands, entries in the menus of messages, and workflows, each with a line about it."""
    embed = discord.Embed(
        title="DisComfy",
        description="Type /generate with a prompt, choose what you like, and press Generate.",
        colour=COLOUR_RUNNING,
    )
    for name, rows in (("Commands", commands), ("In the menu of a picture", menus), ("Workflows", workflows)):
        if rows:
            lines = [f"**{plain(one_line(title), 80)}** {plain(about, 120)}".strip() for title, about in rows]
            embed.add_field(name=name, value=fitting(lines, 1024), inline=False)
    return embed
