"""Slash commands and menus, from the page to the real client."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest
from discord import app_commands

from playground.discord import DiscordServer, Upload
from tests.playground.discord.puppet import Launch, Puppet, Raw
from tests.playground.page.window import Open, RefusedError, Window


@pytest.fixture
async def heard(puppet: Puppet, launch: Launch) -> dict[str, Any]:
    """A command with an option of every kind; what it was called with."""
    got: dict[str, Any] = {}

    @puppet.tree.command(description="Draw a picture")
    @app_commands.choices(style=[app_commands.Choice(name="In oil", value="oil")])
    async def draw(
        interaction: discord.Interaction,
        prompt: app_commands.Range[str, 2, 20],
        steps: app_commands.Range[int, 1, 50] | None = None,
        cfg: float | None = None,
        style: str | None = None,
        raw: bool | None = None,
        image: discord.Attachment | None = None,
        friend: discord.Member | None = None,
        place: discord.TextChannel | None = None,
        value: str | None = None,
    ) -> None:
        got.update(locals())
        got["bytes"] = await image.read() if image else None
        await interaction.response.send_message("ok")

    @draw.autocomplete("value")
    async def offer(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        got["typing"] = dict(vars(interaction.namespace))
        return [app_commands.Choice(name=f"{current}!", value=current)]

    await launch(puppet)
    return got


@pytest.fixture
async def ada(window: Open) -> Window:
    return await window("ada")


async def test_every_kind_of_option_arrives(
    heard: dict[str, Any], ada: Window, server: DiscordServer, png: bytes
) -> None:
    bob, general = server.user("bob"), server.channel("general")
    upload = await ada.upload("a.png", png)
    options = {
        "prompt": "a fox",
        "steps": 8,
        "cfg": 3,
        "style": "oil",
        "raw": False,
        "image": upload,
        "friend": str(bob.id),
        "place": str(general.id),
        "value": None,
    }

    sent = await ada.do("slash", channel=str(general.id), command="draw", options=options)
    await ada.state(sent, "answered")

    assert (heard["prompt"], heard["steps"], heard["cfg"], heard["style"]) == ("a fox", 8, 3, "oil")
    assert (heard["raw"], heard["bytes"], heard["value"]) == (False, png, None)
    assert (heard["friend"].id, heard["place"].id) == (bob.id, general.id)
    with pytest.raises(RefusedError, match="attach it again"):
        await ada.do("slash", channel=str(general.id), command="draw", options=options)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({}, r"^Option 'prompt' is required\.$"),
        ({"prompt": "a fox", "steps": 51}, "51 is above 50"),
        ({"prompt": "a fox", "steps": 2.5}, "a whole number"),
        ({"prompt": "a fox", "steps": 2**63}, "above 50"),
        ({"prompt": ["a"]}, "takes a text"),
        ({"prompt": "x" * 500_000}, "2 to 20 characters"),
        ({"prompt": "a fox", "cfg": 1e300}, "above"),
        ({"prompt": "a fox", "style": "water"}, "one of 'In oil'"),
        ({"prompt": "a fox", "raw": "yes"}, "yes or no"),
        ({"prompt": "a fox", "image": "unknown"}, "attach it again"),
        ({"prompt": "a fox", "image": 3}, "attach it again"),
        ({"prompt": "a fox", "friend": "12"}, "somebody who is here"),
        ({"prompt": "a fox", "friend": ["12"]}, "has to be an id"),
        ({"prompt": "a fox", "place": "9" * 30}, "has to be an id"),
        ({"prompt": "a fox", "size": 3}, "No option 'size'; there are 'prompt'"),
        ({"prompt": "a fox", "self": 3, "timeout": 1, "channel": {}}, "No option"),
    ],
)
async def test_what_a_command_does_not_take_is_told(
    heard: dict[str, Any], ada: Window, options: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(RefusedError, match=complaint):
        await ada.do("slash", channel=ada.channel("general"), command="draw", options=options)
    assert heard == {}


@pytest.mark.parametrize("command", ["", "   ", "nothing", "draw more", "x" * 5000])
async def test_a_command_that_is_not_there(heard: dict[str, Any], ada: Window, command: str) -> None:
    with pytest.raises(RefusedError, match=r"No command|has a name|has no 'more'"):
        await ada.do("slash", channel=ada.channel("general"), command=command)


async def test_what_is_typed_is_completed(heard: dict[str, Any], ada: Window) -> None:
    upload = await ada.upload("a.png", b"x")
    others = {"prompt": "a", "steps": 8, "image": upload, "friend": "none", "value": "old"}

    choices = await ada.do(
        "complete", channel=ada.channel("general"), command="draw", options=others, focused="value", value="fo"
    )

    assert choices == [{"name": "fo!", "value": "fo"}]
    assert {key: heard["typing"].get(key) for key in ("prompt", "steps", "friend")} == {
        "prompt": None,
        "steps": 8,
        "friend": None,
    }
    await ada.settled()
    assert ada.pushed("interaction") == []
    with pytest.raises(RefusedError, match="no autocomplete"):
        await ada.do("complete", channel=ada.channel("general"), command="draw", focused="prompt", value="")


async def test_a_bot_that_does_not_complete(
    window: Open, server: DiscordServer, raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    option = {"name": "lora", "description": "LoRA", "type": 3, "autocomplete": True}
    await raw.register({"name": "draw", "description": "Draw", "options": [option]})
    monkeypatch.setattr("playground.page.verbs.COMPLETION_SECONDS", 0.01)
    ada = await window("ada")
    asked = {"channel": ada.channel("general"), "command": "draw", "focused": "lora"}

    assert await ada.do("complete", **asked, value="fo") == []

    with pytest.raises(RefusedError, match="at most 6000 characters"):
        await ada.do("complete", **asked, value="x" * 6001)


async def test_choices_are_shown_in_the_users_language(window: Open, server: DiscordServer, raw: Raw) -> None:
    option = {"name": "lora", "description": "LoRA", "type": 3, "autocomplete": True}
    await raw.register({"name": "draw", "description": "Draw", "options": [option]})
    seats = {name: await window(name) for name in ("ada", "cleo")}
    shown = {}
    for name, seat in seats.items():
        asked = seat.do("complete", channel=seat.channel("general"), command="draw", focused="lora", value="")
        task = asyncio.create_task(asked)
        typing = await server.until(
            lambda: next((one for one in server.world.interactions.values() if one.response_type is None), None)
        )
        assert typing is not None
        await raw.answer(
            typing, 8, {"choices": [{"name": "Fox", "name_localizations": {"de": "Fuchs"}, "value": "fox"}]}
        )
        shown[name] = (await task)[0]

    assert shown == {"ada": {"name": "Fox", "value": "fox"}, "cleo": {"name": "Fuchs", "value": "fox"}}


async def test_menus_on_messages_and_people(
    window: Open, server: DiscordServer, puppet: Puppet, launch: Launch
) -> None:
    @puppet.tree.context_menu(name="Image info")
    async def info(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"about {message.content}")

    @puppet.tree.context_menu(name="Who")
    async def who(interaction: discord.Interaction, user: discord.User) -> None:
        await interaction.response.send_message(f"it is {user.name}", ephemeral=True)

    await launch(puppet)
    ada = await window("ada")
    said = await server.user("bob").say(server.channel("general"), "a fox", Upload("a.png", b"x"))
    place = ada.channel("general")

    await ada.do("menu", channel=place, command="Image info", message=str(said.id))
    about = await ada.message(lambda message: message["content"] == "about a fox")
    await ada.do("menu", channel=place, command="Who", target_user=str(server.user("bob").id))
    told = await ada.message(lambda message: message["content"] == "it is bob")

    assert (about["interaction"]["name"], about["interaction"]["slash"]) == ("Image info", False)
    assert told["ephemeral"]
    for target in ({"message": "12"}, {"target_user": "12"}, {"target_user": None}):
        with pytest.raises(RefusedError, match=r"gone|nobody|has to be an id"):
            await ada.do("menu", channel=place, command="Who", **target)


async def test_commands_registered_anew_are_told(window: Open, server: DiscordServer, raw: Raw) -> None:
    ada = await window("ada")
    assert ada.view["commands"][ada.channel("general")] == []

    await raw.register({"name": "draw", "description": "Draw", "name_localizations": {"de": "male"}})

    told = (await ada.until("commands"))["commands"]
    assert told[ada.channel("general")][0]["name_localizations"] == {"de": "male"}
    assert set(told) == {place["id"] for place in ada.view["channels"]}
