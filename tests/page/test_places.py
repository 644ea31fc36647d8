"""Channels, people, themes, narrow screens, keys alone, and a server that goes away."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack

import pytest

from playground.demo.ground import lasting_port
from playground.discord import DiscordServer, PlaygroundError
from playground.page import Backend, Choice, Page, Switch
from tests.page.conftest import Open, furnish
from tests.page.scenery import CONTROLS, Hand
from tests.page.window import Window, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")
#: The name of what has the focus, and whether one sees that it has; of the message box it is the frame that shows it.
FOCUSED = """() => {
    const here = document.activeElement;
    const name = (here.ariaLabel || here.textContent || "").trim();
    return [name, here.closest(".composer-field, body:focus") || getComputedStyle(here).outlineStyle !== "none"];
}"""
NARROW = {"width": 320, "height": 640}


async def test_an_empty_channel_tells_what_to_type_first(hand: Hand, window: Window) -> None:
    command = {"name": "generate", "description": "Make a picture"}
    await hand.raw.register(command)
    await window.page.locator(".welcome").get_by_role("button", name="/generate").click()
    await expect(window.command).to_contain_text("/generate")
    await hand.raw.register()
    await expect(window.page.locator(".notice")).to_contain_text("This is a demo")
    await window.go("pictures")
    await expect(window.page.locator(".welcome")).to_contain_text("The bot is not here yet")


async def test_a_place_is_called_as_people_call_it(hand: Hand, window: Window) -> None:
    hand.server.private_channel("just us")
    for name, title, box in (
        ("pictures", "Welcome to #pictures", "Message #pictures"),
        ("foxes", "foxes", "Message foxes"),
        ("just us", "just us", "Message just us"),
        ("disbot", "disbot", "Message @disbot"),
    ):
        await window.go(name)
        await expect(window.page.locator(".welcome h2")).to_have_text(title)
        await expect(window.box).to_have_attribute("placeholder", box)


async def test_what_was_begun_in_a_channel_is_there_again(window: Window) -> None:
    await window.box.fill("Half a sentence")
    await window.go("pictures")
    await expect(window.box).to_have_value("")
    await window.box.fill("Another")
    await window.go("general")
    await expect(window.box).to_have_value("Half a sentence")
    await window.become("Bob")
    await expect(window.box).to_have_value("")
    await window.go("pictures")
    await expect(window.box).to_have_value("")


async def test_news_elsewhere_are_counted_until_they_are_read(hand: Hand, window: Window) -> None:
    ada, bob = hand.server.user("ada"), hand.server.user("bob")
    for n in range(2):
        await bob.say(hand.server.channel("pictures"), f"Look {n}")
    await hand.post(channel=ada.dm, content="Done")
    count = window.page.locator(".channel", has_text="pictures").locator(".count")
    await expect(count).to_have_text("unread: 2")
    await expect(window.page.locator(".count-direct")).to_have_text("unread: 1")
    await window.go("pictures")
    await expect(window.messages).to_have_count(2)
    await expect(count).to_have_count(0)
    await window.page.reload()
    await expect(window.page.locator(".place-name")).to_have_text("pictures")


async def test_a_channel_that_appears_later_has_its_messages(hand: Hand, window: Window) -> None:
    late = hand.server.channel("late")
    for n in range(3):
        await hand.server.user("bob").say(late, f"Message {n}")
    await window.go("late")
    await expect(window.messages).to_have_count(3)
    hand.server.delete_channel(late)
    await expect(window.page.locator(".place-name")).to_have_text("general")


async def test_another_user_sees_their_own(hand: Hand, window: Window) -> None:
    await hand.post(channel=hand.server.user("ada").dm, content="For Ada")
    await window.go("disbot")
    await expect(window.last).to_contain_text("For Ada")
    await window.become("Bob")
    await expect(window.page.locator(".me-about")).to_contain_text("Moderator")
    await window.go("disbot")
    await expect(window.messages).to_have_count(0)
    await window.page.reload()
    await expect(window.page.locator(".me-name")).to_have_text("Bob")


async def test_a_language_is_the_users(hand: Hand, window: Window) -> None:
    await hand.post(content="<t:0:D>")
    await expect(window.last.locator("time.timestamp")).to_have_text("January 1, 1970")
    await window.page.locator(".me-button").click()
    language = window.page.get_by_label("Language", exact=True)
    names = await language.locator("option").all_inner_texts()
    assert len(names) > 30
    assert names.index("German (de)") < names.index("Hebrew (he)") < names.index("Japanese (ja)")
    await language.select_option("de")
    await expect(window.page.locator(".me-about")).to_contain_text("de")
    assert hand.server.user("ada").locale == "de"
    await window.box.press_sequentially("/mal")
    await expect(window.suggestion("/male")).to_be_visible()
    await expect(window.last.locator("time.timestamp")).to_have_text(re.compile(r"1\. Januar 1970"))


async def test_a_theme_is_the_systems_until_one_is_chosen(hand: Hand, open_window: Open) -> None:
    window = await open_window(hand.server, color_scheme="dark")
    ground = "getComputedStyle(document.querySelector('.main')).backgroundColor"
    dark = await window.page.evaluate(ground)
    await window.page.emulate_media(color_scheme="light")
    light = await window.page.evaluate(ground)
    assert dark != light
    await window.page.locator(".me-button").click()
    await window.page.get_by_role("button", name="Dark").click()
    assert await window.page.evaluate(ground) == dark
    await window.page.reload()
    await expect(window.box).to_be_visible()
    assert await window.page.evaluate(ground) == dark


async def test_a_narrow_screen(hand: Hand, open_window: Open) -> None:
    await hand.everything()
    long = "w" * 400
    await hand.post(content=f"{long}\nhttps://example.com/{long}", embeds=[{"title": long[:200], "description": long}])
    window = await open_window(hand.server, viewport=NARROW)
    for selector in ("html", "#scroller"):
        assert await window.page.locator(selector).evaluate("box => box.scrollWidth <= box.clientWidth")
    small = await window.page.evaluate(
        """() => [...document.querySelectorAll("button, select, [role=combobox]")]
            .filter((one) => one.checkVisibility() && !one.closest(".markup, .used, .only-you"))
            .map((one) => [one.className, one.getBoundingClientRect()])
            .filter(([, box]) => box.width > 0 && (box.height < 43.5 || box.width < 43.5))
            .map(([name, box]) => `${name} ${box.width} ${box.height}`)"""
    )
    assert small == []
    await expect(window.page.locator(".channel").first).not_to_be_in_viewport()
    await window.page.get_by_role("button", name="Show channels").click()
    await expect(window.page.locator(".channel[aria-current]")).to_be_focused()
    await window.page.keyboard.press("Escape")
    await expect(window.page.get_by_role("button", name="Show channels")).to_be_focused()
    await window.page.get_by_role("button", name="Show channels").click()
    await window.page.locator(".channel", has_text="pictures").click()
    await expect(window.page.locator(".channel").first).not_to_be_in_viewport()
    await expect(window.page.locator(".place-name")).to_have_text("pictures")


async def test_keys_alone_reach_everything(hand: Hand, window: Window) -> None:
    await hand.post(content="Choose", components=CONTROLS)
    await expect(window.last).to_contain_text("Choose")
    await hand.post(content="More")
    reached: set[str] = set()
    for _ in range(60):
        await window.page.keyboard.press("Tab")
        name, seen = await window.page.evaluate(FOCUSED)
        assert seen, name
        reached.add(name)
        if name == "CCleo":  # the last member: what comes next is the browser's own
            break
    assert {
        "Skip to the message box",
        "general",
        "foxes",
        "disbot",
        "Faults and demo settings",
        "Primary",
        "Model",
        "More actions",
        "Attach files",
        "Message #general",
        "CCleo",
    } <= reached
    await window.box.focus()
    await window.page.keyboard.press("ArrowUp")
    await expect(window.last).to_be_focused()
    await window.page.keyboard.press("ArrowUp")
    await expect(window.messages.first).to_be_focused()


async def test_new_messages_are_said_aloud_once(hand: Hand, window: Window) -> None:
    said = await hand.post(content="`A` **picture**", embeds=[{"title": "A job", "description": "██ 10 %"}])
    heard = window.page.locator("#announcer")
    await expect(heard).to_have_text("disbot: A picture, A job, 10 %")
    await hand.edit(said, embeds=[{"title": "A job", "description": "20 %"}])
    await expect(window.last).to_contain_text("20 %")
    await expect(heard).to_have_text("disbot: A picture, A job, 10 %")
    await hand.edit(said, embeds=[{"title": "A job", "description": "Done\n-# 2 s"}], components=CONTROLS)
    await expect(heard).to_have_text("disbot: A picture, A job, Done 2 s")


async def test_a_server_that_goes_away_and_comes_back(open_window: Open) -> None:
    async with AsyncExitStack() as stack:
        port = lasting_port()
        first = DiscordServer(port=port)
        Page(first, Backend("demo ComfyUI", demo=True))
        furnish(first)
        async with first:
            window = await open_window(first)
            await window.become("Bob")
            await window.go("pictures")
            await window.box.fill("Half a sentence")
        await expect(window.page.locator("#banner")).to_contain_text("The connection to the demo is lost.")
        await window.box.press("Enter")
        await expect(window.page.locator(".composer-problem")).to_contain_text("The connection is lost")
        second = DiscordServer(port=port)
        Page(second, Backend("ComfyUI at http://gpu:8188", demo=False))
        furnish(second)
        await stack.enter_async_context(second)
        await second.user("cleo").say(second.channel("pictures"), "Here again")
        await expect(window.page.locator("#banner")).to_be_hidden()
        await expect(window.last).to_contain_text("Here again")
        await expect(window.page.locator(".me-name")).to_have_text("Bob")
        await expect(window.box).to_have_value("Half a sentence")
        await expect(window.page.locator(".composer-problem")).to_be_hidden()
        await window.page.reload()
        await expect(window.last).to_contain_text("Here again")
        await expect(window.page.locator(".notice")).to_contain_text("ComfyUI at http://gpu:8188")


async def test_faults_are_switched_in_a_panel(open_window: Open) -> None:
    state: dict[str, object] = {"slow": False, "pace": "fast", "pressed": 0}

    def press(_: object) -> None:
        state["pressed"] = 1
        raise PlaygroundError("nothing is there to be dropped")

    server = DiscordServer()
    page = Page(server, Backend("demo ComfyUI", demo=True))
    page.switches[:] = [
        Switch("slow", "Slow", "Takes long", "toggle", lambda on: state.update(slow=on), lambda: state["slow"]),
        Switch(
            "pace",
            "Pace",
            "How fast",
            "choice",
            lambda value: state.update(pace=value),
            lambda: state["pace"],
            (Choice("Fast", "fast"), Choice("Slow", "slow")),
        ),
        Switch("drop", "Drop", "Cuts it", "press", press),
    ]
    furnish(server)
    async with server:
        window = await open_window(server)
        await window.page.get_by_role("button", name="Faults and demo settings").click()
        panel = window.page.get_by_role("dialog", name="Faults and demo settings")
        await panel.get_by_role("switch", name="Slow").click()
        await expect(panel.get_by_role("switch", name="Slow")).to_be_checked()
        await panel.get_by_label("Pace").select_option("Slow")
        await panel.get_by_role("button", name="Do it Drop").click()
        await expect(panel.get_by_role("alert")).to_have_text("Nothing is there to be dropped.")
        assert state == {"slow": True, "pace": "slow", "pressed": 1}
        await panel.get_by_role("switch", name="Age-restrict #general").click()
        await expect(window.page.locator(".place .age")).to_have_text("18+")
        await window.page.keyboard.press("Escape")
        await expect(window.page.get_by_role("button", name="Faults and demo settings")).to_be_focused()
