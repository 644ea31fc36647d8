"""Where commands are offered, and what the client is told of the place."""

from __future__ import annotations

from typing import Any, cast

import discord
import pytest
from discord import app_commands

from playground.discord import DiscordServer, Permission, PlaygroundError
from tests.playground.discord.puppet import Launch, Puppet, Raw


@pytest.mark.parametrize(
    ("command", "where", "complaint"),
    [
        ({"contexts": [0]}, "dm", "not offered in direct messages"),
        ({"dm_permission": False}, "dm", "not offered in direct messages"),
        ({"contexts": [0, 1]}, "group", "not offered in private channels"),
        ({"contexts": [0, 1, 2], "integration_types": [0]}, "group", "cannot be installed"),
        ({"nsfw": True}, "general", "age-restricted"),
        ({"default_member_permissions": int(Permission.MANAGE_MESSAGES)}, "general", "lacks"),
        ({"default_member_permissions": 0}, "general", "lacks"),
    ],
)
async def test_commands_are_offered_only_where_they_are_meant_for(
    server: DiscordServer, raw: Raw, command: dict[str, Any], where: str, complaint: str
) -> None:
    await raw.register({"name": "draw", "description": "Draw", **command})
    ada = server.user("ada")
    places = {"dm": ada.dm, "group": server.private_channel("friends"), "general": server.channel("general")}

    with pytest.raises(PlaygroundError, match=complaint):
        await ada.slash(places[where], "draw")


async def test_what_nobody_here_can_type(server: DiscordServer, raw: Raw) -> None:
    options = [
        {"name": "role", "description": "Role", "type": 8},
        {"name": "prompt", "description": "Prompt", "type": 3},
    ]
    await raw.register({"name": "draw", "description": "Draw", "options": options})
    ada, general = server.user("ada"), server.channel("general")
    with pytest.raises(PlaygroundError, match="type 8"):
        await ada.slash(general, "draw", role="mods")
    with pytest.raises(PlaygroundError, match="empty"):
        await ada.slash(general, "draw", prompt="")


async def test_restricted_commands_are_offered_where_allowed(server: DiscordServer, raw: Raw) -> None:
    limits = {"nsfw": True, "default_member_permissions": int(Permission.MANAGE_MESSAGES)}
    await raw.register({"name": "draw", "description": "Draw", **limits})
    ada, general = server.user("ada"), server.channel("general")
    general.nsfw = True
    ada.permissions |= Permission.MANAGE_MESSAGES

    assert (await ada.slash(general, "draw")).name == "/draw"


async def test_guild_commands_go_before_global_ones(server: DiscordServer, puppet: Puppet, launch: Launch) -> None:
    guild = discord.Object(server.guild.id)

    @app_commands.command(name="draw", description="Draw here")
    async def here(interaction: discord.Interaction) -> None:
        data = cast("dict[str, Any]", interaction.data)
        await interaction.response.send_message(f"here {data['guild_id']}")

    @app_commands.command(name="draw", description="Draw anywhere")
    async def anywhere(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("anywhere")

    puppet.tree.add_command(here, guild=guild)
    puppet.tree.add_command(anywhere)
    client = await launch(puppet)
    await client.tree.sync(guild=guild)
    ada = server.user("ada")

    in_guild = await (await ada.slash(server.channel("general"), "draw")).answered()
    in_dm = await (await ada.slash(ada.dm, "draw")).answered()

    assert in_guild.message is not None
    assert in_guild.message.content == f"here {server.guild.id}"
    assert in_dm.message is not None
    assert in_dm.message.content == "anywhere"
    assert [command["name"] for command in server.commands] == ["draw", "draw"]
    assert [command.get("guild_id") for command in server.commands] == [None, str(server.guild.id)]


async def test_context_and_installs_are_told(server: DiscordServer, puppet: Puppet, launch: Launch) -> None:
    seen: list[tuple[bool, bool, bool]] = []

    @puppet.tree.command(description="Draw")
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.allowed_installs(guilds=True, users=True)
    async def draw(interaction: discord.Interaction) -> None:
        context = interaction.context
        seen.append((context.dm_channel, context.private_channel, interaction.is_user_integration()))
        await interaction.response.send_message("ok")

    await launch(puppet)
    ada = server.user("ada")
    for place in (server.thread("work", server.channel("general")), ada.dm, server.private_channel("friends")):
        reply = await (await ada.slash(place, "draw")).answered()
        assert reply.message is not None
        assert reply.message.channel is place

    assert seen == [(False, False, False), (True, False, False), (False, True, True)]
    with pytest.raises(PlaygroundError, match="direct channel"):
        await server.user("bob").slash(ada.dm, "draw")
