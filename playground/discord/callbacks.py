"""``POST /interactions/{id}/{token}/callback``: the first answer."""

from __future__ import annotations

from typing import Any

from playground.discord import limits, wire
from playground.discord.checks.commands import check_choices
from playground.discord.checks.form import Form
from playground.discord.checks.modals import check_modal
from playground.discord.drafts import read_draft
from playground.discord.errors import already_acknowledged, unknown_interaction, unknown_message
from playground.discord.interaction import Interaction
from playground.discord.message import Message
from playground.discord.modal import Modal
from playground.discord.protocol import NO_FLAGS, Callback, CommandKind, InteractionKind, Json, MessageFlag, MessageType
from playground.discord.rest import Call, Rest
from playground.discord.world import World

ALLOWED = {
    InteractionKind.COMMAND: {Callback.MESSAGE, Callback.THINKING, Callback.MODAL},
    InteractionKind.AUTOCOMPLETE: {Callback.CHOICES},
    InteractionKind.COMPONENT: {
        Callback.MESSAGE,
        Callback.THINKING,
        Callback.DEFERRED_EDIT,
        Callback.EDIT,
        Callback.MODAL,
    },
    InteractionKind.MODAL: {Callback.MESSAGE, Callback.THINKING, Callback.DEFERRED_EDIT, Callback.EDIT},
}
EDITS = {Callback.DEFERRED_EDIT, Callback.EDIT}


class Callbacks:
    """First answers: within 3 s, once."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_to(self, rest: Rest) -> None:
        route = "/interactions/{interaction_id}/{interaction_token}/callback"
        rest.add("POST", route, self.answer, bot_only=False)

    def answer(self, call: Call) -> Json | None:
        interaction = self._world.interactions.get(call.params["interaction_token"])
        if interaction is None or interaction.id != call.id("interaction_id"):
            raise unknown_interaction()
        if interaction.response_type is not None:
            raise already_acknowledged()
        if interaction.expired:
            interaction.late = True
            self._world.check_answers()
            raise unknown_interaction()
        kind = self._kind(interaction, call.json)
        data = call.json.get("data")
        message: Message | None = None
        if kind is Callback.CHOICES:
            interaction.choices = _choices(interaction, data)
        elif kind is Callback.MODAL:
            interaction.modal = _modal(data)
        elif kind in EDITS:
            message = self._edit(interaction, kind, data, call)
        else:
            message = self._post(interaction, kind, data, call)
        interaction.response_type = kind
        interaction.answered_at = self._world.clock.time()
        interaction.original_id = None if message is None else message.id
        self._world.answer(interaction)
        if call.query.get("with_response", "").lower() not in ("1", "true"):
            return None
        return _response(interaction, kind, message)

    def _kind(self, interaction: Interaction, body: Any) -> Callback:
        form = Form()
        value = form.mapping((), body).get("type")
        allowed = ALLOWED[interaction.kind] - (EDITS if interaction.source is None else set())
        if value not in allowed:
            form.choices(("type",), tuple(sorted(map(int, allowed))))
        form.check()
        return Callback(value)

    def _post(self, interaction: Interaction, kind: Callback, data: Any, call: Call) -> Message:
        limit = self._world.file_limit(interaction.channel, interaction.user)
        draft = read_draft(data or {}, call.files, limit, path=("data",))
        if kind is Callback.THINKING:
            # of a deferral only this one flag is heeded
            thinking = MessageFlag.LOADING | (draft.flags & MessageFlag.EPHEMERAL)
            return self._world.post(response_message(interaction, thinking))
        return self._world.post(draft.apply(response_message(interaction), self._world))

    def _edit(self, interaction: Interaction, kind: Callback, data: Any, call: Call) -> Message:
        assert interaction.source is not None
        current = self._world.message(interaction.source.id)
        if current is None:
            raise unknown_message()
        if kind is Callback.DEFERRED_EDIT:
            return current
        limit = self._world.file_limit(interaction.channel, interaction.user)
        draft = read_draft(data or {}, call.files, limit, current=current, path=("data",))
        return self._world.edit(draft.apply(current, self._world))


def response_message(interaction: Interaction, flags: MessageFlag = NO_FLAGS) -> Message:
    """An empty message by the bot, where the interaction was."""
    world = interaction.world
    kind = MessageType.DEFAULT
    if interaction.kind is InteractionKind.COMMAND:
        slash = interaction.data["type"] == CommandKind.SLASH
        kind = MessageType.CHAT_INPUT_COMMAND if slash else MessageType.CONTEXT_MENU_COMMAND
    return Message(
        id=world.ids.next(),
        channel=interaction.channel,
        author=world.bot,
        created_at=world.clock.time(),
        type=kind,
        flags=flags,
        interaction=interaction.origin(),
    )


def _choices(interaction: Interaction, data: Any) -> list[Json]:
    form = Form()
    path = ("data", "choices")
    choices = form.items(path, form.mapping(("data",), data).get("choices"), limits.COMMAND_CHOICES)
    check_choices(form, path, choices, focused_kind(interaction.data))
    form.check()
    return choices


def focused_kind(data: Json) -> int:
    """The type of the option that is being typed."""
    for option in data.get("options", []):
        if option.get("focused"):
            return option["type"]
        if inner := focused_kind(option):
            return inner
    return 0


def _modal(data: Any) -> Modal:
    form = Form()
    modal = check_modal(form, form.mapping(("data",), data))
    form.check()
    return Modal.read(modal)


def _response(interaction: Interaction, kind: Callback, message: Message | None) -> Json:
    """The body that ``with_response`` asks for; a ``resource`` only for a message sent or edited."""
    told: Json = {"id": str(interaction.id), "type": int(interaction.kind)}
    if message is not None:
        told["response_message_id"] = str(message.id)
        told["response_message_loading"] = message.thinking
        told["response_message_ephemeral"] = message.ephemeral
        told["channel_id"] = str(message.channel.id)
    if message is None or kind in (Callback.THINKING, Callback.DEFERRED_EDIT):
        return {"interaction": told}
    return {"interaction": told, "resource": {"type": int(kind), "message": wire.message(message)}}
