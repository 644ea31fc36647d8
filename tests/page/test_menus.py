"""Menus of messages and people."""

from __future__ import annotations

import pytest

from tests.page.conftest import Open
from tests.page.scenery import Hand
from tests.page.window import Window, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_menu_opens_by_mouse_by_button_and_by_key(hand: Hand, window: Window) -> None:
    said = await hand.post(content="A picture")
    await window.last.click(button="right")
    await expect(window.menu.get_by_role("menuitem")).to_have_text(["Reply", "Copy text", "Keep picture"])
    await expect(window.menu.get_by_role("menuitem", name="Reply")).to_be_focused()
    await window.page.keyboard.press("Escape")
    await expect(window.menu).to_have_count(0)
    await window.last.hover()
    await window.last.get_by_role("button", name="More actions").click()
    await window.page.keyboard.press("k")
    await expect(window.menu.get_by_role("menuitem", name="Keep picture")).to_be_focused()
    await window.page.keyboard.press("Escape")
    await window.last.focus()
    await window.page.keyboard.press("Shift+F10")
    await window.page.keyboard.press("End")
    await window.page.keyboard.press("Enter")
    asked = await hand.hears("Keep picture")
    assert asked.data["target_id"] == said["id"]
    await expect(window.last).to_be_focused()


async def test_what_a_message_says_is_copied(hand: Hand, window: Window) -> None:
    await window.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await hand.post(embeds=[{"title": "A job", "fields": [{"name": "Seed", "value": "7"}]}])
    await window.last.click(button="right")
    await window.menu.get_by_role("menuitem", name="Copy text").click()
    await expect(window.page.locator(".toast")).to_have_text("Copied.")
    assert await window.page.evaluate("navigator.clipboard.readText()") == "A job\nSeed: 7"


async def test_commands_on_people(hand: Hand, window: Window) -> None:
    await window.page.locator(".member", has_text="Cleo").click(button="right")
    await window.menu.get_by_role("menuitem", name="Their pictures").click()
    asked = await hand.hears("Their pictures")
    assert asked.data["target_id"] == str(hand.server.user("cleo").id)


async def test_who_may_delete_is_offered_it(hand: Hand, open_window: Open) -> None:
    await hand.post(content="A picture")
    window = await open_window(hand.server)
    await window.say("Mine")
    await expect(window.messages).to_have_count(2)
    for name, message, offered in (("Ada", 0, 0), ("Ada", 1, 1), ("Bob", 0, 1)):
        if name == "Bob":
            await window.become(name)
        await window.messages.nth(message).click(button="right")
        await expect(window.menu).to_be_visible()
        await expect(window.menu.get_by_role("menuitem", name="Delete message")).to_have_count(offered)
        await window.page.keyboard.press("Escape")
    await window.messages.first.click(button="right")
    await window.menu.get_by_role("menuitem", name="Delete message").click()
    await expect(window.messages).to_have_count(1)
    assert [message.content for message in hand.general.messages] == ["Mine"]
