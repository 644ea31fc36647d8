"""/cancel: the right job and no other, wherever it stands; who may."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from core.jobs.models import JobState
from playground.discord import Channel, Interaction, Message, Permission, User
from tests.bot.conftest import Stage, done, failed
from tests.conftest import Graph

pytestmark = pytest.mark.integration

ONE_AT_A_TIME = pytest.mark.parametrize("settings", [{"comfyui": {"concurrency": 1}}], indirect=True)
UNKNOWN = "There is no such job; choose one from the list."
NOT_YOURS = "That is somebody else's job"


async def cancel(user: User, channel: Channel, job: str | None = None) -> Message:
    """The answer, once it is there."""
    return await (await user.slash(channel, "cancel", job=job)).until(lambda m: bool(m.embed))


async def offered(user: User, channel: Channel, typed: str = "") -> dict[str, str]:
    choices = await user.autocomplete(channel, "cancel", focused="job", value=typed)
    return {choice["name"]: choice["value"] for choice in choices}


async def asked(stage: Stage, user: User, prompt: str, seed: int, channel: Channel | None = None) -> Interaction:
    """A /generate that is a job by now."""
    known = len(stage.bot.engine.jobs.handles())
    reply = await user.slash(
        channel or stage.channel, "generate", prompt=prompt, workflow="flux_lora", steps=3, seed=seed
    )
    await stage.discord.until(lambda: len(stage.bot.engine.jobs.handles()) > known)
    return reply


def job_of(stage: Stage, prompt: str) -> str:
    return next(h.job.id for h in stage.bot.engine.jobs.handles() if h.job.request.parameters.prompt == prompt)


async def state_of(stage: Stage, job_id: str) -> JobState:
    job = await stage.bot.engine.jobs.get(job_id)
    assert job is not None
    return job.state


@ONE_AT_A_TIME
async def test_jobs_end_where_they_stand_and_nothing_else_does(stage: Stage, picture: Callable[..., Graph]) -> None:
    bob = stage.discord.user("bob")
    foreign = [await stage.bot.engine.client.queue_prompt(picture(seed=90))]
    gate = stage.comfyui.pause("progress")
    await gate.reached()
    adas = [await asked(stage, stage.ada, "ada's first", 1)]
    await stage.comfyui.wait_for(lambda: len(stage.comfyui.pending) == 1)
    bobs = await asked(stage, bob, "bob's", 2)
    adas.append(await asked(stage, stage.ada, "ada's second", 3))
    foreign.append(await stage.bot.engine.client.queue_prompt(picture(seed=91)))
    on_server, here = job_of(stage, "ada's first"), job_of(stage, "ada's second")
    assert stage.comfyui.pending == [on_server, foreign[1]]

    assert "Cancelled." in (await cancel(stage.ada, stage.channel, here)).text
    assert "Cancelled." in (await cancel(stage.ada, stage.channel, on_server)).text
    assert stage.comfyui.running == foreign[0]
    gate.release()
    await bobs.until(done)
    await stage.comfyui.wait_for(lambda: len(stage.comfyui.history) == 3)
    assert {prompt_id for prompt_id, entry in stage.comfyui.history.items() if entry["status"]["completed"]} == {
        *foreign,
        stage.comfyui.accepted[-1],
    }
    assert [await state_of(stage, job_id) for job_id in (on_server, here)] == [JobState.CANCELLED] * 2
    for reply in adas:
        assert "cancelled" in (await reply.until(failed)).text.lower()


async def test_a_running_job_is_stopped_and_the_one_behind_it_runs(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress", skip=1)
    reply = await asked(stage, stage.ada, "a fox", 1)
    await gate.reached()
    bobs = await asked(stage, stage.discord.user("bob"), "an owl", 2)
    await stage.comfyui.wait_for(lambda: len(stage.comfyui.pending) == 1)
    answer = await stage.ada.slash(stage.channel, "cancel")
    await answer.answered()
    await stage.comfyui.wait_for(lambda: stage.comfyui.count("POST", "/interrupt") > 0)
    gate.release()
    shown = await answer.until(lambda m: bool(m.embed))
    assert shown.ephemeral
    assert "Cancelled." in shown.text
    await reply.until(failed)
    await bobs.until(done)


@ONE_AT_A_TIME
async def test_without_a_name_there_has_to_be_one(stage: Stage) -> None:
    assert "You have no job under way." in (await cancel(stage.ada, stage.channel)).text
    gate = stage.comfyui.pause("progress")
    replies = [await asked(stage, stage.ada, f"fox {n}", n) for n in range(2)]
    await gate.reached()
    assert "2 jobs under way; choose one" in (await cancel(stage.ada, stage.channel)).text
    assert len(stage.bot.engine.jobs.handles()) == 2
    assert "You have no job under way." in (await cancel(stage.discord.user("bob"), stage.channel)).text
    gate.release()
    await asyncio.gather(*(reply.until(done) for reply in replies))


@ONE_AT_A_TIME
async def test_cancelled_twice_at_once_and_again_later(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress")
    first = await asked(stage, stage.ada, "a fox", 1)
    await gate.reached()
    second = await asked(stage, stage.ada, "an owl", 2)
    for prompt in ("an owl", "a fox"):
        job_id = job_of(stage, prompt)
        twice = [await stage.ada.slash(stage.channel, "cancel", job=job_id) for _ in range(2)]
        if prompt == "a fox":
            await stage.comfyui.wait_for(lambda: stage.comfyui.count("POST", "/interrupt") > 0)
            gate.release()
        for answer in twice:
            said = (await answer.until(lambda m: bool(m.embed))).text
            assert "Cancelled." in said or "over already" in said
        assert "That job is over already." in (await cancel(stage.ada, stage.channel, job_id)).text
        assert await state_of(stage, job_id) is JobState.CANCELLED
    await asyncio.gather(*(reply.until(failed) for reply in (first, second)))


async def test_a_job_that_is_done_is_over(stage: Stage) -> None:
    await stage.picture()
    job_id = stage.comfyui.accepted[0]
    assert "That job is over already." in (await cancel(stage.ada, stage.channel, job_id)).text
    assert await offered(stage.ada, stage.channel) == {}


@pytest.mark.parametrize("typed", ["fox", "00000000", "g" * 36, "' OR 1=1 --", "%%%%%%%%", "\0" * 20])
async def test_what_is_no_job_is_a_sentence(stage: Stage, typed: str, logged: Any) -> None:
    await stage.picture()
    assert UNKNOWN in (await cancel(stage.ada, stage.channel, typed)).text
    assert logged("unforeseen error") == []


async def test_a_short_id_will_do(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress")
    reply = await asked(stage, stage.ada, "a fox", 1)
    await gate.reached()
    answer = await stage.ada.slash(stage.channel, "cancel", job=f" {job_of(stage, 'a fox')[:8].upper()} ")
    await stage.comfyui.wait_for(lambda: stage.comfyui.count("POST", "/interrupt") > 0)
    gate.release()
    assert "Cancelled." in (await answer.until(lambda m: bool(m.embed))).text
    await reply.until(failed)


@ONE_AT_A_TIME
async def test_somebody_elses_takes_manage_messages(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress")
    replies = [await asked(stage, stage.ada, "a fox", 1), await asked(stage, stage.ada, "an owl", 2)]
    await gate.reached()
    bob, mona = stage.discord.user("bob"), stage.discord.user("mona")
    mona.permissions |= Permission.MANAGE_MESSAGES
    job_id = job_of(stage, "an owl")
    assert await offered(bob, stage.channel) == {}
    assert NOT_YOURS in (await cancel(bob, stage.channel, job_id)).text
    assert UNKNOWN in (await cancel(mona, mona.dm, job_id)).text
    assert await offered(mona, mona.dm) == {}
    assert job_id in (await offered(mona, stage.channel)).values()
    assert "Cancelled." in (await cancel(mona, stage.channel, job_id)).text
    await replies[1].until(failed)
    gate.release()
    await replies[0].until(done)


@ONE_AT_A_TIME
async def test_a_moderator_ends_nothing_where_they_see_nothing(stage: Stage) -> None:
    hidden, mona = stage.discord.channel("hidden"), stage.discord.user("mona")
    mona.permissions |= Permission.MANAGE_MESSAGES
    hidden.close_to(mona)
    gate = stage.comfyui.pause("progress")
    replies = [
        await asked(stage, stage.ada, "a secret", 1, hidden),
        await asked(stage, stage.ada, "whispered", 2, stage.ada.dm),
        await asked(stage, stage.ada, "said aloud", 3, stage.discord.channel("other")),
    ]
    await gate.reached()
    (line,) = await offered(mona, stage.channel)
    assert "said aloud" in line
    for prompt in ("a secret", "whispered"):
        assert UNKNOWN in (await cancel(mona, stage.channel, job_of(stage, prompt))).text
    gate.release()
    await asyncio.gather(*(reply.until(done) for reply in replies))


@ONE_AT_A_TIME
async def test_jobs_are_offered_by_id_title_and_prompt(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress")
    long = "an owl " * 40
    replies = [await asked(stage, stage.ada, prompt, n) for n, prompt in enumerate(("a red fox", long.strip()))]
    replies.append(await asked(stage, stage.discord.user("bob"), "a bear", 9))
    await gate.reached()
    fox = job_of(stage, "a red fox")
    everything = await offered(stage.ada, stage.channel)
    assert len(everything) == 2
    assert all(len(name) <= 100 for name in everything)
    assert f"{fox[:8]} Flux.1 dev: a red fox" in everything
    for typed in ("red", fox[:6], "rde fox"):
        assert list((await offered(stage.ada, stage.channel, typed)).values()) == [fox]
    assert len(await offered(stage.ada, stage.channel, "flux.1")) == 2
    mona = stage.discord.user("mona")
    mona.permissions |= Permission.MANAGE_MESSAGES
    (own_name,) = await offered(mona, stage.channel, "bear")
    assert " by Bob: a bear" in own_name
    gate.release()
    await asyncio.gather(*(reply.until(done) for reply in replies))


async def test_a_comfyui_that_is_away_is_said(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress")
    reply = await asked(stage, stage.ada, "a fox", 1)
    await gate.reached()
    await stage.comfyui.kill()
    assert "cannot be reached" in (await cancel(stage.ada, stage.channel)).text
    await stage.comfyui.revive()
    assert "cancelled" in (await reply.until(failed)).text.lower()


async def test_a_job_is_cancelled_after_a_restart(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress")
    reply = await asked(stage, stage.ada, "a fox", 1)
    await gate.reached()
    await stage.stop()
    await stage.start()
    await stage.discord.until(lambda: stage.bot.engine.jobs.handles())
    assert list((await offered(stage.ada, stage.channel)).values()) == stage.comfyui.accepted
    answer = await stage.ada.slash(stage.channel, "cancel")
    await stage.comfyui.wait_for(lambda: stage.comfyui.count("POST", "/interrupt") > 0)
    gate.release()
    assert "Cancelled." in (await answer.until(lambda m: bool(m.embed))).text
    await reply.until(failed)
    assert await state_of(stage, stage.comfyui.accepted[0]) is JobState.CANCELLED
