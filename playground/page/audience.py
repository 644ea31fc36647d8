"""All windows that are open, told what their users see change."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from playground.discord import DiscordServer, Interaction, Message, User
from playground.discord.protocol import InteractionKind, Json
from playground.discord.watcher import Watcher
from playground.page import view
from playground.page.faults import Switch
from playground.page.screen import Screen


class Audience(Watcher):
    """Turns changes of the world into pushes."""

    def __init__(self, server: DiscordServer, switches: list[Switch]) -> None:
        self.screens: set[Screen] = set()
        self._server = server
        self._switches = switches

    async def close(self) -> None:
        await asyncio.gather(*(screen.close() for screen in self.screens))

    def posted(self, message: Message) -> None:
        body: Json | None = None
        for screen, user in self._entered():
            if user.may_read(message):
                body = body or {"message": view.message(message)}
                screen.push("message", body, key=message.id)

    def deleted(self, message: Message) -> None:
        for screen, user in self._entered():
            if user.may_read(message):
                screen.push("gone", {"channel": str(message.channel.id), "message": str(message.id)})

    def interacted(self, interaction: Interaction) -> None:
        if interaction.kind is InteractionKind.AUTOCOMPLETE:
            return
        for screen in self._of(interaction.user.id):
            screen.push("interaction", view.interaction(interaction))
            if interaction.modal is not None:
                screen.push("modal", {"modal": view.modal(interaction)})

    def closed(self, interaction: Interaction) -> None:
        for screen in self._of(interaction.user.id):
            screen.push("modal_gone", {"interaction": str(interaction.id)})

    def changed_people(self) -> None:
        users = [view.user(user) for user in self._server.users]
        for screen, _ in self._entered():
            screen.push("users", {"users": users}, news=True)

    def changed_places(self) -> None:
        for screen, user in self._entered():
            screen.push("channels", {"channels": view.channels(user)}, news=True)
        self.changed_commands()

    def changed_commands(self) -> None:
        for screen, user in self._entered():
            screen.push("commands", {"commands": view.commands(user)}, news=True)

    def changed_gateway(self) -> None:
        for screen, _ in self._entered():
            screen.push("bot", view.bot(self._server), news=True)

    def changed_faults(self) -> None:
        faults = [switch.shown for switch in self._switches]
        for screen, _ in self._entered():
            screen.push("faults", {"faults": faults})

    def _entered(self) -> Iterator[tuple[Screen, User]]:
        return ((screen, screen.user) for screen in self.screens if screen.user is not None)

    def _of(self, user_id: int) -> Iterator[Screen]:
        return (screen for screen, user in self._entered() if user.id == user_id)
