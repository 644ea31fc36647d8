"""Messages by the bot's own token, and what an edit keeps."""

from __future__ import annotations

import asyncio
from io import BytesIO

import discord
import pytest

from playground.discord import DiscordServer, Intent, Permission, PlaygroundError, Upload
from tests.playground.discord.puppet import Launch, Puppet, Raw


@pytest.fixture
async def general(server: DiscordServer, puppet: Puppet, launch: Launch) -> discord.TextChannel:
    client = await launch(puppet)
    found = client.get_channel(server.channel("general").id)
    assert isinstance(found, discord.TextChannel)
    return found


def file(name: str, data: bytes = b"x", description: str | None = None) -> discord.File:
    return discord.File(BytesIO(data), name, description=description)


async def test_sent_message_is_seen(server: DiscordServer, general: discord.TextChannel, png: bytes) -> None:
    sent = await general.send(
        "hello", embed=discord.Embed(title="A", description="B"), file=file("a.png", png, "a red square")
    )

    message = server.message(sent.id)
    assert message is not None
    assert message.content == "hello"
    assert message.text == "hello\nA\nB"
    assert message.embed is not None
    assert message.embed["title"] == "A"
    (attachment,) = message.attachments
    assert (attachment.filename, attachment.data, attachment.description) == ("a.png", png, "a red square")
    assert (attachment.width, attachment.height, attachment.content_type) == (3, 2, "image/png")
    assert (sent.attachments[0].width, sent.attachments[0].height) == (3, 2)
    assert await sent.attachments[0].read() == png
    assert server.channel("general").messages == (message,)
    assert message.nonce == sent.nonce


async def test_client_hears_of_messages(server: DiscordServer, puppet: Puppet, general: discord.TextChannel) -> None:
    said = await server.user("ada").say(server.channel("general"), "hi bot")
    direct = await server.user("ada").say(server.user("ada").dm, "in private")
    await server.user("ada").delete(direct)
    sent = await general.send("hello")

    async with asyncio.timeout(30):
        heard = [await puppet.heard.get() for _ in range(3)]
    assert [message.id for message in heard] == [said.id, direct.id, sent.id]


async def test_edit_keeps_the_attachments_it_lists(server: DiscordServer, general: discord.TextChannel) -> None:
    sent = await general.send("two", files=[file("a.png"), file("b.png")])

    sent = await sent.edit(content="still two")
    assert names(server, sent) == ["a.png", "b.png"]
    sent = await sent.edit(attachments=[sent.attachments[1], file("c.png")])
    assert names(server, sent) == ["b.png", "c.png"]
    sent = await sent.add_files(file("d.png"))
    assert names(server, sent) == ["b.png", "c.png", "d.png"]
    sent = await sent.edit(attachments=[])
    assert names(server, sent) == []
    assert sent.content == "still two"


def names(server: DiscordServer, sent: discord.Message) -> list[str]:
    message = server.message(sent.id)
    assert message is not None
    return [attachment.filename for attachment in message.attachments]


async def test_files_shown_by_an_embed_leave_the_list(
    server: DiscordServer, general: discord.TextChannel, png: bytes
) -> None:
    embed = discord.Embed(title="A").set_image(url="attachment://a.png")
    sent = await general.send(embed=embed, files=[file("a.png", png), file("b.png", png)])

    assert [attachment.filename for attachment in sent.attachments] == ["b.png"]
    assert sent.embeds[0].image.url is not None
    assert sent.embeds[0].image.url.startswith(f"{server.cdn_url}/attachments/")
    assert names(server, sent) == ["a.png", "b.png"]
    message = server.message(sent.id)
    assert message is not None
    assert message.embedded == {"a.png"}

    edited = await sent.edit(embed=None)
    assert [attachment.filename for attachment in edited.attachments] == ["a.png", "b.png"]


async def test_suppressed_embeds(server: DiscordServer, general: discord.TextChannel) -> None:
    sent = await general.send("a", embed=discord.Embed(title="A"))

    sent = await sent.edit(suppress=True)

    assert sent.embeds == []
    assert sent.flags.suppress_embeds
    assert len((await sent.edit(suppress=False)).embeds) == 1


async def test_same_nonce_is_sent_once(server: DiscordServer, raw: Raw) -> None:
    path = f"/channels/{server.channel('general').id}/messages"
    body = {"content": "once", "nonce": "n1", "enforce_nonce": True}

    first, again = await raw("POST", path, body), await raw("POST", path, body)
    without = await raw("POST", path, {"content": "once", "nonce": "n1"})
    server.clock.advance(301)
    later = await raw("POST", path, body)

    assert first[1]["id"] == again[1]["id"]
    assert len({first[1]["id"], without[1]["id"], later[1]["id"]}) == 3


async def test_replies(server: DiscordServer, general: discord.TextChannel) -> None:
    said = await server.user("ada").say(server.channel("general"), "hi")
    heard = await general.fetch_message(said.id)

    sent = await heard.reply("hello")

    message = server.message(sent.id)
    assert message is not None
    assert message.reference is not None
    assert message.reference.id == said.id
    with pytest.raises(discord.HTTPException, match="Unknown message"):
        await general.send("to nobody", reference=discord.MessageReference(message_id=1, channel_id=general.id))


async def test_people_reply_too(server: DiscordServer, puppet: Puppet, general: discord.TextChannel) -> None:
    ada, bob, place = server.user("ada"), server.user("bob"), server.channel("general")
    said = await ada.say(place, "hi", Upload("a.png", b"x"))
    answer = await bob.say(place, "hello", reply_to=said)
    last = await ada.say(place, "well", reply_to=answer)

    heard = await general.fetch_message(answer.id)

    assert heard.type is discord.MessageType.reply
    assert heard.reference is not None
    assert heard.reference.message_id == said.id
    assert last.reference is not None
    assert (last.reference.id, last.reference.reference, last.reference.attachments) == (answer.id, None, ())
    for elsewhere in (await ada.say(server.channel("pictures"), "x"), await ada.say(ada.dm, "x")):
        with pytest.raises(PlaygroundError, match="no replying"):
            await ada.say(place, "x", reply_to=elsewhere)


async def test_history(server: DiscordServer, general: discord.TextChannel) -> None:
    ada = server.user("ada")
    said = [await ada.say(server.channel("general"), str(number)) for number in range(4)]

    newest = [message.id async for message in general.history(limit=2)]
    after = [message.id async for message in general.history(after=discord.Object(said[1].id))]
    before = [message.id async for message in general.history(before=discord.Object(said[1].id))]

    ids = [message.id for message in said]
    assert (newest, after, before) == ([ids[3], ids[2]], ids[2:], ids[:1])
    server.channel("general").set_bot_permissions(Permission.VIEW_CHANNEL)
    assert [message async for message in general.history()] == []  # so Discord says that it may not be read


async def test_delete_and_foreign_messages(server: DiscordServer, general: discord.TextChannel) -> None:
    sent = await general.send("mine")
    said = await server.user("ada").say(server.channel("general"), "hers")
    hers = await general.fetch_message(said.id)

    await sent.delete()
    with pytest.raises(discord.Forbidden) as edited:
        await hers.edit(content="mine")
    with pytest.raises(discord.Forbidden) as deleted:
        await hers.delete()
    direct = await server.user("ada").say(server.user("ada").dm, "hers")
    with pytest.raises(discord.Forbidden) as private:
        await general._state.http.delete_message(direct.channel.id, direct.id)

    assert server.message(sent.id) is None
    assert (edited.value.code, deleted.value.code, private.value.code) == (50005, 50013, 50003)
    server.channel("general").set_bot_permissions(Permission.VIEW_CHANNEL | Permission.MANAGE_MESSAGES)
    await hers.delete()
    assert server.message(said.id) is None
    with pytest.raises(discord.NotFound) as gone:
        await sent.edit(content="too late")
    assert gone.value.code == 10008


async def test_channels_closed_to_the_bot(server: DiscordServer, puppet: Puppet, general: discord.TextChannel) -> None:
    place = server.channel("general")
    sent = await general.send("hello")
    place.set_bot_permissions(Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES)
    with pytest.raises(discord.Forbidden) as no_files:
        await general.send(file=file("a.png"))
    place.set_bot_permissions(Permission.VIEW_CHANNEL)
    with pytest.raises(discord.Forbidden) as read_only:
        await general.send("hello")
    place.set_bot_permissions(Permission(0))
    with pytest.raises(discord.Forbidden) as closed:
        await sent.edit(content="hello?")
    with pytest.raises(discord.Forbidden) as hidden:
        await puppet.fetch_channel(place.id)
    server.delete_channel(place)
    with pytest.raises(discord.NotFound) as gone:
        await sent.edit(content="hello?")

    codes = [error.value.code for error in (no_files, read_only, closed, hidden, gone)]
    assert codes == [50013, 50013, 50001, 50001, 10003]
    with pytest.raises(PlaygroundError, match="gone"):
        await server.user("ada").say(place, "hello?")


async def test_what_was_ever_said_is_remembered(
    server: DiscordServer, puppet: Puppet, general: discord.TextChannel
) -> None:
    sent = await general.send("one")
    await sent.edit(content="two")
    await sent.delete()
    await general.send("three")

    assert [[state.content for state in states] for states in server.histories] == [["one", "two"], ["three"]]


async def test_direct_messages(server: DiscordServer, puppet: Puppet, general: discord.TextChannel) -> None:
    ada = server.user("ada")
    account = await puppet.fetch_user(ada.id)

    await account.send("psst", file=file("a.png"))

    assert [message.content for message in ada.dm.messages] == ["psst"]
    ada.accepts_dms = False
    with pytest.raises(discord.Forbidden) as refused:
        await account.send("psst")
    assert refused.value.code == 50007
    elsewhere = puppet.get_partial_messageable(server.private_channel("friends").id)
    with pytest.raises(discord.Forbidden) as absent:
        await elsewhere.send("I am not even here")
    assert absent.value.code == 50001


async def test_threads_and_typing(server: DiscordServer, puppet: Puppet, general: discord.TextChannel) -> None:
    place = server.thread("work", server.channel("general"))
    thread = await puppet.fetch_channel(place.id)
    assert isinstance(thread, discord.Thread)
    async with thread.typing():
        await thread.send("in the thread")

    assert [message.content for message in place.messages] == ["in the thread"]
    assert server.requests_to("POST", f"/channels/{place.id}/typing")


async def test_who_is_pinged(server: DiscordServer, puppet: Puppet, general: discord.TextChannel) -> None:
    ada, bob = server.user("ada"), server.user("bob")
    text = f"<@{ada.id}> <@{bob.id}> @everyone"

    async def pings(allowed: discord.AllowedMentions) -> frozenset[int | str]:
        message = server.message((await general.send(text, allowed_mentions=allowed)).id)
        assert message is not None
        return message.pings

    assert await pings(discord.AllowedMentions.none()) == frozenset()
    assert await pings(discord.AllowedMentions(everyone=False, users=[discord.Object(ada.id)])) == {ada.id}
    assert await pings(discord.AllowedMentions.all()) == {ada.id, bob.id, "everyone"}
    said = await ada.say(server.channel("general"), text)
    assert said.pings == {ada.id, bob.id, "everyone"}


async def test_contents_are_hidden_without_the_intent(server: DiscordServer, puppet: Puppet, launch: Launch) -> None:
    client = await launch(puppet)
    assert server.intents is not None
    assert Intent.MESSAGE_CONTENT not in server.intents
    ada, place = server.user("ada"), server.channel("general")
    general = client.get_partial_messageable(place.id)

    hidden = await ada.say(place, "secret", Upload("a.png", b"x"))
    pinged = await ada.say(place, f"<@{server.bot_user_id}> hello")
    direct = await ada.say(ada.dm, "hello")

    assert (await general.fetch_message(hidden.id)).content == ""
    assert (await general.fetch_message(hidden.id)).attachments == []
    assert (await general.fetch_message(pinged.id)).content == pinged.content
    assert (await client.get_partial_messageable(ada.dm.id).fetch_message(direct.id)).content == "hello"


async def test_waiting_for_a_message(server: DiscordServer, general: discord.TextChannel) -> None:
    await general.send("one")
    assert (await server.channel("general").until(lambda m: m.content == "one")).content == "one"
    with pytest.raises(TimeoutError, match="one"):
        await server.channel("general").until(lambda m: m.content == "two", timeout=0.01)


@pytest.mark.parametrize("files", [(), (Upload("", b"x" * 11),), (Upload("a", b""),) * 11])
async def test_what_nobody_could_say(server: DiscordServer, files: tuple[Upload, ...]) -> None:
    server.attachment_size_limit = 10
    with pytest.raises(PlaygroundError):
        await server.user("ada").say(server.channel("general"), "", *files)
