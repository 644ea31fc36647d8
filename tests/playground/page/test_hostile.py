"""Frames that no page of ours would send: each is answered, and the window lives on."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

import orjson
import pytest

from playground.discord import DiscordServer
from playground.page import Page, Switch
from tests.playground.page.window import Open, RefusedError, outcome

VERBS = (
    "enter",
    "history",
    "say",
    "delete",
    "slash",
    "complete",
    "menu",
    "click",
    "select",
    "submit",
    "close",
    "locale",
)
ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    2**63,
    "",
    "x",
    "٣",
    "-1",
    "9" * 400,
    "\0",
    [],
    [[]],
    {},
    {"a": {}},
    [None],
)
FIELDS = (
    "user", "channel", "before", "content", "files", "reply_to", "message", "command", "options", "focused", "value",
    "target_user", "custom_id", "values", "interaction", "locale", "name", "nsfw",
)  # fmt: skip


@pytest.fixture(autouse=True)
def no_traceback(caplog: pytest.LogCaptureFixture) -> Any:
    yield
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "hello",
        "{",
        "[]",
        "3",
        "null",
        '"enter"',
        "{}",
        '{"id": 1}',
        '{"do": 3}',
        '{"do": null, "id": {}}',
        '{"do": "nothing", "id": []}',
        '{"do": "' + "x" * 5000 + '"}',
        '{"do": "__class__"}',
        '{"do": "obey"}',
        "[" * 100_000,
        '{"do": "\\ud800"}',
        '{"id": ' + "9" * 400 + ', "do": "nothing"}',
        b"\xff\xfe\x00",
        b"{}",
    ],
)
async def test_what_is_no_request_is_answered(window: Open, frame: str | bytes) -> None:
    ada = await window("ada")
    reply = await ada.say_raw(frame)
    assert not reply["ok"]
    assert reply["error"].endswith(".")
    assert len(reply["error"]) < 400
    await ada.settled()


async def test_a_huge_frame_is_answered(window: Open) -> None:
    ada = await window("ada")
    reply = await ada.say_raw(b'{"id": 1, "do": "say", "content": "' + b"x" * 2_000_000 + b'"}')
    assert (reply["re"], reply["ok"]) == (None, False)
    await ada.settled()


@pytest.mark.parametrize("verb", [*VERBS, "fault", "channel_nsfw"])
async def test_fields_of_every_wrong_kind(window: Open, server: DiscordServer, verb: str) -> None:
    ada = await window("ada")
    general = ada.channel("general")
    good = {"channel": general, "message": "12", "command": "draw", "custom_id": "x", "interaction": "12"}
    for field in FIELDS:
        for odd in ODD:
            with suppress(RefusedError):
                await ada.do(verb, **{**good, field: odd})
    await ada.settled()


async def test_ids_of_requests_come_back_as_they_are(window: Open) -> None:
    ada = await window("ada")
    for number in ("seven", -3, 2**53):
        reply = await ada.say_raw(orjson.dumps({"id": number, "do": "history", "channel": ada.channel("general")}))
        assert (reply["re"], outcome(reply)) == (number, [])


async def test_too_much_at_once_is_refused(window: Open, server: DiscordServer, raw: Any) -> None:
    option = {"name": "lora", "description": "LoRA", "type": 3, "autocomplete": True}
    await raw.register({"name": "draw", "description": "Draw", "options": [option]})
    ada = await window("ada")
    asked = {"channel": ada.channel("general"), "command": "draw", "focused": "lora", "value": "x"}
    waiting = [asyncio.create_task(ada.do("complete", **asked)) for _ in range(33)]
    done, pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    (refused,) = done
    with pytest.raises(RefusedError, match="too much at once"):
        refused.result()
    for typing in list(server.world.interactions.values()):
        await raw.answer(typing, 8, {"choices": []})
    assert [await task for task in pending] == [[]] * 32
    await ada.settled()


async def test_a_fault_of_ours_is_told_and_logged(window: Open, page: Page, caplog: pytest.LogCaptureFixture) -> None:
    def break_down() -> None:
        raise ZeroDivisionError("secret")

    ada = await window("ada")
    page.switches.append(Switch("broken", "Broken", "Breaks", "press", lambda _: break_down()))
    with pytest.raises(RefusedError, match=r"^Something went wrong in the playground\. Try it again\.$"):
        await ada.do("fault", name="broken")
    assert "ZeroDivisionError" in caplog.text
    caplog.clear()
    await ada.settled()


async def test_markup_stays_text(window: Open, server: DiscordServer) -> None:
    evil = '<img src=x onerror=alert(1)>"\u2028</script>'
    ada = await window("ada")
    upload = await ada.upload(evil, b"x")
    await ada.do("say", channel=ada.channel("general"), content=evil, files=[upload])
    message = await ada.message(lambda message: message["content"] == evil)
    assert message["attachments"][0]["filename"] == "script_"
    assert all(char not in message["attachments"][0]["url"] for char in "<>\"'")
