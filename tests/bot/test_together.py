"""Where jobs are asked for, how many at once, and what becomes of them when a connection or the bot ends."""

from __future__ import annotations

import asyncio
import gc

import pytest

from bot.progress import ProgressBudget
from playground.comfyui import ComfyUIServer
from tests.bot.conftest import Stage, done, graph_of, inputs, running_tasks, settled
from tests.bot.graphs import ACTIONS

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("settings", [{"graphs": ACTIONS}], indirect=True)
async def test_the_road_in_a_direct_message(stage: Stage) -> None:
    reply = await stage.ada.slash(stage.ada.dm, "generate", prompt="a fox", workflow="flux_lora")
    parent = await reply.until(done)
    assert parent.channel is stage.ada.dm
    await (await stage.ada.click(parent, label="Upscale")).until(done)


async def test_a_form_in_a_direct_message(stage: Stage) -> None:
    reply = await stage.ada.slash(stage.ada.dm, "generate", prompt="a fox")
    form = await reply.until(lambda m: bool(m.selects))
    result = await (await stage.ada.click(form, label="Generate")).until(done)
    assert result.id == form.id


@pytest.mark.parametrize("place", ["dm", "thread"])
async def test_a_result_after_the_token_died_reaches_its_place(stage: Stage, place: str) -> None:
    channel = stage.ada.dm if place == "dm" else stage.discord.thread("work", parent=stage.channel)
    gate = stage.comfyui.pause("progress")
    reply = await stage.ada.slash(channel, "generate", prompt="a fox", workflow="flux_lora")
    await gate.reached()
    shown = await reply.until(lambda m: "%" in m.text)
    stage.discord.clock.advance(16 * 60)
    gate.release()
    assert (await channel.until(done)).id == shown.id
    assert stage.channel.messages == ()


async def test_the_road_in_a_thread(stage: Stage) -> None:
    thread = stage.discord.thread("work", parent=stage.channel)
    reply = await stage.ada.slash(thread, "generate", prompt="a fox", workflow="flux_lora")
    assert (await reply.until(done)).channel is thread


async def test_two_jobs_of_two_users_do_not_mix(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress")
    first = await stage.generate(prompt="ada's fox", workflow="flux_lora", seed=1)
    await gate.reached()
    bob = stage.discord.user("bob")
    second = await bob.slash(stage.channel, "generate", prompt="bob's owl", workflow="hidream_lora", seed=2)
    await second.until(lambda m: "1 before this one" in m.text)
    gate.release()
    results = [await first.until(done), await second.until(done)]
    assert ["ada's fox" in m.text for m in results] == [True, False]
    assert ["bob's owl" in m.text for m in results] == [False, True]
    assert [inputs(graph_of(stage, n), "KSampler")["seed"] for n in (0, 1)] == [1, 2]
    jobs = [await stage.bot.engine.jobs.get(job_id) for job_id in stage.comfyui.accepted]
    assert [job.owner for job in jobs if job] == [stage.ada.id, bob.id]


@pytest.mark.parametrize("settings", [{"security": {"per_user": 20}}], indirect=True)
async def test_twenty_jobs_in_one_channel_earn_no_429(stage: Stage) -> None:
    stage.bot.progress_budget = ProgressBudget(1.0)
    stage.comfyui.settings.step_seconds = 0.01
    replies = [await stage.generate(prompt=f"fox {n}", workflow="flux_lora", steps=12) for n in range(20)]
    results = await asyncio.gather(*(reply.until(done, timeout=90) for reply in replies))
    assert len({message.id for message in results}) == 20
    assert sum(len(reply.edits) for reply in replies) > 60
    assert stage.discord.count_429 == 0


async def test_a_gateway_that_drops_costs_a_job_nothing(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress", skip=1)
    reply = await stage.generate(prompt="a fox", workflow="flux_lora", steps=3)
    await gate.reached()
    await stage.discord.drop_gateway()
    gate.release()
    await reply.until(done)
    await stage.discord.until_connected()
    assert stage.discord.resumes == 1
    await (await stage.generate(prompt="another", workflow="flux_lora")).until(done)


async def test_a_click_while_the_gateway_is_away_is_answered_when_it_is_back(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    await stage.discord.reconnect()
    await (await stage.ada.click(form, label="Generate")).until(done)


async def test_a_new_session_finds_the_open_forms(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    await stage.discord.invalidate_session()
    await stage.discord.until(lambda: stage.discord.identifies == 2)
    await stage.discord.until_connected()
    await (await stage.ada.click(form, label="Generate")).until(done)


async def test_closing_the_bot_leaves_no_task_and_leaves_comfyui_at_work(stage: Stage, comfyui: ComfyUIServer) -> None:
    await stage.form(prompt="a form that stays open")
    gate = comfyui.pause("progress")
    running = await stage.generate(prompt="a fox", workflow="flux_lora")
    await gate.reached()
    waiting = await stage.generate(prompt="a fox", workflow="hidream_lora")
    await comfyui.wait_for(lambda: len(comfyui.accepted) == 2)
    await stage.bot.close()
    await settled()
    assert running_tasks() == []
    assert all(form.is_finished() for form in stage.bot.open_forms.values())
    gate.release()
    await comfyui.wait_for(lambda: len(comfyui.history) == 2)
    for method, path in (("POST", "/interrupt"), ("POST", "/queue"), ("POST", "/jobs")):
        assert comfyui.count(method, path) == 0
    assert not any(done(message) for reply in (running, waiting) for message in reply.edits)


async def test_closing_twice_is_closing_once(stage: Stage) -> None:
    await stage.bot.close()
    await stage.bot.close()
    assert stage.bot.is_closed()


async def test_nothing_is_held_for_forms_that_are_over(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    assert len(stage.bot.open_forms) == 1
    await (await stage.ada.click(form, label="Generate")).until(done)
    await settled()
    gc.collect()
    assert len(stage.bot.open_forms) == 0
