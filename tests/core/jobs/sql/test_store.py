"""What is particular to a database: it outlives whoever asks, and says when it does not work."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from core.comfyui.workflows.parameters import WorkflowParameters
from core.generators.base import GenerationRequest
from core.jobs.models import Ask, Job, JobState, Origin
from core.jobs.sql.store import SqlJobStore
from core.jobs.store import StoreError

NewJob = Callable[..., Job]
sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

DIES = """
import asyncio, os, signal, sys
from config.models import BotConfig
from core.comfyui.workflows.parameters import WorkflowParameters
from core.generators.base import GenerationRequest
from core.jobs.models import Job, JobState
from core.jobs.sql import open_store
config = BotConfig.model_validate({"storage": {"data": sys.argv[1]}})
async def main():
    async with open_store(config) as store:
        for number in range(20):
            job = Job(f"job-{number:02}", 7, GenerationRequest("fox", WorkflowParameters(seed=number)))
            await store.add(job, {"1": {"inputs": {"seed": number}}})
            job.advance(JobState.POSTED)
            await store.save(job)
        os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""


def dies(data: Path) -> int:
    root = Path(__file__).parents[4]
    return subprocess.run([sys.executable, "-c", DIES, str(data)], cwd=root, capture_output=True).returncode


async def run(store: SqlJobStore, statement: str) -> None:
    async with store._engine.begin() as connection:
        await connection.execute(text(statement))


async def test_a_question_does_not_wait_for_changes_that_have_not_begun(opened, new_job: NewJob):
    store, known = await opened(), new_job()
    await store.add(known, {})
    changes = [asyncio.create_task(store.add(new_job(), {})) for _ in range(20)]
    await asyncio.sleep(0)
    assert await store.get(known.id) == known
    assert sum(change.done() for change in changes) < 5
    await asyncio.gather(*changes)
    assert await store.count() == 21


@sqlite_only
@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9")
async def test_what_was_saved_before_kill_9_is_there(opened, tmp_path: Path):
    assert await asyncio.to_thread(dies, tmp_path / "data") == -9
    store = await opened()
    assert [job.id for job in await store.unfinished()] == [f"job-{number:02}" for number in range(20)]
    assert {job.state for job in await store.unfinished()} == {JobState.POSTED}
    assert await store.graph("job-07") == {"1": {"inputs": {"seed": 7}}}


@sqlite_only
async def test_a_full_disk_is_a_sentence_and_then_goes_on(opened, new_job: NewJob):
    store = await opened()
    kept = new_job()
    await store.add(kept, {})
    async with store._engine.begin() as connection:
        pages = await connection.scalar(text("PRAGMA page_count"))
        await connection.execute(text(f"PRAGMA max_page_count = {pages}"))
    prompt = GenerationRequest("fox", WorkflowParameters(prompt="a secret fox " * 1000))
    lost = new_job(request=prompt)
    with pytest.raises(StoreError) as caught:
        await store.add(lost, {})
    assert caught.value.detail == "OperationalError SQLITE_FULL database or disk is full"
    assert await store.get(lost.id) is None
    assert await store.find() == [kept]
    kept.request = prompt
    with pytest.raises(StoreError):
        await store.save(kept)
    await run(store, "PRAGMA max_page_count = 1000000")
    await store.add(lost, {})
    await store.save(kept)
    assert await store.find() == [lost, kept]


async def test_a_job_is_added_with_its_graph_or_not_at_all(opened, new_job: NewJob):
    store, job = await opened(), new_job(origin=Origin(1, token="token"))
    ask = Ask("token", 9, datetime(2026, 11, 25, tzinfo=UTC), "de")
    await store.keep_ask(ask)
    await run(store, "ALTER TABLE graphs RENAME TO away")
    with pytest.raises(StoreError):
        await store.add(job, {})
    assert (await store.count(), await store.asks()) == (0, [ask])
    await run(store, "ALTER TABLE away RENAME TO graphs")
    await store.add(job, {})
    assert (await store.find(), await store.asks()) == ([job], [])


async def failures(store: SqlJobStore, job: Job) -> list[StoreError]:
    """What each method raises."""
    calls: list[Callable[[], Any]] = [
        lambda: store.add(job, {"1": {"inputs": {"text": "secret-graph"}}}),
        lambda: store.save(job),
        lambda: store.get("secret-id"),
        lambda: store.graph("secret-id"),
        store.unfinished,
        store.owed,
        lambda: store.find(prefix="secret-id"),
        store.count,
        lambda: store.claim_retry("secret-id", "secret-id"),
        lambda: store.release_retry("secret-id", "secret-id"),
        lambda: store.keep_ask(Ask("secret-token", 1, datetime.now(UTC), "secret-locale")),
        store.asks,
        lambda: store.drop_ask("secret-token"),
    ]
    raised = []
    for call in calls:
        with pytest.raises(StoreError) as caught:
            await call()
        raised.append(caught.value)
    return raised


async def test_what_goes_wrong_is_told_without_what_was_to_be_kept(opened, new_job: NewJob):
    store = await opened()
    job = new_job(
        request=GenerationRequest("fox", WorkflowParameters(prompt="secret-prompt")),
        origin=Origin(1, token="secret-token", expires_at=datetime.now(UTC) + timedelta(minutes=5)),
        display={"label": "secret-label"},
    )
    for table in ("graphs", "jobs", "asks"):
        await run(store, f"ALTER TABLE {table} RENAME TO {table}_away")
    for error in await failures(store, job):
        assert error.message.count(".") == 1
        assert error.detail
        assert "secret" not in error.message + error.detail
        assert (error.__cause__, error.__suppress_context__) == (None, True)


async def test_a_value_that_is_refused_is_not_repeated(opened, new_job: NewJob):
    """PostgreSQL answers with the whole row, and its driver with the value."""
    store = await opened()
    origin = Origin(1, token="secret-token", expires_at=datetime.now(UTC) + timedelta(minutes=5))
    job = new_job(display={"label": "secret-label"}, origin=origin)
    await store.add(job, {})
    for broken in (new_job(id=job.id, origin=origin), new_job(attempts=None, origin=origin)):
        with pytest.raises(StoreError) as caught:
            await store.add(broken, {})
        assert "secret" not in "".join(traceback.format_exception(caught.value)) + str(caught.value.detail)
    assert await store.find() == [job]


async def test_what_was_asked_for_is_done_though_nobody_waits_any_more(opened, new_job: NewJob):
    store, job = await opened(), new_job()
    adding = asyncio.create_task(store.add(job, {}))
    await asyncio.sleep(0)
    adding.cancel()
    job.advance(JobState.POSTED)
    saving = asyncio.create_task(store.save(job))
    await asyncio.sleep(0)
    saving.cancel()
    await asyncio.gather(adding, saving, return_exceptions=True)
    assert (adding.cancelled(), saving.cancelled()) == (True, True)
    again = await opened()
    assert await again.find() == [job]


@sqlite_only
async def test_a_failure_of_which_nobody_hears_is_in_the_log(opened, new_job: NewJob, caplog):
    store = await opened()
    await run(store, "ALTER TABLE jobs RENAME TO away")
    saving = asyncio.create_task(store.save(new_job()))
    await asyncio.sleep(0)
    saving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saving
    await store.close()
    assert "job not kept" in caplog.text


@sqlite_only
async def test_what_is_kept_is_in_no_log_however_much_is_logged(opened, new_job: NewJob, caplog):
    caplog.set_level("DEBUG")
    store = await opened()
    await store.add(new_job(display={"prompt": "a secret fox"}), {"1": {"text": "a secret fox"}})
    assert "a secret fox" not in caplog.text


@sqlite_only
async def test_a_database_that_does_not_answer_does_not_keep_the_bot(
    opened, new_job: NewJob, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("core.jobs.sql.store._PATIENCE", 0.0)
    store = await opened()
    async with store._engine.connect():  # the one connection there is
        saving = asyncio.create_task(store.save(new_job()))
        await asyncio.sleep(0)
        await store.close()
        with pytest.raises(asyncio.CancelledError):
            await saving


@sqlite_only
async def test_what_is_asked_for_is_looked_up_and_not_searched_for(opened, new_job: NewJob):
    store = await opened()
    engine, asked = store._engine.sync_engine, []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        asked.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    job = new_job()
    await store.save(job)
    await store.get(job.id)
    await store.graph(job.id)
    await store.unfinished()
    await store.owed()
    for question in ({"owner": 7}, {"guild_id": 7}, {"parent": "job"}, {"prefix": "job"}, {"states": [job.state]}, {}):
        await store.find(**question)
    await store.count(owner=7, states=[job.state])
    await store.claim_retry(job.id, "next")
    await store.release_retry(job.id, "next")
    event.remove(engine, "before_cursor_execute", note)
    plans = []
    async with store._for_one.begin() as connection:
        for statement, values in asked:
            found = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            plans.append(" ".join(row[3] for row in found))
    assert len(plans) == 14
    (newest,) = [plan for plan in plans if "SCAN jobs" in plan]  # all of them, by their number, up to the limit
    assert newest == "SCAN jobs"


async def test_a_store_that_was_closed_says_so_and_opens_nothing(opened, new_job: NewJob):
    store = await opened()
    await store.close()
    for error in await failures(store, new_job()):
        assert error.message == "The bot is being stopped; try again when it is back."


async def test_many_at_once(opened, new_job: NewJob):
    store, jobs = await opened(), [new_job() for _ in range(100)]

    async def live(job: Job) -> None:
        await store.add(job, {"1": {}})
        for state in (JobState.POSTED, JobState.FINISHED):
            job.advance(state)
            await store.save(job)

    await asyncio.gather(*map(live, jobs))
    assert sorted(await store.find(limit=200), key=lambda job: job.id) == jobs


async def test_a_server_that_went_and_came_back(stored_at, postgres, new_job: NewJob):
    from core.jobs.sql import open_store

    url = postgres.database()
    name = url.rpartition("/")[2]
    job = new_job()
    async with open_store(stored_at(url=url)) as store:
        await store.add(job, {})
        leave = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        postgres.run("psql", "-d", "postgres", "-c", leave)
        job.advance(JobState.POSTED)
        await store.save(job)
        assert await store.get(job.id) == job
        postgres.run("psql", "-d", "postgres", "-c", f"ALTER DATABASE {name} ALLOW_CONNECTIONS false", "-c", leave)
        with pytest.raises(StoreError) as caught:
            await store.save(job)
        assert caught.value.detail
        postgres.run("psql", "-d", "postgres", "-c", f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await store.save(job)
        assert await store.get(job.id) == job
