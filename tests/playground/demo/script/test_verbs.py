"""Steps that need no bot, and what is said of those that cannot be done."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from playground.demo.script.reading import Step
from playground.demo.script.scene import Scene
from playground.demo.script.transcript import Transcript
from playground.demo.script.verbs import Verbs
from playground.discord import DiscordServer, PlaygroundError
from playground.page import Choice, Switch
from tests.playground.discord.puppet import Raw

Do = Callable[..., Awaitable[None]]


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as running:
        for name in ("ada", "ben"):
            running.user(name)
        running.channel("pictures")
        yield running


@pytest.fixture
def flipped() -> list[Any]:
    return []


@pytest.fixture
def do(server: DiscordServer, tmp_path: Path, flipped: list[Any]) -> Do:
    """Does one step after the other."""
    (tmp_path / "fox.txt").write_bytes(b"fox")
    choices = (Choice("Slow", "slow"),)
    switch = Switch("pace", "Pace", "", "choice", flipped.append, lambda: "slow", choices)
    verbs = Verbs(Scene(server, tmp_path), Transcript("x"), [switch])

    async def run(verb: str = "", of: Any = "", **details: Any) -> None:
        await verbs.do(Step(1, verb, of, {name.rstrip("_"): detail for name, detail in details.items()}))

    return run


async def test_somebody_says_something_somewhere_with_a_file(do: Do, server: DiscordServer) -> None:
    await do("say", "look", as_="ben", in_="pictures", files=[{"file": "fox.txt"}])
    await do("say", "at what?", as_="ada")
    look, what = server.channel("pictures").messages
    assert (look.author, look.content, look.attachments[0].data) == (server.user("ben"), "look", b"fox")
    assert (what.author, what.content) == (server.user("ada"), "at what?")


async def test_the_direct_channel_is_that_of_whoever_acts(do: Do, server: DiscordServer) -> None:
    await do("say", "one", as_="ben", in_="direct")
    await do("say", "two", as_="ada")
    assert [m.content for m in server.user("ben").dm.messages] == ["one"]
    assert [m.content for m in server.user("ada").dm.messages] == ["two"]


async def test_what_is_expected_is_there_and_what_is_not_is_not(do: Do) -> None:
    await do("say", "a red fox")
    await do("expect", "red")
    await do("absent", "blue")
    with pytest.raises(PlaygroundError, match="'blue' is not in ada: 'a red fox'"):
        await do("expect", "blue")
    with pytest.raises(PlaygroundError, match="'red' is in ada: 'a red fox'"):
        await do("absent", "red")


async def test_a_switch_is_flipped_as_on_the_page(do: Do, flipped: list[Any]) -> None:
    await do("fault", "pace", value="slow")
    assert flipped == ["slow"]
    with pytest.raises(PlaygroundError, match="'Pace' is one of"):
        await do("fault", "pace", value="sideways")


async def test_the_language_is_that_of_whoever_acts(do: Do, server: DiscordServer) -> None:
    await do("language", "ja", as_="ben")
    assert [user.locale for user in server.users] == ["en-US", "ja"]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"as_": "zoe"}, "there is no 'zoe', but 'ada', 'ben'"),
        ({"in_": "attic"}, "there is no channel 'attic'"),
        ({"verb": "click", "of": "Upscale"}, "no message was waited for yet"),
        ({"verb": "click", "of": "Upscale", "on": "fox"}, "no message was called 'fox'"),
        ({"verb": "fill", "of": {}}, "no form is open"),
        ({"verb": "fault", "of": "earthquake"}, "there is no switch 'earthquake', but 'pace'"),
        ({"verb": "slash", "of": "nothing"}, "'nothing'"),
        ({"verb": "say", "of": "x", "files": [{"file": "gone.png"}]}, "the file gone.png cannot be read"),
        ({"verb": "say", "of": "x", "files": [{"house": "big"}]}, "is no file, picture, user or channel"),
        ({"verb": "language", "of": "xx"}, "'xx'"),
    ],
)
async def test_what_cannot_be_done_says_what_there_is(do: Do, step: dict[str, Any], said: str) -> None:
    with pytest.raises(PlaygroundError, match=re.escape(said)):
        await do(**step)


async def test_what_does_not_come_says_what_was_seen_instead(do: Do) -> None:
    await do("say", "hello")
    with pytest.raises(TimeoutError, match=r"not within 0.01 s: seen was \[.ada: 'hello'"):
        await do("wait", {"text": "hello"}, within=0.01)
    with pytest.raises(TimeoutError, match="the bot is not online"):
        await do("bot", "online", within=0.01)


async def test_choices_that_come_later_than_discord_waits_end_it(
    do: Do, server: DiscordServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("playground.demo.script.verbs._ANSWERED_WITHIN", 0.01)
    option = {"name": "lora", "description": "LoRA", "type": 3, "autocomplete": True}
    async with aiohttp.ClientSession() as session:
        await Raw(server, session).register({"name": "draw", "description": "Draw", "options": [option]})
    with pytest.raises(TimeoutError, match=r"not within 0\.01 s"):
        await do("complete", "draw", option="lora", typed="fo")
