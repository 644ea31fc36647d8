"""Whoever watches hears of everything, at once and in order."""

from __future__ import annotations

from typing import Any

import pytest

from playground.discord import DiscordServer, Interaction, Message, PlaygroundError
from playground.discord.watcher import Watcher
from tests.playground.discord.puppet import Ask, Launch, Puppet, Raw

FIELD = {"type": 18, "label": "Steps", "component": {"type": 4, "custom_id": "t", "style": 1}}
MODAL = {"custom_id": "m", "title": "M", "components": [FIELD]}


class Diary(Watcher):
    """Writes down what it hears."""

    def __init__(self) -> None:
        self.lines: list[Any] = []

    def posted(self, message: Message) -> None:
        self.lines.append(("posted", message.content))

    def deleted(self, message: Message) -> None:
        self.lines.append(("deleted", message.content))

    def interacted(self, interaction: Interaction) -> None:
        state = "failed" if interaction.failed else "sent" if interaction.response_type is None else "answered"
        self.lines.append((interaction.name, state))

    def closed(self, interaction: Interaction) -> None:
        self.lines.append(("closed", interaction.name))

    def changed_people(self) -> None:
        self.lines.append("people")

    def changed_places(self) -> None:
        self.lines.append("places")

    def changed_commands(self) -> None:
        self.lines.append("commands")

    def changed_gateway(self) -> None:
        self.lines.append("gateway")


@pytest.fixture
def diary(server: DiscordServer) -> Diary:
    diary = Diary()
    server.world.watchers += [diary, Watcher()]
    return diary


async def test_messages(server: DiscordServer, raw: Raw, diary: Diary) -> None:
    path = f"/channels/{server.channel('general').id}/messages"
    _, sent = await raw("POST", path, {"content": "one"})
    await raw("PATCH", f"{path}/{sent['id']}", {"content": "two"})
    await raw("DELETE", f"{path}/{sent['id']}")
    assert diary.lines == [("posted", "one"), ("posted", "two"), ("deleted", "two")]


async def test_people_places_and_commands(server: DiscordServer, raw: Raw, diary: Diary) -> None:
    ada = server.user("ada")
    server.user("ada")
    ada.speak("de")
    server.channel("pictures").restrict()
    await raw.register()
    assert diary.lines == ["people", "people", "places", "places", "commands"]
    with pytest.raises(PlaygroundError, match="does not know the language"):
        ada.speak("xx")


async def test_the_bot(server: DiscordServer, puppet: Puppet, launch: Launch, diary: Diary) -> None:
    client = await launch(puppet)
    assert diary.lines.count("gateway") == 1
    await client.close()
    await server.until(lambda: diary.lines.count("gateway") == 2)


async def test_a_form_opens_and_closes_when_its_sending_is_answered(
    server: DiscordServer, asked: Ask, raw: Raw, diary: Diary
) -> None:
    opened = await asked()
    await raw.answer(opened, 9, MODAL)
    assert list(server.world.forms) == [opened.id]
    sent = await server.user("ada").submit(opened, {"Steps": "8"})
    assert server.world.sending(opened)
    await raw.answer(sent, 5)

    assert not server.world.sending(opened)
    assert server.world.forms == {}
    assert sent.form_of is opened
    assert diary.lines[-6:] == [
        ("/draw", "sent"),
        ("/draw", "answered"),
        ("m", "sent"),
        ("posted", ""),
        ("m", "answered"),
        ("closed", "/draw"),
    ]


async def test_a_form_is_put_away(server: DiscordServer, asked: Ask, raw: Raw, diary: Diary) -> None:
    opened = await asked()
    await raw.answer(opened, 9, MODAL)
    with pytest.raises(PlaygroundError, match="not open"):
        server.user("bob").close(opened)

    server.user("ada").close(opened)

    assert diary.lines[-1] == ("closed", "/draw")
    with pytest.raises(PlaygroundError, match="not open"):
        server.user("ada").close(opened)


async def test_one_form_at_a_time_is_on_a_screen(server: DiscordServer, asked: Ask, raw: Raw, diary: Diary) -> None:
    first, second = await asked(), await asked()
    await raw.answer(first, 9, MODAL)
    bobs = await server.user("bob").slash(server.channel("general"), "draw")
    await raw.answer(bobs, 9, MODAL)

    await raw.answer(second, 9, MODAL)

    assert list(server.world.forms.values()) == [bobs, second]


async def test_a_missing_answer_is_told_once(server: DiscordServer, asked: Ask, raw: Raw, diary: Diary) -> None:
    missed, answered = await asked(), await asked()
    await raw.answer(answered, 5)
    server.clock.advance(3.1)
    assert diary.lines[-1] == ("/draw", "failed")
    assert (await raw.answer(missed, 5))[0] == 404
    server.clock.advance(60)
    assert diary.lines.count(("/draw", "failed")) == 1


async def test_waiters_look_after_the_watchers_know(server: DiscordServer, diary: Diary) -> None:
    server.user("ada")
    await server.user("ada").say(server.channel("general"), "hi")
    assert await server.until(lambda: diary.lines[-1:]) == [("posted", "hi")]
