"""Slash commands of options that are known at run time only."""

from __future__ import annotations

from typing import Any

import discord

from bot.options import MAX_OPTIONS, Option, make_command


async def nothing(interaction: discord.Interaction[Any], **given: Any) -> None:
    """A command that does nothing."""


def test_required_options_come_first_and_no_more_than_discord_takes() -> None:
    options = [Option(f"option{number}", "about", str, required=number == 3) for number in range(MAX_OPTIONS + 5)]
    command = make_command("many", "Many options", nothing, options)
    names = [parameter.name for parameter in command.parameters]
    assert len(names) == MAX_OPTIONS
    assert names[:2] == ["option3", "option0"]
    assert names[-1] == f"option{MAX_OPTIONS - 1}"
    assert [parameter.required for parameter in command.parameters][:2] == [True, False]
