"""What the menu of a message does with a picture: edit, upscale, animate."""

from __future__ import annotations

import asyncio
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.sources import Sources
from playground.discord import Interaction, Message, Permission, Upload
from tests.bot.conftest import Logged, Stage, done, failed, graph_of, inputs, settled
from tests.bot.graphs import ACTIONS, edit, node, paint

pytestmark = pytest.mark.integration
with_all = pytest.mark.parametrize("settings", [{"graphs": ACTIONS}], indirect=True)

FORMS = {
    "Edit image…": {"How to edit it": "editqwen", "Prompt": "make it blue", "Seed": "5"},
    "Animate image…": {"Prompt": "make it blue", "Seed": "5"},
}
REOPEN = "The bot cannot look at that picture any more; open the menu of its message again."


def picture_sent(stage: Stage) -> bytes:
    return (stage.comfyui.input_dir / inputs(graph_of(stage), "LoadImage")["image"]).read_bytes()


def menus(stage: Stage) -> list[str]:
    return [command["name"] for command in stage.discord.commands if command.get("type") == 3]


async def said(stage: Stage, *files: bytes) -> Message:
    """Bob's message with pictures."""
    uploads = [Upload(f"{number}.png", data) for number, data in enumerate(files)]
    return await stage.discord.user("bob").say(stage.channel, "look", *uploads)


async def opened(stage: Stage, message: Message, name: str) -> Interaction:
    interaction = await (await stage.ada.context_menu(message, name)).answered()
    assert interaction.modal is not None
    return interaction


def empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def pixels(data: bytes) -> bytes:
    with Image.open(BytesIO(data)) as image:
        return image.tobytes()


async def handled(stage: Stage) -> None:
    """No click is under way any more."""
    async with asyncio.timeout(30):
        while stage.bot.under_way:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0)


def test_with_every_workflow_there_is_every_menu() -> None:
    from bot.menus import MENUS

    assert len(MENUS) <= 15
    assert all(len(menu.name) <= 32 for menu in MENUS.values())


@with_all
async def test_the_menus_that_there_are(stage: Stage) -> None:
    assert menus(stage) == ["Edit image…", "Upscale image", "Animate image…", "Use as start…", "Image info"]


@pytest.mark.parametrize(
    "settings", [{"only_graphs": True, "graphs": {"paint": paint(), "qwen_image_edit": edit()}}], indirect=True
)
async def test_only_menus_with_a_workflow_are_there(stage: Stage, png: bytes) -> None:
    assert menus(stage) == ["Edit image…", "Use as start…", "Image info"]
    form = await opened(stage, await said(stage, png), "Edit image…")
    assert form.modal is not None
    assert form.modal.title == "Edit with Qwen"


@with_all
async def test_upscaling_starts_at_once(stage: Stage, png: bytes) -> None:
    menu = await stage.ada.context_menu(await said(stage, png), "Upscale image")
    message = await menu.until(done)
    assert menu.response_type == 5
    assert not message.ephemeral
    assert picture_sent(stage) == png
    assert (await stage.told()).owner == stage.ada.id


@with_all
@pytest.mark.parametrize("name", FORMS)
async def test_a_form_is_opened_whose_submission_is_a_new_message(stage: Stage, png: bytes, name: str) -> None:
    source = await said(stage, png)
    form = await opened(stage, source, name)
    assert form.modal is not None
    assert form.modal.field("Prompt").value == ""
    message = await (await stage.ada.submit(form, FORMS[name])).until(done)
    assert picture_sent(stage) == png
    assert inputs(graph_of(stage), "CLIPTextEncode")["text"] == "make it blue"
    assert inputs(graph_of(stage), "KSampler")["seed"] == 5
    assert not message.ephemeral
    assert stage.discord.message(source.id) == source


@with_all
@pytest.mark.parametrize(("key", "title"), [("editflux", "Edit with Flux"), ("editqwen", "Edit with Qwen")])
async def test_an_edit_is_done_by_the_model_that_is_chosen(stage: Stage, png: bytes, key: str, title: str) -> None:
    form = await opened(stage, await said(stage, png), "Edit image…")
    message = await (await stage.ada.submit(form, {"How to edit it": key, "Prompt": "blue"})).until(done)
    assert title in message.text


@with_all
@pytest.mark.parametrize("name", FORMS)
async def test_a_result_of_ours_is_gone_on_from_as_it_is_on_disk(stage: Stage, name: str) -> None:
    parent = await stage.picture(prompt="a red fox")
    job = await stage.told()
    assert job.result is not None
    original = job.result.files[0].path
    original.write_bytes(original.read_bytes() + b"original")
    form = await opened(stage, parent, name)
    assert form.modal is not None
    assert form.modal.field("Prompt").value == "a red fox"
    await (await stage.ada.submit(form, FORMS[name])).until(done)
    assert picture_sent(stage) == original.read_bytes()
    assert (await stage.told()).parent == job.id


@with_all
async def test_a_result_whose_file_is_gone_is_taken_from_discord(stage: Stage) -> None:
    stage.comfyui.settings.draw = True
    parent = await stage.picture()
    empty(stage.outputs)
    await (await stage.ada.context_menu(parent, "Upscale image")).until(done)
    assert pixels(picture_sent(stage)) == pixels(parent.attachments[0].data)


@with_all
@pytest.mark.parametrize("name", FORMS)
async def test_a_form_is_sent_after_a_restart(stage: Stage, name: str) -> None:
    form = await opened(stage, await stage.picture(), name)
    await stage.stop()
    await stage.start()
    await (await stage.ada.submit(form, FORMS[name])).until(done)
    assert inputs(graph_of(stage), "CLIPTextEncode")["text"] == "make it blue"


@with_all
@pytest.mark.parametrize("name", FORMS)
async def test_a_form_on_what_others_wrote_is_sent_after_restarts(
    stage: Stage, png: bytes, name: str, logged: Logged
) -> None:
    form = await opened(stage, await said(stage, png), name)
    await settled()
    for _ in range(2):
        await stage.stop()
        await stage.start()
    assert logged("form of another version") == []
    await (await stage.ada.submit(form, FORMS[name])).until(done)
    assert picture_sent(stage) == png


@with_all
async def test_a_form_on_what_others_wrote_long_ago_is_to_be_opened_anew(stage: Stage, png: bytes) -> None:
    form = await opened(stage, await said(stage, png), "Edit image…")
    stage.bot.sources = Sources()
    message = await (await stage.ada.submit(form, FORMS["Edit image…"])).until(failed)
    assert message.text.startswith(REOPEN)
    assert message.ephemeral
    assert stage.comfyui.accepted == []


@with_all
async def test_a_form_is_sent_once(stage: Stage, png: bytes) -> None:
    form = await opened(stage, await said(stage, png), "Edit image…")
    await (await stage.ada.submit(form, FORMS["Edit image…"])).until(done)
    await handled(stage)
    again = await (await stage.ada.submit(form, FORMS["Edit image…"])).until(failed)
    assert again.text == "That form was sent already; open it again for another one."
    assert again.ephemeral
    assert len(stage.comfyui.accepted) == 1


@with_all
async def test_the_same_picture_is_not_upscaled_twice_at_once(stage: Stage, png: bytes) -> None:
    source = await said(stage, png)
    gate = stage.comfyui.pause("executing")
    first = await stage.ada.context_menu(source, "Upscale image")
    await gate.reached()
    second = await (await stage.ada.context_menu(source, "Upscale image")).until(failed)
    assert second.text == "That is under way already; wait for its result."
    gate.release()
    await first.until(done)
    await handled(stage)
    await (await stage.ada.context_menu(source, "Upscale image")).until(done)
    assert len(stage.comfyui.accepted) == 2


@with_all
async def test_of_several_pictures_the_chosen_one_is_used(stage: Stage, png: bytes) -> None:
    question = await (await stage.ada.context_menu(await said(stage, b"none", png), "Edit image…")).until(
        lambda m: bool(m.selects)
    )
    assert question.ephemeral
    form = await (await stage.ada.select(question, "Picture", "Picture 2")).answered()
    assert form.modal is not None
    message = await (await stage.ada.submit(form, FORMS["Edit image…"])).until(done)
    assert not message.ephemeral
    assert picture_sent(stage) == png


@with_all
async def test_a_choice_on_a_result_of_ours_works_after_a_restart(stage: Stage) -> None:
    parent = await stage.picture(batch_size=2)
    question = await (await stage.ada.context_menu(parent, "Upscale image")).until(lambda m: bool(m.selects))
    await stage.stop()
    await stage.start()
    message = await (await stage.ada.select(question, "Picture", "Picture 2")).until(done)
    assert not message.ephemeral
    assert picture_sent(stage) == parent.attachments[1].data


@with_all
async def test_a_wrong_value_is_explained_and_makes_no_job(stage: Stage, png: bytes) -> None:
    form = await opened(stage, await said(stage, png), "Edit image…")
    sent = await stage.ada.submit(form, {"Prompt": "blue", "Seed": "many"})
    message = await sent.until(failed)
    assert message.ephemeral
    assert "Seed must be" in message.text
    assert stage.comfyui.accepted == []


@with_all
@pytest.mark.parametrize("name", [*FORMS, "Upscale image"])
async def test_a_message_without_a_picture_is_a_sentence(stage: Stage, name: str) -> None:
    message = await stage.ada.say(stage.channel, "words", Upload("video.mp4", b"words"))
    answer = await (await stage.ada.context_menu(message, name)).until(failed)
    assert answer.text == "There is no picture in that message; choose one that has."
    assert answer.ephemeral


@with_all
async def test_what_is_no_picture_whatever_it_is_called_is_a_sentence(stage: Stage) -> None:
    answer = await (await stage.ada.context_menu(await said(stage, b"words"), "Upscale image")).until(failed)
    assert "not a picture" in answer.text
    assert stage.comfyui.count("POST", "/upload") == 0


@with_all
async def test_a_workflow_that_is_gone_is_a_sentence(stage: Stage, png: bytes, tmp_path: Any) -> None:
    form = await opened(stage, await said(stage, png), "Animate image…")
    (tmp_path / "workflows" / "video_wan_i2v.json").unlink()
    await stage.bot.engine.library.refresh()
    sent = await (await stage.ada.submit(form, FORMS["Animate image…"])).until(failed)
    assert "is not set up" in sent.text


@with_all
async def test_it_works_where_the_bot_cannot_read(stage: Stage, png: bytes) -> None:
    source = await said(stage, png)
    stage.channel.set_bot_permissions(Permission(0))
    form = await opened(stage, source, "Edit image…")
    await (await stage.ada.submit(form, FORMS["Edit image…"])).until(done)
    assert picture_sent(stage) == png
    await settled()


@with_all
@pytest.mark.parametrize("again", [False, True])
async def test_a_picture_is_the_start_of_a_form(stage: Stage, png: bytes, again: bool) -> None:
    form = await opened(stage, await said(stage, png), "Use as start…")
    if again:
        form = await opened(stage, await said(stage, png), "Use as start…")
    setup = await (await stage.ada.submit(form, {"Prompt": "a blue fox"})).until(lambda m: bool(m.selects))
    assert "a blue fox" in setup.text
    await (await stage.ada.click(setup, label="Generate")).until(done)
    assert picture_sent(stage) == png
    assert inputs(graph_of(stage), "CLIPTextEncode")["text"] == "a blue fox"


@with_all
async def test_a_saved_prompt_is_not_run_unseen(stage: Stage, png: bytes) -> None:
    form = await opened(stage, await said(stage, png), "Use as start…")
    setup = await (await stage.ada.submit(form, {"Prompt": " "})).until(lambda m: bool(m.selects))
    told = await (await stage.ada.click(setup, label="Generate")).until(failed)
    assert told.text == "There is no prompt yet; press Prompt and write one."
    edit = await opened(stage, await said(stage, png), "Edit image…")
    assert "no words" in (await (await stage.ada.submit(edit, {"Prompt": " "})).until(failed)).text
    assert stage.comfyui.accepted == []


@with_all
async def test_a_result_of_ours_is_the_start_of_a_form_after_a_restart(stage: Stage) -> None:
    parent = await stage.picture(prompt="a red fox")
    job = await stage.told()
    form = await opened(stage, parent, "Use as start…")
    assert form.modal is not None
    assert form.modal.field("Prompt").value == "a red fox"
    await stage.stop()
    await stage.start()
    setup = await (await stage.ada.submit(form, {"Prompt": "a blue fox"})).until(lambda m: bool(m.selects))
    await (await stage.ada.click(setup, label="Generate")).until(done)
    assert (await stage.told()).parent == job.id


@with_all
@pytest.mark.parametrize("name", FORMS)
async def test_a_menu_whose_workflows_have_gone_is_a_sentence(
    stage: Stage, png: bytes, workflows: Path, name: str
) -> None:
    empty(workflows)
    answer = await (await stage.ada.context_menu(await said(stage, png), name)).until(failed)
    assert answer.text == "The workflows have changed since; open the menu of the message again in a minute."
    assert answer.ephemeral


SILENT = {
    "1": node("LoadImage", image="start.png"),
    "2": node("CreateVideo", images=["1", 0], fps=8.0),
    "3": node("SaveVideo", video=["2", 0], filename_prefix="video/x", format="auto", codec="auto"),
}


@pytest.mark.parametrize(
    "settings",
    [
        {
            "graphs": {"video_wan_i2v": SILENT},
            "workflows": {"video_wan_i2v": {"file": "video_wan_i2v.json", "bindings": {"fps": []}}},
        }
    ],
    indirect=True,
)
async def test_a_video_for_which_nothing_is_asked_starts_at_once(stage: Stage, png: bytes) -> None:
    message = await (await stage.ada.context_menu(await said(stage, png), "Animate image…")).until(done)
    assert message.attachments[0].filename.endswith(".mp4")
    assert picture_sent(stage) == png


@with_all
@pytest.mark.parametrize("name", ["Edit image…", "Use as start…"])
async def test_a_form_on_somebody_elses_result_is_refused_where_results_are_their_owners(
    stage: Stage, name: str
) -> None:
    result = await stage.picture()
    await stage.told()
    bob = stage.discord.user("bob")
    form = await (await bob.context_menu(result, name)).answered()
    own = await (await stage.ada.context_menu(result, name)).answered()
    security = stage.bot.config.security.model_copy(update={"buttons": "author"})
    stage.bot.config = stage.bot.config.model_copy(update={"security": security})
    sent = await bob.submit(form, {"Prompt": "make it blue"})
    told = await sent.until(failed)
    assert "Only whoever asked for this" in told.text
    assert told.ephemeral
    await (await stage.ada.submit(own, {"Prompt": "make it blue"})).until(lambda m: done(m) or bool(m.selects))
    assert len(stage.comfyui.accepted) <= 2
