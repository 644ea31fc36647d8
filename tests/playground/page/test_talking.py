"""What a person says, answers, takes back and sets."""

from __future__ import annotations

import pytest

from playground.discord import DiscordServer, Upload
from tests.playground.discord.puppet import Raw
from tests.playground.page.window import Open, RefusedError


async def test_what_is_said_is_seen_in_every_window(window: Open, server: DiscordServer) -> None:
    ada, same, bob = await window("ada"), await window("ada"), await window("bob")

    said = await ada.do("say", channel=ada.channel("general"), content="hi")

    for seat in (ada, same, bob):
        heard = await seat.message(lambda message: message["content"] == "hi")
        assert (heard["id"], heard["author"]["name"]) == (said["message"], "Ada")


async def test_files_are_attached_once(window: Open, server: DiscordServer, png: bytes) -> None:
    ada = await window("ada")
    upload = await ada.upload("my fox.png", png)

    await ada.do("say", channel=ada.channel("general"), files=[upload])

    (message,) = server.channel("general").messages
    assert (message.attachments[0].filename, message.attachments[0].data) == ("my_fox.png", png)
    with pytest.raises(RefusedError, match="attach it again"):
        await ada.do("say", channel=ada.channel("general"), files=[upload])


async def test_a_file_that_was_refused_can_be_sent_again(window: Open, server: DiscordServer) -> None:
    ada = await window("ada")
    upload = await ada.upload("a.txt", b"x")
    with pytest.raises(RefusedError, match="1 to 2000 characters"):
        await ada.do("say", channel=ada.channel("general"), content="x" * 2001, files=[upload])

    await ada.do("say", channel=ada.channel("general"), content="x", files=[upload])

    assert [len(message.attachments) for message in server.channel("general").messages] == [1]


async def test_too_large_a_file_is_named(window: Open, server: DiscordServer) -> None:
    ada = await window("ada")
    upload = await ada.upload("a.bin", b"x" * 2_000_000)
    server.attachment_size_limit = 1024 * 1024
    with pytest.raises(RefusedError, match=r"^A.bin is too large: a file has at most 1 MB here\.$"):
        await ada.do("say", channel=ada.channel("general"), files=[upload])


@pytest.mark.parametrize("content", ["", "   \n"])
async def test_nothing_is_no_message(window: Open, server: DiscordServer, content: str) -> None:
    ada = await window("ada")
    with pytest.raises(RefusedError, match="or a file"):
        await ada.do("say", channel=ada.channel("general"), content=content)


async def test_a_reply_names_what_it_answers(window: Open, server: DiscordServer) -> None:
    ada, general = await window("ada"), server.channel("general")
    first = await server.user("bob").say(general, "who?")

    await ada.do("say", channel=str(general.id), content="me", reply_to=str(first.id))
    answer = await ada.message(lambda message: message["content"] == "me")
    await server.user("bob").delete(first)
    gone = (await ada.do("history", channel=str(general.id)))[-1]

    assert answer["reply_to"] == {"id": str(first.id), "author": "Bob", "text": "who?"}
    assert gone["reply_to"] == {"id": str(first.id), "author": "", "text": "Original message was deleted"}


async def test_a_reply_stays_in_its_channel(window: Open, server: DiscordServer) -> None:
    ada = await window("ada")
    elsewhere = await server.user("bob").say(server.channel("pictures"), "here")
    with pytest.raises(RefusedError, match="no replying"):
        await ada.do("say", channel=ada.channel("general"), content="me", reply_to=str(elsewhere.id))


async def test_a_moderator_deletes_what_others_said(window: Open, server: DiscordServer) -> None:
    ada, bob = await window("ada"), await window("bob")
    message = await server.user("cleo").say(server.channel("general"), "hm")
    with pytest.raises(RefusedError, match="cannot delete"):
        await bob.do("delete", message=str(message.id))

    await ada.do("delete", message=str(message.id))

    gone = await bob.until("gone")
    assert (gone["channel"], gone["message"]) == (str(message.channel.id), str(message.id))
    assert server.channel("general").messages == ()


async def test_age_restriction_is_told_to_bot_and_windows(window: Open, server: DiscordServer, raw: Raw) -> None:
    await raw.register({"name": "draw", "description": "Draw", "nsfw": True}, {"name": "help", "description": "Help"})
    ada, bob = await window("ada"), await window("bob")
    general, thread = ada.channel("general"), ada.channel("foxes")
    offered = {place: [command["name"] for command in found] for place, found in ada.view["commands"].items()}
    assert (offered[general], offered[thread]) == (["help"], ["help"])

    await ada.do("channel_nsfw", channel=general, nsfw=True)

    told = await bob.until("channels")
    assert {place["name"]: place["nsfw"] for place in told["channels"]} == {
        "general": True,
        "foxes": True,
        "pictures": False,
        "disbot": False,
    }
    commands = (await bob.until("commands"))["commands"]
    assert [command["name"] for command in commands[thread]] == ["draw", "help"]
    for place in (ada.channel("foxes"), ada.channel("disbot")):
        with pytest.raises(RefusedError, match="Only a channel of the server"):
            await ada.do("channel_nsfw", channel=place, nsfw=True)


async def test_another_language_is_told_to_everybody(window: Open, server: DiscordServer) -> None:
    ada, bob = await window("ada"), await window("bob")

    view = await ada.do("locale", locale="pt-BR")

    assert (view["user"]["locale"], server.user("ada").locale) == ("pt-BR", "pt-BR")
    told = await bob.until("users")
    assert told["users"][0]["locale"] == "pt-BR"
    with pytest.raises(RefusedError, match="does not know the language"):
        await ada.do("locale", locale="tlh")


async def test_a_channel_that_appears_and_one_that_goes(window: Open, server: DiscordServer) -> None:
    ada = await window("ada")
    place = server.channel("new")
    await server.user("bob").say(place, "first")
    told = await ada.until("channels", lambda push: "new" in [one["name"] for one in push["channels"]])
    assert told["channels"][-2]["id"] == str(place.id)
    assert [message["content"] for message in await ada.do("history", channel=str(place.id))] == ["first"]

    server.delete_channel(place)

    await ada.until("channels", lambda push: "new" not in [one["name"] for one in push["channels"]][-2:])
    with pytest.raises(RefusedError, match="not there"):
        await ada.do("history", channel=str(place.id))


async def test_what_is_closed_to_somebody_is_not_there(window: Open, server: DiscordServer) -> None:
    bob, pictures = await window("bob"), server.channel("pictures")
    seen = await server.user("ada").say(pictures, "secret", Upload("a.txt", b"x"))
    await bob.message(lambda message: message["content"] == "secret")

    pictures.close_to(server.user("bob"))
    await server.user("ada").say(pictures, "more")

    await bob.until("channels", lambda push: "pictures" not in [place["name"] for place in push["channels"]])
    await bob.settled()
    assert [push["message"]["content"] for push in bob.pushed("message")] == ["secret"]
    for attempt in (
        bob.do("history", channel=str(pictures.id)),
        bob.do("say", channel=str(pictures.id), content="hi"),
        bob.do("delete", message=str(seen.id)),
    ):
        with pytest.raises(RefusedError, match=r"not there|gone"):
            await attempt


async def test_direct_messages_are_ones_own(window: Open, server: DiscordServer) -> None:
    ada, bob = await window("ada"), await window("bob")
    direct = ada.channel("disbot")
    assert direct != bob.channel("disbot")

    await ada.do("say", channel=direct, content="psst")

    await ada.message(lambda message: message["content"] == "psst")
    await bob.settled()
    assert bob.pushed("message") == []
    with pytest.raises(RefusedError, match="not there"):
        await bob.do("history", channel=direct)
