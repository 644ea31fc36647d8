"""What goes into a row comes out of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text, update

from config.models import BotConfig
from core.comfyui.downloads import ResultFile
from core.comfyui.outputs import MediaKind, Output
from core.comfyui.results import ExecutionResult
from core.comfyui.workflows.parameters import LoraChoice, WorkflowParameters
from core.exceptions import GenerationError, WorkflowError
from core.generators.base import GenerationRequest, GenerationResult
from core.jobs.models import Delivery, Job, JobState, Origin
from core.jobs.sql import open_store
from core.jobs.sql.records import job_of, row_of
from core.jobs.sql.store import SqlJobStore
from core.jobs.sql.tables import jobs
from utils.language import phrase, phrase_n, told

NewJob = Callable[..., Job]
LATER = datetime(2999, 1, 1, tzinfo=UTC)

numbers = st.floats(allow_nan=False, allow_infinity=False)
counts = st.integers(0, 2**63 - 1)
odd_texts = st.text(st.characters(), max_size=30)  # halves of surrogate pairs and NUL among them
moments = st.datetimes(timezones=st.just(UTC))
ids = st.integers(1, 2**63 - 1)
names = st.lists(odd_texts, max_size=3).map(tuple)
TYPES = {
    "seed": st.integers(0, 2**70),
    "loras": st.lists(st.builds(LoraChoice, odd_texts, numbers), max_size=3).map(tuple),
    "images": names,
    "masks": names,
    "videos": names,
    "audios": names,
}
BY_HINT = {"str | None": odd_texts, "int | None": counts, "float | None": numbers}
parameters = st.builds(
    WorkflowParameters,
    **{
        field.name: st.none() | TYPES.get(field.name, BY_HINT.get(str(field.type), st.none()))
        for field in fields(WorkflowParameters)
    },
)
kinds = st.sampled_from(MediaKind)
outputs = st.builds(Output, odd_texts, kinds, odd_texts, odd_texts, odd_texts, st.none() | odd_texts)
paths = st.lists(st.text("abé /.\udc80", min_size=1), min_size=1, max_size=3).map(lambda parts: Path(*parts))
results = st.builds(
    GenerationResult,
    st.uuids().map(str),
    st.lists(st.builds(ResultFile, paths, kinds, counts, outputs), max_size=3).map(tuple),
    names,
    numbers,
)
origins = st.builds(
    Origin, ids, *[st.none() | ids] * 3, st.none() | st.text("abcXYZ09._-"), st.just(LATER), st.none() | counts
)
executions = st.builds(ExecutionResult, st.uuids().map(str), st.lists(outputs, max_size=3).map(tuple))
sentences = st.builds(
    lambda one, many: phrase("It says {one}, {many}.", one=one, many=many),
    odd_texts | counts | st.builds(phrase, odd_texts),
    st.lists(odd_texts, max_size=3),
) | st.builds(lambda n: phrase_n("{n} picture", "{n} pictures", n), counts)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | numbers | odd_texts | sentences,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(odd_texts, inner, max_size=3),
    max_leaves=5,
)
written = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
whole_jobs = st.builds(
    Job,
    id=st.builds(lambda: str(uuid4())),
    owner=ids,
    request=st.builds(GenerationRequest, odd_texts, parameters),
    origin=st.none() | origins,
    parent=st.none() | st.uuids().map(str),
    display=st.dictionaries(odd_texts, plain, max_size=3),
    state=st.sampled_from(JobState),
    attempts=st.integers(0, 2**31 - 1),
    created_at=moments,
    posted_at=st.none() | moments,
    accepted_at=st.none() | moments,
    finished_at=st.none() | moments,
    running_seconds=st.none() | numbers,
    work=st.none() | numbers,
    execution=st.none() | executions,
    result=st.none() | results,
    error=st.none() | written | sentences,
    cancel_requested=st.booleans(),
    retried_as=st.none() | st.uuids().map(str),
    delivery_note=st.none() | written | sentences,
    delivered_at=st.none() | moments,
    messages=st.lists(ids, max_size=4).map(tuple),
)


@pytest.fixture(params=["sqlite", "postgresql"])
def keep(request: pytest.FixtureRequest, stored_at: Callable[..., BotConfig]) -> Iterator[Callable[[Job], Job | None]]:
    """Puts a job into a database and takes it out again."""
    url = request.getfixturevalue("postgres").database() if request.param == "postgresql" else None
    with asyncio.Runner() as runner:
        opening = open_store(stored_at(url=url))
        store = runner.run(opening.__aenter__())

        async def through(job: Job) -> Job | None:
            await store.add(job, {})
            return await store.get(job.id)

        yield lambda job: runner.run(through(job))
        runner.run(opening.__aexit__(None, None, None))


@settings(max_examples=60)
@given(job=whole_jobs)
def test_every_job_comes_back_as_it_was(keep: Callable[[Job], Job | None], job: Job):
    assert keep(job) == job


def test_every_field_of_a_job_is_kept(new_job: NewJob):
    """A field that is added to one of these is to be kept as well, or this says so."""
    row = row_of(new_job(origin=Origin(1)))
    assert {field.name for field in fields(Job)} - row.keys() == {"origin"}
    assert {field.name for field in fields(Origin)} <= row.keys()
    assert row.keys() == {column.name for column in jobs.columns} - {"number"}


def test_a_problem_comes_back_as_its_sentence(new_job: NewJob):
    problem = WorkflowError("One of the two nodes failed.", node="Save", detail="/srv/inner matters")
    result, execution = GenerationResult("p", (), ("a",), 1.0, problem), ExecutionResult("p", (), problem)
    row = row_of(new_job(result=result, execution=execution))
    assert "inner matters" not in json.dumps([row["result"], row["execution"]])
    job = job_of(row)
    for kept in (job.result, job.execution):
        assert kept is not None
        assert isinstance(kept.problem, GenerationError)
        assert (kept.problem.message, kept.problem.prompt_id) == ("One of the two nodes failed.", "p")
    assert (replace(job.result, problem=problem), replace(job.execution, problem=problem)) == (result, execution)


def test_what_a_later_version_keeps_is_passed_over(new_job: NewJob):
    file = ResultFile(Path("a.glb"), MediaKind.FILE, 3, Output("9", MediaKind.FILE, "a.glb"))
    job = new_job(
        request=GenerationRequest("fox", WorkflowParameters(seed=1, loras=(LoraChoice("x"),))),
        execution=ExecutionResult("p", (file.output,)),
        result=GenerationResult("p", (file,), (), 1.0),
    )
    row = row_of(job)
    request, (lora,) = row["request"], row["request"]["parameters"]["loras"]
    (output,), (kept,) = row["execution"]["outputs"], row["result"]["files"]
    for part in (request, request["parameters"], lora, row["execution"], output, row["result"], kept, kept["output"]):
        part["mood"] = "calm"
    for part in (output, kept, kept["output"]):
        part["kind"] = "hologram"
    assert job_of(row) == job


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_what_no_database_takes_of_an_error_is_left_out(opened, new_job: NewJob):
    store = await opened()
    job = new_job()
    await store.add(job, {})
    job.advance(JobState.FAILED)
    job.error = job.delivery_note = 'The node "a\0b" failed: \ud83d é'
    await store.save(job)
    kept = await store.get(job.id)
    assert (kept.error, kept.delivery_note) == ('The node "a?b" failed: ? é',) * 2


async def test_times_come_back_in_utc(opened, new_job: NewJob):
    store = await opened()
    there = datetime(2026, 7, 1, 12, 30, 5, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    job = new_job(created_at=there)
    await store.add(job, {})
    kept = await store.get(job.id)
    assert kept.created_at == there
    assert kept.created_at.utcoffset() == timedelta(0)


SOON = timedelta(minutes=15)


@pytest.mark.parametrize(
    ("delivery", "ends_in", "kept"),
    [
        (Delivery.OWED, SOON, True),
        (Delivery.OWED, None, True),
        (Delivery.OWED, -timedelta(seconds=1), False),
        (Delivery.DONE, SOON, False),
        (Delivery.KEPT, SOON, False),
    ],
)
async def test_a_token_is_kept_no_longer_than_it_is_of_use(
    opened, new_job: NewJob, delivery: Delivery, ends_in: timedelta | None, kept: bool
):
    store = await opened()
    ends = None if ends_in is None else datetime.now(UTC) + SOON
    job = new_job(origin=Origin(1, application_id=2, token="secret-token", expires_at=ends))
    await store.add(job, {})
    assert (await store.get(job.id)).origin.token == "secret-token"
    job.advance(JobState.FAILED)
    job.delivery = delivery
    if ends_in is not None:
        job.origin = replace(job.origin, expires_at=datetime.now(UTC) + ends_in)
    await store.save(job)
    assert (await store.get(job.id)).origin.token == ("secret-token" if kept else None)
    assert job.origin.token == "secret-token"  # whoever has it in hand goes on with it


async def test_a_graph_is_kept_small_and_apart_from_what_lists_read(opened, new_job: NewJob):
    store: SqlJobStore = await opened()
    graph = {str(n): {"class_type": "KSampler", "inputs": {"seed": n, "model": ["1", 0]}} for n in range(200)}
    job = new_job()
    await store.add(job, graph)
    async with store._engine.begin() as connection:
        size = await connection.scalar(text("SELECT length(graph) FROM graphs"))
        await connection.execute(text("DELETE FROM graphs"))
    assert size < len(json.dumps(graph)) / 5
    assert await store.find() == [job]
    async with store._engine.begin() as connection:
        await connection.execute(update(jobs).values(state="posted"))
    assert [kept.state for kept in await store.unfinished()] == [JobState.POSTED]


async def test_sentences_come_back_ready_for_any_language(opened, new_job: NewJob, pseudo: Callable[[str], str]):
    store: SqlJobStore = await opened()
    sentence = phrase('"{node}" failed \ud83d', node="Save", more=(1, phrase("two")))
    problem = GenerationError(sentence, prompt_id="p")
    job = new_job(
        origin=Origin(1, locale="de"),
        display={"title": phrase("A picture"), "rows": [[phrase("Steps"), "20"]]},
        result=GenerationResult("p", (), (), 1.0, problem),
        execution=ExecutionResult("p", (), problem),
    )
    await store.add(job, {})
    job.advance(JobState.FAILED)
    job.error, job.delivery_note = sentence, phrase("Nobody is there.")
    await store.save(job)
    async with store._engine.begin() as connection:
        written = (await connection.execute(text("SELECT error, delivery_note FROM jobs"))).one()
    assert tuple(written) == ('"Save" failed ?', "Nobody is there.")
    kept = await store.get(job.id)
    assert (kept.origin.locale, kept.error, kept.delivery_note) == ("de", sentence, "Nobody is there.")
    said = [kept.error, kept.delivery_note, kept.result.problem.message, kept.execution.problem.message]
    shown = [kept.display["title"], kept.display["rows"][0][0], kept.display["rows"][0][1]]
    assert [pseudo(told(sentence, "de")) for sentence in (*said, *shown)] == ["Save", "", "Save", "Save", "", "", "20"]


async def test_a_sentence_in_plain_words_takes_the_place_of_another(opened, new_job: NewJob):
    store: SqlJobStore = await opened()
    job = new_job(delivery_note=phrase("Nobody is there."))
    await store.add(job, {})
    job.delivery_note = "plain"
    await store.save(job)
    assert (await store.get(job.id)).delivery_note == "plain"
