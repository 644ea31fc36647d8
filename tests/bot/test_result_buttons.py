"""What can be done with a result: again, varied, reworded, started from, looked into, taken away; by whom, and once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from bot.repeats import STRONG, SUBTLE
from core.jobs.models import Job, JobState
from playground.discord import Interaction, Message, Permission, Upload
from tests.bot.conftest import Stage, done, failed, graph_of, inputs, settled
from tests.bot.graphs import ACTIONS, edit, paint, twice

pytestmark = pytest.mark.integration

by_authors = pytest.mark.parametrize("settings", [{"security": {"buttons": "author"}}], indirect=True)
mine = pytest.mark.parametrize(
    "settings", [{"graphs": {"mine": paint()}, "generation": {"default_workflow": "mine"}}], indirect=True
)


def labels(message: Message) -> list[str]:
    return [button["label"] for button in message.buttons]


def private(click: Interaction) -> list[Message]:
    return [message for message in (click.message, *click.followups) if message is not None and message.ephemeral]


async def refused(click: Interaction) -> str:
    """The sentence that only the one who clicked reads."""
    (message,) = await click.world.pulse.until(lambda: private(click), 5, lambda: "no answer")
    return message.text


async def child(stage: Stage) -> Job:
    return await stage.told()


def pictures_sent(stage: Stage) -> list[bytes]:
    """The pictures of the graph that was sent."""
    graph = graph_of(stage).values()
    names = [node["inputs"]["image"] for node in graph if node["class_type"] == "LoadImage"]
    return [(stage.comfyui.input_dir / name).read_bytes() for name in names]


def lose_files(stage: Stage) -> None:
    """As retention does."""
    for path in stage.outputs.iterdir():
        path.unlink()


# Reroll


async def test_reroll_makes_the_same_with_another_seed(stage: Stage) -> None:
    parent = await stage.picture(prompt="a red fox", steps=3, seed=7)
    click = await stage.ada.click(parent, label="Reroll")
    message = await click.until(done)
    first, second = graph_of(stage, 0), graph_of(stage, 1)
    assert inputs(first, "KSampler")["seed"] == 7
    assert inputs(second, "KSampler")["seed"] != 7
    sampler = next(node for node in first.values() if node["class_type"] == "KSampler")
    sampler["inputs"]["seed"] = inputs(second, "KSampler")["seed"]
    assert first == second
    assert message.id != parent.id
    job = await child(stage)
    assert str(job.request.parameters.seed) in message.text
    assert "Reroll" in message.text


async def test_a_child_names_its_parent_and_has_buttons_too(stage: Stage) -> None:
    parent = await stage.picture()
    message = await (await stage.ada.click(parent, label="Reroll")).until(done)
    first, second = await stage.job(0), await child(stage)
    assert second.parent == first.id
    assert f"-# From [`{first.id[:8]}`](https://discord.com/channels/" in message.text
    assert f"/{parent.id})" in message.text
    assert labels(message) == labels(parent)


async def test_a_second_click_on_reroll_makes_no_second_job(stage: Stage) -> None:
    parent = await stage.picture()
    gate = stage.comfyui.pause("executing")
    first = await stage.ada.click(parent, label="Reroll")
    second = await stage.ada.click(parent, label="Reroll")
    assert "under way" in await refused(second)
    gate.release()
    await first.until(done)
    await settled()
    assert len(stage.comfyui.accepted) == 2


async def test_nor_does_one_after_a_restart_while_the_first_is_not_over(stage: Stage) -> None:
    parent = await stage.picture()
    gate = stage.comfyui.pause("progress")
    first = await stage.ada.click(parent, label="Reroll")
    await gate.reached()
    await stage.stop()
    await stage.start()
    assert "under way" in await refused(await stage.ada.click(parent, label="Reroll"))
    gate.release()
    await first.until(done)
    await stage.told()
    assert len(stage.comfyui.accepted) == 2
    await (await stage.ada.click(parent, label="Reroll")).until(done)


async def test_buttons_work_after_a_restart_and_for_others(stage: Stage) -> None:
    parent = await stage.picture(steps=2)
    await stage.stop()
    await stage.start()
    await (await stage.discord.user("bob").click(parent, label="Reroll")).until(done)
    assert (await child(stage)).owner == stage.discord.user("bob").id


@by_authors
async def test_where_buttons_are_their_authors_others_read_a_sentence(stage: Stage) -> None:
    parent = await stage.picture()
    bob = stage.discord.user("bob")
    for label in set(labels(parent)) - {"Delete"}:
        assert "Only whoever asked" in await refused(await bob.click(parent, label=label))
    await settled()
    assert len(stage.comfyui.accepted) == 1
    await (await stage.ada.click(parent, label="Reroll")).until(done)


@mine
async def test_a_workflow_that_is_gone_or_changed_is_a_sentence(stage: Stage, workflows: Path) -> None:
    parent = await stage.picture(prompt="a fox", workflow="mine", negative_prompt="a hen", seed=1)
    (workflows / "mine.json").write_bytes(orjson.dumps(edit()))
    assert "has changed since" in (await (await stage.ada.click(parent, label="Reroll")).until(failed)).text
    (workflows / "mine.json").unlink()
    for label in ("Reroll", "Edit prompt"):
        assert "can't be used" in await refused(await stage.ada.click(parent, label=label))
    await settled()
    assert len(stage.comfyui.accepted) == 1


# Vary


@pytest.mark.parametrize(("label", "strength"), [("Vary subtle", SUBTLE), ("Vary strong", STRONG)])
async def test_a_variation_starts_from_the_picture(stage: Stage, label: str, strength: float) -> None:
    parent = await stage.picture(prompt="a red fox", steps=3, seed=7)
    await (await stage.ada.click(parent, label=label)).until(done)
    graph = graph_of(stage)
    assert pictures_sent(stage) == [parent.attachments[0].data]
    assert inputs(graph, "KSampler")["denoise"] == strength
    assert inputs(graph, "KSampler")["steps"] == 3
    assert inputs(graph, "KSampler")["seed"] != 7
    assert inputs(graph, "CLIPTextEncode")["text"] == "a red fox"


@pytest.mark.parametrize("settings", [{"graphs": ACTIONS}], indirect=True)
async def test_what_was_enlarged_is_not_varied(stage: Stage) -> None:
    larger = await (await stage.ada.click(await stage.picture(), label="Upscale")).until(done)
    assert not {"Reroll", "Vary subtle", "Vary strong", "Edit prompt"} & set(labels(larger))
    assert {"Upscale", "Use as start", "Info", "Delete"} <= set(labels(larger))


async def test_a_picture_that_is_no_longer_kept_is_taken_from_its_message(stage: Stage, png: bytes) -> None:
    stage.comfyui.settings.sample = png
    parent = await stage.picture()
    lose_files(stage)
    stage.discord.clock.advance(2 * 24 * 3600)
    await (await stage.ada.click(parent, label="Vary subtle")).until(done)
    assert pictures_sent(stage) == [parent.attachments[0].data]


async def stripped_copy(stage: Stage) -> Message:
    """A result of Ada's by /show, whose picture is neither kept nor there any more."""
    job = await stage.told()
    shown = await (await stage.ada.slash(stage.channel, "show", job=job.id)).until(done)
    await settled()
    lose_files(stage)
    stage.discord.world.edit(replace(shown, embeds=(), attachments=()))
    return shown


async def test_a_picture_that_the_clicked_message_lost_is_taken_from_the_jobs_own(stage: Stage, png: bytes) -> None:
    stage.comfyui.settings.sample = png
    parent = await stage.picture()
    await (await stage.ada.click(await stripped_copy(stage), label="Vary subtle")).until(done)
    assert pictures_sent(stage) == [parent.attachments[0].data]


async def test_a_picture_that_is_nowhere_is_a_sentence(stage: Stage) -> None:
    parent = await stage.picture()
    shown = await stripped_copy(stage)
    stage.discord.world.delete(parent)
    click = await stage.ada.click(shown, label="Vary subtle")
    assert "no longer kept" in (await click.until(failed)).text
    assert len(stage.comfyui.accepted) == 1


@pytest.mark.usefixtures("no_backoff")
async def test_a_picture_that_discord_does_not_say_where_it_is_can_be_asked_for_later(stage: Stage) -> None:
    await stage.picture()
    shown = await stripped_copy(stage)
    stage.discord.faults.status(500, "GET", "/channels/*/messages/*", times=None)
    click = await stage.ada.click(shown, label="Vary subtle")
    assert "try again in a minute" in (await click.until(failed)).text


# Edit prompt


async def test_other_words_with_the_rest_as_it_was(stage: Stage) -> None:
    parent = await stage.picture(prompt="a red fox", steps=3, seed=7)
    opened = await (await stage.ada.click(parent, label="Edit prompt")).answered()
    assert opened.modal is not None
    assert [(field.label, field.value) for field in opened.modal.fields] == [("Prompt", "a red fox"), ("Seed", "7")]
    message = await (await stage.ada.submit(opened, {"Prompt": "a blue fox"})).until(done)
    graph = graph_of(stage)
    assert inputs(graph, "CLIPTextEncode")["text"] == "a blue fox"
    assert (inputs(graph, "KSampler")["seed"], inputs(graph, "KSampler")["steps"]) == (7, 3)
    assert "a blue fox" in message.text
    assert (await child(stage)).parent == (await stage.job(0)).id


async def test_blanks_are_no_words(stage: Stage) -> None:
    opened = await (await stage.ada.click(await stage.picture(), label="Edit prompt")).answered()
    assert "no words" in await refused(await stage.ada.submit(opened, {"Prompt": "  "}))
    assert len(stage.comfyui.accepted) == 1


@mine
async def test_an_emptied_negative_prompt_is_empty_and_an_emptied_seed_is_drawn(stage: Stage) -> None:
    parent = await stage.picture(prompt="a fox", workflow="mine", negative_prompt="a hen", seed=3)
    opened = await (await stage.ada.click(parent, label="Edit prompt")).answered()
    assert opened.modal is not None
    assert opened.modal.field("Negative prompt").value == "a hen"
    message = await (await stage.ada.submit(opened, {"Negative prompt": "", "Seed": ""})).until(done)
    texts = [node["inputs"]["text"] for node in graph_of(stage).values() if node["class_type"] == "CLIPTextEncode"]
    assert texts == ["a fox", ""]
    assert inputs(graph_of(stage), "KSampler")["seed"] != 3
    assert "a hen" not in message.text


async def test_its_form_submits_after_a_restart_and_once(stage: Stage) -> None:
    parent = await stage.picture()
    opened = await (await stage.ada.click(parent, label="Edit prompt")).answered()
    await stage.stop()
    await stage.start()
    await (await stage.ada.submit(opened, {"Prompt": "a blue fox"})).until(done)
    await stage.told()
    assert "sent already" in await refused(await stage.ada.submit(opened, {"Prompt": "a blue fox"}))
    await stage.stop()
    await stage.start()
    assert "sent already" in await refused(await stage.ada.submit(opened, {"Prompt": "a blue fox"}))
    assert len(stage.comfyui.accepted) == 2


async def test_a_form_that_is_sent_twice_at_once_makes_one_job(stage: Stage) -> None:
    opened = await (await stage.ada.click(await stage.picture(), label="Edit prompt")).answered()
    gate = stage.comfyui.pause("executing")
    first, second = [await stage.ada.submit(opened, {"Prompt": "a blue fox"}) for _ in range(2)]
    assert "under way" in await refused(second)
    gate.release()
    await first.until(done)
    assert len(stage.comfyui.accepted) == 2


LONG = {"limits": {"prompt": {"max": 6000}}}
long_prompts = pytest.mark.parametrize(
    "settings",
    [{"workflows": {"flux_lora": {"file": "flux_lora.json", "name": "Flux.1 dev", **LONG}}}],
    indirect=True,
)


@long_prompts
async def test_a_prompt_that_is_longer_than_a_field_is_whole_in_two(stage: Stage) -> None:
    prompt = "fox " * 1400 + "end"
    parent = await stage.picture(prompt=prompt, seed=1)
    opened = await (await stage.ada.click(parent, label="Edit prompt")).answered()
    assert opened.modal is not None
    assert [field.label for field in opened.modal.fields] == ["Prompt", "Prompt (2)", "Seed"]
    await (await stage.ada.submit(opened, {"Seed": "2"})).until(done)
    assert inputs(graph_of(stage), "CLIPTextEncode")["text"] == prompt


@pytest.mark.parametrize("lost", [False, True])
async def test_a_picture_that_comfyui_no_longer_has_is_a_sentence(stage: Stage, png: bytes, lost: bool) -> None:
    parent = await stage.picture(image=Upload("start.png", png))
    if lost:
        for path in stage.comfyui.input_dir.iterdir():
            path.unlink()
    message = await (await stage.ada.click(parent, label="Reroll")).until(failed if lost else done)
    assert not lost or "start" in message.text or "picture" in message.text


@pytest.mark.parametrize("label", ["Reroll", "Edit prompt", "Delete", "Info"])
async def test_a_store_that_does_not_answer_is_a_sentence_in_time(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, label: str
) -> None:
    parent = await stage.picture()
    await stage.told()
    await stage.stop()  # the next bot has nothing at hand
    await stage.start()
    never = asyncio.Event()

    async def get(job_id: str) -> None:
        await never.wait()

    monkeypatch.setattr("bot.clicks._PATIENCE", 0.01)
    monkeypatch.setattr(stage.bot.engine.jobs.store, "get", get)
    assert "record of jobs is slow just now" in await refused(await stage.ada.click(parent, label=label))
    assert stage.discord.message(parent.id) == parent


# Use as start


async def test_use_as_start_opens_the_form_with_the_picture(stage: Stage) -> None:
    parent = await stage.picture(prompt="a red fox")
    form = await (await stage.ada.click(parent, label="Use as start")).until(lambda m: bool(m.selects))
    assert form.id != parent.id
    assert "a red fox" in form.text
    assert "1 picture" in form.text
    opened = await (await stage.ada.click(form, label="Prompt")).answered()
    sent = await stage.ada.submit(opened, {"Prompt": "a blue fox"})
    form = await sent.until(lambda m: "a blue fox" in m.text)
    message = await (await stage.ada.click(form, label="Generate")).until(done)
    assert message.id == form.id
    assert pictures_sent(stage) == [parent.attachments[0].data]
    assert inputs(graph_of(stage), "CLIPTextEncode")["text"] == "a blue fox"
    assert (await child(stage)).parent == (await stage.job(0)).id


async def test_a_picture_to_start_from_keeps_the_size_that_was_chosen_for_it(stage: Stage) -> None:
    parent = await stage.picture(width=512, height=768)
    form = await (await stage.ada.click(parent, label="Use as start")).until(lambda m: bool(m.selects))
    assert "512 × 768" in form.text
    await (await stage.ada.click(form, label="Generate")).until(done)
    scaled = inputs(graph_of(stage), "ImageScale")
    assert (scaled["width"], scaled["height"]) == (512, 768)


async def test_its_workflow_may_go_while_the_form_is_made(
    stage: Stage, workflows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def loras() -> list[str]:
        (workflows / "flux_lora.json").unlink()
        await stage.bot.engine.library.refresh()
        return []

    parent = await stage.picture()
    monkeypatch.setattr(stage.bot.engine.catalog, "loras", loras)
    form = await (await stage.ada.click(parent, label="Use as start")).until(lambda m: bool(m.selects))
    assert "HiDream I1" in form.text


# Info


async def test_info_is_for_the_one_who_clicks(stage: Stage) -> None:
    parent = await stage.picture(prompt="a red fox", seed=7)
    click = await stage.discord.user("bob").click(parent, label="Info")
    told = await click.until(lambda m: bool(m.embed))
    assert told.ephemeral
    assert "a red fox" in told.text
    assert told.attachments[0].filename.endswith(".json")
    assert stage.discord.message(parent.id) == parent


# Delete


async def test_delete_takes_the_message_and_leaves_the_job(stage: Stage) -> None:
    parent = await stage.picture()
    await stage.told()
    click = await stage.ada.click(parent, label="Delete")
    await stage.discord.until(lambda: stage.discord.message(parent.id) is None)
    await settled()
    assert click.followups == ()
    job = await stage.job()
    assert job.state is JobState.FINISHED
    assert job.origin is not None
    assert job.origin.message_id is None
    shown = await (await stage.ada.slash(stage.channel, "show", job=job.id[:8])).until(done)
    assert shown.attachments[0].data == parent.attachments[0].data


async def test_delete_takes_what_follows_upon_the_message_too(stage: Stage) -> None:
    from tests.bot.graphs import told

    (stage.outputs.parent / "workflows" / "told.json").write_bytes(orjson.dumps(told()))
    parent = await stage.picture(workflow="told")
    await stage.told()
    assert len(stage.channel.messages) == 2
    await stage.ada.click(parent, label="Delete")
    await stage.discord.until(lambda: stage.channel.messages == ())


async def test_delete_waits_for_the_rest_of_the_result(stage: Stage) -> None:
    last = stage.discord.faults.hold("PATCH", "/webhooks/*", after_effect=True, files=True)
    parent = await stage.picture()
    await last.reached()  # it is there, and the bot does not know it yet
    click = await stage.ada.click(parent, label="Delete")
    await click.answered()
    assert stage.discord.message(parent.id) == parent
    last.release()
    await stage.discord.until(lambda: stage.discord.message(parent.id) is None)
    await settled()
    assert private(click) == []


async def test_delete_says_so_when_the_rest_takes_too_long(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.removal._PATIENCE", 0.0)
    last = stage.discord.faults.hold("PATCH", "/webhooks/*", after_effect=True, files=True)
    parent = await stage.picture()
    await last.reached()
    assert "on its way" in await refused(await stage.ada.click(parent, label="Delete"))
    assert stage.discord.message(parent.id) == parent
    last.release()
    await stage.told()


async def test_delete_is_for_authors_and_moderators(stage: Stage) -> None:
    parent = await stage.picture()
    await stage.told()
    bob, mod = stage.discord.user("bob"), stage.discord.user("mod")
    assert "Manage Messages" in await refused(await bob.click(parent, label="Delete"))
    assert stage.discord.message(parent.id) == parent
    mod.permissions |= Permission.MANAGE_MESSAGES
    await stage.stop()
    await stage.start()
    await mod.click(parent, label="Delete")
    await stage.discord.until(lambda: stage.discord.message(parent.id) is None)
    await settled()


async def test_a_second_delete_is_no_error(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    parent = await stage.picture()
    await stage.told()
    for _ in range(2):
        await stage.ada.click(parent, label="Delete")
    await stage.discord.until(lambda: stage.discord.message(parent.id) is None)
    await settled()
    assert "unforeseen" not in caplog.text


# Cancel


async def test_cancel_ends_a_job_that_runs(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress", skip=1)
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    await gate.reached()
    shown = await reply.until(lambda m: labels(m) == ["Cancel"])
    bob = stage.discord.user("bob")
    assert "Manage Messages" in await refused(await bob.click(shown, label="Cancel"))
    clicks = [await stage.ada.click(shown, label="Cancel") for _ in range(2)]
    await stage.comfyui.wait_for(lambda: stage.comfyui.count("POST", "/interrupt") > 0)
    gate.release()
    ended = await reply.until(failed)
    assert ended.id == shown.id
    assert "Cancel" not in labels(ended)
    assert (await stage.told()).state is JobState.CANCELLED
    await settled()
    assert all(click.response_type == 6 for click in clicks)
    assert len(stage.comfyui.accepted) == 1


async def test_cancel_ends_a_job_from_before_a_restart(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress", skip=1)
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    await gate.reached()
    shown = await reply.until(lambda m: labels(m) == ["Cancel"])
    await stage.stop()
    await stage.start()
    await stage.ada.click(shown, label="Cancel")
    await stage.comfyui.wait_for(lambda: stage.comfyui.count("POST", "/interrupt") > 0)
    gate.release()
    await reply.until(failed)
    assert (await stage.told()).state is JobState.CANCELLED
    await settled()


async def test_cancel_of_what_is_done_says_so(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress", skip=1)
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    await gate.reached()
    shown = await reply.until(lambda m: labels(m) == ["Cancel"])
    at_rest = stage.discord.faults.hold("PATCH", "/webhooks/*", text="Reroll")  # how it ended; progress goes by
    gate.release()
    await at_rest.reached()
    assert "over already" in await refused(await stage.ada.click(shown, label="Cancel"))
    at_rest.release()
    await reply.until(done)


# Several pictures


@pytest.mark.parametrize("settings", [{"graphs": {**ACTIONS, "twice": twice()}}], indirect=True)
async def test_the_buttons_act_on_the_picture_that_is_chosen(stage: Stage, png: bytes) -> None:
    stage.comfyui.settings.sample = png
    parent = await stage.picture(workflow="twice")
    assert [(o["label"], o.get("default", False)) for o in parent.selects[0]["options"]] == [
        ("Picture 1 of 2", True),
        ("Picture 2 of 2", False),
    ]
    await stage.stop()
    await stage.start()
    picked = await stage.ada.select(parent, parent.selects[0]["custom_id"], ["Picture 2 of 2"])
    parent = await picked.until(lambda m: m.selects[0]["options"][1].get("default", False))
    assert len(parent.attachments) == 2
    await (await stage.ada.click(parent, label="Upscale")).until(done)
    assert pictures_sent(stage) == [parent.attachments[1].data]
    await settled()
    lose_files(stage)
    await (await stage.ada.click(parent, label="Upscale")).until(done)
    assert pictures_sent(stage) == [parent.attachments[1].data]


def test_more_pictures_than_a_select_takes_can_all_be_reached() -> None:
    from bot.ui.result import PictureSelect

    reached, index = {0}, 0
    while index < 59:
        select: Any = PictureSelect("0" * 36, 60, index).item
        values = [int(option.value) for option in select.options]
        assert len(values) == 25
        reached.update(values)
        index = max(values)
    assert reached == set(range(60))
