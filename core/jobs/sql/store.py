"""Jobs in a database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict
from typing import Any, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Delete,
    Insert,
    Select,
    Update,
    bindparam,
    delete,
    false,
    func,
    insert,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from core.jobs.models import Ask, Delivery, Form, Job, JobState
from core.jobs.sql.database import cause, failures, for_one_statement
from core.jobs.sql.records import job_of, row_of
from core.jobs.sql.tables import asks, forms, graphs, jobs
from core.jobs.store import StoreError
from utils.language import phrase
from utils.logging import get_logger

log = get_logger(__name__)

T = TypeVar("T")

_DOES_NOT_WORK = phrase("The bot's record of jobs does not work; ask its owner to look at its disk and its log.")
_CLOSED = phrase("The bot is being stopped; try again when it is back.")
_OPEN = [state.value for state in JobState if not state.final]
_OVER = [state.value for state in JobState if state.final]
_PATIENCE = 3.0
_AFTER_ALL = "\U0010ffff"
_SAVE = update(jobs).where(jobs.c.id == bindparam("saved"))


class SqlJobStore:
    """Jobs in the tables of `core.jobs.sql.tables`; a `JobStore`. `core.jobs.sql.open_store` opens it.

    Changes are made one at a time, in the order in which they were asked for, and are made whether or not whoever asked
    is still there to hear of it. Questions do not wait for the changes that have not begun: people click, and are
    answered in time. A job is kept as it is at the moment of the call, but for ``retried_as``: that is the matter of
    `claim_retry` and `release_retry` alone. A job that is not known is not saved.
    """

    def __init__(self, engine: AsyncEngine, client_id: str) -> None:
        self.client_id: str | None = client_id
        self._engine = engine
        self._for_one = for_one_statement(engine)
        self._turn = asyncio.Lock()
        self._change_turn = asyncio.Lock()  # of the changes, one at most waits beside the questions
        self._asked: set[asyncio.Task[Any]] = set()
        self._closed = False
        self._failures = failures()

    async def close(self) -> None:
        """Do what was asked for, for a few seconds at most, and take nothing more."""
        self._closed = True
        if self._asked:
            _, late = await asyncio.wait(self._asked, timeout=_PATIENCE)
            for task in late:
                log.error("job not kept", detail="the database did not answer before the bot was stopped")
                task.cancel()
        await self._engine.dispose()

    async def add(self, job: Job, graph: Mapping[str, Any]) -> None:
        row, packed = row_of(job), {"job": job.id, "graph": dict(graph)}
        token = job.origin.token if job.origin is not None else None

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(insert(jobs), row)
            await connection.execute(insert(graphs), packed)
            if token is not None:
                await connection.execute(delete(asks).where(_is(asks.c.token, token)))

        await self._do(work, self._engine, changes=True)

    async def save(self, job: Job) -> None:
        row = row_of(job)
        del row["id"], row["retried_as"]
        await self._change(_SAVE, {**row, "saved": job.id})

    async def get(self, job_id: str) -> Job | None:
        found = await self._jobs(select(jobs).where(_is(jobs.c.id, job_id)))
        return found[0] if found else None

    async def graph(self, job_id: str) -> dict[str, Any] | None:
        wanted = select(graphs.c.graph).where(_is(graphs.c.job, job_id))
        return await self._do(lambda connection: connection.scalar(wanted))

    async def unfinished(self) -> list[Job]:
        return await self._jobs(select(jobs).where(jobs.c.state.in_(_OPEN)).order_by(jobs.c.number))

    async def owed(self) -> list[Job]:
        untold = (jobs.c.delivery == Delivery.OWED.value, jobs.c.state.in_(_OVER), jobs.c.channel_id.is_not(None))
        return await self._jobs(select(jobs).where(*untold).order_by(jobs.c.number))

    async def find(
        self,
        *,
        owner: int | None = None,
        guild_id: int | None = None,
        channels: Sequence[int] | None = None,
        public: bool = False,
        parent: str | None = None,
        states: Sequence[JobState] = (),
        prefix: str = "",
        limit: int = 25,
        offset: int = 0,
    ) -> list[Job]:
        fitting = _fitting(owner, guild_id, channels, states, public=public)
        if parent is not None:
            fitting.append(_is(jobs.c.parent, parent))
        if prefix:
            fitting += _begins(prefix)
        newest = select(jobs).where(*fitting).order_by(jobs.c.number.desc())
        return await self._jobs(newest.limit(limit).offset(offset))

    async def count(
        self,
        *,
        owner: int | None = None,
        guild_id: int | None = None,
        channels: Sequence[int] | None = None,
        public: bool = False,
        states: Sequence[JobState] = (),
    ) -> int:
        fitting = _fitting(owner, guild_id, channels, states, public=public)
        counted = select(func.count()).select_from(jobs).where(*fitting)
        return await self._do(lambda connection: connection.scalar(counted)) or 0

    async def claim_retry(self, job_id: str, successor: str) -> bool:
        free = update(jobs).where(_is(jobs.c.id, job_id), jobs.c.retried_as.is_(None))
        return await self._change(free.values(retried_as=successor)) == 1

    async def release_retry(self, job_id: str, successor: str) -> None:
        claimed = update(jobs).where(_is(jobs.c.id, job_id), jobs.c.retried_as == successor)
        await self._change(claimed.values(retried_as=None))

    async def keep_form(self, form: Form) -> None:
        async def work(connection: AsyncConnection) -> None:
            await connection.execute(delete(forms).where(_is(forms.c.token, form.token)))
            await connection.execute(insert(forms), row)

        row = {"token": form.token, "owner": form.owner, "content": dict(form.content), "expires": form.expires}
        await self._do(work, self._engine, changes=True)

    async def forms(self) -> list[Form]:
        async def work(connection: AsyncConnection) -> list[Form]:
            return [Form(**row) for row in (await connection.execute(wanted)).mappings()]

        wanted = select(forms).order_by(forms.c.expires)
        return await self._do(work)

    async def drop_form(self, token: str) -> bool:
        return await self._change(delete(forms).where(_is(forms.c.token, token))) == 1

    async def keep_ask(self, ask: Ask) -> None:
        await self._change(insert(asks), asdict(ask))

    async def asks(self) -> list[Ask]:
        async def work(connection: AsyncConnection) -> list[Ask]:
            return [Ask(**row) for row in (await connection.execute(wanted)).mappings()]

        wanted = select(asks).order_by(asks.c.expires)
        return await self._do(work)

    async def drop_ask(self, token: str) -> None:
        await self._change(delete(asks).where(_is(asks.c.token, token)))

    async def _jobs(self, wanted: Select[Any]) -> list[Job]:
        async def work(connection: AsyncConnection) -> list[Job]:
            return [job_of(row) for row in (await connection.execute(wanted)).mappings()]

        return await self._do(work)

    async def _change(self, change: Insert | Update | Delete, values: Mapping[str, Any] | None = None) -> int:
        """How many rows were changed."""

        async def work(connection: AsyncConnection) -> int:
            return (await connection.execute(change, values)).rowcount

        return await self._do(work, changes=True)

    async def _do(
        self,
        work: Callable[[AsyncConnection], Awaitable[T]],
        engine: AsyncEngine | None = None,
        *,
        changes: bool = False,
    ) -> T:
        """Have a piece of work done; of more than one statement on ``self._engine``, which makes a whole of it."""
        if self._closed:
            raise StoreError(_CLOSED)
        task = asyncio.create_task(self._in_turn(work, engine or self._for_one, changes=changes), name="job-store")
        self._asked.add(task)
        task.add_done_callback(self._asked.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_tell_of_failure)
            raise

    async def _in_turn(
        self, work: Callable[[AsyncConnection], Awaitable[T]], engine: AsyncEngine, *, changes: bool
    ) -> T:
        async with self._change_turn if changes else nullcontext(), self._turn:
            try:
                async with engine.begin() as connection:
                    return await work(connection)
            except self._failures as exc:
                # Without the error itself: PostgreSQL's repeats what was to be kept, prompts and tokens too.
                raise StoreError(_DOES_NOT_WORK, detail=cause(exc)) from None


def _fitting(
    owner: int | None,
    guild_id: int | None,
    channels: Sequence[int] | None,
    states: Sequence[JobState],
    *,
    public: bool,
) -> list[ColumnElement[bool]]:
    fitting: list[ColumnElement[bool]] = []
    if owner is not None:
        fitting.append(jobs.c.owner == owner)
    if guild_id is not None:
        fitting.append(jobs.c.guild_id == guild_id)
    if channels is not None:
        fitting.append(jobs.c.channel_id.in_(channels))
    if public:
        fitting.append(jobs.c.private.is_not(true()))
    if states:
        fitting.append(jobs.c.state.in_([state.value for state in states]))
    return fitting


def _is(column: Column[str], job_id: str) -> ColumnElement[bool]:
    """People send ids too, with anything in them, and databases do not take every text."""
    return column == job_id if job_id.isascii() and job_id.isprintable() else false()


def _begins(prefix: str) -> list[ColumnElement[bool]]:
    if not (prefix.isascii() and prefix.isprintable()):
        return [false()]
    return [jobs.c.id >= prefix, jobs.c.id < prefix + _AFTER_ALL]


def _tell_of_failure(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and isinstance(error := task.exception(), StoreError):
        log.error("job not kept", detail=error.detail)
