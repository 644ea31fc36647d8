"""What was done and seen, as Markdown: the same in every run, so without times, ids and durations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from playground.discord import Channel, Message, User
from playground.discord.protocol import ChannelKind, Json, Part

_DURATION = re.compile(r"\b\d+(?:[.,]\d+)?( ?)(ms|s|min|h)\b(?: \d+ s\b)?")
#: Each is replaced by what is the same in every run.
_PASSING = (
    (re.compile(r"<t:\d+(?::\w)?>"), "(a time)"),
    (re.compile(r"https?://\S+?(?=[)>\s]|$)"), "(a link)"),
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "(an id)"),
    (re.compile(r"\b\d{17,20}\b|`[0-9a-f]{8}`"), "(an id)"),
    (_DURATION, "(a while)"),
)


def steady(text: str) -> str:
    """A text without what differs between two runs."""
    for pattern, instead in _PASSING:
        text = pattern.sub(instead, text)
    return text


class Transcript:
    """Grows line by line; `save` writes it."""

    def __init__(self, title: str) -> None:
        self._lines = [f"# {title}", ""]
        self._place: tuple[User, Channel] | None = None

    def action(self, who: User, where: Channel, what: str) -> None:
        """Somebody did something."""
        if self._place != (who, where):
            self._place = (who, where)
            self._lines += ["", f"## {who.display_name} in {place(where)}", ""]
        self._lines += [f"- {steady(what)}"]

    def seen(self, message: Message) -> None:
        """Somebody saw a message."""
        shown = ("~~~~text", *_shown(message), "~~~~")  # as it is: what a bot writes is Markdown itself
        self._lines += ["", *(f"  {line}".rstrip() for line in shown), ""]

    def note(self, text: str) -> None:
        self._lines += ["", text, ""]

    def save(self, path: Path) -> None:
        text = "\n".join(self._lines)
        path.write_text(re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n", "utf-8")


def place(channel: Channel) -> str:
    return "the direct messages with the bot" if channel.kind is ChannelKind.DM else f"#{channel.name}"


def told(value: Any) -> str:
    """An option's or a field's value, on one line."""
    if isinstance(value, dict):
        return " ".join(f"[{key} {inner}]" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(told(one) for one in value)
    return str(value).replace("\n", " / ")


def _shown(message: Message) -> Iterator[str]:
    private = ", only for who asked" if message.ephemeral else ""
    yield f"{message.author.display_name}{private}:"
    if message.thinking:
        yield "is thinking…"
    yield from _lines(message.content)
    for embed in message.embeds:
        yield from _embed(embed)
    for file in message.attachments:
        size = f", {file.width} × {file.height}" if file.width else ""
        yield f"file: {Path(file.filename).suffix.lstrip('.')}{size}"
    for row in message.components:
        yield from _row(row)


def _embed(embed: Json) -> Iterator[str]:
    for text in (embed.get("title"), embed.get("description")):
        yield from _lines(text or "")
    for one in embed.get("fields") or []:
        yield f"{steady(one['name'])}: {' / '.join(_lines(one['value']))}"
    yield from _lines((embed.get("footer") or {}).get("text") or "")


def _row(row: Json) -> Iterator[str]:
    inner: Iterable[Json] = row.get("components") or [row]
    buttons = [part for part in inner if part["type"] == Part.BUTTON]
    if buttons:
        names = [part.get("label") or (part.get("emoji") or {}).get("name") or "" for part in buttons]
        yield "buttons: " + " · ".join(
            f"({name})" if part.get("disabled") else name for part, name in zip(buttons, names, strict=True)
        )
    for part in inner:
        if part.get("options") is not None:
            yield f"choose: {_chosen(part)}"
        elif part["type"] == Part.TEXT:
            yield from _lines(part["content"])


def _chosen(select: Json) -> str:
    """What a list shows before it is opened."""
    picked = [option["label"] for option in select["options"] if option.get("default")]
    return steady(", ".join(picked) or select.get("placeholder") or "")


def _lines(text: str) -> Iterator[str]:
    yield from (steady(line) for line in text.splitlines() if line.strip())
