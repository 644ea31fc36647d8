""" "Image info" in the menu of a message: of our own results, and of anybody's files."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.sources import Sources
from playground.discord import Message, Upload, User
from tests.bot.conftest import Stage, done, settled
from tests.bot.graphs import ACTIONS
from tests.core.comfyui.workflows.editor.test_embedded import mp4, picture, png
from tests.core.comfyui.workflows.test_particulars import graph

pytestmark = pytest.mark.integration

NAME = "Image info"
TOLD = "an owl\nSteps: 4, Sampler: Euler, Seed: 9, CFG scale: 1"


async def ask(user: User, message: Message) -> Message:
    """What the menu answers."""
    return await (await user.context_menu(message, NAME)).until(lambda m: bool(m.embed or m.selects))


def fields(message: Message) -> dict[str, str]:
    assert message.embed is not None
    return {field["name"]: field["value"] for field in message.embed.get("fields", [])}


def workflow_in(message: Message) -> dict[str, Any]:
    (data,) = [file.data for file in message.attachments if file.filename.endswith(".json")]
    return json.loads(data)


async def test_a_result_of_ours_is_told_from_the_record(stage: Stage) -> None:
    options = {"prompt": "a *red* fox", "lora": "demo_line_art", "lora_strength": 0.5, "seed": 77}
    result = await stage.picture(**options)
    told = await ask(stage.ada, result)
    assert told.ephemeral
    assert "**Prompt**\n```\na *red* fox\n```" in told.text
    assert "**Seed**\n```\n77\n```" in told.text
    assert fields(told).items() >= {"Workflow": "Flux.1 dev", "Size": "1024 × 1024", "Steps": "20"}.items()
    assert "demo_line_art.safetensors at 0.5" in fields(told)["LoRAs"]
    assert "flux1-dev.safetensors" in fields(told)["Models"]
    assert workflow_in(told) == stage.comfyui.prompts[stage.comfyui.accepted[-1]]
    assert (await stage.told()).id in told.text
    assert stage.discord.message(result.id) == result


async def test_somebody_else_is_told_the_same(stage: Stage) -> None:
    told = await ask(stage.discord.user("bob"), await stage.picture(seed=77))
    assert told.ephemeral
    assert "77" in told.text
    assert fields(told)["By"] == "Ada"


async def test_it_is_told_after_a_restart_and_without_the_files(stage: Stage) -> None:
    result = await stage.picture(seed=77)
    await stage.stop()
    for path in stage.outputs.iterdir():
        path.unlink()
    await stage.start()
    assert "77" in (await ask(stage.ada, result)).text


@pytest.mark.parametrize("settings", [{"generation": {"posted_metadata": "strip"}}], indirect=True)
async def test_the_graph_is_not_handed_out_where_it_is_not_posted(stage: Stage) -> None:
    told = await ask(stage.ada, await stage.picture(seed=77))
    assert "77" in told.text
    assert told.attachments == ()


@pytest.mark.parametrize("settings", [{"graphs": ACTIONS}], indirect=True)
async def test_what_it_was_made_from_is_named(stage: Stage) -> None:
    parent = await stage.picture()
    menu = await stage.ada.context_menu(parent, "Upscale image")
    child = await menu.until(done)
    told = await ask(stage.ada, child)
    assert fields(told)["Made from"] == (
        f"`{stage.comfyui.accepted[0][:8]}` · "
        f"[message](https://discord.com/channels/{stage.discord.guild.id}/{stage.channel.id}/{parent.id})"
    )


async def test_a_long_prompt_is_told_as_a_whole(stage: Stage) -> None:
    prompt = "``` fox " + "x" * 480 + "end"
    told = await ask(stage.ada, await stage.picture(prompt=prompt))
    (document,) = [file.data.decode() for file in told.attachments if file.filename.endswith(".txt")]
    assert prompt in document


@pytest.mark.parametrize(
    ("filename", "data"),
    [("a.png", png(prompt=graph())), ("a.mp4", mp4({"prompt": json.dumps(graph())}))],
    ids=["picture", "video"],
)
async def test_anybodys_file_is_told_from_what_is_written_to_it(stage: Stage, filename: str, data: bytes) -> None:
    told = await ask(stage.ada, await stage.discord.user("bob").say(stage.channel, "look", Upload(filename, data)))
    assert told.ephemeral
    assert "**Prompt**\n```\na fox\nin the snow\n```" in told.text
    assert "ink.safetensors at 0.8" in fields(told)["LoRAs"]
    assert workflow_in(told) == graph()


async def test_the_words_of_other_programs(stage: Stage) -> None:
    told = await ask(stage.ada, await stage.ada.say(stage.channel, "", Upload("a.png", png(parameters=TOLD))))
    assert "an owl" in told.text
    assert told.attachments == ()


@pytest.mark.parametrize("data", [picture("PNG"), b"\x89PNG\r\n\x1a\nbroken", png(prompt="[" * 100_000)])
async def test_a_file_that_says_nothing_is_a_sentence(stage: Stage, data: bytes) -> None:
    told = await ask(stage.ada, await stage.ada.say(stage.channel, "", Upload("a.png", data)))
    assert told.text == "This file does not say how it was made; ask whoever posted it."
    assert told.ephemeral


@pytest.mark.parametrize("files", [(), (Upload("notes.txt", b"words"),)])
async def test_a_message_without_a_picture_is_a_sentence(stage: Stage, files: tuple[Upload, ...]) -> None:
    told = await ask(stage.ada, await stage.ada.say(stage.channel, "words", *files))
    assert told.text == "There is no picture in that message; choose one that has."
    assert told.ephemeral


async def test_a_file_called_like_a_result_of_ours_tells_nothing_of_the_job(stage: Stage) -> None:
    result = await stage.picture(prompt="a secret")
    (posted,) = result.attachments
    told = await ask(stage.ada, await stage.ada.say(stage.channel, "", Upload(posted.filename, picture("PNG"))))
    assert "does not say how it was made" in told.text


async def test_a_job_that_one_may_not_see_is_told_from_the_file_alone(stage: Stage) -> None:
    bob = stage.discord.user("bob")
    await (await bob.slash(bob.dm, "generate", prompt="a secret", workflow="flux_lora", seed=5)).until(done)
    shown = await (await bob.slash(stage.channel, "show", job=(await stage.told()).id)).until(done)
    told = await ask(stage.ada, shown)
    assert told.text == "This file does not say how it was made; ask whoever posted it."


async def test_it_is_told_in_direct_messages(stage: Stage) -> None:
    told = await ask(stage.ada, await stage.ada.say(stage.ada.dm, "", Upload("a.png", png(parameters=TOLD))))
    assert "an owl" in told.text


async def test_of_several_pictures_one_is_chosen(stage: Stage) -> None:
    files = (Upload("a.png", picture("PNG")), Upload("notes.txt", b"words"), Upload("b.png", png(parameters=TOLD)))
    question = await ask(stage.ada, await stage.ada.say(stage.channel, "", *files))
    assert question.ephemeral
    (select,) = question.selects
    assert [(o["label"], o["description"]) for o in select["options"]] == [
        ("Picture 1", "a.png"),
        ("Picture 2", "b.png"),
    ]
    told = await (await stage.ada.select(question, "Picture", "Picture 2")).until(lambda m: bool(m.embed))
    assert told.ephemeral
    assert "an owl" in told.text
    assert stage.discord.message(question.id) == question


async def test_a_choice_is_made_after_a_restart(stage: Stage) -> None:
    files = (Upload("a.png", picture("PNG")), Upload("b.png", png(parameters=TOLD)))
    question = await ask(stage.ada, await stage.discord.user("bob").say(stage.channel, "", *files))
    await settled()
    await stage.stop()
    await stage.start()
    chosen = await (await stage.ada.select(question, "Picture", "Picture 2")).until(lambda m: bool(m.embed))
    assert "an owl" in chosen.text
    stage.bot.sources = Sources()
    again = await (await stage.ada.select(question, "Picture", "Picture 2")).until(lambda m: bool(m.embed))
    assert again.text == "The bot cannot look at that picture any more; open the menu of its message again."


async def test_a_file_that_discord_does_not_give_is_a_sentence(stage: Stage) -> None:
    message = await stage.ada.say(stage.channel, "", Upload("a.png", png(parameters=TOLD)))
    stage.discord.faults.status(404, "GET", "/attachments/*")
    assert "send it again" in (await ask(stage.ada, message)).text


@pytest.mark.parametrize("settings", [{"graphs": ACTIONS}], indirect=True)
async def test_help_names_the_menus_that_there_are(stage: Stage) -> None:
    told = await (await stage.ada.slash(stage.channel, "help")).until(lambda m: bool(m.embed))
    assert "**Image info** tells the prompt" in fields(told)["In the menu of a picture"]
    assert "**Animate image…**" in fields(told)["In the menu of a picture"]
