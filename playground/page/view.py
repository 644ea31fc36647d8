"""What a user sees, as JSON. Pure: it looks and changes nothing."""

from __future__ import annotations

from typing import Any

from playground.discord import Attachment, Channel, DiscordServer, Interaction, Message, MessageFlag, User
from playground.discord.message import relink
from playground.discord.model import Account
from playground.discord.options import offered_commands
from playground.discord.protocol import ChannelKind, InteractionKind, Json, MessageType

#: Where the page finds the files that Discord keeps.
MEDIA = "/page/media"
#: Messages of a channel at a time.
PAGE = 100
KINDS = {
    ChannelKind.TEXT: "text",
    ChannelKind.THREAD: "thread",
    ChannelKind.DM: "dm",
    ChannelKind.GROUP: "group",
}
#: Seconds: links are signed as of the last multiple, so that an edit does not change those of what stays.
_SIGNED_EVERY = 12 * 3600
_QUOTED = 200


def _initials(name: str) -> str:
    """One or two letters to stand for somebody."""
    words = name.split() or ["?"]
    return "".join(word[0] for word in (words[0], *words[1:][-1:])).upper()


def author(account: Account) -> Json:
    name = account.display_name
    return {
        "id": str(account.id),
        "name": name,
        "bot": account.bot,
        "colour": account.colour,
        "initials": _initials(name),
    }


def user(account: User) -> Json:
    return {**author(account), "locale": account.locale, "moderator": account.moderator}


def channels(reader: User) -> list[Json]:
    """Those that this user finds, threads below their parents, direct messages last."""
    found = [place for place in reader.world.channels.values() if reader.finds(place)]
    tops = [place for place in found if place.kind is ChannelKind.TEXT]
    listed = [place for top in tops for place in (top, *(thread for thread in found if thread.parent is top))]
    listed += [place for place in found if place not in listed and place.kind is not ChannelKind.DM]
    listed += [place for place in found if place.kind is ChannelKind.DM]
    return [channel(place) for place in listed]


def channel(place: Channel) -> Json:
    direct = place.kind is ChannelKind.DM
    return {
        "id": str(place.id),
        "name": place.world.bot.display_name if direct else place.name,
        "kind": KINDS[place.kind],
        "parent": None if place.parent is None else str(place.parent.id),
        "nsfw": place.age_restricted,
        "topic": place.topic,
    }


def commands(reader: User) -> dict[str, list[Json]]:
    """What is offered in each channel."""
    places = [place for place in reader.world.channels.values() if reader.finds(place)]
    return {str(place.id): offered_commands(reader.world, reader, place) for place in places}


def history(reader: User, place: Channel, before: int | None = None) -> list[Json]:
    """The newest messages, or those before one, oldest first."""
    found = [state for state in reader.sees(place) if before is None or state.id < before]
    return [message(state) for state in found[-PAGE:]]


def message(state: Message) -> Json:
    def link(name: str) -> str:
        return next((media(file) for file in state.attachments if file.filename == name), "")

    base, shown = state.channel.world.cdn.base, state.embedded
    embeds = () if MessageFlag.SUPPRESS_EMBEDS in state.flags else state.embeds
    return {
        "id": str(state.id),
        "channel": str(state.channel.id),
        "author": author(state.author),
        "time": int(state.created_at * 1000),
        "edited": None if state.edited_at is None else int(state.edited_at * 1000),
        "content": state.content,
        "embeds": [_rehomed(relink(embed, link), base) for embed in embeds],
        "components": _rehomed(relink(state.components, link), base),
        "attachments": [_attachment(file, shown=file.filename in shown) for file in state.attachments],
        "ephemeral": state.ephemeral,
        "thinking": state.thinking,
        "interaction": _used(state),
        "reply_to": _answered(state),
    }


def choice(offered: Json, locale: str) -> Json:
    """A choice under its name in this language."""
    return {"name": (offered.get("name_localizations") or {}).get(locale) or offered["name"], "value": offered["value"]}


def modal(opened: Interaction) -> Json:
    assert opened.modal is not None
    return {
        "interaction": str(opened.id),
        "custom_id": opened.modal.custom_id,
        "title": opened.modal.title,
        "components": list(opened.modal.parts),
    }


def interaction(state: Interaction) -> Json:
    """How far what a user did has come, in the words of Discord's client."""
    error = None
    if state.failed:
        error = {
            InteractionKind.COMPONENT: "This interaction failed",
            InteractionKind.MODAL: "Something went wrong. Try again.",
        }.get(state.kind, "The application did not respond")
    return {
        "interaction": str(state.id),
        "user": str(state.user.id),
        "channel": str(state.channel.id),
        "name": state.name,
        "state": "failed" if state.failed else "sent" if state.response_type is None else "answered",
        "source": None if state.source is None else str(state.source.id),
        "custom_id": state.data.get("custom_id"),
        "error": error,
    }


def bot(server: DiscordServer) -> Json:
    return {**author(server.world.bot), "online": server.connected}


def media(file: Attachment) -> str:
    """Where the page finds a file."""
    return MEDIA + file.cdn.path(file, _SIGNED_EVERY)


def _attachment(file: Attachment, *, shown: bool) -> Json:
    return {
        "id": str(file.id),
        "filename": file.filename,
        "size": file.size,
        "url": media(file),
        "content_type": file.content_type,
        "width": file.width,
        "height": file.height,
        "spoiler": file.spoiler,
        "description": file.description,
        "shown": shown,
    }


def _used(state: Message) -> Json | None:
    """Who used which command, above its first answer; a menu's name has no slash before it."""
    origin = state.interaction
    if origin is None or origin.type != InteractionKind.COMMAND or origin.original_id is not None:
        return None
    return {
        "user": author(origin.user),
        "name": origin.name,
        "slash": state.type is MessageType.CHAT_INPUT_COMMAND,
    }


def _answered(state: Message) -> Json | None:
    """What a reply replies to: for a follow-up the first answer, for an answer to a click what was clicked on."""
    known, origin = state.reference, state.interaction
    asked = None
    if origin is not None:
        asked = origin.original_id or origin.clicked_id or (origin.trigger and origin.trigger.clicked_id)
    now = state.channel.world.message(known.id if known is not None else asked or 0)
    if known is None and (now is None or now.viewer not in (None, state.viewer)):
        return None
    if now is None:
        return {"id": str(known.id if known else 0), "author": "", "text": "Original message was deleted"}
    words = now.content or now.text.partition("\n")[0]  # of an embed its title: the rest is Markdown in pieces
    return {"id": str(now.id), "author": now.author.display_name, "text": words[:_QUOTED]}


def _rehomed(value: Any, base: str) -> Any:
    """Embeds or components whose links to Discord's files lead to the page's."""
    if isinstance(value, list):
        return [_rehomed(item, base) for item in value]
    if not isinstance(value, dict):
        return value
    start = f"{base}/attachments/"
    return {
        key: f"{MEDIA}/{item.removeprefix(start)}"
        if key in ("url", "icon_url") and isinstance(item, str) and item.startswith(start)
        else _rehomed(item, base)
        for key, item in value.items()
    }
