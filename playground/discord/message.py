"""A message, one state of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from playground.discord.errors import PlaygroundError, listed
from playground.discord.protocol import NO_FLAGS, SELECTS, Json, MessageFlag, MessageType, Part

if TYPE_CHECKING:
    from playground.discord.model import Account, Attachment, Channel

SCHEME = "attachment://"


@dataclass(frozen=True, slots=True)
class Origin:
    """The interaction that a message answers.

    ``original_id`` is the first answer, told by follow-ups; ``clicked_id`` the message of a click;
    ``trigger`` what opened a form.
    """

    id: int
    type: int
    user: Account
    name: str
    original_id: int | None = None
    clicked_id: int | None = None
    trigger: Origin | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One state of a message; an edit makes the next one.

    ``embeds`` and ``components`` are wire JSON: embeds as the bot sent them, with ``attachment://`` links;
    components with the ids that Discord gives to those that came without. ``attachments`` has every file,
    also those shown by an embed, which Discord leaves out of the list on the wire. Times are seconds since the epoch.
    """

    id: int
    channel: Channel
    author: Account
    created_at: float
    type: MessageType = MessageType.DEFAULT
    content: str = ""
    embeds: tuple[Json, ...] = ()
    components: tuple[Json, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    flags: MessageFlag = NO_FLAGS
    edited_at: float | None = None
    nonce: str | int | None = None
    allowed_mentions: Json | None = None
    tts: bool = False
    reference: Message | None = None
    interaction: Origin | None = None

    @property
    def viewer(self) -> Account | None:
        """Who alone sees it, if it is ephemeral."""
        return self.interaction.user if self.ephemeral and self.interaction is not None else None

    @property
    def ephemeral(self) -> bool:
        return MessageFlag.EPHEMERAL in self.flags

    @property
    def thinking(self) -> bool:
        return MessageFlag.LOADING in self.flags

    @property
    def empty(self) -> bool:
        return not (self.content or self.embeds or self.components or self.attachments)

    @property
    def embed(self) -> Json | None:
        return self.embeds[0] if self.embeds else None

    @property
    def text(self) -> str:
        """Everything there is to read, in reading order, one piece a line."""
        pieces = [self.content, *(piece for embed in self.embeds for piece in embed_texts(embed))]
        pieces += [part["content"] for part in self.parts if part["type"] == Part.TEXT]
        return "\n".join(piece for piece in pieces if piece)

    @property
    def cited(self) -> Message:
        """As another one refers to it, so that no chain of replies keeps everything."""
        return replace(self, reference=None, attachments=())

    @property
    def summary(self) -> str:
        """One line for an error text."""
        files = f" +{[a.filename for a in self.attachments]}" if self.attachments else ""
        return f"{self.author.name}{' (thinking)' if self.thinking else ''}: {self.text[:200]!r}{files}"

    @property
    def parts(self) -> tuple[Json, ...]:
        return tuple(walk(self.components))

    @property
    def buttons(self) -> tuple[Json, ...]:
        return tuple(part for part in self.parts if part["type"] == Part.BUTTON)

    @property
    def selects(self) -> tuple[Json, ...]:
        return tuple(part for part in self.parts if part["type"] in SELECTS)

    def component(self, name: str) -> Json:
        """The button or select of this label, placeholder or custom_id; among several of one name the first.

        Raises:
            PlaygroundError: there is none.
        """
        for part in (*self.buttons, *self.selects):
            if name in (part.get("custom_id"), part.get("label"), part.get("placeholder")):
                return part
        have = [part.get("label") or part.get("placeholder") or part.get("custom_id") for part in self.parts[:60]]
        raise PlaygroundError(f"the message has no {name!r}, but {listed(name for name in have if name) or 'nothing'}")

    @property
    def embedded(self) -> frozenset[str]:
        """Names of the files that an embed or a component shows by an ``attachment://`` link."""
        return linked([self.embeds, self.components])

    @property
    def pings(self) -> frozenset[int | str]:
        """Who was notified: user ids, and "everyone". Embeds notify nobody."""
        allowed = self.allowed_mentions
        found: set[int | str] = {int(m) for m in re.findall(r"<@!?(\d+)>", self.content)}
        if "@everyone" in self.content or "@here" in self.content:
            found.add("everyone")
        if allowed is None:
            return frozenset(found)
        parse, users = allowed.get("parse") or [], {int(u) for u in allowed.get("users") or []}
        return frozenset(
            who for who in found if (who in users or ("users" if isinstance(who, int) else "everyone") in parse)
        )


def embed_texts(embed: Mapping[str, Any]) -> Iterator[str]:
    """The texts of an embed that count towards its 6000 characters, in reading order."""
    author, footer = embed.get("author") or {}, embed.get("footer") or {}
    yield from (author.get("name") or "", embed.get("title") or "", embed.get("description") or "")
    for part in embed.get("fields") or []:
        yield from (part.get("name") or "", part.get("value") or "")
    yield footer.get("text") or ""


def relink(value: Any, link: Callable[[str], str]) -> Any:
    """A copy of embeds or components with each ``attachment://name`` replaced by ``link(name)``."""
    if isinstance(value, list | tuple):
        return [relink(item, link) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: link(item.removeprefix(SCHEME))
        if key in ("url", "icon_url") and isinstance(item, str) and item.startswith(SCHEME)
        else relink(item, link)
        for key, item in value.items()
    }


def linked(value: Any) -> frozenset[str]:
    """Names behind the ``attachment://`` links of embeds or components."""
    names: set[str] = set()

    def note(name: str) -> str:
        names.add(name)
        return name

    relink(value, note)
    return frozenset(names)


def walk(components: Iterable[Json]) -> Iterator[Json]:
    """Every component of a tree, outermost first."""
    for part in components:
        yield part
        inner = [*(part.get("components") or ())]
        inner += [part[key] for key in ("component", "accessory") if isinstance(part.get(key), dict)]
        yield from walk(inner)
