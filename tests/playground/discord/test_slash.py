"""Slash commands, autocomplete and context menus, as a user types them and the real client hears them."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from discord import app_commands

from playground.discord import Callback, DiscordServer, Permission, PlaygroundError, Upload
from tests.playground.discord.puppet import Launch, Puppet


@pytest.fixture
def heard(puppet: Puppet) -> dict[str, Any]:
    """A command with an option of every kind; what it was called with."""
    got: dict[str, Any] = {}

    @puppet.tree.command(description="Draw a picture")
    @app_commands.choices(style=[app_commands.Choice(name="In oil", value="oil")])
    async def draw(
        interaction: discord.Interaction,
        prompt: app_commands.Range[str, 2, 20],
        steps: app_commands.Range[int, 1, 50] | None = None,
        cfg: app_commands.Range[float, 1.0, 20.0] | None = None,
        style: str | None = None,
        raw: bool | None = None,
        image: discord.Attachment | None = None,
        friend: discord.Member | None = None,
        place: discord.TextChannel | None = None,
    ) -> None:
        got.update(locals())
        got["bytes"] = await image.read() if image else None
        await interaction.response.send_message("ok")

    return got


async def test_every_kind_of_option_arrives(
    server: DiscordServer, puppet: Puppet, launch: Launch, heard: dict[str, Any], png: bytes
) -> None:
    await launch(puppet)
    ada, bob, general = server.user("ada"), server.user("bob"), server.channel("general")
    ada.locale = "de"
    ada.permissions |= Permission.MANAGE_MESSAGES

    reply = await ada.slash(
        general,
        "draw",
        prompt="a fox",
        steps=8,
        cfg=3.5,
        style="In oil",
        raw=False,
        image=Upload("my picture.png", png),
        friend=bob,
        place=general,
    )
    await reply.answered()

    assert puppet.problems == []
    assert (heard["prompt"], heard["steps"], heard["cfg"]) == ("a fox", 8, 3.5)
    assert (heard["style"], heard["raw"]) == ("oil", False)
    assert heard["bytes"] == png
    image = heard["image"]
    assert (image.filename, image.width, image.height, image.content_type) == ("my_picture.png", 3, 2, "image/png")
    assert image.ephemeral
    assert heard["friend"].id == bob.id
    assert heard["place"].id == general.id
    interaction = heard["interaction"]
    assert interaction.user.id == ada.id
    assert interaction.permissions.manage_messages
    assert interaction.locale is discord.Locale.german
    assert interaction.channel.id == general.id
    assert interaction.filesize_limit == 10 * 1024 * 1024
    assert interaction.context.guild
    assert interaction.is_guild_integration()
    assert reply.response_type is Callback.MESSAGE
    assert reply.message is not None
    assert reply.message.content == "ok"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({}, "'prompt' is required"),
        ({"prompt": "a fox", "size": 3}, "no option"),
        ({"prompt": "a"}, "2 to 20 characters"),
        ({"prompt": "a" * 21}, "2 to 20 characters"),
        ({"prompt": 3}, "takes a text"),
        ({"prompt": "a fox", "steps": 0}, "below 1"),
        ({"prompt": "a fox", "steps": 51}, "above 50"),
        ({"prompt": "a fox", "steps": 2.5}, "takes a whole number"),
        ({"prompt": "a fox", "steps": True}, "takes a whole number"),
        ({"prompt": "a fox", "style": "water"}, "one of"),
        ({"prompt": "a fox", "image": "x.png"}, "takes a file"),
        ({"prompt": "a fox", "image": Upload("x.png", b"x" * 11)}, "too large"),
    ],
)
async def test_client_does_not_send_what_the_command_does_not_take(
    server: DiscordServer,
    puppet: Puppet,
    launch: Launch,
    heard: dict[str, Any],
    options: dict[str, Any],
    complaint: str,
) -> None:
    server.attachment_size_limit = 10
    await launch(puppet)

    with pytest.raises(PlaygroundError, match=complaint):
        await server.user("ada").slash(server.channel("general"), "draw", **options)
    assert heard == {}


async def test_user_may_have_a_higher_file_limit(
    server: DiscordServer, puppet: Puppet, launch: Launch, heard: dict[str, Any]
) -> None:
    server.attachment_size_limit = 10
    ada = server.user("ada")
    ada.attachment_size_limit = 20
    await launch(puppet)

    reply = await ada.slash(server.channel("general"), "draw", prompt="a fox", image=Upload("x.png", b"x" * 11))
    await reply.answered()

    assert heard["interaction"].filesize_limit == 20
    server.guild.premium_tier = 2
    reply = await ada.slash(server.channel("general"), "draw", prompt="a fox")
    await reply.answered()
    assert heard["interaction"].filesize_limit == 50 * 1024 * 1024


async def test_subcommands(server: DiscordServer, puppet: Puppet, launch: Launch) -> None:
    group = app_commands.Group(name="edit", description="Edit")

    @group.command(description="With Flux")
    async def flux(interaction: discord.Interaction, strength: int) -> None:
        await interaction.response.send_message(f"flux {strength}")

    @flux.autocomplete("strength")
    async def offer(_: discord.Interaction, current: str) -> list[app_commands.Choice[int]]:
        return [app_commands.Choice(name=current * 2, value=int(current * 2))]

    puppet.tree.add_command(group)
    await launch(puppet)
    ada, general = server.user("ada"), server.channel("general")

    reply = await (await ada.slash(general, "edit flux", strength=3)).answered()
    offered = await ada.autocomplete(general, "edit flux", focused="strength", value="1")

    assert reply.message is not None
    assert reply.message.content == "flux 3"
    assert offered == [{"name": "11", "value": 11}]
    with pytest.raises(PlaygroundError, match="needs one of"):
        await ada.slash(general, "edit")
    with pytest.raises(PlaygroundError, match="has no 'qwen'"):
        await ada.slash(general, "edit qwen")


async def test_autocomplete_offers_choices(server: DiscordServer, puppet: Puppet, launch: Launch) -> None:
    @puppet.tree.command(description="Draw")
    async def draw(interaction: discord.Interaction, prompt: str, lora: str) -> None:
        await interaction.response.send_message("ok")

    @draw.autocomplete("lora")
    async def offer(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{interaction.namespace.prompt}: {current}x", value=f"{current}.st")]

    await launch(puppet)
    ada, general = server.user("ada"), server.channel("general")

    choices = await ada.autocomplete(general, "draw", focused="lora", value="fo", prompt="a")

    assert choices == [{"name": "a: fox", "value": "fo.st"}]
    with pytest.raises(PlaygroundError, match="no autocomplete"):
        await ada.autocomplete(general, "draw", focused="prompt", value="fo")
    with pytest.raises(PlaygroundError, match="no option"):
        await ada.autocomplete(general, "draw", focused="size", value="fo")


async def test_context_menus(server: DiscordServer, puppet: Puppet, launch: Launch, png: bytes) -> None:
    @puppet.tree.context_menu(name="Edit image…")
    async def edit(interaction: discord.Interaction, message: discord.Message) -> None:
        data = await message.attachments[0].read()
        await interaction.response.send_message(f"{message.content} {len(data)}")

    @puppet.tree.context_menu(name="Who is it")
    async def who(interaction: discord.Interaction, user: discord.User) -> None:
        await interaction.response.send_message(user.name, ephemeral=True)

    await launch(puppet)
    ada, bob = server.user("ada"), server.user("bob")
    message = await bob.say(server.channel("general"), "look", Upload("a.png", png))

    edited = await (await ada.context_menu(message, "Edit image…")).answered()
    told = await (await ada.context_menu(bob, "Who is it", channel=server.channel("general"))).answered()

    assert edited.message is not None
    assert edited.message.content == f"look {len(png)}"
    assert told.message is not None
    assert (told.message.content, told.message.ephemeral) == ("bob", True)
    with pytest.raises(PlaygroundError, match="no command"):
        await ada.context_menu(message, "Upscale")
