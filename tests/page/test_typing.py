"""Typing commands: the picker, the options, and what is sent."""

from __future__ import annotations

import pytest

from playground.discord import Upload
from tests.page.conftest import Open
from tests.page.scenery import Hand, png
from tests.page.window import Window, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")


def options(hand: Hand) -> dict[str, object]:
    """Of the last command that was sent."""
    return {option["name"]: option["value"] for option in hand.asked[-1].data["options"]}


async def test_the_picker_is_filtered_as_one_types(window: Window) -> None:
    await window.box.press_sequentially("/")
    listed = window.page.locator(".suggestion-label")
    await expect(listed).to_have_text(["/album clear", "/album show", "/paint"])
    await window.box.press_sequentially("pa")
    await expect(listed).to_have_text(["/paint"])
    await window.box.press_sequentially("x")
    await expect(window.page.get_by_text("No command fits")).to_be_visible()


async def test_arrows_choose_and_escape_closes(window: Window) -> None:
    await window.box.press_sequentially("/")
    await window.box.press("ArrowUp")
    await expect(window.page.locator(".suggestion.active")).to_contain_text("/paint")
    await window.box.press("Escape")
    await expect(window.page.locator(".suggestions")).to_be_hidden()
    await window.box.press_sequentially("alb")
    await window.box.press("ArrowDown")
    await window.box.press("Enter")
    await expect(window.command).to_contain_text("/album show")


async def test_what_is_typed_anywhere_goes_into_the_message_box(hand: Hand, window: Window) -> None:
    await window.page.keyboard.type("/pai")
    await expect(window.suggestion("/paint")).to_be_visible()
    await window.page.keyboard.press("Enter")
    await window.page.locator(".channel[aria-current]").focus()
    await window.page.keyboard.type("a fox")
    await expect(window.option("words")).to_have_value("a fox")
    await window.page.locator(".me-button").click()
    await window.page.keyboard.type("nothing")
    await window.page.keyboard.press("Escape")
    await expect(window.page.locator(".me-button")).to_be_focused()
    await window.page.keyboard.press("Control+a")
    await expect(window.page.locator(".me-button")).to_be_focused()
    await expect(window.option("words")).to_have_value("a fox")


async def test_a_command_is_sent_with_what_was_filled_in(hand: Hand, window: Window) -> None:
    await window.box.press_sequentially("/pai")
    await window.box.press("Tab")
    await expect(window.option("words")).to_be_focused()
    await window.page.keyboard.type("a fox")
    await window.page.keyboard.press("Tab")
    await window.page.keyboard.type("ste")
    await window.page.keyboard.press("Tab")
    await expect(window.option("steps")).to_be_focused()
    await window.page.keyboard.type("20")
    await window.page.keyboard.press("Enter")
    await hand.hears("/paint")
    assert options(hand) == {"words": "a fox", "steps": 20}
    await expect(window.page.get_by_text("Sending /paint")).to_be_visible()
    await expect(window.box).to_be_focused()


async def test_who_sends_something_sees_the_newest_messages(hand: Hand, window: Window) -> None:
    for n in range(30):
        await hand.server.user("bob").say(hand.general, f"Message {n}")
    newest = window.page.get_by_role("button", name="Newest messages")
    for said, seen in (("/album show ", window.page.locator(".try")), ("Hello", window.last)):
        await window.page.locator("#scroller").evaluate("box => { box.scrollTop = 0 }")
        await expect(newest).to_be_visible()
        await window.box.press_sequentially(said)
        await window.page.keyboard.press("Enter")
        await expect(seen).to_be_in_viewport()
        await expect(newest).to_be_hidden()


async def test_what_is_required_or_out_of_range_is_said_before_anything_is_sent(hand: Hand, window: Window) -> None:
    await window.type_command("paint")
    await window.page.keyboard.press("Enter")
    await expect(window.page.locator(".hint-error")).to_have_text("words is required.")
    await window.option("words").fill("a fox")
    for option, typed, told in (("steps", "51", "It takes 1 to 50."), ("guidance", "much", "It takes a number.")):
        await window.page.locator(".finder").press_sequentially(f"{option}:")
        await window.option(option).fill(typed)
        await window.option(option).press("Enter")
        await expect(window.page.locator(".hint-error")).to_have_text(told)
        await window.option(option).fill("2")
    assert hand.asked == []


async def test_choices_people_and_places_are_lists(hand: Hand, window: Window) -> None:
    await window.type_command("paint", words="a fox")
    for option, typed in (("style", "in"), ("private", "f"), ("person", "cle"), ("place", "pict")):
        await window.page.locator(".finder").press_sequentially(f"{option}:")
        await expect(window.page.locator(".suggestion").first).to_be_visible()
        await window.page.keyboard.type(typed)
        await window.page.keyboard.press("Enter")
    await window.page.keyboard.press("Enter")
    await hand.hears("/paint")
    person, place = hand.server.user("cleo"), hand.server.channel("pictures")
    expected = {"words": "a fox", "style": "ink", "private": False, "person": str(person.id), "place": str(place.id)}
    assert options(hand) == expected


async def test_backspace_goes_back_and_takes_options_away(window: Window) -> None:
    await window.type_command("paint", words="", steps="")
    await window.option("steps").press("Backspace")
    await expect(window.option("steps")).to_have_count(0)
    await expect(window.option("words")).to_be_focused()
    await window.page.keyboard.press("Backspace")
    await expect(window.box).to_have_value("/paint")


async def test_autocomplete_shows_the_newest_answer_only(hand: Hand, window: Window) -> None:
    await window.type_command("paint", words="a fox")
    await window.page.locator(".finder").press_sequentially("model:")
    first = await hand.hears("/paint")
    await window.page.keyboard.type("kr")

    typed = {"name": "model", "type": 3, "value": "kr", "focused": True}
    second = await hand.server.until(
        lambda: next((one for one in hand.asked if one.data["options"][-1] == typed), None)
    )
    assert second is not None
    await hand.answer(second, 8, choices=[{"name": "Krea", "value": "krea.safetensors"}])
    await expect(window.suggestion("Krea")).to_be_visible()
    await hand.answer(first, 8, choices=[{"name": "Old", "value": "old"}])
    await window.page.wait_for_timeout(150)
    await expect(window.suggestion("Old")).to_have_count(0)
    await window.page.keyboard.press("Enter")
    await window.page.keyboard.press("Enter")
    await hand.server.until(lambda: "model" in options(hand) and "focused" not in hand.asked[-1].data["options"][-1])
    assert options(hand) == {"words": "a fox", "model": "krea.safetensors"}


async def test_a_file_comes_by_button_by_paste_and_by_drop(hand: Hand, window: Window) -> None:
    await window.type_command("paint", words="a fox")
    await window.page.locator(".finder").press_sequentially("image:")
    async with window.page.expect_file_chooser() as chooser:
        await window.option("image").click()
    picture = {"name": "mine.png", "mimeType": "image/png", "buffer": png()}
    await (await chooser.value).set_files([picture])  # pyright: ignore[reportArgumentType]
    await expect(window.option("image")).to_contain_text("mine.png")
    await expect(window.page.locator(".finder")).to_be_focused()
    for event, target in (("paste", "document"), ("drop", "document.querySelector('.chat')")):
        await window.option("image").press("Backspace")
        await window.page.evaluate(
            f"""() => {{
                const data = new DataTransfer();
                data.items.add(new File([new Uint8Array(9)], "{event}.png", {{ type: "image/png" }}));
                const kind = "{event}" === "paste" ? ClipboardEvent : DragEvent;
                const name = "{event}" === "paste" ? "clipboardData" : "dataTransfer";
                {target}.dispatchEvent(new kind("{event}", {{ [name]: data, bubbles: true, cancelable: true }}));
            }}"""
        )
        await expect(window.option("image")).to_contain_text(f"{event}.png")
    await window.page.keyboard.press("Enter")
    sent = await hand.hears("/paint")
    (file,) = sent.data["resolved"]["attachments"].values()
    assert (file["filename"], file["size"]) == ("drop.png", 9)


async def test_commands_are_read_in_the_users_language(hand: Hand, open_window: Open) -> None:
    hand.server.user("cleo").speak("de")
    window = await open_window(hand.server)
    await window.become("Cleo")
    await window.box.press_sequentially("/")
    await expect(window.suggestion("/male")).to_contain_text("Ein Bild machen")
    await window.box.press_sequentially("male ")
    await window.page.keyboard.type("ein Fuchs")
    await window.page.keyboard.press("Enter")
    assert (await hand.hears("/paint")).user is hand.server.user("cleo")


async def test_who_gets_no_answer_is_told_so(hand: Hand, window: Window) -> None:
    await window.type_command("album show")
    await window.page.keyboard.press("Enter")
    await hand.hears("/album")
    hand.server.clock.advance(3.1)
    failed = window.page.locator(".try.failed")
    await expect(failed).to_contain_text("The application did not respond")
    await expect(failed).to_contain_text("Only you can see this")
    await failed.get_by_role("button", name="Dismiss").click()
    await expect(failed).to_have_count(0)


async def test_a_message_is_posted_with_files_and_as_a_reply(hand: Hand, window: Window) -> None:
    await hand.server.user("bob").say(hand.general, "Look at this")
    await window.last.hover()
    await window.last.get_by_role("button", name="Reply").click()
    async with window.page.expect_file_chooser() as chooser:
        await window.page.get_by_role("button", name="Attach files").click()
    files = [{"name": f"{n}.png", "mimeType": "image/png", "buffer": png()} for n in range(2)]
    await (await chooser.value).set_files(files)  # pyright: ignore[reportArgumentType]
    await expect(window.page.locator(".tray-file")).to_have_count(2)
    await window.say("I do")
    await expect(window.last.locator(".tile")).to_have_count(2)
    await expect(window.last.locator(".reply-text")).to_have_text("Look at this")
    await expect(window.last).to_have_accessible_name("Ada: I do, 2 files")
    said = hand.general.messages[-1]
    assert (said.content, [file.filename for file in said.attachments]) == ("I do", ["0.png", "1.png"])


async def test_nothing_is_cut_off_what_is_too_long(hand: Hand, window: Window) -> None:
    await window.say("x" * 2003)
    await expect(window.page.locator(".composer-problem")).to_contain_text("2000 characters; these are 3 too many")
    await expect(window.box).to_have_value("x" * 2003)
    assert hand.general.messages == ()
    await window.say("x" * 2000)
    await expect(window.last).to_contain_text("x" * 2000)


async def test_a_file_that_is_too_large_is_kept_with_a_word(hand: Hand, window: Window) -> None:
    hand.server.attachment_size_limit = 10
    await window.become("Bob")
    await window.page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(11)], "large.bin"));
            document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
        }"""
    )
    await window.say("Here")
    await expect(window.page.locator(".composer-problem")).to_contain_text("large.bin has 11 bytes")
    await expect(window.box).to_have_value("Here")
    assert not any(isinstance(file, Upload) for message in hand.general.messages for file in message.attachments)


async def test_files_that_are_too_many_are_left_out_with_a_word(hand: Hand, window: Window) -> None:
    async with window.page.expect_file_chooser() as chooser:
        await window.page.get_by_role("button", name="Attach files").click()
    files = [{"name": f"{n}.png", "mimeType": "image/png", "buffer": png()} for n in range(11)]
    await (await chooser.value).set_files(files)  # pyright: ignore[reportArgumentType]
    await expect(window.page.locator(".tray-file")).to_have_count(10)
    await expect(window.page.locator(".composer-problem")).to_contain_text("at most 10 files")
