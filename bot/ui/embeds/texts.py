"""Texts as they stand on screens: said in the language of the moment, within Discord's limits."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from utils import language
from utils.language import Phrase, say, say_n, told

DESCRIPTION_LIMIT = 4096
FENCE = "```"
_BROKEN_FENCE = "`\u200b``"


def clip(text: str, limit: int) -> str:
    """At most ``limit`` characters, an ellipsis for the rest."""
    text = told(text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def tail(name: str, limit: int) -> str:
    """At most ``limit`` characters of a name on one line: the end of a long file name tells more than its folders."""
    name = one_line(name)
    return name if len(name) <= limit else "…" + name[1 - limit :]


def plain(text: str, limit: int) -> str:
    """Somebody's text as text: markdown and mentions do nothing, at most ``limit`` characters."""
    return clip(discord.utils.escape_mentions(discord.utils.escape_markdown(told(text))), limit)


def one_line(text: str) -> str:
    """Without line breaks, and a dash for what has nothing to read: Discord refuses empty names and values."""
    return " ".join(told(text).split()) or "–"


def block(name: str, text: str, limit: int) -> str:
    """Somebody's text under a heading, as code: Discord's clients copy it with one touch."""
    return f"**{told(name)}**\n{FENCE}\n{clip(text.replace(FENCE, _BROKEN_FENCE), limit)}\n{FENCE}"


def heading(name: str) -> str:
    """The name of a setting, also one that was kept: those are ours, and stand in the catalogues as they were kept."""
    return told(Phrase(name, {}))


def written(value: object) -> str:
    """A value as people write it: 2 and not 2.0; a text as it is."""
    return value if isinstance(value, str) else language.written(value)


def read(value: object) -> str:
    """The same for what is read and not typed: a fraction is said with the decimal mark of whoever reads it."""
    return Phrase("{value}", {"value": value}) if isinstance(value, float) else written(value)


def duration(seconds: float) -> str:
    """``8.4 s``, ``1 min 5 s``, ``2 h 3 min``."""
    if round(seconds, 1) < 60:
        return say("{seconds} s", seconds=round(seconds, 1))
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return say("{minutes} min {seconds} s", minutes=minutes, seconds=rest)
    return say("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)


def page_of(text: str, page: int, pages: int) -> str:
    """A footer, with the page that it stands on, counted from 0."""
    return " · ".join((text, say("page {page} of {pages}", page=page + 1, pages=pages)))


def fitting(lines: Sequence[str], limit: int) -> str:
    """As many whole lines as there is room for, and how many more there are."""
    for shown in range(len(lines), 0, -1):
        left = len(lines) - shown
        more = [say_n("… and {n} more", "… and {n} more", left)] if left else []
        text = "\n".join([*lines[:shown], *more])
        if len(text) <= limit:
            return text
    return clip(lines[0], limit)
