"""``/channels/{id}/messages``: what the bot does with its own token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground.discord import limits, wire
from playground.discord.checks.form import Form
from playground.discord.clock import as_id
from playground.discord.drafts import read_draft
from playground.discord.errors import (
    ApiError,
    missing_access,
    missing_permissions,
    unknown_channel,
    unknown_message,
)
from playground.discord.message import Message
from playground.discord.model import Channel
from playground.discord.permissions import Permission
from playground.discord.protocol import ChannelKind, Json, MessageFlag, MessageType
from playground.discord.ratelimit import Bucket, rate_limited
from playground.discord.rest import Call, Rest
from playground.discord.world import World


class Messages:
    """Create, list, read, edit and delete by the bot."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_to(self, rest: Rest) -> None:
        many, one = "/channels/{channel_id}/messages", "/channels/{channel_id}/messages/{message_id}"
        rest.add("POST", many, self.post, bucket=lambda call: Bucket("messages", call.params["channel_id"]))
        rest.add("GET", many, self.list)
        rest.add("GET", one, self.get)
        rest.add("PATCH", one, self.edit, bucket=lambda call: Bucket("edits", call.params["channel_id"]))
        rest.add("DELETE", one, self.delete)
        rest.add("POST", "/channels/{channel_id}/typing", self.type)

    def post(self, call: Call) -> Json:
        channel = self._sendable(call)
        if call.files and not self._world.bot_may(channel, Permission.ATTACH_FILES):
            raise missing_permissions()
        draft = read_draft(call.json, call.files, self._world.file_limit(channel))
        body: Json = call.json or {}
        nonce = body.get("nonce")
        if nonce is not None and body.get("enforce_nonce"):
            known = self._by_nonce(channel, nonce)
            if known is not None:
                return wire.message(known)
        reference = self._reference(body)
        draft = draft.flagged(draft.flags & ~MessageFlag.EPHEMERAL)
        blank = Message(
            id=self._world.ids.next(),
            channel=channel,
            author=self._world.bot,
            created_at=self._world.clock.time(),
            type=MessageType.DEFAULT if reference is None else MessageType.REPLY,
            nonce=nonce,
            reference=reference,
        )
        return wire.message(self._world.post(draft.apply(blank, self._world)))

    def list(self, call: Call) -> list[Json]:
        channel = self._readable(call)
        if not self._world.bot_may(channel, Permission.READ_MESSAGE_HISTORY):
            return []
        found = [m for m in self._world.messages_in(channel) if m.viewer is None]
        before, after = _snowflake(call.query, "before"), _snowflake(call.query, "after")
        if before is not None:
            found = [message for message in found if message.id < before]
        if after is not None:
            found = [message for message in found if message.id > after]
        count = min(_snowflake(call.query, "limit") or 50, 100)
        chosen = found[:count] if after is not None else found[-count:]
        return [wire.message(message, redacted=self._world.redacted(message)) for message in reversed(chosen)]

    def get(self, call: Call) -> Json:
        message = self._message(call)
        return wire.message(message, redacted=self._world.redacted(message))

    def edit(self, call: Call) -> Json:
        message = self._message(call)
        if message.author is not self._world.bot:
            raise ApiError(403, 50005, "Cannot edit a message authored by another user")
        refuse_old_edits(self._world, message)
        draft = read_draft(call.json, call.files, self._world.file_limit(message.channel), current=message)
        return wire.message(self._world.edit(draft.apply(message, self._world)))

    def delete(self, call: Call) -> None:
        message = self._message(call)
        if message.author is not self._world.bot:
            if not message.channel.in_guild:
                raise ApiError(403, 50003, "Cannot execute action on a DM channel")
            if not self._world.bot_may(message.channel, Permission.MANAGE_MESSAGES):
                raise missing_permissions()
        self._world.delete(message)

    def type(self, call: Call) -> None:
        self._sendable(call)

    def _readable(self, call: Call) -> Channel:
        channel = self._world.channels.get(call.id("channel_id"))
        if channel is None:
            raise unknown_channel()
        if not self._world.bot_may(channel, Permission.VIEW_CHANNEL):
            raise missing_access()
        return channel

    def _sendable(self, call: Call) -> Channel:
        channel = self._readable(call)
        thread = channel.kind is ChannelKind.THREAD
        needed = Permission.SEND_MESSAGES_IN_THREADS if thread else Permission.SEND_MESSAGES
        if not self._world.bot_may(channel, needed):
            raise missing_permissions()
        if channel.recipient is not None and not channel.recipient.accepts_dms:
            raise ApiError(403, 50007, "Cannot send messages to this user")
        return channel

    def _message(self, call: Call) -> Message:
        channel = self._readable(call)
        message = self._world.message(call.id("message_id"))
        if message is None or message.channel is not channel or message.viewer is not None:
            raise unknown_message()
        return message

    def _by_nonce(self, channel: Channel, nonce: str | int) -> Message | None:
        oldest = self._world.clock.time() - limits.NONCE_SECONDS
        for message in self._world.messages_in(channel):
            if message.nonce == nonce and message.author is self._world.bot and message.created_at >= oldest:
                return message
        return None

    def _reference(self, body: Json) -> Message | None:
        form = Form()
        asked = form.mapping(("message_reference",), body.get("message_reference"))
        if not asked:
            form.check()
            return None
        message = self._world.message(_snowflake(asked, "message_id") or 0)
        if message is None and asked.get("fail_if_not_exists", True):
            form.refuse(("message_reference",), "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
        form.check()
        return None if message is None else message.cited


def refuse_old_edits(world: World, message: Message) -> None:
    """Raises:
    ApiError: 30046, a message over an hour old was edited a few times already since.
    """
    now = world.clock.time()
    if message.created_at + limits.OLD_MESSAGE_SECONDS >= now:
        return
    old = [
        state
        for state in world.history(message.id)
        if (state.edited_at or 0) > message.created_at + limits.OLD_MESSAGE_SECONDS
    ]
    if len(old) >= limits.OLD_MESSAGE_EDITS:
        error = rate_limited(limits.OLD_MESSAGE_SECONDS, via=False)
        error.body |= {
            "code": 30046,
            "message": "Maximum number of edits to messages older than 1 hour reached. Try again later.",
        }
        raise error


def _snowflake(values: Mapping[str, Any], name: str) -> int | None:
    return as_id(str(values.get(name, "")))
