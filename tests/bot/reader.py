"""Everything that people are shown, and what of it nobody can have meant to say in English."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playground.discord import Interaction, Message
from playground.discord.message import embed_texts, walk
from playground.discord.watcher import Watcher
from tests.bot.conftest import Stage, settled

Outside = Callable[[str], str]

#: Code, Discord's own marks, addresses, commands; names of programs.
_MARKS = re.compile(r"```.*?```|`[^`]*`|<t:[^>]*>|\]\([^)]*\)|/[a-z]+\b|\b(?:Discord|ComfyUI|DisComfy)\b", re.DOTALL)
_WRITTEN = ("label", "placeholder", "description", "title", "name", "content")


@dataclass
class Reader(Watcher):
    """Notes each text that the bot shows, by where it stands."""

    stage: Stage
    texts: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stage.discord.world.watchers.append(self)

    def posted(self, message: Message) -> None:
        if message.author.bot:
            self.texts.append(("content", message.content))
            self.texts += [("embed", text) for embed in message.embeds for text in embed_texts(embed)]
            self._note("component", message.components)

    def interacted(self, interaction: Interaction) -> None:
        if interaction.modal is not None:
            self.texts.append(("modal", interaction.modal.title))
            self._note("modal", interaction.modal.parts)
        self.texts += [("choice", choice["name"]) for choice in interaction.choices or ()]

    def _note(self, where: str, components: Iterable[Any]) -> None:
        for part in walk(components):
            self.texts += [(where, part[key]) for key in _WRITTEN if part.get(key)]
            for option in part.get("options") or ():
                self.texts += [("option", option[key]) for key in _WRITTEN if option.get(key)]

    def strays(self, outside: Outside, *values: str) -> str:
        """What stands neither in a text that was translated nor in a value, one a line.

        Args:
            outside: the fixture ``pseudo``.
            values: names and words of people, beside those that are known of the stage.
        """
        known = sorted({*values, *_values(self.stage)}, key=len, reverse=True)
        found = list[str]()
        for where, text in dict.fromkeys(self.texts):
            rest = _MARKS.sub(" ", outside(text)).replace("\\", "")
            for value in known:
                rest = rest.replace(value, " ")
            if re.search(r"[A-Za-z]", rest):
                found.append(f"{where}: {text!r}")
        return "\n".join(found)


@asynccontextmanager
async def read_in_german(stage: Stage, outside: Outside, *values: str) -> AsyncIterator[None]:
    """The people on the stage read German; what they are shown in the block must be that, as `Reader.strays` says."""
    for user in (stage.ada, stage.discord.user("bob")):
        user.speak("de")
    reader = Reader(stage)
    yield
    await settled()
    assert reader.texts
    assert reader.strays(outside, *values) == ""


def _values(stage: Stage) -> Iterator[str]:
    """Names of workflows, nodes, models, files, people and jobs."""
    for entry in stage.bot.engine.library.entries():
        yield entry.name
        if entry.workflow is not None:
            yield from filter(None, (entry.workflow.label, entry.workflow.description))
            for limits in entry.workflow.limits.values():
                yield from (choice for choice in limits.choices if isinstance(choice, str))
    for graph in stage.comfyui.prompts.values():
        for node in graph.values():
            yield node["_meta"]["title"]
            yield from (value for value in node["inputs"].values() if isinstance(value, str) and value)
    yield from stage.comfyui.accepted
    yield from (prompt_id[:8] for prompt_id in stage.comfyui.accepted)
    yield from (user.display_name for user in (stage.ada, stage.discord.user("bob")))
