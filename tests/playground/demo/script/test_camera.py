"""Screenshots."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from PIL import Image

from playground.demo.errors import DemoError
from playground.demo.script.camera import open_camera
from playground.demo.script.chromium import installed
from playground.demo.script.reading import Step
from playground.demo.script.scene import Scene
from playground.discord import DiscordServer, PlaygroundError


async def test_without_playwright_it_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "playwright.async_api", None)
    with pytest.raises(DemoError, match="Screenshots need Playwright"):
        async with open_camera("http://127.0.0.1:9"):
            pass


async def test_without_chromium_it_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("playwright.async_api")
    monkeypatch.setattr("playground.demo.script.chromium.shutil.which", lambda name: None)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", "/nonexistent")
    with pytest.raises(DemoError, match="Screenshots need Chromium"):
        async with open_camera("http://127.0.0.1:9"):
            pass


Take = Callable[..., Awaitable[Path]]

needs_chromium = pytest.mark.skipif(
    find_spec("playwright") is None or installed() is None, reason="needs Playwright and Chromium"
)


@pytest.fixture
async def take(tmp_path: Path) -> AsyncIterator[Take]:
    """Takes a picture of any page."""
    html = ""

    async def serve(_: web.Request) -> web.Response:
        return web.Response(text=f"<link rel=icon href=data:,><body>{html}", content_type="text/html")

    app = web.Application()
    app.router.add_get("/", serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"

    async with DiscordServer() as server, open_camera(address) as camera:
        server.user("ada")

        async def picture(shown: str, **details: Any) -> Path:
            nonlocal html
            html = shown
            return await camera.take(Step(1, "screenshot", "page", details), Scene(server, tmp_path), tmp_path)

        yield picture
    await runner.cleanup()


@needs_chromium
async def test_a_picture_is_as_large_and_as_dark_as_was_asked(take: Take) -> None:
    style = "<style>@media (prefers-color-scheme: dark) {html {background: black}}</style>"
    with Image.open(await take(style, size=[300, 200])) as dark:
        assert (dark.format, dark.size, dark.getpixel((9, 9))) == ("WEBP", (300, 200), (0, 0, 0))
    with Image.open(await take(style, size=[300, 200], scheme="light")) as light:
        assert light.getpixel((9, 9)) == (255, 255, 255)


@needs_chromium
async def test_buttons_are_pressed_and_text_is_typed_first(take: Take) -> None:
    page = (
        "<button onclick=\"document.body.style.background='lime'\">Go</button>"
        "<input id=composer-text oninput=\"if (value == 'hi') document.body.style.background = 'blue'\">"
    )
    assert _main_channel(await take(page, press=["Go"])) == "green"
    assert _main_channel(await take(page, press=["Go"], typed="hi")) == "blue"


def _main_channel(path: Path) -> str:
    with Image.open(path) as picture:
        colour = picture.convert("RGB").resize((1, 1)).tobytes()
    return max(zip(colour, ("red", "green", "blue"), strict=True))[1]


@needs_chromium
async def test_a_page_that_reports_an_error_is_none(take: Take) -> None:
    with pytest.raises(PlaygroundError, match="the page reports: broken"):
        await take("<script>throw new Error('broken')</script>")
    with pytest.raises(PlaygroundError, match="the page reports: sad"):
        await take("<script>console.error('sad')</script>")


@needs_chromium
async def test_what_is_not_there_to_be_pressed_is_said(take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playground.demo.script.camera._WITHIN", 100.0)
    with pytest.raises(PlaygroundError, match=r"the page cannot be looked at: .*Timeout"):
        await take("nothing", press=["Go"])
