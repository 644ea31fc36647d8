"""The soak's judge sees what must not happen."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.crowd import RED, Ask, Crowd
from benchmarks.verdict import Judge, Verdict
from core.comfyui.downloads import ResultFile
from core.comfyui.outputs import MediaKind, Output
from core.comfyui.workflows.parameters import WorkflowParameters
from core.generators.base import GenerationRequest, GenerationResult
from core.jobs.models import Delivery, Job, JobState, Origin
from playground.discord import DiscordServer, Message, Upload

ID = "01234567-0000-4000-8000-000000000000"


@dataclass
class Case:
    """A Discord where ada asked once, and what else is known."""

    discord: DiscordServer
    crowd: Crowd
    weather: SimpleNamespace = field(
        default_factory=lambda: SimpleNamespace(deaths=[], away=[], killed=[], token_ends=[])
    )
    accepted: list[str] = field(default_factory=lambda: [ID])
    jobs: list[Job] = field(default_factory=list)

    def post(self, *names: str, color: int = 0) -> Message:
        """A message of the bot's, with files of these names."""
        world, channel = self.discord.world, self.discord.channel("general")
        files = tuple(world.cdn.keep(Upload(name, b"x"), channel.id) for name in names)
        message = Message(world.ids.next(), channel, world.bot, time.time(), embeds=({"color": color},))
        return world.post(replace(message, attachments=files))

    def job(self, state: JobState = JobState.FINISHED, **values: Any) -> Job:
        """Ada's, over and told of unless ``values`` say something else."""
        file = ResultFile(Path("fox.png"), MediaKind.IMAGE, 1, Output("9", MediaKind.IMAGE, "fox.png"))
        result = GenerationResult(ID, (file,), (), 1.0) if state is JobState.FINISHED else None
        request = GenerationRequest("picture", WorkflowParameters(prompt="wish 0.0"))
        origin = Origin(self.discord.channel("general").id, message_id=self.crowd.asks[0].interaction.original_id)
        now = datetime.now(UTC)
        told = {"delivery": Delivery.DONE, "created_at": now, "finished_at": now, "result": result, "origin": origin}
        job = Job(ID, self.discord.user("user0").id, request, state=state, **{**told, **values})
        self.jobs.append(job)
        return job

    def judge(self) -> Verdict:
        comfyui: Any = SimpleNamespace(accepted=self.accepted)
        weather: Any = self.weather
        return Judge(self.jobs, self.crowd, weather, self.discord, comfyui, retries=1).judge()


@pytest.fixture
def case() -> Case:
    discord = DiscordServer()
    crowd = Crowd(discord, 0, 1)
    case = Case(discord, crowd)
    interaction: Any = SimpleNamespace(
        id=1, message=None, original_id=None, response_type=5, created_at=100.0, answered_at=102.0
    )
    crowd.asks.append(Ask(discord.user("user0"), discord.channel("general"), "wish 0.0", interaction))
    return case


NAME = "discomfy_01234567_1.png"


def bad(verdict: Verdict) -> tuple[int, int, int]:
    return len(verdict.lost), len(verdict.doubled), len(verdict.wrong)


def test_a_result_that_came_once(case: Case) -> None:
    case.post(NAME)
    case.job()
    verdict = case.judge()
    assert bad(verdict) == (0, 0, 0)
    assert verdict.counts["delivered once"] == 1


def test_a_result_that_came_twice(case: Case) -> None:
    case.post(NAME)
    case.discord.world.delete(case.post(NAME))
    case.job()
    assert bad(case.judge()) == (0, 1, 0)


@pytest.mark.parametrize("gone", [False, True])
def test_a_result_that_nobody_has(case: Case, gone: bool) -> None:
    if gone:
        case.discord.world.delete(case.post(NAME))
    case.job()
    assert bad(case.judge()) == (1, 0, 0)


def test_a_result_that_its_owner_deleted(case: Case) -> None:
    message = case.post(NAME)
    case.discord.world.delete(message)
    case.crowd.deleted.add(message.id)
    case.job()
    assert bad(case.judge()) == (0, 0, 0)


@pytest.mark.parametrize(
    "values", [{"delivery": Delivery.OWED}, {"state": JobState.STORED, "delivery": Delivery.OWED, "finished_at": None}]
)
def test_a_job_that_nobody_was_told_of(case: Case, values: dict[str, Any]) -> None:
    case.post(NAME)
    case.job(**values)
    assert bad(case.judge()) == (1, 0, 0)


def test_a_job_that_ran_twice_on_one_server(case: Case) -> None:
    case.post(NAME)
    case.job()
    case.accepted = [ID, ID]
    assert bad(case.judge()) == (0, 1, 0)
    case.weather.deaths = [(0.0, 1)]
    assert bad(case.judge()) == (0, 0, 0)


def test_two_jobs_of_one_ask(case: Case) -> None:
    case.post(NAME)
    case.job()
    other = "abcdefab-0000-4000-8000-000000000000"
    case.post("discomfy_abcdefab_1.png")
    case.job().id = other
    case.accepted.append(other)
    assert bad(case.judge()) == (0, 1, 0)
    case.jobs[0].retried_as = other
    assert bad(case.judge()) == (0, 0, 0)


def test_a_job_that_its_server_never_lost(case: Case) -> None:
    reply = case.post(color=RED)
    case.crowd.asks[0].interaction.original_id = reply.id
    case.job(JobState.LOST)
    assert bad(case.judge()) == (1, 0, 0)
    now = time.time()
    case.weather.deaths, case.weather.away = [(now - 2, 0)], [(now - 3, now + 1)]
    case.jobs[0].created_at = datetime.fromtimestamp(now - 4, UTC)
    assert bad(case.judge()) == (0, 0, 0)


def test_a_failure_that_nobody_can_read(case: Case) -> None:
    case.job(JobState.FAILED)
    assert bad(case.judge()) == (1, 0, 0)


def test_a_cancelled_job_is_told_to_nobody_who_deleted_its_message(case: Case) -> None:
    case.job(JobState.CANCELLED, delivery=Delivery.KEPT, delivery_note="Nobody is there.")
    assert bad(case.judge()) == (1, 0, 0)
    case.crowd.asks[0].interaction.original_id = 7
    case.crowd.deleted.add(7)
    assert bad(case.judge()) == (0, 0, 0)


def test_a_result_that_was_kept_without_need(case: Case) -> None:
    case.job(delivery=Delivery.KEPT, delivery_note="Nobody is there.")
    assert bad(case.judge()) == (1, 0, 0)
    case.discord.user("user0").accepts_dms = False
    case.crowd.asks[0].interaction.original_id = 7
    case.crowd.deleted.add(7)
    assert bad(case.judge()) == (0, 0, 0)
    case.jobs[0].delivery_note = None
    assert bad(case.judge()) == (0, 0, 1)


@pytest.mark.parametrize(
    ("shown", "token_ends", "lost"),
    [
        ({"color": RED}, [], 0),
        (None, [], 0),
        ({"color": 0}, [], 1),
        ({"color": 0}, [1.0], 0),
        ({"color": 0}, [-1.0], 1),
    ],
    ids=["refused", "deleted", "forgotten", "died with its token", "asked for with another token"],
)
def test_an_ask_that_became_no_job(
    case: Case, shown: dict[str, Any] | None, token_ends: list[float], lost: int
) -> None:
    ask = case.crowd.asks[0]
    ask.interaction.message = None if shown is None else case.post(**shown)
    case.accepted = []
    case.weather.token_ends = [ask.at + after for after in token_ends]
    assert bad(case.judge()) == (lost, 0, 0)


@pytest.mark.parametrize(("after", "lost"), [(1.0, 1), (2.1, 0), (3.0, 1)])
def test_an_ask_that_the_bot_died_over_is_told_unless_that_was_as_it_answered(
    case: Case, after: float, lost: int
) -> None:
    ask = case.crowd.asks[0]
    ask.interaction.message = case.post()
    case.accepted = []
    case.weather.killed = [ask.at + after]
    assert bad(case.judge()) == (lost, 0, 0)


def test_a_prompt_that_nobody_stored(case: Case) -> None:
    assert bad(case.judge()) == (0, 0, 1)
