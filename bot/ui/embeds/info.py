"""Everything that is known of how something was made, to be read and copied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import discord

from bot.ui.embeds.colours import COLOUR_RUNNING
from bot.ui.embeds.texts import FENCE, block, clip, fitting, one_line, plain, tail
from utils.language import phrase, told

_TITLE, _FOOTER, _VALUE, _FACT, _LIST = 100, 150, 60, 200, 500
#: Characters of the texts that are shown; all together an embed has 6000.
_TEXTS = (1600, 600, 300)
_SEED = phrase("Seed")


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


def info(known: Info) -> discord.Embed:
    """As an embed; texts and the seed as code, which Discord's clients copy with one touch."""
    shown = [block(name, text, most) for (name, text), most in zip(known.texts.items(), _TEXTS, strict=False)]
    if known.seed:
        shown.append(block(_SEED, known.seed, _VALUE))
    embed = discord.Embed(
        title=plain(one_line(known.title), _TITLE), description="\n".join(shown) or None, colour=COLOUR_RUNNING
    )
    for name, value in known.settings.items():
        embed.add_field(name=told(name), value=plain(one_line(value), _VALUE))
    for name, names in known.lists.items():
        if names:
            embed.add_field(name=told(name), value=fitting(_lines(names), _LIST), inline=False)
    for name, value in known.facts.items():
        embed.add_field(name=told(name), value=clip(value, _FACT))
    embed.set_footer(text=clip(one_line(known.source), _FOOTER))  # a footer knows no markdown
    return embed


def info_document(known: Info) -> str | None:
    """All of it as plain text, where the embed leaves something out; None where it does not."""
    texts = zip(known.texts.values(), _TEXTS, strict=False)
    whole = all(len(text) <= most and FENCE not in text for text, most in texts) and len(known.texts) <= len(_TEXTS)
    whole = whole and all(len(value) <= _VALUE for value in known.settings.values())
    if whole and all(len("\n".join(_lines(names))) <= _LIST for names in known.lists.values()):
        return None
    parts = [f"{told(name)}\n{text}" for name, text in known.texts.items()]
    values = {_SEED: known.seed, **known.settings} if known.seed else known.settings
    parts.append("\n".join(f"{told(name)}: {told(value)}" for name, value in values.items()))
    parts += ["\n".join((told(name), *map(told, names))) for name, names in known.lists.items() if names]
    return "\n\n".join(part for part in (told(known.title), *parts) if part) + "\n"


def _lines(names: tuple[str, ...]) -> list[str]:
    return [f"`{tail(told(name).replace('`', chr(39)), _LIST - 2)}`" for name in names]
