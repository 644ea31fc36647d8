"""The whole bot behind the page, as a person uses it."""

from __future__ import annotations

import re

import pytest

from playground.comfyui import Gate
from tests.bot.conftest import Stage, graph_of, inputs
from tests.page.conftest import Open
from tests.page.scenery import png
from tests.page.window import Window, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def generate(window: Window, **options: str) -> None:
    """Type /generate as far as a job of few steps."""
    await window.type_command(
        "generate", prompt="a red fox", **{"steps": "2", "width": "256", "height": "256", **options}
    )
    await window.page.locator(".finder").press_sequentially("workflow:")
    await window.suggestion("Flux.1 dev").click()
    await window.page.keyboard.press("Enter")


async def picture(window: Window) -> None:
    """A result is there, with its picture loaded."""
    await expect(window.button("Reroll")).to_be_visible()
    await expect(window.last.locator(".embed-image img")).not_to_have_js_property("naturalWidth", 0)


async def test_from_typing_to_a_picture(stage: Stage, open_window: Open) -> None:
    window = await open_window(stage.discord)
    gate = stage.comfyui.pause("progress")
    await window.box.press_sequentially("/gen")
    await window.page.keyboard.press("Tab")
    await window.page.keyboard.type("a red fox")
    await window.page.keyboard.press("Tab")
    await window.page.keyboard.type("work")
    await window.page.keyboard.press("Tab")
    await expect(window.suggestion("Flux.1 dev")).to_be_visible()
    await window.page.keyboard.type("krea")
    await expect(window.suggestion("Flux.1 Krea dev")).to_be_visible()
    await expect(window.suggestion("Flux.1 dev")).to_have_count(0)
    await window.page.keyboard.press("Enter")
    for option, value in (("steps", "3"), ("width", "256"), ("height", "256")):
        await window.page.keyboard.type(f"{option}:{value}")
        await window.page.keyboard.press("Tab")
    await window.page.keyboard.press("Enter")
    await expect(window.last.locator(".used")).to_contain_text("Ada used /generate")
    await gate.reached()
    await expect(window.last.locator(".embed-text")).to_contain_text(re.compile(r"\d+ %"))
    await expect(window.button("Cancel")).to_be_visible()
    gate.release()
    await window.last.locator(".embed-image img").wait_for()
    await picture(window)
    await expect(window.last.locator(".embed-title")).to_contain_text("Flux.1 Krea")
    graph = graph_of(stage)
    assert "a red fox" in str(graph)
    assert inputs(graph, "KSampler")["steps"] == 3


async def test_every_button_of_a_result(stage: Stage, open_window: Open) -> None:
    window = await open_window(stage.discord)
    await generate(window)
    await picture(window)
    result = window.messages.first
    for label, title in (
        ("Upscale", "Upscale"),
        ("Flux edit", "Flux"),
        ("Qwen edit", "Qwen"),
        ("Animate", "Animate"),
        ("Edit prompt", "Edit prompt"),
    ):
        await result.get_by_role("button", name=label, exact=True).click()
        await expect(window.modal.get_by_role("heading", level=2)).to_contain_text(title)
        await window.page.keyboard.press("Escape")
        await expect(window.modal).to_have_count(0)
    for n, label in enumerate(("Reroll", "Vary subtle", "Vary strong"), 2):
        await result.get_by_role("button", name=label, exact=True).click()
        await expect(window.messages).to_have_count(n)
        await expect(window.last.get_by_role("button", name="Reroll")).to_be_visible()
    assert len(stage.comfyui.accepted) == 4
    await result.get_by_role("button", name="Use as start", exact=True).click()
    await expect(window.last.get_by_role("combobox", name=re.compile("Workflow"))).to_be_visible()
    await result.get_by_role("button", name="Info", exact=True).click()
    await expect(window.last).to_contain_text("Only you can see this")
    await window.last.get_by_role("button", name="Dismiss").click()
    await expect(window.messages).to_have_count(5)
    await result.get_by_role("button", name="Delete", exact=True).click()
    await expect(window.messages).to_have_count(4)


async def test_a_form_with_an_upload_makes_a_picture(stage: Stage, open_window: Open) -> None:
    window = await open_window(stage.discord)
    await generate(window)
    await picture(window)
    await window.button("Qwen edit").click()
    await window.modal.get_by_label("Prompt").fill("with a hat")
    async with window.page.expect_file_chooser() as chooser:
        await window.modal.locator(".drop").click()
    await (await chooser.value).set_files([{"name": "hat.png", "mimeType": "image/png", "buffer": png()}])  # pyright: ignore[reportArgumentType]
    await window.modal.get_by_role("button", name="Submit").click()
    await expect(window.messages).to_have_count(2)
    await expect(window.last.get_by_role("button", name="Reroll")).to_be_visible()
    assert [node["class_type"] for node in graph_of(stage).values()].count("LoadImage") == 2


async def test_the_form_of_generate(stage: Stage, open_window: Open) -> None:
    window = await open_window(stage.discord)
    await window.type_command("generate", prompt="a red fox")
    await window.page.keyboard.press("Enter")
    await window.last.get_by_role("combobox", name=re.compile("Workflow")).click()
    await window.page.get_by_role("option", name="HiDream I1").click()
    await expect(window.last.locator(".embed-title")).to_contain_text("HiDream")
    await window.button("Settings").click()
    await window.modal.get_by_label("Steps").fill("2")
    await window.modal.get_by_role("button", name="Submit").click()
    await expect(window.modal).to_have_count(0)
    await window.button("Generate").click()
    await picture(window)
    assert len(stage.comfyui.accepted) == 1


async def in_the_middle(stage: Stage, open_window: Open) -> tuple[Window, Gate]:
    """A window in which a job has begun, and what holds that."""
    window = await open_window(stage.discord)
    gate = stage.comfyui.pause("progress")
    await generate(window)
    await gate.reached()
    return window, gate


async def test_a_reload_in_the_middle_of_a_job(stage: Stage, open_window: Open) -> None:
    window, gate = await in_the_middle(stage, open_window)
    await window.page.reload()
    await expect(window.last.locator(".used")).to_contain_text("Ada used /generate")
    await expect(window.button("Cancel")).to_be_visible()
    gate.release()
    await picture(window)


async def test_a_bot_that_is_started_anew_behind_the_page(stage: Stage, open_window: Open) -> None:
    window, gate = await in_the_middle(stage, open_window)
    await stage.stop()
    await expect(window.page.locator(".bot-state")).to_have_text("disbot is offline")
    gate.release()
    await stage.start()
    await expect(window.page.locator(".bot-state")).to_have_text("disbot is online")
    await picture(window)
    await window.button("Upscale").click()
    await expect(window.modal).to_be_visible()


async def test_a_comfyui_that_dies_behind_the_page(stage: Stage, open_window: Open) -> None:
    window, gate = await in_the_middle(stage, open_window)
    await stage.comfyui.kill()
    await expect(window.last.locator(".embed-text")).to_contain_text("ComfyUI cannot be heard just now")
    await stage.comfyui.revive()
    gate.release()
    await picture(window)


async def test_private_answers_are_seen_by_one(stage: Stage, open_window: Open) -> None:
    ada, bob = await open_window(stage.discord), await open_window(stage.discord)
    await bob.become("Bob")
    await generate(ada, private="True")
    await picture(ada)
    await expect(ada.last).to_contain_text("Only you can see this")
    await expect(bob.messages).to_have_count(0)
    await generate(ada)
    await expect(bob.last.get_by_role("button", name="Reroll")).to_be_visible()
    await expect(bob.messages).to_have_count(1)
    await bob.last.click(button="right")
    await bob.menu.get_by_role("menuitem", name="Delete message").click()
    await expect(ada.messages).to_have_count(1)
