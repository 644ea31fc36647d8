"""The world as JSON, the way Discord writes it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from playground.discord.message import Message, Origin, linked, relink
from playground.discord.permissions import MEMBER, Permission
from playground.discord.protocol import ChannelKind, Context, InteractionKind, Json, MessageFlag

if TYPE_CHECKING:
    from playground.discord.model import Account, Attachment, Channel, Guild

JOINED = "2024-01-01T00:00:00+00:00"


def timestamp(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()


def user(account: Account) -> Json:
    return {
        "id": str(account.id),
        "username": account.name,
        "global_name": None if account.bot else account.display_name,
        "discriminator": "0000" if account.bot else "0",
        "avatar": None,
        "bot": account.bot,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
    }


def member(account: Account) -> Json:
    """Without its ``user``, as in messages and resolved data."""
    return {
        "roles": [],
        "nick": None,
        "avatar": None,
        "banner": None,
        "joined_at": JOINED,
        "premium_since": None,
        "communication_disabled_until": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
        "permissions": str(int(account.permissions)),
    }


def full_member(account: Account) -> Json:
    return {**member(account), "user": user(account)}


def attachment(file: Attachment) -> Json:
    link = file.url
    body: Json = {
        "id": str(file.id),
        "filename": file.filename,
        "size": file.size,
        "url": link,
        "proxy_url": link,
        "ephemeral": file.ephemeral,
        "flags": 1 << 5 if file.spoiler else 0,
    }
    optional = {
        "content_type": file.content_type,
        "width": file.width,
        "height": file.height,
        "description": file.description,
    }
    return body | {key: value for key, value in optional.items() if value is not None}


def channel(place: Channel, bot: Account) -> Json:
    body: Json = {"id": str(place.id), "type": int(place.kind), "flags": 0, "last_message_id": None}
    if place.kind is ChannelKind.DM:
        assert place.recipient is not None
        return body | {"recipients": [user(place.recipient)]}
    if place.kind is ChannelKind.GROUP:
        return body | {"name": place.name, "icon": None, "owner_id": None, "recipients": []}
    body |= {
        "guild_id": str(place.world.guild.id),
        "name": place.name,
        "parent_id": None if place.parent is None else str(place.parent.id),
        "rate_limit_per_user": 0,
    }
    if place.kind is ChannelKind.THREAD:
        metadata = {"archived": False, "auto_archive_duration": 1440, "archive_timestamp": JOINED}
        return body | {
            "owner_id": str(bot.id),
            "message_count": 0,
            "total_message_sent": 0,
            "member_count": 1,
            "thread_metadata": {**metadata, "locked": False, "create_timestamp": JOINED},
        }
    denied = MEMBER & ~place.bot_permissions
    denials = {bot: denied} if denied else {}
    denials |= dict.fromkeys(place.closed_to, Permission.VIEW_CHANNEL)
    return body | {
        "topic": place.topic or None,
        "position": 0,
        "nsfw": place.nsfw,
        "permission_overwrites": [
            {"id": str(account.id), "type": 1, "allow": "0", "deny": str(int(bits))}
            for account, bits in denials.items()
        ],
    }


def guild(home: Guild, bot: Account, places: list[Channel]) -> Json:
    """GUILD_CREATE."""
    everyone = {
        "id": str(home.id),
        "name": "@everyone",
        "permissions": str(int(MEMBER)),
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "position": 0,
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }
    return {
        "id": str(home.id),
        "name": home.name,
        "icon": None,
        "owner_id": str(home.id),
        "preferred_locale": "en-US",
        "premium_tier": home.premium_tier,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "nsfw_level": 0,
        "mfa_level": 0,
        "features": [],
        "roles": [everyone],
        "emojis": [],
        "stickers": [],
        "member_count": 1,
        "joined_at": JOINED,
        "large": False,
        "unavailable": False,
        "members": [full_member(bot)],
        "channels": [channel(place, bot) for place in places if place.kind is ChannelKind.TEXT],
        "threads": [channel(place, bot) for place in places if place.kind is ChannelKind.THREAD],
        "voice_states": [],
        "presences": [],
    }


def installers(place: Channel, account: Account) -> Json:
    """``authorizing_integration_owners``: the guild (0 stands for the bot's DM), or the user who installed it."""
    if place.context is Context.PRIVATE:
        return {"1": str(account.id)}
    return {"0": str(place.world.guild.id) if place.in_guild else "0"}


def origin(source: Origin, place: Channel) -> Json:
    """``interaction_metadata`` of a message."""
    body: Json = {
        "id": str(source.id),
        "type": source.type,
        "user": user(source.user),
        "authorizing_integration_owners": installers(place, source.user),
    }
    if source.original_id is not None:
        body["original_response_message_id"] = str(source.original_id)
    if source.clicked_id is not None:
        body["interacted_message_id"] = str(source.clicked_id)
    if source.trigger is not None:
        body["triggering_interaction_metadata"] = origin(source.trigger, place)
    return body


def message(state: Message, *, redacted: bool = False) -> Json:
    """A message object. ``redacted`` is how a bot without the message content intent sees what others wrote."""
    world = state.channel.world
    links = {file.filename: file.url for file in state.attachments}
    # what an embed shows is not listed; what components show is
    shown = linked(state.embeds)

    def link(name: str) -> str:
        return links.get(name, f"attachment://{name}")

    embeds = () if MessageFlag.SUPPRESS_EMBEDS in state.flags else state.embeds
    body: Json = {
        "id": str(state.id),
        "channel_id": str(state.channel.id),
        "type": int(state.type),
        "author": user(state.author),
        "content": "" if redacted else state.content,
        "embeds": [] if redacted else [{"type": "rich", **relink(embed, link)} for embed in embeds],
        "components": [] if redacted else relink(state.components, link),
        "attachments": []
        if redacted
        else [attachment(file) for file in state.attachments if file.filename not in shown],
        "flags": int(state.flags),
        "timestamp": timestamp(state.created_at),
        "edited_timestamp": timestamp(state.edited_at),
        "mentions": [user(world.accounts[who]) for who in state.pings if who in world.accounts],
        "mention_everyone": "everyone" in state.pings,
        "mention_roles": [],
        "pinned": False,
        "tts": state.tts,
    }
    if state.nonce is not None:
        body["nonce"] = state.nonce
    if state.author.bot:
        body["application_id"] = str(world.application_id)
    if state.reference is not None:
        body["message_reference"] = {
            "type": 0,
            "message_id": str(state.reference.id),
            "channel_id": str(state.reference.channel.id),
        }
        current = world.message(state.reference.id)
        body["referenced_message"] = None if current is None else message(current)
    if state.interaction is not None:
        body["webhook_id"] = str(world.application_id)
        body["interaction_metadata"] = origin(state.interaction, state.channel)
        if state.interaction.type == InteractionKind.COMMAND:
            body["interaction"] = {
                "id": str(state.interaction.id),
                "type": state.interaction.type,
                "name": state.interaction.name,
                "user": user(state.interaction.user),
            }
    return body


def message_event(state: Message, *, redacted: bool = False) -> Json:
    """MESSAGE_CREATE and MESSAGE_UPDATE: no guild when ephemeral, no member for what came by webhook."""
    body = message(state, redacted=redacted)
    if state.channel.in_guild and not state.ephemeral:
        body["guild_id"] = str(state.channel.world.guild.id)
        if state.interaction is None:
            body["member"] = member(state.author)
    return body
