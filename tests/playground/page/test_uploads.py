"""Files that wait to be sent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import aiohttp
import pytest

from playground.discord import Clock, DiscordServer, PlaygroundError, Upload
from playground.page import Page
from playground.page.uploads import Uploads
from tests.playground.page.window import Open


async def answer(
    session: aiohttp.ClientSession, server: DiscordServer, data: object, name: str = "a.bin"
) -> tuple[int, dict[str, object]]:
    async with session.post(f"{server.cdn_url}/page/files", params={"name": name}, data=data) as response:
        return response.status, await response.json()


async def test_a_file_is_kept_under_an_id(server: DiscordServer, session: aiohttp.ClientSession) -> None:
    status, body = await answer(session, server, b"abc", "fox.png")
    assert (status, body["name"], body["size"]) == (200, "fox.png", 3)
    assert len(str(body["upload"])) > 16


@pytest.mark.parametrize(("name", "kept"), [("", "unknown"), ("x" * 5000, "x" * 200)])
async def test_names_have_an_end(server: DiscordServer, session: aiohttp.ClientSession, name: str, kept: str) -> None:
    assert (await answer(session, server, b"abc", name))[1]["name"] == kept


async def test_an_empty_file_is_a_file(window: Open, server: DiscordServer) -> None:
    ada = await window("ada")
    await ada.do("say", channel=ada.channel("general"), files=[await ada.upload("a.txt", b"")])
    assert server.channel("general").messages[0].attachments[0].size == 0


@pytest.mark.parametrize("told", [True, False])
async def test_too_large_a_file_is_refused(server: DiscordServer, session: aiohttp.ClientSession, told: bool) -> None:
    server.attachment_size_limit = 1024 * 1024

    async def stream() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b"x" * 65536

    status, body = await answer(session, server, b"x" * 65536 * 30 if told else stream(), "big.bin")

    assert (status, body) == (413, {"error": "big.bin is too large: a file has at most 1 MB here."})


async def test_an_upload_that_breaks_off_leaves_nothing(
    server: DiscordServer, session: aiohttp.ClientSession, page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    begun = asyncio.Event()

    async def stream() -> AsyncIterator[bytes]:
        yield b"x" * 65536
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(answer(session, server, stream()))
    await begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (await answer(session, server, b"x"))[0] == 200
    assert page.uploads._size == 1
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_too_many_at_once_are_refused(server: DiscordServer, session: aiohttp.ClientSession, page: Page) -> None:
    page.uploads._total = 100_000
    held = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield b"x" * 60_000
        await held.wait()

    first = asyncio.create_task(answer(session, server, slowly()))
    async with asyncio.timeout(30):
        status = 200
        while status == 200:
            status, body = await answer(session, server, b"x" * 90_000)
    held.set()

    assert (status, body) == (503, {"error": "Too much is being uploaded at once; try it again in a moment."})
    assert (await first)[0] == 200


def test_files_are_forgotten_after_a_quarter_of_an_hour() -> None:
    clock = Clock(lambda: 100.0)
    uploads = Uploads(clock, lambda: 10)
    old = uploads.keep(Upload("a", b"x"))
    clock.advance(600)
    new = uploads.keep(Upload("b", b"x"))
    clock.advance(301)

    assert uploads.look(new).filename == "b"
    with pytest.raises(PlaygroundError, match="attach it again"):
        uploads.look(old)


def test_the_oldest_make_room_for_newer_ones() -> None:
    uploads = Uploads(Clock(), lambda: 10, total=10)
    first, second = uploads.keep(Upload("a", b"x" * 6)), uploads.keep(Upload("b", b"x" * 6))
    third = uploads.keep(Upload("c", b"x" * 4))

    assert [uploads.look(key).filename for key in (second, third)] == ["b", "c"]
    with pytest.raises(PlaygroundError):
        uploads.look(first)


def test_there_are_not_too_many_of_them() -> None:
    uploads = Uploads(Clock(), lambda: 10)
    keys = [uploads.keep(Upload(str(number), b"")) for number in range(600)]
    with pytest.raises(PlaygroundError):
        uploads.look(keys[0])
    assert uploads.look(keys[-1]).filename == "599"


def test_what_was_sent_is_gone() -> None:
    uploads = Uploads(Clock(), lambda: 10, total=10)
    key = uploads.keep(Upload("a", b"x" * 10))
    uploads.sent([uploads.look(key)])
    with pytest.raises(PlaygroundError):
        uploads.look(key)
    other = uploads.keep(Upload("b", b"x" * 10))
    assert uploads.look(other).filename == "b"


@pytest.mark.parametrize("key", [None, 3, ["a"], {}, "", "unknown"])
def test_ids_that_nobody_was_given(key: object) -> None:
    with pytest.raises(PlaygroundError):
        Uploads(Clock(), lambda: 10).look(key)
