"""Buttons, selects and forms."""

from __future__ import annotations

import pytest

from playground.discord import Callback
from tests.page.conftest import Open
from tests.page.scenery import CONTROLS, MODAL, Hand, png
from tests.page.window import Window, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_button_waits_for_its_answer_or_says_that_there_is_none(hand: Hand, window: Window) -> None:
    await hand.post(content="Choose", components=CONTROLS)
    await expect(window.button("Disabled")).to_be_disabled()
    for label, custom_id in (("Primary", "first"), ("Secondary", "second")):
        await window.button(label).click()
        await expect(window.button(label)).to_have_attribute("aria-busy", "true")
        asked = await hand.hears(custom_id)
        if label == "Primary":
            await hand.answer(asked, Callback.DEFERRED_EDIT)
        else:
            hand.server.clock.advance(3.1)
        await expect(window.button(label)).not_to_have_attribute("aria-busy", "true")
    await expect(window.last.locator(".failure")).to_have_text("This interaction failed")
    await window.button("Secondary").click()
    await expect(window.last.locator(".failure")).to_have_text("")


async def test_selects_send_what_was_chosen(hand: Hand, window: Window) -> None:
    await hand.post(content="Choose", components=CONTROLS)
    model = window.last.get_by_role("combobox", name="Model")
    await model.focus()
    await model.press("ArrowDown")
    await window.page.keyboard.press("q")
    await window.page.keyboard.press("Enter")
    asked = await hand.hears("model")
    assert asked.data["values"] == ["qwen"]
    await hand.answer(asked, Callback.DEFERRED_EDIT)
    await expect(window.last.get_by_role("combobox", name="Model: Qwen")).to_be_focused()
    loras = window.last.get_by_role("combobox", name="LoRAs")
    await loras.click()
    for label in ("Moss", "Ink", "Clay", "Neon", "Clay"):
        await window.page.get_by_role("option", name=label).click()
    await expect(window.page.get_by_role("option", selected=True)).to_have_count(2)
    await window.page.keyboard.press("Escape")
    assert (await hand.hears("loras")).data["values"] == ["ink", "moss"]


async def test_a_list_that_is_open_outlasts_an_edit(hand: Hand, window: Window) -> None:
    said = await hand.post(content="Choose", components=CONTROLS)
    await window.last.get_by_role("combobox", name="Model").click()
    await expect(window.page.get_by_role("listbox")).to_be_visible()
    await hand.edit(said, content="Choose now", components=CONTROLS[:3])
    await expect(window.last).to_contain_text("Choose now")
    await window.page.get_by_role("option", name="Krea").click()
    assert (await hand.hears("model")).data["values"] == ["krea"]
    await expect(window.last.get_by_role("combobox", name="Model")).to_be_focused()


async def opened(hand: Hand, window: Window) -> None:
    await hand.post(content="Choose", components=CONTROLS)
    await window.button("Primary").click()
    await hand.answer(await hand.hears("first"), Callback.MODAL, **MODAL)
    await expect(window.modal).to_be_visible()


async def test_a_form_is_checked_filled_in_and_sent(hand: Hand, window: Window) -> None:
    await opened(hand, window)
    form = window.modal
    prompt = form.get_by_label("Prompt")
    await expect(prompt).to_be_focused()
    await prompt.fill("ab")
    await expect(form.locator(".counter")).to_have_text("2/40")
    await form.get_by_role("button", name="Submit").click()
    await expect(form.locator(".field-error:not(:empty)")).to_have_text(
        ["It takes at least 3 characters.", "This is required."]
    )
    await expect(prompt).to_be_focused()
    await prompt.fill("a fox")
    await form.get_by_role("combobox", name="Style: Ink").click()
    await window.page.get_by_role("option", name="Oil").click()
    async with window.page.expect_file_chooser() as chooser:
        await form.get_by_role("button", name="Pictures").click()
    await (await chooser.value).set_files([{"name": "one.png", "mimeType": "image/png", "buffer": png()}])  # pyright: ignore[reportArgumentType]
    await form.locator(".upload-field").evaluate(
        """field => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([new Uint8Array(4)], "two.png"));
            field.dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));
        }"""
    )
    await expect(form.locator(".drop-file")).to_have_count(2)
    await form.get_by_label("Large").check()
    await form.get_by_label("Private").check()
    await form.get_by_role("button", name="Submit").click()
    sent = await hand.hears("form")
    parts = [part["component"] for part in sent.data["components"]]
    files = sent.data["resolved"]["attachments"]
    assert [part.get("value", part.get("values")) for part in parts[:2]] == ["a fox", ["oil"]]
    assert [files[key]["filename"] for key in parts[2]["values"]] == ["one.png", "two.png"]
    assert [part["value"] for part in parts[3:]] == ["l", True]
    await hand.answer(sent, Callback.MESSAGE, content="Thank you")
    await expect(form).to_have_count(0)
    await expect(window.button("Primary")).to_be_focused()
    await expect(window.last).to_contain_text("Thank you")


async def test_a_form_that_got_no_answer_stays_with_what_was_typed(hand: Hand, window: Window) -> None:
    simple = {**MODAL, "components": MODAL["components"][:1]}
    await hand.post(content="Choose", components=CONTROLS)
    await window.button("Primary").click()
    await hand.answer(await hand.hears("first"), Callback.MODAL, **simple)
    await window.modal.get_by_label("Prompt").fill("a fox")
    await window.modal.get_by_role("button", name="Submit").click()
    await hand.hears("form")
    hand.server.clock.advance(3.1)
    await expect(window.modal.get_by_role("alert")).to_have_text("Something went wrong. Try again.")
    await expect(window.modal.get_by_label("Prompt")).to_have_value("a fox")


async def test_escape_closes_a_form_and_a_reload_shows_one_that_is_open(hand: Hand, window: Window) -> None:
    await opened(hand, window)
    await window.page.reload()
    await expect(window.modal.get_by_label("Prompt")).to_be_focused()
    await window.page.keyboard.press("Escape")
    await expect(window.modal).to_have_count(0)
    await window.page.reload()
    await expect(window.button("Primary")).to_be_visible()
    await expect(window.modal).to_have_count(0)


async def test_two_windows_of_one_user_show_the_same(hand: Hand, open_window: Open) -> None:
    one, other = await open_window(hand.server), await open_window(hand.server)
    await opened(hand, one)
    await expect(other.modal).to_be_visible()
    await one.page.keyboard.press("Escape")
    await expect(other.modal).to_have_count(0)
