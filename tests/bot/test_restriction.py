"""Workflows for age-restricted channels, and results that are shown at a click only."""

from __future__ import annotations

from typing import Any

import pytest

from playground.discord import Channel, Interaction, Message, Upload
from tests.bot.conftest import WORKFLOWS, Stage, done, failed, settled
from tests.bot.graphs import ACTIONS, paint

pytestmark = pytest.mark.integration

MARKED = {"workflows": {**WORKFLOWS, "hidream_lora": {"file": "hidream_lora.json", "nsfw": True}}}
marked = pytest.mark.parametrize("settings", [MARKED], indirect=True)
MANY = {
    "graphs": {"many": paint()},
    "workflows": {"many": {"file": "many.json", "limits": {"batch_size": {"max": 30}}}},
}


def restricted(stage: Stage) -> Channel:
    channel = stage.discord.channel("den")
    channel.nsfw = True
    stage.discord.world.announce_channel("CHANNEL_UPDATE", channel)
    return channel


async def ask(stage: Stage, where: Channel, **options: Any) -> Interaction:
    return await stage.ada.slash(where, "generate", **{"prompt": "a fox", "workflow": "hidream_lora", **options})


async def choices(stage: Stage, where: Channel) -> list[str]:
    found = await stage.ada.autocomplete(where, "generate", focused="workflow", value="", prompt="a")
    return [choice["value"] for choice in found]


@marked
async def test_it_is_offered_and_runs_in_an_age_restricted_channel(stage: Stage) -> None:
    den = restricted(stage)
    assert await choices(stage, den) == ["flux_lora", "hidream_lora"]
    message = await (await ask(stage, den)).until(done)
    await (await stage.ada.click(message, "Reroll")).until(done)


@marked
async def test_elsewhere_it_is_neither_offered_nor_run(stage: Stage) -> None:
    for where in (stage.channel, stage.ada.dm):
        assert await choices(stage, where) == ["flux_lora"]
        message = await (await ask(stage, where)).until(failed)
        assert "age-restricted" in message.text
    form = await (await stage.generate(prompt="a fox")).until(lambda m: bool(m.selects))
    assert "HiDream" not in str(form.selects)
    assert stage.comfyui.accepted == []


@marked
async def test_the_list_of_workflows_says_where_it_runs(stage: Stage) -> None:
    for where, said in ((stage.channel, True), (restricted(stage), False)):
        listed = await (await stage.ada.slash(where, "workflows")).until(lambda m: bool(m.embed))
        (field,) = [field for field in (listed.embed or {})["fields"] if field["name"].startswith("Hidream")]
        assert ("age-restricted channels only" in field["value"]) is said
        assert "Can't run" not in field["value"]


@pytest.mark.parametrize("settings", [{**MARKED, "security": {"nsfw_in_direct_messages": True}}], indirect=True)
async def test_direct_messages_are_as_the_configuration_says(stage: Stage) -> None:
    await (await ask(stage, stage.ada.dm)).until(done)


@marked
async def test_a_thread_is_as_its_channel(stage: Stage) -> None:
    thread = stage.discord.thread("late", restricted(stage))
    await (await ask(stage, thread)).until(done)


@marked
async def test_a_result_is_not_shown_elsewhere(stage: Stage) -> None:
    den = restricted(stage)
    await (await ask(stage, den)).until(done)
    job = await stage.told()
    refused = await (await stage.ada.slash(stage.channel, "show", job=job.id)).until(failed)
    assert "age-restricted" in refused.text
    await (await stage.ada.slash(den, "show", job=job.id)).until(done)
    listed = await (await stage.ada.slash(stage.channel, "history")).until(lambda m: bool(m.embed))
    assert listed.attachments == ()


@marked
async def test_a_channel_that_is_for_everybody_by_now(stage: Stage) -> None:
    den = restricted(stage)
    message = await (await ask(stage, den)).until(done)
    den.nsfw = False
    stage.discord.world.announce_channel("CHANNEL_UPDATE", den)
    told = await told_of(await stage.ada.click(message, "Reroll"))
    assert "age-restricted" in told
    assert len(stage.comfyui.accepted) == 1


@marked
async def test_a_form_offers_after_a_restart_what_it_offered_before(stage: Stage) -> None:
    for where, offered in ((stage.channel, False), (restricted(stage), True)):
        form = await (await stage.ada.slash(where, "generate", prompt="a fox")).until(lambda m: bool(m.selects))
        await settled()
        await stage.stop()
        await stage.start()
        opened = await (await stage.ada.click(form, label="Settings")).answered()
        shown = await (await stage.ada.submit(opened, {"Steps": "17"})).until(lambda m: "17" in m.text)
        assert ("Hidream" in str(shown.selects)) is offered
        await settled()


@marked
async def test_a_form_whose_channel_is_for_everybody_by_now_goes_on_with_another_workflow(stage: Stage) -> None:
    den = restricted(stage)
    form = await (await stage.ada.slash(den, "generate", prompt="a fox")).until(lambda m: bool(m.selects))
    await (await stage.ada.select(form, "Workflow", ["Hidream lora"])).until(lambda m: "Hidream" in m.text)
    den.nsfw = False
    stage.discord.world.announce_channel("CHANNEL_UPDATE", den)
    click = await stage.ada.click(form, label="Generate")
    changed = await click.until(lambda m: "Flux.1 dev" in m.text)
    assert "a fox" in changed.text
    assert "Hidream" not in str(changed.selects)
    await stage.discord.until(lambda: bool(click.followups))
    assert "age-restricted" in click.followups[0].text
    await (await stage.ada.click(form, label="Generate")).until(done)


async def told_of(reply: Interaction) -> str:
    return (await reply.until(failed)).text


@pytest.mark.parametrize(
    "settings",
    [{"graphs": ACTIONS, "workflows": {**WORKFLOWS, "upscale": {"file": "upscale.json", "nsfw": True}}}],
    indirect=True,
)
async def test_its_button_and_its_command_work_there_only(stage: Stage, png: bytes) -> None:
    there = await (await ask(stage, restricted(stage), workflow="flux_lora")).until(done)
    here = await stage.picture()
    assert "Upscale" in labels(there)
    assert "Upscale" not in labels(here)
    reply = await stage.ada.slash(stage.channel, "upscale", image=Upload("a.png", png))
    assert "age-restricted" in (await reply.until(failed)).text


def labels(message: Message) -> list[str]:
    return [button["label"] for button in message.buttons]


@pytest.mark.parametrize(
    ("settings", "veiled"),
    [
        ({**MARKED, "generation": {"spoilers": "all"}}, {"flux_lora": True, "hidream_lora": True}),
        ({**MARKED, "generation": {"spoilers": "nsfw"}}, {"flux_lora": False, "hidream_lora": True}),
        ({**MARKED, "generation": {"spoilers": "off"}}, {"flux_lora": False, "hidream_lora": False}),
    ],
    indirect=["settings"],
)
async def test_results_are_shown_at_a_click_where_the_configuration_says(stage: Stage, veiled: dict[str, bool]) -> None:
    stage.comfyui.settings.previews = True
    den = restricted(stage)
    for workflow, expected in veiled.items():
        reply = await ask(stage, den, workflow=workflow)
        message = await reply.until(lambda m: any("discomfy_" in file.filename for file in m.attachments))
        (file,) = message.attachments
        assert file.spoiler is expected
        assert file.filename.startswith("SPOILER_discomfy_") is expected
        assert ("image" in (message.embed or {})) is not expected
        shown = [name for state in reply.edits for name in (f.filename for f in state.attachments)]
        assert not (expected and "preview.webp" in shown)


LATER = {
    "graphs": ACTIONS,
    "workflows": {**MARKED["workflows"], "upscale": {"file": "upscale.json"}},
    "generation": {"spoilers": "nsfw"},
}


@pytest.mark.parametrize("settings", [LATER], indirect=True)
async def test_what_is_made_of_a_marked_result_is_kept_as_it_is(stage: Stage) -> None:
    den = restricted(stage)
    first = await (await ask(stage, den)).until(done)
    second = await enlarged(stage, first)
    third = await enlarged(stage, second)
    job = await stage.told()
    assert [message.attachments[0].spoiler for message in (first, second, third)] == [True] * 3
    refused = await (await stage.ada.slash(stage.channel, "show", job=job.id)).until(failed)
    assert "age-restricted" in refused.text
    listed = await (await stage.ada.slash(stage.channel, "history")).until(lambda m: bool(m.embed))
    assert listed.attachments == ()
    den.nsfw = False
    stage.discord.world.announce_channel("CHANNEL_UPDATE", den)
    assert "age-restricted" in await told_of(await stage.ada.click(third, "Upscale"))


async def enlarged(stage: Stage, message: Message) -> Message:
    return await (await stage.ada.click(message, "Upscale")).until(done)


@pytest.mark.parametrize("settings", [{"generation": {"spoilers": "all"}}], indirect=True)
async def test_a_veiled_picture_that_is_no_longer_kept_is_found_in_its_message(stage: Stage) -> None:
    message = await stage.picture()
    await stage.told()
    for file in stage.outputs.iterdir():
        file.unlink()
    opened = await (await stage.ada.click(message, "Use as start")).answered()
    assert opened.response_type is not None
    reply = await opened.until(lambda m: bool(m.embed))
    assert "no longer kept" not in reply.text


@pytest.mark.parametrize("settings", [{**MANY, "generation": {"spoilers": "all"}}], indirect=True)
async def test_nothing_is_posted_twice_after_a_restart(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress")
    reply = await stage.generate(prompt="a fox", workflow="many", batch_size=12)
    await gate.reached()
    lost = stage.discord.faults.reset("POST", "/channels/*", times=None, after_effect=True)
    gate.release()
    await reply.until(done)
    await lost.reached()
    await stage.stop()
    lost.stop()
    await stage.start()
    await stage.told()
    assert [len(message.attachments) for message in stage.channel.messages] == [10, 2]
