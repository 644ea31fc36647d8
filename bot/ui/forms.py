"""Modals that outlive the bot: their custom ids say all that they need, and nothing is held for them."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import discord

from bot.errors import StartedError, admitted, report
from bot.ui.embeds import clip

_TITLE = 45
_ROW, _LABEL, _TEXT, _SELECT, _UPLOAD = 1, 18, 4, 3, 19


@dataclass(frozen=True, slots=True)
class Sent:
    """What somebody filled in, by the custom ids of the fields.

    Attributes:
        texts: what was typed or chosen; empty where it was nothing.
        files: what was attached, in order.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Sequence[discord.Attachment]] = field(default_factory=dict)

    @classmethod
    def of(cls, interaction: discord.Interaction[Any]) -> Sent:
        """What an interaction brings."""
        data: Any = interaction.data or {}
        attached = (data.get("resolved") or {}).get("attachments") or {}
        texts, files = dict[str, str](), dict[str, list[discord.Attachment]]()
        for part in _fields(data.get("components") or ()):
            if part["type"] == _UPLOAD:
                ids = [id for id in part.get("values") or () if id in attached]
                state = interaction._state  # pyright: ignore[reportPrivateUsage] - attachments are made with it
                files[part["custom_id"]] = [discord.Attachment(data=attached[id], state=state) for id in ids]
            elif part["type"] == _SELECT:
                texts[part["custom_id"]] = next(iter(part.get("values") or ()), "")
            elif part["type"] == _TEXT:
                texts[part["custom_id"]] = part.get("value") or ""
        return cls(texts, files)


class DurableModal(discord.ui.Modal):
    """A modal that can be submitted after a restart; what is done then is a subclass's ``submitted``.

    Attributes:
        template: the custom ids of such modals.
    """

    template: ClassVar[re.Pattern[str]]

    def __init__(self, title: str, custom_id: str) -> None:
        super().__init__(title=clip(title, _TITLE), custom_id=custom_id)

    async def open(self, interaction: discord.Interaction[Any]) -> None:
        """Show it as the answer to a click or a command."""
        self.stop()  # discord.py holds what is not over, and would take the submission for itself
        await interaction.response.send_modal(self)

    @classmethod
    @abstractmethod
    async def submitted(cls, interaction: discord.Interaction[Any], match: re.Match[str], sent: Sent) -> None:
        """Answer a submission; what this raises is told.

        Args:
            match: of the custom id with the template.
        """


async def answer_modal(interaction: discord.Interaction[Any], modals: Sequence[type[DurableModal]]) -> bool:
    """Answer the submission of one of these modals; False for everything else."""
    if interaction.type is not discord.InteractionType.modal_submit:
        return False
    data: Any = interaction.data or {}
    custom_id = str(data.get("custom_id"))
    for modal in modals:
        if match := modal.template.fullmatch(custom_id):
            if await admitted(interaction):
                sent = Sent.of(interaction)
                try:
                    await modal.submitted(interaction, match, sent)
                except Exception as exc:  # noqa: BLE001 - there is nobody else to tell it
                    prompt = "" if isinstance(exc, StartedError) else sent.texts.get("prompt", "")
                    await report(interaction, exc, apart=True, prompt=prompt)
            return True
    return False


def _fields(parts: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for part in parts:
        if part["type"] == _LABEL:
            yield part["component"]
        elif part["type"] == _ROW:
            yield from part["components"]
