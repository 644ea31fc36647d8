"""The page's addresses: what they serve, in which headers, and to whom."""

from __future__ import annotations

import socket
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from playground.discord import DiscordServer, Upload
from playground.page import Backend, Page, site
from tests.playground.discord.puppet import Raw
from tests.playground.page.window import Open, Window


@pytest.fixture
def static(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small page of our own, and something that lies beside it."""
    folder = tmp_path / "static"
    (folder / "js").mkdir(parents=True)
    for name, text in (("index.html", "<p>hi"), ("js/main.js", "1"), ("a.css", "p{}"), ("icon.svg", "<svg/>")):
        (folder / name).write_text(text)
    (folder / "notes.txt").write_text("not for the browser")
    (tmp_path / "secret.js").write_text("secret")
    monkeypatch.setattr(site, "STATIC", folder)
    return folder


@pytest.mark.parametrize(
    ("path", "kind", "text"),
    [
        ("/", "text/html; charset=utf-8", "<p>hi"),
        ("/page/index.html", "text/html; charset=utf-8", "<p>hi"),
        ("/page/js/main.js", "text/javascript; charset=utf-8", "1"),
        ("/page/a.css", "text/css; charset=utf-8", "p{}"),
        ("/page/icon.svg", "image/svg+xml", "<svg/>"),
    ],
)
async def test_the_page_is_served_fenced_in(
    server: DiscordServer, session: aiohttp.ClientSession, static: Path, path: str, kind: str, text: str
) -> None:
    async with session.get(server.cdn_url + path) as response:
        assert (response.status, response.headers["Content-Type"]) == (200, kind)
        assert await response.text() == text
        headers = response.headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "no-referrer")
    assert headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/page/../secret.js",
        "/page/..%2fsecret.js",
        "/page/js/..%2f..%2fsecret.js",
        "/page/nothing.js",
        "/page/notes.txt",
    ],
)
async def test_nothing_else_is_served(
    server: DiscordServer, session: aiohttp.ClientSession, static: Path, path: str
) -> None:
    async with session.get(URL(server.cdn_url + path, encoded=True)) as response:
        assert response.status == 404
        assert "secret" not in await response.text()


async def test_the_shipped_page_is_there(server: DiscordServer, session: aiohttp.ClientSession) -> None:
    async with session.get(server.cdn_url + "/") as response:
        assert response.status == 200
        assert "<script" in await response.text()


@pytest.mark.parametrize(
    "path", ["/", "/page/files", "/page/socket", "/api/v10/gateway", "/gateway", "/attachments/1/2/a"]
)
@pytest.mark.parametrize("header", [{"Host": "evil.example"}, {"Host": "evil.example:80"}, {"Host": "["}, {"Host": ""}])
async def test_under_another_name_there_is_nothing(
    server: DiscordServer, session: aiohttp.ClientSession, path: str, header: dict[str, str]
) -> None:
    async with session.get(server.cdn_url + path, headers=header) as response:
        assert response.status in (400, 403)


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://localhost.evil.example", "http://127.0.0.1:1", "http://["]
)
async def test_pages_of_others_are_turned_away(
    server: DiscordServer, session: aiohttp.ClientSession, origin: str
) -> None:
    url = server.cdn_url
    async with session.post(f"{url}/page/files?name=a", data=b"x", headers={"Origin": origin}) as response:
        assert response.status == 403
    for path in ("/page/socket", "/gateway"):
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await session.ws_connect(url + path, origin=origin)


async def test_loopback_names_are_its_own(server: DiscordServer, session: aiohttp.ClientSession) -> None:
    port = server.cdn_url.rsplit(":", 1)[1]
    for host in ("localhost", "127.0.0.1", "LOCALHOST"):
        headers = {"Host": f"{host}:{port}", "Origin": f"http://{host}:{port}"}
        async with session.get(server.cdn_url + "/page/socket", headers=headers) as response:
            assert response.status != 403


async def test_one_that_listens_everywhere_is_known_by_addresses_and_its_own_name(
    session: aiohttp.ClientSession,
) -> None:
    server = DiscordServer(host="0.0.0.0")
    Page(server, Backend("demo ComfyUI", demo=True))
    async with server:
        port = server.cdn_url.rsplit(":", 1)[1]
        hosts = ("192.0.2.7", socket.gethostname(), "[2001:db8::1]", "evil.example")
        statuses = []
        for host in hosts:
            async with session.get(server.cdn_url + "/", headers={"Host": f"{host}:{port}"}) as response:
                statuses.append(response.status)
    assert statuses == [200, 200, 200, 403]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.html", "text/plain"),
        ("a.svg", "text/plain"),
        ("a.xml", "text/plain"),
        ("a.js", "text/plain"),
        ("a.json", "text/plain"),
        ("a.txt", "text/plain"),
        ("a.xhtml", "text/plain"),
        ("a.png", "image/png"),
        ("a.mp4", "video/mp4"),
        ("a.mp3", "audio/mpeg"),
        ("a.pdf", "application/octet-stream"),
        ("a", "application/octet-stream"),
    ],
)
async def test_no_file_runs_script(window: Open, server: DiscordServer, name: str, kind: str) -> None:
    ada = await window("ada")
    said = await server.user("bob").say(server.channel("general"), "", Upload(name, b"<script>alert(1)</script>"))
    shown = await ada.message(lambda message: message["id"] == str(said.id))
    for url in (server.cdn_url + shown["attachments"][0]["url"], said.attachments[0].url):
        async with ada.session.get(url) as response:
            assert response.headers["Content-Type"].partition(";")[0] == kind
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert "sandbox" in response.headers["Content-Security-Policy"]
            saved = response.headers.get("Content-Disposition")
            assert (saved == "attachment") is (kind == "application/octet-stream")


@pytest.mark.parametrize(
    ("asked", "status", "body", "told"),
    [
        ("bytes=2-4", 206, b"cde", "bytes 2-4/10"),
        ("bytes=7-", 206, b"hij", "bytes 7-9/10"),
        ("bytes=-3", 206, b"hij", "bytes 7-9/10"),
        ("bytes=8-99", 206, b"ij", "bytes 8-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=4-2", 200, b"abcdefghij", None),
        ("lines=1-2", 200, b"abcdefghij", None),
    ],
)
async def test_films_are_read_in_parts(
    window: Open, server: DiscordServer, asked: str, status: int, body: bytes, told: str | None
) -> None:
    ada = await window("ada")
    said = await server.user("bob").say(server.channel("general"), "", Upload("a.mp4", b"abcdefghij"))
    async with ada.session.get(said.attachments[0].url, headers={"Range": asked}) as response:
        assert (response.status, await response.read()) == (status, body)
        assert response.headers.get("Content-Range") == told


async def test_a_picture_that_was_just_replaced_can_still_be_loaded(
    window: Open, server: DiscordServer, raw: Raw, png: bytes
) -> None:
    path = f"/channels/{server.channel('general').id}/messages"
    _, sent = await raw("POST", path, {"content": "x"}, files=(Upload("a.png", png),))
    ada = await window("ada")
    url = ada.view["messages"][ada.channel("general")][0]["attachments"][0]["url"]

    await raw("PATCH", f"{path}/{sent['id']}", {"attachments": []})

    async with ada.session.get(server.cdn_url + url) as response:
        assert await response.read() == png
    bob = server.user("bob")
    for number in range(20):
        await bob.delete(await bob.say(server.channel("general"), "", Upload(f"{number}.png", png)))
    async with ada.session.get(server.cdn_url + url) as response:
        assert response.status == 404


@pytest.mark.parametrize("change", [("hm=", "hm=0"), ("ex=", "ex=g"), ("hm=", "hm=%C3%BC"), ("?", "?x=")])
async def test_forged_links_lead_nowhere(window: Open, server: DiscordServer, change: tuple[str, str]) -> None:
    ada = await window("ada")
    await server.user("bob").say(server.channel("general"), "", Upload("a.png", b"x"))
    shown = await ada.message(lambda message: message["attachments"])
    url = shown["attachments"][0]["url"]
    async with ada.session.get(server.cdn_url + url) as response:
        assert response.status == 200
    async with ada.session.get((server.cdn_url + url).replace(*change)) as response:
        assert response.status == 404


async def test_what_the_page_loads_is_no_request_of_the_bot(window: Open, server: DiscordServer) -> None:
    ada = await window("ada")
    await server.user("bob").say(server.channel("general"), "", Upload("a.png", b"x"))
    shown = await ada.message(lambda message: message["attachments"])
    server.faults.status(500, times=None)
    async with ada.session.get(server.cdn_url + shown["attachments"][0]["url"]) as response:
        assert response.status == 200
    assert server.requests == []


async def test_the_server_ends_while_windows_are_open(
    session: aiohttp.ClientSession, page: Page, outside: DiscordServer
) -> None:
    async with outside:
        seats = [await Window(session, outside).open() for _ in range(3)]
        await seats[0].enter("ada")
        assert page.windows == 3
    for seat in seats:
        await seat.reading
        assert seat.socket.close_code == 1001
    assert page.windows == 0
