"""What a human does in Discord's client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playground.discord.account import dm_channel
from playground.discord.errors import PlaygroundError, oversized
from playground.discord.interaction import Interaction
from playground.discord.limits import ATTACHMENTS, CONTENT
from playground.discord.locales import LOCALES
from playground.discord.message import Message
from playground.discord.modal import pick
from playground.discord.model import Account, Channel, Upload
from playground.discord.options import fill, find_command, nest, subcommand
from playground.discord.protocol import CommandKind, InteractionKind, Json, MessageType, Part
from playground.discord.resolved import Resolved
from playground.discord.world import World


@dataclass(eq=False, kw_only=True)
class User(Account):
    """Somebody at the keyboard.

    What the client would not let a person do raises PlaygroundError. Every action returns as soon as the
    interaction is on its way to the bot.
    """

    world: World = field(repr=False)

    @property
    def dm(self) -> Channel:
        """The channel with the bot."""
        return dm_channel(self.world, self)

    def finds(self, channel: Channel) -> bool:
        """Whether the channel is in this user's list."""
        there = self.world.channels.get(channel.id) is channel
        return there and channel.recipient in (None, self) and self not in channel.closed_to

    def may_read(self, message: Message) -> bool:
        return self.finds(message.channel) and message.viewer in (None, self)

    def sees(self, channel: Channel) -> tuple[Message, ...]:
        """What is on this user's screen, oldest first."""
        if self in channel.closed_to:
            return ()
        return tuple(m for m in self.world.messages_in(channel) if m.viewer in (None, self))

    def speak(self, locale: str) -> None:
        """Set the client to another of Discord's languages."""
        if locale not in LOCALES:
            raise PlaygroundError(f"Discord does not know the language {locale!r}")
        self.locale = locale
        self.world.change_people()

    async def say(
        self, channel: Channel, content: str = "", *files: Upload, reply_to: Message | None = None
    ) -> Message:
        """Post a message."""
        self._enter(channel)
        answered = None if reply_to is None else self._current(reply_to)
        if answered is not None and (answered.channel is not channel or answered.ephemeral):
            raise PlaygroundError("there is no replying to that message here")
        if len(content) > CONTENT or not (content.strip() or files):
            raise PlaygroundError(f"a message has 1 to {CONTENT} characters, or a file")
        if len(files) > ATTACHMENTS:
            raise PlaygroundError(f"a message has at most {ATTACHMENTS} files")
        limit = self.world.file_limit(channel, self)
        if large := [file.filename for file in files if len(file.data) > limit]:
            raise PlaygroundError(oversized(large[0], limit))
        said = Message(
            id=self.world.ids.next(),
            channel=channel,
            author=self,
            created_at=self.world.clock.time(),
            type=MessageType.DEFAULT if answered is None else MessageType.REPLY,
            content=content,
            attachments=tuple(self.world.cdn.keep(file, channel.id) for file in files),
            reference=None if answered is None else answered.cited,
        )
        return self.world.post(said)

    async def delete(self, message: Message) -> None:
        """Delete a message, or dismiss one that only this user sees."""
        current = self._current(message)
        moderates = current.channel.in_guild and self.moderator
        if not (moderates or self in (current.author, current.viewer)):
            raise PlaygroundError(f"{self.name} cannot delete a message of {current.author.name}")
        self.world.delete(current)

    async def slash(self, channel: Channel, command: str, /, **options: Any) -> Interaction:
        """``/command``, or ``"command group sub"``. Files are Uploads; an option that is None is left out."""
        self._enter(channel)
        name, *path = command.split()
        registered = find_command(self.world, self, channel, CommandKind.SLASH, name)
        schema, steps = subcommand(registered, path)
        resolved = Resolved(self.world, channel, self)
        filled = nest(steps, fill(schema, options, resolved))
        return self._invoke(channel, InteractionKind.COMMAND, registered, {"options": filled}, resolved)

    async def autocomplete(
        self,
        channel: Channel,
        command: str,
        /,
        *,
        focused: str,
        value: str,
        timeout: float = 30.0,
        **options: Any,
    ) -> list[Json]:
        """Type ``value`` into an option; the choices offered, as ``{"name", "value"}``.

        Raises:
            TimeoutError: the bot offered nothing in time.
        """
        return await self.complete(channel, command, options, focused=focused, value=value, timeout=timeout)

    async def complete(
        self,
        channel: Channel,
        command: str,
        options: Mapping[str, Any],
        *,
        focused: str,
        value: str,
        timeout: float = 30.0,
    ) -> list[Json]:
        """``autocomplete`` of options by any names."""
        self._enter(channel)
        name, *path = command.split()
        registered = find_command(self.world, self, channel, CommandKind.SLASH, name)
        schema, steps = subcommand(registered, path)
        resolved = Resolved(self.world, channel, self, typing=True)
        filled = nest(steps, fill(schema, {**options, focused: value}, resolved, focused=focused))
        typing = self._invoke(channel, InteractionKind.AUTOCOMPLETE, registered, {"options": filled}, resolved)
        await typing.answered(timeout)
        return typing.choices or []

    async def context_menu(
        self, target: Message | Account, name: str, *, channel: Channel | None = None
    ) -> Interaction:
        """Right click → Apps → ``name``, on a message, or on a user, as seen in ``channel`` (her own DM by default)."""
        if isinstance(target, Message):
            target = self._current(target)
            channel, kind = target.channel, CommandKind.MESSAGE
        else:
            channel, kind = channel or self.dm, CommandKind.USER
            self._enter(channel)
        registered = find_command(self.world, self, channel, kind, name)
        resolved = Resolved(self.world, channel, self)
        picked = resolved.message(target) if isinstance(target, Message) else resolved.account(target)
        return self._invoke(channel, InteractionKind.COMMAND, registered, {"target_id": picked}, resolved)

    async def click(self, message: Message, label: str | None = None, *, custom_id: str | None = None) -> Interaction:
        """Press a button."""
        current, button = self._component(message, custom_id or label)
        if button["type"] != Part.BUTTON or "custom_id" not in button:
            raise PlaygroundError(f"{custom_id or label!r} is no button that the bot hears of")
        return self._use(current, button, {})

    async def select(self, message: Message, name: str, values: str | list[str]) -> Interaction:
        """Pick options, by value or label, of the select with this placeholder or custom id."""
        current, select = self._component(message, name)
        if select["type"] != Part.SELECT:
            raise PlaygroundError(f"{name!r} is no list of options")
        required = select.get("min_values") != 0
        return self._use(current, select, {"values": pick(select, values, name, required=required)})

    async def submit(self, opened: Interaction, values: Mapping[str, Any] | None = None) -> Interaction:
        """Fill in the modal that an interaction opened, by label or custom id, and send it.

        Values are text, the value(s) or label(s) of options, Upload(s), user(s), channel(s) or a bool; fields
        that are not named are sent as they were prefilled.
        """
        if opened.modal is None:
            raise PlaygroundError(f"{opened.name} opened no form")
        if opened.user is not self:
            raise PlaygroundError(f"the form is on {opened.user.name}'s screen")
        resolved = Resolved(self.world, opened.channel, self)
        data = opened.modal.submitted(values or {}, resolved)
        return self._interact(opened.channel, InteractionKind.MODAL, data, opened.source, opened)

    def close(self, opened: Interaction) -> None:
        """Put away the modal that an interaction opened, without sending it."""
        if opened.user is not self or opened.id not in self.world.forms:
            raise PlaygroundError("that form is not open")
        self.world.close_form(opened)

    def _enter(self, channel: Channel) -> None:
        if channel.id not in self.world.channels:
            raise PlaygroundError(f"#{channel.name} is gone")
        if channel.recipient not in (None, self):
            raise PlaygroundError(f"that is the direct channel of {channel.name}")
        if self in channel.closed_to:
            raise PlaygroundError(f"{self.name} does not see #{channel.name}")

    def _current(self, message: Message) -> Message:
        """What the message is by now."""
        self._enter(message.channel)
        current = self.world.message(message.id)
        if current is None:
            raise PlaygroundError("the message is gone")
        if current.viewer not in (None, self):
            raise PlaygroundError(f"{self.name} does not see that message")
        return current

    def _component(self, message: Message, name: str | None) -> tuple[Message, Json]:
        current = self._current(message)
        component = current.component(name or "")
        if component.get("disabled"):
            raise PlaygroundError(f"{name!r} is disabled")
        return current, component

    def _use(self, message: Message, component: Json, details: Json) -> Interaction:
        data = {
            "custom_id": component["custom_id"],
            "component_type": component["type"],
            "id": component["id"],
            **details,
        }
        return self._interact(message.channel, InteractionKind.COMPONENT, data, message)

    def _invoke(
        self, channel: Channel, kind: InteractionKind, command: Json, details: Json, resolved: Resolved
    ) -> Interaction:
        data = {"id": command["id"], "name": command["name"], "type": command["type"], **details}
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        if kind is InteractionKind.COMMAND:
            data |= resolved.written()
        return self._interact(channel, kind, data)

    def _interact(
        self,
        channel: Channel,
        kind: InteractionKind,
        data: Json,
        source: Message | None = None,
        form_of: Interaction | None = None,
    ) -> Interaction:
        trigger = None if form_of is None else form_of.origin()
        interaction = Interaction(self.world, kind, self, channel, data, source, trigger, form_of)
        self.world.interact(interaction, interaction.payload())
        return interaction
