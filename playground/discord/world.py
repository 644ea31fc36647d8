"""All there is: people, places, messages, interactions. Whatever changes here is told to gateway and waiters."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from playground.discord import wire
from playground.discord.cdn import Cdn
from playground.discord.clock import Clock, Snowflakes
from playground.discord.histories import Histories
from playground.discord.limits import ANSWER_SECONDS, FILE_BYTES
from playground.discord.memory import Memory
from playground.discord.message import Message
from playground.discord.model import Account, Channel, Guild
from playground.discord.permissions import Intent, Permission
from playground.discord.protocol import ChannelKind, Json
from playground.discord.pulse import Pulse
from playground.discord.watcher import Watcher

if TYPE_CHECKING:
    from playground.discord.interaction import Interaction


#: Seconds after the last moment for an answer, in which one that is on its way may be read.
_GRACE = 0.05


class Gateway(Protocol):
    """Where events go."""

    def dispatch(self, event: str, data: Json, intent: Intent | None = None) -> None: ...

    @property
    def reads_content(self) -> bool: ...


class World:
    """The state of the little Discord, and the few ways to change it."""

    gateway: Gateway

    def __init__(self, clock: Clock, attachment_size_limit: int = FILE_BYTES, memory: Memory | None = None) -> None:
        self.memory = memory or Memory()
        self.clock = clock
        self.ids = Snowflakes(clock)
        self.pulse = Pulse()
        self.cdn = Cdn(clock, self.ids, self.memory)
        self.attachment_size_limit = attachment_size_limit
        self.application_id = self.ids.next()
        self.bot = Account(self.application_id, "disbot", bot=True)
        self.guild = Guild(self.ids.next(), "Playground")
        self.accounts: dict[int, Account] = {self.bot.id: self.bot}
        self.channels: dict[int, Channel] = {}
        self.commands: dict[int | None, list[Json]] = {}
        self.interactions: dict[str, Interaction] = {}
        self.forms: dict[int, Interaction] = {}
        self.watchers: list[Watcher] = []
        self._unanswered: dict[int, Interaction] = {}
        self._messages: dict[int, Message] = {}
        self.histories = Histories(self.memory)
        clock.moved.append(self.check_answers)

    def file_limit(self, channel: Channel, user: Account | None = None) -> int:
        """Bytes that one file may have: the server's, the guild's or the user's own limit, whichever is most."""
        limits = [self.attachment_size_limit]
        if channel.in_guild:
            limits.append(self.guild.file_limit)
        if user is not None and user.attachment_size_limit is not None:
            limits.append(user.attachment_size_limit)
        return max(limits)

    def add_channel(self, name: str, kind: ChannelKind, **details: Any) -> Channel:
        channel = Channel(self.ids.next(), name, kind, self, **details)
        self.channels[channel.id] = channel
        self.announce_channel("THREAD_CREATE" if kind is ChannelKind.THREAD else "CHANNEL_CREATE", channel)
        return channel

    def announce_channel(self, event: str, channel: Channel) -> None:
        if channel.in_guild:
            self.gateway.dispatch(event, wire.channel(channel, self.bot), Intent.GUILDS)
        for watcher in self._telling():
            watcher.changed_places()

    def delete_channel(self, channel: Channel) -> None:
        del self.channels[channel.id]
        for message in self.messages_in(channel):
            self._forget(message)
        self.announce_channel("THREAD_DELETE" if channel.kind is ChannelKind.THREAD else "CHANNEL_DELETE", channel)

    def message(self, message_id: int) -> Message | None:
        return self._messages.get(message_id)

    def messages_in(self, channel: Channel) -> list[Message]:
        return [message for message in self._messages.values() if message.channel is channel]

    def history(self, message_id: int, after: int = 0) -> list[Message]:
        """Every state that a message has had, also after it was deleted; without the first so many."""
        return self.histories.of(message_id, after)

    def post(self, message: Message) -> Message:
        self._messages[message.id] = message
        self.histories.add(message)
        self._make_room(message)
        self._tell("MESSAGE_CREATE", message)
        return message

    def edit(self, state: Message) -> Message:
        """The next state of a message; files that it no longer has are gone from the CDN."""
        old = self._messages[state.id]
        if not old.thinking:
            state = replace(state, edited_at=self.clock.time())
        self._messages[state.id] = state
        self.histories.add(state)
        self._make_room(state)
        kept = {file.id for file in state.attachments}
        self.cdn.drop(file for file in old.attachments if file.id not in kept)
        self._tell("MESSAGE_UPDATE", state)
        return state

    def delete(self, message: Message) -> None:
        self._forget(message)
        body: Json = {"id": str(message.id), "channel_id": str(message.channel.id)}
        if message.channel.in_guild:
            body["guild_id"] = str(self.guild.id)
        if not message.ephemeral:
            self._dispatch("MESSAGE_DELETE", body, message.channel)
        for watcher in self._telling():
            watcher.deleted(message)

    def interact(self, interaction: Interaction, payload: Json) -> None:
        """Send it to the bot, which has 3 s."""
        self._make_way()
        self.interactions[interaction.token] = self._unanswered[interaction.id] = interaction
        self.gateway.dispatch("INTERACTION_CREATE", payload)
        asyncio.get_running_loop().call_later(ANSWER_SECONDS + _GRACE, self.check_answers)
        for watcher in self._telling():
            watcher.interacted(interaction)

    def answer(self, interaction: Interaction) -> None:
        """The first answer has come: a form opens in place of any other, and one that was sent closes."""
        self._unanswered.pop(interaction.id, None)
        if interaction.modal is not None:
            for open_already in [form for form in self.forms.values() if form.user is interaction.user]:
                self.close_form(open_already)
            self.forms[interaction.id] = interaction
        for watcher in self._telling():
            watcher.interacted(interaction)
        if interaction.form_of is not None:
            self.close_form(interaction.form_of)

    def sending(self, opened: Interaction) -> bool:
        """Whether the form that an interaction opened is on its way to the bot."""
        return any(interaction.form_of is opened for interaction in self._unanswered.values())

    def check_answers(self) -> None:
        """Tell of the interactions that nobody answered in time."""
        for interaction in [late for late in self._unanswered.values() if late.failed]:
            del self._unanswered[interaction.id]
            for watcher in self._telling():
                watcher.interacted(interaction)

    def close_form(self, opened: Interaction) -> None:
        """Take a form off the screen."""
        if self.forms.pop(opened.id, None) is not None:
            for watcher in self._telling():
                watcher.closed(opened)

    def change_people(self) -> None:
        for watcher in self._telling():
            watcher.changed_people()

    def register(self, scope: int | None, commands: list[Json]) -> None:
        """Overwrite the commands of a guild, or the global ones."""
        self.commands[scope] = commands
        for watcher in self._telling():
            watcher.changed_commands()

    def change_gateway(self) -> None:
        for watcher in self._telling():
            watcher.changed_gateway()

    def redacted(self, message: Message) -> bool:
        """Whether the bot is not shown what a message says: a human's, in a guild, without the intent."""
        if message.author is self.bot or not message.channel.in_guild or self.bot.id in message.pings:
            return False
        return not self.gateway.reads_content

    def bot_may(self, channel: Channel, permission: Permission) -> bool:
        return channel.kind is not ChannelKind.GROUP and permission in channel.bot_permissions

    def _make_room(self, newest: Message) -> None:
        """Where there is no room for what is past, the oldest messages go, as if somebody had cleaned up."""
        while not self.histories.make_room() or len(self._messages) > self.memory.messages:
            oldest = next(iter(self._messages.values()))
            if oldest.id == newest.id:
                return
            self.delete(oldest)

    def _forget(self, message: Message) -> None:
        if self._messages.pop(message.id, None) is not None:
            self.histories.end(message.id)
        self.cdn.drop(message.attachments)

    def _tell(self, event: str, message: Message) -> None:
        if self.bot_may(message.channel, Permission.VIEW_CHANNEL):
            body = wire.message_event(message, redacted=self.redacted(message))
            self._dispatch(event, body, message.channel)
        for watcher in self._telling():
            watcher.posted(message)

    def _make_way(self) -> None:
        """Of the interactions whose tokens are void, the oldest are forgotten, and with them their forms."""
        while len(self.interactions) >= self.memory.interactions:
            token, oldest = next(iter(self.interactions.items()))
            if not oldest.token_expired:
                return
            self.close_form(oldest)
            del self.interactions[token]

    def _telling(self) -> Iterator[Watcher]:
        """Those who watch; whoever waits for a change looks again once they know."""
        yield from tuple(self.watchers)
        self.pulse.beat()

    def _dispatch(self, event: str, body: Json, channel: Channel) -> None:
        self.gateway.dispatch(event, body, Intent.GUILD_MESSAGES if channel.in_guild else Intent.DIRECT_MESSAGES)
