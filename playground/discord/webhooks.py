"""``/webhooks/{application}/{token}``: everything after the first answer, for 15 minutes."""

from __future__ import annotations

from playground.discord import limits, wire
from playground.discord.callbacks import response_message
from playground.discord.drafts import read_draft
from playground.discord.errors import (
    ApiError,
    invalid_webhook_token,
    unknown_channel,
    unknown_message,
    unknown_webhook,
)
from playground.discord.interaction import Interaction
from playground.discord.message import Message
from playground.discord.messages import refuse_old_edits
from playground.discord.protocol import Context, Json, MessageFlag
from playground.discord.ratelimit import Bucket
from playground.discord.rest import Call, Rest
from playground.discord.world import World

ORIGINAL = "@original"


class Webhooks:
    """Follow-ups and later edits, by the interaction's token."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_to(self, rest: Rest) -> None:
        hook = "/webhooks/{webhook_id}/{webhook_token}"

        def bucket(call: Call) -> Bucket:
            return Bucket("interactions", call.params["webhook_token"])

        rest.add("POST", hook, self.post, bot_only=False, bucket=bucket)
        for which in (ORIGINAL, "{message_id}"):
            route = f"{hook}/messages/{which}"
            rest.add("GET", route, self.get, bot_only=False)
            rest.add("PATCH", route, self.edit, bot_only=False, bucket=bucket)
            rest.add("DELETE", route, self.delete, bot_only=False)

    def post(self, call: Call) -> Json:
        interaction = self._interaction(call)
        limit = self._world.file_limit(interaction.channel, interaction.user)
        draft = read_draft(call.json, call.files, limit)
        if interaction.channel.id not in self._world.channels:
            raise unknown_channel()
        original = interaction.message
        if original is not None and original.thinking:
            # the first follow-up takes the place of "thinking…" and is ephemeral if that was
            ephemeral = MessageFlag.EPHEMERAL
            draft = draft.flagged((draft.flags & ~ephemeral) | (original.flags & ephemeral))
            return wire.message(self._world.edit(draft.apply(original, self._world)))
        user_install = interaction.channel.context is Context.PRIVATE
        if user_install and len(interaction.followup_ids) >= limits.USER_INSTALL_FOLLOWUPS:
            raise ApiError(400, 40094, "Maximum number of follow-up messages reached")
        message = self._world.post(draft.apply(response_message(interaction), self._world))
        interaction.followup_ids.append(message.id)
        return wire.message(message)

    def get(self, call: Call) -> Json:
        return wire.message(self._message(call))

    def edit(self, call: Call) -> Json:
        interaction, message = self._interaction(call), self._message(call)
        refuse_old_edits(self._world, message)
        limit = self._world.file_limit(interaction.channel, interaction.user)
        draft = read_draft(call.json, call.files, limit, current=message)
        return wire.message(self._world.edit(draft.apply(message, self._world)))

    def delete(self, call: Call) -> None:
        self._world.delete(self._message(call))

    def _interaction(self, call: Call) -> Interaction:
        interaction = self._world.interactions.get(call.params["webhook_token"])
        if interaction is None or call.id("webhook_id") != self._world.application_id:
            raise unknown_webhook()
        if interaction.token_expired:
            raise invalid_webhook_token()
        if interaction.response_type is None:
            raise unknown_webhook()
        return interaction

    def _message(self, call: Call) -> Message:
        interaction = self._interaction(call)
        if "message_id" not in call.params:
            message = interaction.message
        elif call.id("message_id") in (*interaction.followup_ids, interaction.original_id):
            message = self._world.message(call.id("message_id"))
        else:
            message = None
        if message is None:
            raise unknown_message()
        return message
