"""Everything that is known of how something was made, to be read and copied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import discord

from bot.ui.embeds.colours import COLOUR_RUNNING
from bot.ui.embeds.texts import clip, fitting, one_line, plain, tail

_TITLE, _FOOTER, _VALUE, _FACT, _LIST = 100, 150, 60, 200, 500
#: Characters of the texts that are shown; all together an embed has 6000.
_TEXTS = (1600, 600, 300)
_FENCE = "```"
_BROKEN_FENCE = "`\u200b``"


@dataclass(frozen=True, slots=True)
class Info:
    """What is told. Whatever does not go into the embed is in `info_document`.

    Attributes:
        texts: heading → text, at most three.
        seed: on its own, since it is what a picture is repeated with.
        settings: name → value, at most 15.
        lists: heading → names, at most two: LoRAs, model files.
        facts: name → markdown of ours, at most four: when, how long, by whom, from what.
        source: where all this is known from.
    """

    title: str
    source: str
    texts: Mapping[str, str] = field(default_factory=dict)
    seed: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)


def info(told: Info) -> discord.Embed:
    """As an embed; texts and the seed as code, which Discord's clients copy with one touch."""
    shown = [_block(name, text, most) for (name, text), most in zip(told.texts.items(), _TEXTS, strict=False)]
    if told.seed:
        shown.append(_block("Seed", told.seed, _VALUE))
    embed = discord.Embed(
        title=plain(one_line(told.title), _TITLE), description="\n".join(shown) or None, colour=COLOUR_RUNNING
    )
    for name, value in told.settings.items():
        embed.add_field(name=name, value=plain(one_line(value), _VALUE))
    for name, names in told.lists.items():
        if names:
            embed.add_field(name=name, value=fitting(_lines(names), _LIST), inline=False)
    for name, value in told.facts.items():
        embed.add_field(name=name, value=clip(value, _FACT))
    embed.set_footer(text=clip(one_line(told.source), _FOOTER))  # a footer knows no markdown
    return embed


def info_document(told: Info) -> str | None:
    """All of it as plain text, where the embed leaves something out; None where it does not."""
    texts = zip(told.texts.values(), _TEXTS, strict=False)
    whole = all(len(text) <= most and _FENCE not in text for text, most in texts) and len(told.texts) <= len(_TEXTS)
    whole = whole and all(len(value) <= _VALUE for value in told.settings.values())
    if whole and all(len("\n".join(_lines(names))) <= _LIST for names in told.lists.values()):
        return None
    parts = [f"{name}\n{text}" for name, text in told.texts.items()]
    values = {"Seed": told.seed, **told.settings} if told.seed else told.settings
    parts.append("\n".join(f"{name}: {value}" for name, value in values.items()))
    parts += ["\n".join((name, *names)) for name, names in told.lists.items() if names]
    return "\n\n".join(part for part in (told.title, *parts) if part) + "\n"


def _block(name: str, text: str, most: int) -> str:
    return f"**{name}**\n{_FENCE}\n{clip(text.replace(_FENCE, _BROKEN_FENCE), most)}\n{_FENCE}"


def _lines(names: tuple[str, ...]) -> list[str]:
    return [f"`{tail(name.replace('`', chr(39)), _LIST - 2)}`" for name in names]
