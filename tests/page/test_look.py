"""axe-core on everything that can be seen, and the page's own files."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from playground.discord import Callback
from playground.page.site import STATIC
from tests.page.conftest import Open
from tests.page.scenery import MODAL, Hand
from tests.page.window import Window, expect


async def picker(_: Hand, window: Window) -> None:
    await window.box.press_sequentially("/")
    await expect(window.page.locator(".suggestion").first).to_be_visible()


async def options(_: Hand, window: Window) -> None:
    await window.type_command("paint", words="a fox", steps="99")
    await window.page.locator(".finder").press_sequentially("style:")
    await window.page.keyboard.press("Escape")
    await window.send()
    await expect(window.page.locator(".hint-error")).to_be_visible()


async def modal(hand: Hand, window: Window) -> None:
    await window.button("Primary").click()
    await hand.answer(await hand.hears("first"), Callback.MODAL, **MODAL)
    await window.modal.get_by_role("button", name="Submit").click()
    await expect(window.modal.locator(".field-error").first).to_be_visible()


async def lists(_: Hand, window: Window) -> None:
    await window.page.get_by_role("combobox", name="LoRAs").click()


async def menu(_: Hand, window: Window) -> None:
    await window.last.locator(".content").click(button="right")
    await expect(window.menu).to_be_visible()


async def faults(_: Hand, window: Window) -> None:
    await window.page.get_by_role("button", name="Faults and demo settings").click()


async def people(_: Hand, window: Window) -> None:
    if (window.page.viewport_size or {})["width"] < 720:
        await window.page.get_by_role("button", name="Show channels").click()
    await window.page.locator(".me-button").click()


async def large(_: Hand, window: Window) -> None:
    await window.page.locator(".tile").first.click()
    await expect(window.page.locator(".lightbox")).to_be_visible()


async def failure(hand: Hand, window: Window) -> None:
    await window.type_command("album show")
    await window.send()
    await hand.hears("/album")
    hand.server.clock.advance(3.1)
    await expect(window.page.locator(".try.failed")).to_be_visible()


LAYERS: tuple[Callable[[Hand, Window], Awaitable[None]], ...] = (
    *(failure, picker, options, lists, menu, faults, people, large, modal),
)
SCREENS: dict[str, dict[str, Any]] = {
    "dark": {"color_scheme": "dark"},
    "light": {"color_scheme": "light"},
    "narrow": {"color_scheme": "light", "viewport": {"width": 360, "height": 700}},
}
#: In another light the parts are the same; it is their contrast that is not.
RULES = {"light": ["color-contrast"]}


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("screen", SCREENS)
async def test_axe_finds_nothing_serious(hand: Hand, open_window: Open, screen: str) -> None:
    await hand.everything()
    window = await open_window(hand.server, **SCREENS[screen])
    found = {"chat": await window.faults(RULES.get(screen))}
    for layer in LAYERS:
        await layer(hand, window)
        found[layer.__name__] = await window.faults(RULES.get(screen))
        await window.page.keyboard.press("Escape")
        await window.page.keyboard.press("Escape")
    assert {name: faults for name, faults in found.items() if faults} == {}


def files(pattern: str) -> list[Path]:
    return sorted(STATIC.rglob(pattern))


@pytest.mark.parametrize("file", [*files("*.js"), *files("*.css"), *files("*.html")], ids=lambda file: file.name)
def test_a_file_of_the_page_is_one_idea_and_loads_nothing_from_elsewhere(file: Path) -> None:
    text = file.read_text("utf-8")
    assert len(text.splitlines()) <= 300
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", text) == []
    addresses = re.findall(r"(?<!\w)(?:https?:)?//[\w.-]+\.\w+", re.sub(r"(?m)^\s*//.*$", "", text))
    assert addresses == (["http://www.w3.org"] if file.name == "icons.js" else [])


def test_every_module_is_fetched_at_once() -> None:
    """Else each import would wait for the one before it."""
    named = re.findall(r'rel="modulepreload" href="/page/js/([\w-]+\.js)"', (STATIC / "index.html").read_text("utf-8"))
    assert named == sorted({file.name for file in files("*.js")} - {"early.js", "main.js"})


def test_every_style_sheet_is_linked() -> None:
    named = re.findall(r'rel="stylesheet" href="/page/css/([\w-]+\.css)"', (STATIC / "index.html").read_text("utf-8"))
    assert sorted(named) == [file.name for file in files("*.css")]
