"""What every store does, whatever it keeps jobs in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.models import BotConfig
from core.comfyui.downloads import ResultFile
from core.comfyui.outputs import MediaKind, Output
from core.generators.base import GenerationResult
from core.jobs.models import Ask, Delivery, Form, Job, JobState, Origin
from core.jobs.sql import open_store
from core.jobs.store import JobStore, MemoryJobStore

NewJob = Callable[..., Job]
PICTURE = ResultFile(Path("outputs/a_1.png"), MediaKind.IMAGE, 1234, Output("9", MediaKind.IMAGE, "fox_00001_.png"))
GRAPH = {"3:1": {"class_type": "KSampler", "inputs": {"seed": 2**64 - 1, "cfg": 7.5, "model": ["1", 0], "text": "è\0"}}}


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, stored_at: Callable[..., BotConfig]) -> AsyncIterator[JobStore]:
    if request.param == "memory":
        yield MemoryJobStore()
        return
    url = request.getfixturevalue("postgres").database() if request.param == "postgresql" else None
    async with open_store(stored_at(url=url)) as opened:
        yield opened


async def add(store: JobStore, *jobs: Job) -> None:
    for job in jobs:
        await store.add(job, GRAPH)


def ids(jobs: list[Job]) -> list[str]:
    return [job.id for job in jobs]


async def test_a_job_is_found_by_its_id_with_its_graph(store: JobStore, new_job: NewJob):
    job = new_job(parent="before", origin=Origin(1, 2, 3), display={"label": "Red fox", "depth": [1, {"a": None}]})
    await add(store, new_job(), job, new_job())
    assert await store.get(job.id) == job
    assert await store.graph(job.id) == GRAPH


async def test_what_is_private_is_left_out_where_others_ask(store: JobStore, new_job: NewJob):
    private = new_job(owner=7, origin=Origin(1, 2, 3, private=True, fleeting=True))
    shown, program = new_job(owner=7, origin=Origin(1, 2, 4)), new_job(owner=7)
    await add(store, private, shown, program)
    assert await store.get(private.id) == private
    assert ids(await store.find(owner=7)) == [program.id, shown.id, private.id]
    assert ids(await store.find(owner=7, public=True)) == [program.id, shown.id]
    assert await store.count(owner=7, public=True) == 2


async def test_an_id_that_there_is_not(store: JobStore, new_job: NewJob):
    await add(store, new_job())
    for unknown in ("", "job", "JOB-0001", "job-0001 ", "\0", "job-0001\0", "\ud800", "%", "_" * 99):
        assert await store.get(unknown) is None
        assert await store.graph(unknown) is None
        assert await store.claim_retry(unknown, "next") is False
        assert await store.find(parent=unknown) == []
        await store.release_retry(unknown, "next")


async def test_a_save_keeps_what_has_changed(store: JobStore, new_job: NewJob):
    job, other = new_job(origin=Origin(1, 2)), new_job()
    await add(store, job, other)
    job.advance(JobState.POSTED)
    job.server, job.accepted_at, job.cancel_requested = "http://127.0.0.1:8188", job.posted_at, True
    await store.save(job)
    assert await store.get(job.id) == job
    job.origin = Origin(1, 2, 33)
    job.running_seconds, job.work = 2.25, 1e6
    job.result = GenerationResult(job.id, (PICTURE,), ("a fox",), 3.5)
    job.advance(JobState.FINISHED)
    job.delivery, job.delivered_at, job.messages = Delivery.DONE, job.finished_at, (2**62, 5)
    await store.save(job)
    assert await store.get(job.id) == job
    assert await store.get(other.id) == other
    assert await store.graph(job.id) == GRAPH


async def test_a_job_that_was_never_added_is_not_saved(store: JobStore, new_job: NewJob):
    job = new_job()
    job.advance(JobState.FAILED)
    await store.save(job)
    assert await store.get(job.id) is None
    assert await store.count() == 0


async def test_the_unfinished_in_the_order_in_which_they_were_made(store: JobStore, new_job: NewJob):
    late, early, posted, *ends = (new_job() for _ in range(7))
    late.created_at, early.created_at = early.created_at, late.created_at  # the clock went back between them
    await add(store, late, early, posted, *ends)
    posted.advance(JobState.POSTED)
    await store.save(posted)
    for job, state in zip(ends, ("finished", "failed", "cancelled", "lost"), strict=True):
        job.advance(JobState.POSTED)
        job.advance(JobState(state))
        await store.save(job)
    assert await store.unfinished() == [late, early, posted]


async def test_the_owed_are_over_and_from_somewhere_and_untold(store: JobStore, new_job: NewJob):
    waits, first, told, kept, second = (new_job(origin=Origin(1)) for _ in range(5))
    program = new_job()
    await add(store, waits, first, told, kept, second, program)
    told.delivery, kept.delivery = Delivery.DONE, Delivery.KEPT
    kept.delivery_note = "Discord does not let the bot write there."
    for job in (second, told, kept, first, program):
        job.advance(JobState.FAILED)
        await store.save(job)
    assert await store.owed() == [first, second]
    assert (await store.get(kept.id)) == kept


async def test_found_by_all_that_is_given_the_newest_first(store: JobStore, new_job: NewJob):
    here, there = Origin(1, 10), Origin(2, 20)
    a, b, c, d = (
        new_job(owner=1, origin=here),
        new_job(owner=1, origin=there, parent="job-0001"),
        new_job(owner=2**62, origin=here, parent="job-0001"),
        new_job(owner=1),
    )
    await add(store, a, b, c, d)
    c.advance(JobState.POSTED)
    await store.save(c)
    assert await store.find() == [d, c, b, a]
    assert await store.find(owner=1) == [d, b, a]
    assert await store.find(guild_id=10) == [c, a]
    assert await store.find(owner=1, guild_id=10) == [a]
    assert await store.find(parent="job-0001") == [c, b]
    assert await store.find(states=[JobState.POSTED]) == [c]
    assert await store.find(states=[JobState.POSTED, JobState.STORED], owner=2**62) == [c]
    assert await store.find(limit=2) == [d, c]
    assert await store.find(limit=2, offset=1) == [c, b]
    assert await store.find(offset=9) == []
    assert await store.count() == 4
    assert await store.count(owner=1) == 3
    assert await store.count(guild_id=10, states=[JobState.STORED]) == 1
    assert await store.count(owner=5) == 0


async def test_found_by_how_the_id_begins(store: JobStore, new_job: NewJob):
    await add(store, *(new_job(id=name) for name in ("ab-1", "ab-2", "AB-3", "a%-4", "ac-5", "b", "ab")))
    assert ids(await store.find(prefix="ab")) == ["ab", "ab-2", "ab-1"]
    assert ids(await store.find(prefix="ab-1")) == ["ab-1"]
    assert ids(await store.find(prefix="a%")) == ["a%-4"]
    assert ids(await store.find(prefix="a_")) == []
    for prefix in ("\0", "a\0", "\ud800", "ab-1x", "é"):
        assert await store.find(prefix=prefix) == []


async def test_a_job_is_asked_for_again_once(store: JobStore, new_job: NewJob):
    job = new_job()
    await add(store, job)
    claims = await asyncio.gather(*(store.claim_retry(job.id, f"next-{n}") for n in range(5)))
    assert sorted(claims) == [False] * 4 + [True]
    winner = f"next-{claims.index(True)}"
    kept = await store.get(job.id)
    assert kept is not None
    assert kept.retried_as == winner


async def test_a_claim_is_taken_back_by_whoever_made_it(store: JobStore, new_job: NewJob):
    job = new_job()
    await add(store, job)
    assert await store.claim_retry(job.id, "next")
    await store.release_retry(job.id, "other")
    assert not await store.claim_retry(job.id, "other")
    await store.release_retry(job.id, "next")
    assert await store.claim_retry(job.id, "other")


async def test_a_save_leaves_a_claim_alone(store: JobStore, new_job: NewJob):
    job = new_job()
    await add(store, job)
    before = copy(job)
    assert await store.claim_retry(job.id, "next")
    before.advance(JobState.FAILED)
    await store.save(before)
    kept = await store.get(job.id)
    assert kept is not None
    assert (kept.state, kept.retried_as) == (JobState.FAILED, "next")


async def test_saves_follow_each_other_in_the_order_of_the_calls(store: JobStore, new_job: NewJob):
    job = new_job(origin=Origin(1))
    await add(store, job)
    saves = []
    for number in range(50):
        job.origin = replace(job.origin, message_id=number)
        job.attempts = number
        saves.append(asyncio.create_task(store.save(job)))
        await asyncio.sleep(0)
    await asyncio.gather(*saves)
    kept = await store.get(job.id)
    assert kept is not None
    assert (kept.origin, kept.attempts) == (Origin(1, message_id=49), 49)


async def test_found_by_their_channels(store: JobStore, new_job: NewJob):
    a, b, c = (new_job(owner=1, origin=Origin(channel, 10)) for channel in (1, 2, 2**62))
    await add(store, a, b, c, new_job(owner=1))
    assert await store.find(channels=[1, 2**62, 5]) == [c, a]
    assert await store.find(owner=1, guild_id=10, channels=[2], limit=1) == [b]
    assert await store.find(channels=[]) == []
    assert await store.count(channels=[1, 2]) == 2
    assert await store.count(channels=[]) == 0


def form(token: str, minutes: int, **content: object) -> Form:
    return Form(token, 2**62, content, datetime(2026, 11, 25, 12, minutes, tzinfo=UTC))


async def test_a_form_is_kept_as_it_was_last_until_it_is_dropped_once(store: JobStore):
    late, early = form("a" * 32, 30, prompt="è\0", images=["x.png"], loras=None), form("b" * 32, 10)
    for each in (late, early):
        await store.keep_form(each)
    assert await store.forms() == [early, late]
    changed = form(early.token, 40, draft={"steps": 2.5})
    await store.keep_form(changed)
    assert await store.forms() == [late, changed]
    told = await asyncio.gather(*(store.drop_form(late.token) for _ in range(3)))
    assert sorted(told) == [False, False, True]
    assert await store.forms() == [changed]
    for unknown in ("", "\0", "\ud800", "c" * 32):
        assert await store.drop_form(unknown) is False


def ask(token: str, minutes: int) -> Ask:
    return Ask(token, 2**62, datetime(2026, 11, 25, 12, minutes, tzinfo=UTC), "pt-BR")


async def test_an_ask_is_kept_until_it_is_dropped(store: JobStore):
    late, early = ask("aW50ZXJhY3Rpb24", 30), ask("aW50ZXJhY3Rpb25", 10)
    for each in (late, early):
        await store.keep_ask(each)
    assert await store.asks() == [early, late]
    for gone in (early.token, early.token, "", "\0", "\ud800"):
        await store.drop_ask(gone)
        assert await store.asks() == [late]


async def test_a_job_is_the_end_of_the_ask_that_it_answers(store: JobStore, new_job: NewJob):
    answered, other = ask("a", 10), ask("b", 10)
    for each in (answered, other):
        await store.keep_ask(each)
    await add(store, new_job(), new_job(origin=Origin(1)), new_job(origin=Origin(1, token="c")))
    assert len(await store.asks()) == 2
    await add(store, new_job(origin=Origin(1, token=answered.token)))
    assert await store.asks() == [other]


def test_the_token_of_an_ask_is_not_shown():
    assert "secret" not in repr(ask("secret", 10))
