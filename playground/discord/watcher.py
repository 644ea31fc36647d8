"""Who is told what happens in the world, while it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.discord.interaction import Interaction
    from playground.discord.message import Message


class Watcher:
    """Hears of everything, at once and in order; overrides what it listens to. Nothing may be awaited here."""

    def posted(self, message: Message) -> None:
        """A message is new, or is now so."""

    def deleted(self, message: Message) -> None:
        """A message is gone."""

    def interacted(self, interaction: Interaction) -> None:
        """An interaction is on its way, was answered, or failed."""

    def closed(self, interaction: Interaction) -> None:
        """The form that this interaction opened is no longer on the screen."""

    def changed_people(self) -> None:
        """Somebody is new, or has another language."""

    def changed_places(self) -> None:
        """A channel is new, gone, or is something else now."""

    def changed_commands(self) -> None:
        """The bot has registered its commands."""

    def changed_gateway(self) -> None:
        """The bot came or went."""
