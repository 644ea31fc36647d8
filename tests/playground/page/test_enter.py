"""Everything that a user sees when the page is opened."""

from __future__ import annotations

import aiohttp
import discord
import pytest

from playground.discord import DiscordServer, Upload
from playground.page import Backend, Page
from tests.playground.discord.puppet import Launch, Puppet, Raw
from tests.playground.page.window import Open, RefusedError, Window


async def test_the_first_user_enters_a_place_with_people_and_channels(window: Open, server: DiscordServer) -> None:
    ada = await window()
    view = ada.view

    assert (view["user"]["name"], view["user"]["initials"], view["user"]["moderator"]) == ("Ada", "A", True)
    assert [(user["name"], user["locale"]) for user in view["users"]] == [
        ("Ada", "en-US"),
        ("Bob", "en-US"),
        ("Cleo", "de"),
    ]
    assert len({user["colour"] for user in view["users"]}) == 3
    assert [(place["name"], place["kind"]) for place in view["channels"]] == [
        ("general", "text"),
        ("foxes", "thread"),
        ("pictures", "text"),
        ("disbot", "dm"),
    ]
    general, foxes = view["channels"][:2]
    assert (general["topic"], general["parent"], foxes["parent"]) == ("Pictures for everybody", None, general["id"])
    assert view["guild"] == {"id": str(server.guild.id), "name": "Playground"}
    assert (view["bot"]["id"], view["bot"]["online"]) == (str(server.bot_user_id), False)
    assert (view["comfyui"], view["limits"]) == (
        {"label": "demo ComfyUI", "demo": True},
        {"file": 10 * 1024 * 1024, "content": 2000},
    )
    assert "demo" in view["notice"]
    assert {"de", "en-US", "pt-BR", "ar"} < set(view["locales"])
    assert set(view["messages"]) == {place["id"] for place in view["channels"]}
    assert (view["modals"], [fault["name"] for fault in view["faults"]]) == (
        [],
        ["gateway_drop", "gateway_refuse", "rate_limit", "slow"],
    )


async def test_opening_the_page_is_no_news(window: Open) -> None:
    ada = await window("ada")
    await ada.settled()
    assert ada.heard == []


async def test_nothing_can_be_done_before_somebody_has_entered(window: Open, server: DiscordServer) -> None:
    ada = await window("ada")
    stranger = await Window(ada.session, server).open()
    with pytest.raises(RefusedError, match="Enter first"):
        await stranger.do("say", channel=ada.channel("general"), content="hi")
    await stranger.close()
    assert server.channel("general").messages == ()


async def test_a_message_is_shown_as_discord_shows_it(
    window: Open, server: DiscordServer, raw: Raw, png: bytes
) -> None:
    general = server.channel("general")
    said = await server.user("bob").say(general, "look", Upload("a.png", png), Upload("SPOILER_b.txt", b"b"))
    answer = {
        "content": "**nice**",
        "message_reference": {"message_id": str(said.id)},
        "embeds": [
            {"title": "It", "image": {"url": "attachment://c.png"}, "thumbnail": {"url": said.attachments[0].url}}
        ],
    }
    await raw("POST", f"/channels/{general.id}/messages", answer, files=(Upload("c.png", png), Upload("d.png", png)))

    ada = await window("ada")
    first, second = ada.view["messages"][str(general.id)]

    assert (first["author"]["name"], first["content"], first["edited"], first["ephemeral"]) == (
        "Bob",
        "look",
        None,
        False,
    )
    picture, text = first["attachments"]
    assert (picture["filename"], picture["width"], picture["height"], picture["shown"]) == ("a.png", 3, 2, False)
    assert (text["size"], text["spoiler"], text["content_type"]) == (1, True, "text/plain")
    assert first["time"] == int(said.created_at * 1000)
    assert second["author"]["bot"]
    assert second["reply_to"] == {"id": str(said.id), "author": "Bob", "text": "look"}
    shown, beside = second["attachments"]
    assert (shown["shown"], beside["shown"]) == (True, False)
    (embed,) = second["embeds"]
    assert embed["image"]["url"] == shown["url"]
    assert embed["thumbnail"]["url"].startswith("/page/media/")
    for url in (shown["url"], embed["thumbnail"]["url"]):
        async with ada.session.get(server.cdn_url + url) as response:
            assert await response.read() == png


async def test_addresses_of_files_stay_over_an_edit(window: Open, server: DiscordServer, raw: Raw, png: bytes) -> None:
    path = f"/channels/{server.channel('general').id}/messages"
    _, sent = await raw("POST", path, {"content": "one"}, files=(Upload("a.png", png),))
    ada = await window("ada")
    server.clock.advance(1)

    await raw("PATCH", f"{path}/{sent['id']}", {"content": "two"})

    now = await ada.message(lambda message: message["content"] == "two")
    before = ada.view["messages"][ada.channel("general")][0]
    assert now["attachments"] == before["attachments"]
    assert now["edited"] is not None


async def test_older_messages_are_had_by_the_hundred(window: Open, server: DiscordServer) -> None:
    ada_herself, general = server.user("ada"), server.channel("general")
    for number in range(230):
        await ada_herself.say(general, str(number))

    ada = await window("ada")
    newest = ada.view["messages"][str(general.id)]
    older = await ada.do("history", channel=str(general.id), before=newest[0]["id"])
    oldest = await ada.do("history", channel=str(general.id), before=older[0]["id"])

    assert [message["content"] for message in (*oldest, *older, *newest)] == [str(number) for number in range(230)]
    assert (len(newest), len(older)) == (100, 100)


async def test_a_reload_shows_what_is_under_way(
    window: Open, server: DiscordServer, puppet: Puppet, launch: Launch
) -> None:
    @puppet.tree.command(description="Draw")
    async def draw(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True)

    @puppet.tree.command(description="Ask")
    async def ask(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(discord.ui.Modal(title="What").add_item(discord.ui.TextInput(label="It")))

    await launch(puppet)
    ada = await window("ada")
    general = ada.channel("general")
    await ada.state(await ada.do("slash", channel=general, command="draw"), "answered")
    opened = await ada.do("slash", channel=general, command="ask")
    await ada.state(opened, "answered")
    await ada.close()

    again = await window("ada")
    bob = await window("bob")

    (message,) = again.view["messages"][general]
    assert (message["thinking"], message["ephemeral"]) == (True, True)
    assert message["interaction"]["name"] == "draw"
    assert (message["interaction"]["slash"], message["interaction"]["user"]["name"]) == (True, "Ada")
    (modal,) = again.view["modals"]
    assert (modal["interaction"], modal["title"]) == (opened["interaction"], "What")
    assert (bob.view["messages"][general], bob.view["modals"]) == ([], [])
    assert [command["name"] for command in again.view["commands"][general]] == ["draw", "ask"]
    assert again.view["bot"]["online"]


async def test_a_window_can_be_somebody_elses_later(window: Open, server: DiscordServer) -> None:
    seat = await window("ada")
    await seat.enter("bob")
    assert seat.view["user"]["name"] == "Bob"

    await seat.do("say", channel=seat.channel("general"), content="it is me")

    assert server.channel("general").messages[0].author is server.user("bob")


@pytest.mark.parametrize(
    ("asked", "is_now"),
    [
        ({"user": "1", "name": "Bob"}, "Bob"),
        ({"user": "1", "name": "Nobody"}, "Ada"),
        ({"user": "no id", "name": 7}, "Ada"),
        ({"user": None}, "Ada"),
    ],
)
async def test_who_is_of_no_known_id_is_found_by_name(window: Open, asked: dict[str, object], is_now: str) -> None:
    seat = await window("bob")
    assert (await seat.do("enter", **asked))["user"]["name"] == is_now
    bob = seat.view["user"]["id"]
    assert (await seat.do("enter", user=bob, name="Ada"))["user"]["name"] == "Bob"


async def test_nobody_is_there_yet(session: aiohttp.ClientSession) -> None:
    bare = DiscordServer()
    Page(bare, Backend("demo ComfyUI", demo=True))
    async with bare:
        seat = await Window(session, bare).open()
        with pytest.raises(RefusedError, match="nobody here"):
            await seat.do("enter", user=None)
        await seat.close()
