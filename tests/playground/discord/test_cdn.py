"""Attachments: links that are signed and die, files that go with their message."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from playground.discord import Attachment, DiscordServer, Upload
from tests.playground.discord.puppet import Raw


async def status(url: str) -> int:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status


async def attached(server: DiscordServer, name: str = "a.png", data: bytes = b"data") -> Attachment:
    message = await server.user("ada").say(server.channel("general"), "look", Upload(name, data))
    return message.attachments[0]


async def test_file_is_served(server: DiscordServer, png: bytes) -> None:
    file = await attached(server, data=png)

    async with aiohttp.ClientSession() as session, session.get(file.url) as response:
        assert response.headers["Content-Type"] == "image/png"
        assert await response.read() == png
    assert await file.read() == png
    assert (file.size, file.width, file.height) == (len(png), 3, 2)
    assert [request.status for request in server.requests_to("GET", "/attachments/*")] == [200, 200]


async def test_link_dies_and_a_fresh_one_lives(server: DiscordServer, raw: Raw) -> None:
    file = await attached(server)
    url = file.url
    server.clock.advance(24 * 3600 + 1)

    assert await status(url) == 404
    assert await status(file.url) == 200
    with pytest.raises(aiohttp.ClientResponseError):
        await file.cdn.download(url)


@pytest.mark.parametrize(
    "change", [("ex=", "ex=f"), ("hm=", "hm=0"), ("?", "?x="), ("/attachments/", "/attachments/1/")]
)
async def test_forged_links_lead_nowhere(server: DiscordServer, change: tuple[str, str]) -> None:
    file = await attached(server)
    assert await status(file.url.replace(*change)) == 404


async def test_nobody_else_can_sign_a_link(server: DiscordServer) -> None:
    file = await attached(server)
    assert await status(f"{server.cdn_url}/attachments{DiscordServer().world.cdn.path(file)}") == 404


async def test_a_file_is_for_pages_of_this_server_alone(server: DiscordServer) -> None:
    file = await attached(server)
    async with aiohttp.ClientSession() as session, session.get(file.url) as response:
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"


async def test_removed_files_are_gone(server: DiscordServer, raw: Raw) -> None:
    path = f"/channels/{server.channel('general').id}/messages"
    _, sent = await raw("POST", path, {}, files=(Upload("a.png", b"a"), Upload("b.png", b"b")))
    first, second = (attachment["url"] for attachment in sent["attachments"])

    keep = {"attachments": [{"id": sent["attachments"][1]["id"]}]}
    await raw("PATCH", f"{path}/{sent['id']}", keep)
    assert (await status(first), await status(second)) == (404, 200)
    await raw("DELETE", f"{path}/{sent['id']}")
    assert await status(second) == 404


async def test_new_files_carry_name_and_description(server: DiscordServer, raw: Raw) -> None:
    path = f"/channels/{server.channel('general').id}/messages"
    listed = [{"id": "1", "filename": "SPOILER_b.png", "description": "second"}, {"id": 0, "is_spoiler": True}]

    _, sent = await raw("POST", path, {"attachments": listed}, files=(Upload("a.png", b"a"), Upload("b.png", b"b")))

    assert [attachment["filename"] for attachment in sent["attachments"]] == ["SPOILER_b.png", "a.png"]
    assert sent["attachments"][0]["description"] == "second"
    assert [attachment["flags"] for attachment in sent["attachments"]] == [32, 32]
    assert [await status(attachment["url"]) for attachment in sent["attachments"]] == [200, 200]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("my fox.png", "my_fox.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\a.webp", "a.webp"),
        ("füchse.gif", "füchse.gif"),
        ("..", "unknown"),
    ],
)
async def test_names_are_cleaned(server: DiscordServer, name: str, kept: str) -> None:
    file = await attached(server, name)
    assert file.filename == kept
    assert await status(file.url) == 200


async def test_what_is_no_picture_has_no_size(server: DiscordServer) -> None:
    file = await attached(server, "a.txt")
    assert (file.width, file.height, file.content_type) == (None, None, "text/plain")


async def test_slow_host(server: DiscordServer) -> None:
    file = await attached(server)
    held = server.faults.hold("GET", "/attachments/*")
    reading = asyncio.create_task(file.read())
    await held.reached()
    assert not reading.done()
    held.release()
    assert await reading == b"data"
