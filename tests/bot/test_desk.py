"""What an earlier process left: it is taken up, told once, and where it was asked for."""

from __future__ import annotations

import asyncio

import discord
import pytest

from bot import desk
from core.jobs.models import Delivery, Job, JobState
from core.jobs.service import JobService
from playground.comfyui import Gate
from playground.discord import Interaction, Message, Permission
from playground.discord.permissions import MEMBER
from tests.bot.conftest import Logged, Stage, done, failed, settled
from tests.bot.graphs import paint

pytestmark = pytest.mark.integration

many = {
    "graphs": {"many": paint()},
    "workflows": {"many": {"file": "many.json", "limits": {"batch_size": {"max": 30}}}},
}


@pytest.fixture
def no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot goes without waiting for what is on its way, as one that is killed."""
    monkeypatch.setattr(desk, "_GRACE", 0.0)


async def running(stage: Stage, **options: object) -> tuple[Interaction, Gate]:
    """A job that stands still at its first step, and the gate that lets it go on."""
    gate = stage.comfyui.pause("progress", skip=1)
    reply = await stage.generate(**{"prompt": "a fox", "workflow": "flux_lora", "steps": 3, **options})
    await gate.reached()
    await reply.until(lambda m: "step 1 of 3" in m.text)
    return reply, gate


def results(stage: Stage) -> list[Message]:
    """Every message with a file that anybody ever saw."""
    world = stage.discord.world
    return [states[-1] for states in world.histories if any(state.attachments for state in states)]


async def test_a_running_job_gets_its_progress_and_its_result_back(stage: Stage) -> None:
    reply, gate = await running(stage)
    await stage.stop()
    await stage.start()
    second = stage.comfyui.pause("progress")
    gate.release()
    await second.reached()
    await reply.until(lambda m: "step 2 of 3" in m.text)
    second.release()
    message = await reply.until(done)
    job = await stage.told()
    assert job.delivery is Delivery.DONE
    assert [m.id for m in results(stage)] == [message.id]
    assert len(stage.comfyui.accepted) == 1
    assert "Cancel" not in [button["label"] for button in message.buttons]


async def test_a_job_that_ended_unseen_is_told(stage: Stage) -> None:
    reply, gate = await running(stage)
    await stage.stop()
    gate.release()
    await stage.comfyui.wait_for(lambda: stage.comfyui.history)
    await stage.start()
    await reply.until(done)
    assert (await stage.told()).delivery is Delivery.DONE
    assert len(results(stage)) == 1
    assert len(stage.comfyui.accepted) == 1


@pytest.mark.parametrize("settings", [{"comfyui": {"concurrency": 1}}], indirect=True)
async def test_jobs_that_waited_for_their_turn_are_posted_in_their_order(stage: Stage) -> None:
    first, gate = await running(stage, prompt="first")
    others = [await stage.generate(prompt=prompt, workflow="flux_lora", steps=3) for prompt in ("second", "third")]
    for reply in others:
        await reply.until(lambda m: "before this one" in m.text or "Next" in m.text)
    await stage.stop()
    await stage.start()
    gate.release()
    for reply in (first, *others):
        await reply.until(done)
    await stage.told()
    jobs = {job.id: job.request.parameters.prompt for job in await stage.bot.engine.jobs.store.find()}
    assert [jobs[job_id] for job_id in stage.comfyui.accepted] == ["first", "second", "third"]
    assert len(results(stage)) == 3


async def test_a_job_that_was_lost_meanwhile_says_so_and_offers_to_try_again(stage: Stage) -> None:
    reply, _ = await running(stage)
    await stage.stop()
    await stage.comfyui.kill()
    await stage.comfyui.revive()
    await stage.start()
    message = await reply.until(failed)
    assert "lost" in message.text
    assert [button["label"] for button in message.buttons] == ["Retry"]
    assert (await stage.told()).state is JobState.LOST


@pytest.mark.usefixtures("no_backoff")
async def test_a_failure_reads_the_same_after_a_restart(stage: Stage, logged: Logged) -> None:
    stage.comfyui.faults.fail_node("VAEDecode")
    _, gate = await running(stage)
    away = stage.discord.faults.status(503, "PATCH", "/*", times=None)
    gate.release()
    job = await stage.told()
    assert (job.state, job.delivery) == (JobState.FAILED, Delivery.OWED)
    assert len(logged("end not told; it is owed")) == 1
    away.stop()
    await stage.stop()
    await stage.start()
    message = await stage.channel.until(failed)
    assert job.error is not None
    assert job.error in message.text.replace("\\", "")
    assert "a fox" in message.text
    assert "Steps" in message.text


@pytest.mark.usefixtures("no_backoff")
@pytest.mark.parametrize("status", [500, 502, 503, 429, "reset"])
async def test_a_result_that_discord_could_not_take_is_told_at_the_next_start(stage: Stage, status: int | str) -> None:
    reply, gate = await running(stage)
    faults, path = stage.discord.faults, "/webhooks/*"
    if status == "reset":
        away = faults.reset("PATCH", path, times=None)
    elif status == 429:
        away = faults.rate_limit(0.01, "PATCH", path, times=None, via=False)
    else:
        away = faults.status(int(status), "PATCH", path, times=None)
    gate.release()
    job = await stage.told()
    assert (job.state, job.delivery) == (JobState.FINISHED, Delivery.OWED)
    away.stop()
    await stage.stop()
    await stage.start()
    message = await reply.until(done)
    assert (await stage.told()).delivery is Delivery.DONE
    assert [m.id for m in results(stage)] == [message.id]


async def test_one_whose_discord_is_away_holds_up_nobody(stage: Stage) -> None:
    reply, gate = await running(stage)
    hold = stage.discord.faults.hold("PATCH", f"/webhooks/*/{reply.token}/*", times=None)
    gate.release()
    await hold.reached()
    await stage.picture()
    hold.release()
    await reply.until(done)


@pytest.mark.parametrize("settings", [many], indirect=True)
@pytest.mark.parametrize("after_effect", [False, True])
@pytest.mark.usefixtures("no_grace")
async def test_a_further_message_that_was_on_its_way_when_the_bot_ended_is_there_once(
    stage: Stage, after_effect: bool
) -> None:
    hold = stage.discord.faults.hold("POST", "/channels/*", times=1, after_effect=after_effect)
    first = await (await stage.generate(prompt="foxes", workflow="many", batch_size=23)).until(done)
    await hold.reached()
    await stage.stop()
    hold.release()
    stage.discord.clock.advance(3600)  # Discord has forgotten the nonce
    await stage.start()
    job = await stage.told()
    assert job.delivery is Delivery.DONE
    sizes = [len(message.attachments) for message in stage.channel.messages]
    assert sizes == [10, 10, 3]
    assert [m.id for m in results(stage)] == [m.id for m in stage.channel.messages]
    assert stage.channel.messages[0].id == first.id


@pytest.mark.parametrize("settings", [many], indirect=True)
@pytest.mark.parametrize("way", ["unreadable", "deleted"])
@pytest.mark.usefixtures("no_grace")
async def test_what_was_written_down_is_not_posted_again_though_it_is_not_seen(stage: Stage, way: str) -> None:
    first = stage.discord.faults.hold("POST", "/channels/*", times=1)
    await (await stage.generate(prompt="foxes", workflow="many", batch_size=23)).until(done)
    await first.reached()
    second = stage.discord.faults.hold("POST", "/channels/*", times=1)
    first.release()
    await second.reached()
    await stage.stop()
    if way == "unreadable":
        stage.channel.set_bot_permissions(MEMBER & ~Permission.READ_MESSAGE_HISTORY)
    else:
        stage.discord.world.delete(stage.channel.messages[1])
    await stage.start()
    job = await stage.told()
    assert (job.delivery, len(job.messages)) == (Delivery.DONE, 2)
    sizes = [len(message.attachments) for message in stage.channel.messages]
    assert sizes == ([10, 10, 3] if way == "unreadable" else [10, 3])


async def test_after_the_token_died_progress_and_result_go_on_in_the_same_message(stage: Stage) -> None:
    reply, gate = await running(stage)
    await stage.stop()
    stage.discord.clock.advance(16 * 60)
    await stage.start()
    second = stage.comfyui.pause("progress")
    gate.release()
    await second.reached()
    await stage.channel.until(lambda m: "step 2 of 3" in m.text)
    second.release()
    message = await stage.channel.until(done)
    assert reply.message is not None
    assert message.id == reply.message.id
    assert (await stage.told()).delivery is Delivery.DONE


@pytest.mark.parametrize("settings", [{"server": {"attachment_size_limit": 20_000}}], indirect=True)
async def test_a_file_that_fitted_while_the_token_lived_is_fitted_anew(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discord.utils, "DEFAULT_FILE_SIZE_LIMIT_BYTES", 20_000)
    stage.ada.attachment_size_limit = 500_000_000
    stage.comfyui.settings.draw = True
    _, gate = await running(stage, width=512, height=512)
    stage.discord.clock.advance(16 * 60)
    gate.release()
    message = await stage.channel.until(done)
    assert message.attachments[0].size <= 20_000
    assert (await stage.told()).delivery is Delivery.DONE
    assert len(results(stage)) == 1


@pytest.mark.usefixtures("no_backoff")
async def test_what_is_told_late_is_known_to_be_told(stage: Stage) -> None:
    reply, gate = await running(stage)
    away = stage.discord.faults.status(503, "PATCH", "/*", times=None)
    gate.release()
    await stage.told()
    away.stop()
    await stage.stop()
    hold = stage.discord.faults.hold("PATCH", "/*")
    await stage.start()
    await hold.reached()
    read = await stage.bot.engine.jobs.get((await stage.job()).id)
    hold.release()
    message = await reply.until(done)
    await stage.told()
    assert read is not None
    assert read.delivery is Delivery.DONE
    await stage.ada.click(message, label="Delete")
    await stage.discord.until(lambda: stage.channel.messages == ())
    await settled()
    assert (await stage.job()).delivery is Delivery.DONE


async def test_what_is_told_while_the_store_is_read_is_told_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    reply, gate = await running(stage)
    await stage.stop()
    gate.release()
    await stage.comfyui.wait_for(lambda: stage.comfyui.history)
    hold = stage.discord.faults.hold("PATCH", "/*", files=True)
    read = JobService.owed

    async def slowly(jobs: JobService) -> list[Job]:
        await hold.reached()
        found = await read(jobs)
        telling = [stage.bot.desk._tasks[job.id] for job in found]
        hold.release()
        await asyncio.wait(telling)
        return found

    monkeypatch.setattr(JobService, "owed", slowly)
    await stage.start()
    await reply.until(done)
    assert (await stage.told()).delivery is Delivery.DONE
    assert len(logged("end told")) == 1
