"""The bot's own account, its application, the guild, channels and users as they are read."""

from __future__ import annotations

from playground.discord import wire
from playground.discord.checks.form import Form
from playground.discord.clock import as_id
from playground.discord.errors import ApiError, missing_access, unknown_channel
from playground.discord.gateway import Gateway
from playground.discord.model import Account, Channel
from playground.discord.permissions import Permission
from playground.discord.protocol import ChannelKind, Json
from playground.discord.rest import Call, Rest
from playground.discord.world import World


class Accounts:
    """Everything that is only looked up, and the DM channel that is opened."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._gateway = gateway

    def add_to(self, rest: Rest) -> None:
        rest.add("GET", "/users/@me", lambda _: self.me())
        rest.add("GET", "/users/{user_id}", lambda call: wire.user(self._account(call.id("user_id"))))
        rest.add("POST", "/users/@me/channels", self.open_dm)
        rest.add("GET", "/oauth2/applications/@me", lambda _: self.application())
        rest.add("GET", "/gateway", lambda _: {"url": self._gateway.url}, bot_only=False)
        rest.add("GET", "/gateway/bot", lambda _: self.gateway_bot())
        rest.add("GET", "/channels/{channel_id}", self.channel)
        rest.add("GET", "/guilds/{guild_id}", self.guild)
        rest.add("GET", "/guilds/{guild_id}/members/{user_id}", self.member)

    def me(self) -> Json:
        bot = self._world.bot
        return {**wire.user(bot), "mfa_enabled": False, "locale": bot.locale}

    def application(self) -> Json:
        world = self._world
        return {
            "id": str(world.application_id),
            "name": world.bot.name,
            "description": "",
            "icon": None,
            "bot_public": False,
            "bot_require_code_grant": False,
            "owner": wire.user(world.bot),
            "team": None,
            "verify_key": "0" * 64,
            "flags": 0,
            "bot": wire.user(world.bot),
        }

    def gateway_bot(self) -> Json:
        limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        return {"url": self._gateway.url, "shards": 1, "session_start_limit": limit}

    def open_dm(self, call: Call) -> Json:
        form = Form()
        recipient = str(form.mapping((), call.json).get("recipient_id", ""))
        form.check()
        account = self._account(as_id(recipient) or 0)
        return wire.channel(dm_channel(self._world, account), self._world.bot)

    def channel(self, call: Call) -> Json:
        channel = self._world.channels.get(call.id("channel_id"))
        if channel is None:
            raise unknown_channel()
        if not self._world.bot_may(channel, Permission.VIEW_CHANNEL):
            raise missing_access()
        return wire.channel(channel, self._world.bot)

    def guild(self, call: Call) -> Json:
        self._check_guild(call)
        return wire.guild(self._world.guild, self._world.bot, list(self._world.channels.values()))

    def member(self, call: Call) -> Json:
        self._check_guild(call)
        return wire.full_member(self._account(call.id("user_id")))

    def _check_guild(self, call: Call) -> None:
        if call.id("guild_id") != self._world.guild.id:
            raise ApiError(404, 10004, "Unknown Guild")

    def _account(self, user_id: int) -> Account:
        account = self._world.accounts.get(user_id)
        if account is None:
            raise ApiError(404, 10013, "Unknown User")
        return account


def dm_channel(world: World, account: Account) -> Channel:
    """The one between the bot and this user, made when it is first needed."""
    for channel in world.channels.values():
        if channel.recipient is account:
            return channel
    return world.add_channel(account.name, ChannelKind.DM, recipient=account)
