"""What became of every job: held against what everybody saw, what ComfyUI ran, and what went wrong meanwhile."""

from __future__ import annotations

import sqlite3
import tempfile
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.crowd import Ask, Crowd, is_red
from benchmarks.weather import Weather
from config.models import BotConfig
from core.jobs.models import Ask as KeptAsk
from core.jobs.models import Delivery, Job, JobState
from core.jobs.store import JobStore
from playground.comfyui import ComfyUIServer
from playground.discord import DiscordServer, Message

#: Seconds after which no ask can be waiting that is neither stored nor refused, the next bot's start among them.
_IN_HAND = 35.0
#: Seconds that an acknowledgement and what is kept of it may lie apart: the one does not wait for the other.
_UNWRITTEN = 0.5
_EVERY = 1_000_000


async def read_jobs(config: BotConfig) -> list[Job]:
    """Every job of the store as it is now."""
    async with _copied(config) as store:
        return await store.find(limit=_EVERY)


async def read_asks(config: BotConfig) -> list[KeptAsk]:
    """What is no job yet, and was not answered."""
    async with _copied(config) as store:
        return await store.asks()


@asynccontextmanager
async def _copied(config: BotConfig) -> AsyncIterator[JobStore]:
    """A copy of the store: its bot may be at work."""
    from core.jobs.sql import open_store

    with tempfile.TemporaryDirectory() as folder:
        source, copy = Path(config.storage.data, "jobs.db"), Path(folder, "jobs.db")
        with closing(sqlite3.connect(source)) as theirs, closing(sqlite3.connect(copy)) as ours:
            theirs.backup(ours)
        storage = config.storage.model_copy(update={"data": folder})
        async with open_store(config.model_copy(update={"storage": storage})) as store:
            yield store


@dataclass(slots=True)
class Verdict:
    """Counts of what is well, and sentences about what is not."""

    counts: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class Judge:
    """Holds the jobs of a run against everything else that is known of it."""

    def __init__(
        self,
        jobs: list[Job],
        crowd: Crowd,
        weather: Weather,
        discord: DiscordServer,
        comfyui: ComfyUIServer,
        *,
        retries: int,
    ) -> None:
        self._jobs, self._crowd, self._weather, self._retries = jobs, crowd, weather, retries
        self._discord = discord
        self._holders = _holders(discord)
        self._runs = _runs(comfyui.accepted, [accepted for _, accepted in weather.deaths])
        self._users = {user.id: user for user in {ask.user for ask in crowd.asks}}
        self.verdict = Verdict()

    def judge(self) -> Verdict:
        known = {job.id for job in self._jobs}
        successors = {job.retried_as for job in self._jobs}
        roots: dict[str, list[Job]] = defaultdict(list)
        for job in self._jobs:
            self._judge_job(job)
            if job.id not in successors:
                roots[job.request.parameters.prompt or ""].append(job)
            if job.retried_as is not None:
                self.verdict.counts["tried again"] += 1
                if job.retried_as not in known:
                    self.verdict.wrong.append(f"{job.id}: said to be tried again as a job that there is not")
        for prompt, jobs in roots.items():
            if len(jobs) > 1:
                self.verdict.doubled.append(f"{prompt}: {len(jobs)} jobs of one /generate: {[job.id for job in jobs]}")
        for ask in self._crowd.asks:
            if ask.prompt not in roots:
                self._judge_unstored(ask)
        self.verdict.wrong += [f"{job_id}: run, but never stored" for job_id in self._runs.keys() - known]
        self.verdict.wrong += [f"refused by Discord's own rules: {v}" for v in self._discord.schema_violations[:5]]
        return self.verdict

    def _judge_job(self, job: Job) -> None:
        counts, who = self.verdict.counts, f"{job.id} ({job.request.parameters.prompt}, {job.state}, {job.delivery})"
        counts[f"job {job.state}"] += 1
        counts[f"delivery {job.delivery}"] += 1
        if not job.state.final or job.owed:
            self.verdict.lost.append(f"{who}: nobody was told how it ended")
            return
        if any(times > 1 for times in self._runs.get(job.id, Counter()).values()):
            self.verdict.doubled.append(f"{who}: run twice by the same ComfyUI")
        mine = {name: ids for name, ids in self._holders.items() if name.startswith(f"discomfy_{job.id[:8]}_")}
        for name, ids in mine.items():
            if len(ids) > 1:
                self.verdict.doubled.append(f"{who}: {name} is in messages {ids}")
        if job.delivery is Delivery.KEPT:
            self._judge_kept(job, who, mine)
        elif job.state is JobState.FINISHED:
            self._judge_delivered(job, who, mine)
        else:
            self._judge_told(job, who, mine)

    def _judge_delivered(self, job: Job, who: str, mine: dict[str, list[int]]) -> None:
        files = 0 if job.result is None else len(job.result.files)
        there = {name for name, ids in mine.items() if any(self._is_there(message_id) for message_id in ids)}
        if len(mine) != files or not files:
            self.verdict.lost.append(f"{who}: {len(mine)} of {files} files were posted")
        elif len(there) < files:
            self.verdict.lost.append(f"{who}: {files - len(there)} files are gone, and nobody deleted them")
        else:
            self.verdict.counts["delivered once"] += 1

    def _judge_told(self, job: Job, who: str, mine: dict[str, list[int]]) -> None:
        if mine:
            self.verdict.wrong.append(f"{who}: there is no result, but files {list(mine)}")
        if job.state is JobState.LOST and not self._may_be_lost(job):
            self.verdict.lost.append(f"{who}: ComfyUI never lost it ({job.attempts} attempts): {job.error}")
        if not any(map(is_red, self._seen(job))) and not self._is_deleted(job):
            self.verdict.lost.append(f"{who}: the message does not say so")

    def _judge_kept(self, job: Job, who: str, mine: dict[str, list[int]]) -> None:
        if mine:
            self.verdict.wrong.append(f"{who}: posted, and kept all the same")
        if not job.delivery_note:
            self.verdict.wrong.append(f"{who}: kept without a reason")
        user = self._users.get(job.owner)
        reachable = user is None or user.accepts_dms
        # that a job was cancelled is told to nobody who has deleted its message
        if not self._is_deleted(job) or (reachable and job.state is not JobState.CANCELLED):
            self.verdict.lost.append(f"{who}: kept, though it could have been posted: {job.delivery_note}")

    def _judge_unstored(self, ask: Ask) -> None:
        message = ask.message
        if ask.interaction.response_type is None:
            self.verdict.counts["asks without an answer"] += 1
        elif message is None or is_red(message):
            self.verdict.counts["asks refused"] += 1
        elif self._was_cut_off(ask):
            self.verdict.counts["asks that were cut off"] += 1
        elif self._was_unwritten(ask):
            self.verdict.counts["asks that died unwritten"] += 1
        elif any(ask.at <= end <= ask.at + _IN_HAND for end in self._weather.token_ends):
            self.verdict.counts["asks that died with their tokens"] += 1
        else:
            self.verdict.lost.append(f"{ask.prompt}: taken ({message.summary}) and forgotten")

    def _was_cut_off(self, ask: Ask) -> bool:
        """Whether the bot heard nothing of any answer to it."""
        answers = self._discord.requests_to("POST", f"/interactions/{ask.interaction.id}/*")
        return bool(answers) and all(answer.injected for answer in answers)

    def _was_unwritten(self, ask: Ask) -> bool:
        """Whether the bot was killed in the moment in which it answered: nobody may know of it then."""
        interaction = ask.interaction
        answered = ask.at + (interaction.answered_at or interaction.created_at) - interaction.created_at
        return any(abs(killed - answered) <= _UNWRITTEN for killed in self._weather.killed)

    def _may_be_lost(self, job: Job) -> bool:
        """Whether its server went more often than it was posted again, or went before a process that looked for it."""
        begun, ended = job.created_at.timestamp(), (job.finished_at or job.created_at).timestamp()
        deaths = [at for at, _ in self._weather.deaths if begun <= at <= ended]
        unwatched = any(death <= back and gone <= ended for death in deaths for gone, back in self._weather.away)
        return unwatched or len(deaths) > self._retries

    def _seen(self, job: Job) -> list[Message]:
        """Every state of its message, and of what its user was sent directly."""
        states: list[Message] = []
        if job.origin is not None and job.origin.message_id is not None:
            states += self._discord.world.history(job.origin.message_id)
        user = self._users.get(job.owner)
        return states if user is None else [*states, *user.dm.messages]

    def _is_deleted(self, job: Job) -> bool:
        """Whether somebody deleted its message."""
        asked = {ask.prompt: ask for ask in self._crowd.asks}.get(job.request.parameters.prompt or "")
        return asked is not None and asked.interaction.original_id in self._crowd.deleted

    def _is_there(self, message_id: int) -> bool:
        return self._discord.message(message_id) is not None or message_id in self._crowd.deleted


def _holders(discord: DiscordServer) -> dict[str, list[int]]:
    """By the name of each result file: the messages that ever held it."""
    found: dict[str, list[int]] = defaultdict(list)
    for states in discord.histories:
        for name in {file.filename for state in states for file in state.attachments}:
            found[name].append(states[0].id)
    return found


def _runs(accepted: list[str], deaths: list[int]) -> dict[str, Counter[int]]:
    """By job: how often each life of ComfyUI accepted it."""
    runs: dict[str, Counter[int]] = defaultdict(Counter)
    for number, job_id in enumerate(accepted):
        runs[job_id][sum(death <= number for death in deaths)] += 1
    return runs
