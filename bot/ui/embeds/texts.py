"""Texts as they stand in embeds. Discord's limits on them are kept here, and where an embed is made."""

from __future__ import annotations

from collections.abc import Sequence

import discord

DESCRIPTION_LIMIT = 4096


def clip(text: str, limit: int) -> str:
    """At most ``limit`` characters, an ellipsis for the rest."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def tail(name: str, limit: int) -> str:
    """At most ``limit`` characters of a name on one line: the end of a long file name tells more than its folders."""
    name = one_line(name)
    return name if len(name) <= limit else "…" + name[1 - limit :]


def plain(text: str, limit: int) -> str:
    """Somebody's text as text: markdown and mentions do nothing, at most ``limit`` characters."""
    return clip(discord.utils.escape_mentions(discord.utils.escape_markdown(text)), limit)


def one_line(text: str) -> str:
    """Without line breaks, and a dash for what has nothing to read: Discord refuses empty names and values."""
    return " ".join(text.split()) or "–"


def written(value: object) -> str:
    """A value as people write it: 2 and not 2.0."""
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)


def duration(seconds: float) -> str:
    """``8.4 s``, ``1 min 5 s``, ``2 h 3 min``."""
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def fitting(lines: Sequence[str], limit: int) -> str:
    """As many whole lines as there is room for, and how many more there are."""
    for shown in range(len(lines), 0, -1):
        more = [f"… and {len(lines) - shown} more"] if shown < len(lines) else []
        text = "\n".join([*lines[:shown], *more])
        if len(text) <= limit:
            return text
    return clip(lines[0], limit)
