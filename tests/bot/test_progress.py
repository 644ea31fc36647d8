"""The progress message by itself, and the callback for programs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot import progress
from bot.progress import EDITS_PER_SECOND, ProgressBudget, ProgressMessage
from core.jobs.models import Origin
from core.progress.tracker import ProgressMetrics, ProgressStatus, ProgressTracker
from tests.bot.conftest import Stage, failed

RUNNING = ProgressStatus.RUNNING


def refusal(kind: type[discord.HTTPException], status: int, code: int) -> discord.HTTPException:
    return kind(SimpleNamespace(status=status, reason="no"), {"code": code, "message": "no"})  # type: ignore[arg-type] - what is used of it


class Board:
    """A message that notes what it is made to show; ``hold`` keeps an edit on its way."""

    origin = Origin(1)
    lane: int | None = None
    old = False
    reachable = True

    def __init__(self) -> None:
        self.shown: list[str | None] = []
        self.errors: list[Exception] = []
        self.free = asyncio.Event()
        self.free.set()
        self.tried = 0
        self.changed = asyncio.Event()

    async def edit(self, *, embed: discord.Embed, **fields: Any) -> None:
        self.tried += 1
        self.changed.set()
        await self.free.wait()
        if self.errors:
            raise self.errors.pop(0)
        self.shown.append(embed.description)

    async def until(self, check: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not check():
                self.changed.clear()
                await self.changed.wait()


class Job:
    """A state that changes, and what shows it."""

    def __init__(self, board: Board, budget: ProgressBudget | None = None) -> None:
        self.metrics = ProgressMetrics(0, "step 0", RUNNING)
        self.rendered = 0
        self.message = ProgressMessage(
            board,  # type: ignore[arg-type] - what is used of it
            self._render,
            lambda: self.metrics,
            budget or ProgressBudget(0.0),
        )

    def _render(self, metrics: ProgressMetrics) -> discord.Embed:
        self.rendered += 1
        return discord.Embed(description=metrics.phase)

    def say(self, phase: str, status: ProgressStatus = RUNNING) -> None:
        self.metrics = ProgressMetrics(0, phase, status)
        self.message.update(self.metrics)


@pytest.fixture
def board() -> Board:
    return Board()


async def test_the_state_at_the_beginning_is_shown_at_once(board: Board) -> None:
    async with Job(board).message:
        await board.until(lambda: board.tried == 1)
    assert board.shown == ["step 0"]


async def test_only_the_latest_state_is_shown_after_a_slow_edit(board: Board) -> None:
    board.free.clear()
    job = Job(board)
    async with job.message:
        await board.until(lambda: board.tried == 1)
        for n in range(1, 50):
            job.say(f"step {n}")
        board.free.set()
        await board.until(lambda: board.tried == 2)
    assert board.shown == ["step 0", "step 49"]


async def test_nothing_is_sent_when_nothing_has_changed(board: Board) -> None:
    job = Job(board)
    async with job.message:
        await board.until(lambda: board.tried == 1)
        seen = job.rendered
        for _ in range(3):
            job.say("step 0")
            async with asyncio.timeout(30):
                while job.rendered == seen:  # noqa: ASYNC110 - a look that sends nothing leaves no other trace
                    await asyncio.sleep(0)
            seen = job.rendered
    assert board.tried == 1


async def test_the_end_is_no_progress(board: Board) -> None:
    job = Job(board)
    async with job.message:
        await board.until(lambda: board.tried == 1)
        job.say("Completed", ProgressStatus.COMPLETED)
        assert job.message._task is not None
        await asyncio.wait_for(asyncio.wait([job.message._task]), 30)
    assert board.shown == ["step 0"]


async def test_an_end_that_comes_before_its_turn_is_no_progress_either(board: Board) -> None:
    budget = ProgressBudget(0.0)
    budget.turn(None)
    job = Job(board, budget)
    async with job.message:
        await asyncio.sleep(0)
        job.say("Completed", ProgressStatus.COMPLETED)
        assert job.message._task is not None
        await asyncio.wait_for(asyncio.wait([job.message._task]), 30)
    assert job.rendered == 1
    assert board.tried == 0


async def test_an_edit_on_its_way_is_waited_for(board: Board) -> None:
    board.free.clear()
    job = Job(board)
    async with job.message:
        await board.until(lambda: board.tried == 1)
        asyncio.get_running_loop().call_soon(board.free.set)
    assert board.shown == ["step 0"]


async def test_but_not_for_long(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_LAST_EDIT", 0.01)
    board.free.clear()
    async with asyncio.timeout(30), Job(board).message:
        await board.until(lambda: board.tried == 1)
    assert board.shown == []


async def test_a_state_that_waits_for_its_turn_does_not_hold_up_the_end(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "CHANNEL_GAP", 300.0)
    budget = ProgressBudget(0.0)
    budget.turn(7)
    board.lane = 7
    async with asyncio.timeout(30), Job(board, budget).message:
        await asyncio.sleep(0)
    assert board.tried == 0


@pytest.mark.parametrize(
    "error", [refusal(discord.DiscordServerError, 500, 0), ConnectionResetError(104, "reset"), TimeoutError()]
)
async def test_an_edit_that_fails_is_passed_over(board: Board, error: Exception) -> None:
    board.errors.append(error)
    job = Job(board)
    async with job.message:
        await board.until(lambda: board.tried == 1)
        job.say("step 1")
        await board.until(lambda: board.tried == 2)
    assert board.shown == ["step 1"]


@pytest.mark.parametrize(
    "error", [refusal(discord.NotFound, 404, 10008), refusal(discord.Forbidden, 403, 50001)], ids=["gone", "forbidden"]
)
async def test_a_message_that_cannot_be_had_is_given_up(board: Board, error: Exception) -> None:
    board.errors.append(error)
    job = Job(board)
    async with job.message:
        assert job.message._task is not None
        await asyncio.wait_for(asyncio.wait([job.message._task]), 30)
    assert board.tried == 1


@pytest.mark.parametrize("code", [30046, 50083])
async def test_a_message_that_takes_no_more_edits_is_left_to_the_end(board: Board, code: int) -> None:
    board.errors.append(refusal(discord.HTTPException, 429, code))
    job = Job(board)
    async with job.message:
        assert job.message._task is not None
        await asyncio.wait_for(asyncio.wait([job.message._task]), 30)
    assert board.tried == 1


async def test_while_discord_takes_nothing_it_is_asked_less_and_less_often(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0)
        job.say(f"step {len(pauses)}")

    monkeypatch.setattr(progress, "asyncio", SimpleNamespace(**{**vars(asyncio), "sleep": sleep}))
    job = Job(board, ProgressBudget(2.0, clock=lambda: 0.0))
    monkeypatch.setattr(ProgressBudget, "turn", lambda self, lane: 0.0)
    board.errors += [refusal(discord.HTTPException, 429, 0)] * 8
    async with job.message:
        await board.until(lambda: board.tried == 10)
    assert [pause for pause in pauses if pause][:9] == [4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0, 60.0, 2.0]


async def test_a_message_that_is_nearly_an_hour_old_is_edited_seldom(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        if seconds > 1:
            pauses.append(seconds)
            await asyncio.Event().wait()

    monkeypatch.setattr(progress, "asyncio", SimpleNamespace(**{**vars(asyncio), "sleep": sleep}))
    for board.old in (False, True):
        board.tried = 0
        job = Job(board, ProgressBudget(2.0))
        async with job.message:
            await board.until(lambda: board.tried == 1)
            await asyncio.sleep(0)
    assert pauses == [2.0, 1200.0]


async def test_a_mistake_in_showing_is_logged_and_costs_no_job(board: Board, caplog: pytest.LogCaptureFixture) -> None:
    board.errors.append(ZeroDivisionError("a mistake"))
    async with Job(board).message:
        await board.until(lambda: board.tried == 1)
    assert "progress broke off" in caplog.messages


class Hand:
    """A clock that a test turns."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_turns_are_spread_over_all_messages() -> None:
    hand = Hand()
    budget = ProgressBudget(2.0, clock=hand)
    waits = [budget.turn(None) for _ in range(31)]
    assert waits[0] == 0
    assert waits[15] == pytest.approx(15 / EDITS_PER_SECOND)
    hand.now += 10
    assert budget.turn(None) == 0


def test_a_channel_that_the_bot_edits_by_itself_is_edited_seldom_and_holds_up_no_other() -> None:
    hand = Hand()
    budget = ProgressBudget(2.0, clock=hand)
    starts = [hand.now + budget.turn(1) for _ in range(20)]
    for window in starts:
        assert sum(window <= start < window + 5 for start in starts) < 5
    assert budget.turn(2) == 0
    assert budget.turn(None) == 0


# The callback for programs


async def acknowledged(stage: Stage) -> tuple[Any, discord.Interaction]:
    """Somebody else's command: what the user sees of it, and the interaction."""
    heard: asyncio.Future[discord.Interaction] = asyncio.get_running_loop().create_future()

    @stage.bot.tree.command(name="mine", description="A command of one's own")
    async def mine(interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        heard.set_result(interaction)

    await stage.bot.tree.sync()
    reply = await stage.ada.slash(stage.channel, "mine")
    return reply, await asyncio.wait_for(heard, 30)


@pytest.mark.integration
async def test_the_callback_shows_what_it_is_told(stage: Stage) -> None:
    reply, interaction = await acknowledged(stage)
    callback = await stage.bot._create_unified_progress_callback(interaction, "Fox", "a *red* fox", {"Steps": 4})
    await callback(ProgressMetrics(50, "Sampling", RUNNING))
    for part in ("Fox", "red", "Steps", "4", "50 %", "Sampling"):
        assert part in reply.message.text
    assert "*red*" not in reply.message.text


@pytest.mark.integration
async def test_a_tracker_takes_the_callback(stage: Stage) -> None:
    reply, interaction = await acknowledged(stage)
    tracker = ProgressTracker()
    callback = await stage.bot._create_unified_progress_callback(interaction, "Fox", "a fox", "4 steps")
    tracker.add_callback(callback)
    tracker.update_phase("Sampling")
    assert "4 steps" in (await reply.until(lambda m: "Waiting" in m.text or "Sampling" in m.text)).text
    tracker.mark_failed("It came to nothing.")
    assert "It came to nothing." in (await reply.until(failed)).text


@pytest.mark.integration
async def test_between_two_edits_only_the_end_is_shown(stage: Stage) -> None:
    stage.bot.progress_budget = ProgressBudget(60.0)
    reply, interaction = await acknowledged(stage)
    callback = await stage.bot._create_unified_progress_callback(interaction, "Fox", "a fox", {})
    for percentage in (10, 20, 30):
        await callback(ProgressMetrics(percentage, "Sampling", RUNNING))
    assert "10 %" in reply.message.text
    await callback(ProgressMetrics(100, "Completed", ProgressStatus.COMPLETED))
    assert "100 %" in reply.message.text
    assert [request.status for request in stage.discord.requests_to("PATCH", "/webhooks/*")] == [200, 200]


async def test_the_end_comes_after_an_edit_that_is_on_its_way_and_nothing_between() -> None:
    board = Board()
    board.free.clear()
    callback = progress.ProgressCallback(board, "Fox", "a fox", {}, ProgressBudget(0.0))  # type: ignore[arg-type] - what is used of it
    edits = [callback(ProgressMetrics(percentage, "Sampling", RUNNING)) for percentage in (10, 20, 30)]
    edits.append(callback(ProgressMetrics(100, "Completed", ProgressStatus.COMPLETED)))
    await board.until(lambda: board.tried == 1)
    await asyncio.sleep(0)
    assert board.tried == 1
    board.free.set()
    await asyncio.gather(*edits)
    assert ["10 %" in (text or "") for text in board.shown] == [True, False]
    assert "100 %" in (board.shown[-1] or "")


@pytest.mark.integration
async def test_a_callback_whose_edit_fails_raises_nothing(stage: Stage) -> None:
    _, interaction = await acknowledged(stage)
    callback = await stage.bot._create_unified_progress_callback(interaction, "Fox", "a fox", {})
    stage.discord.faults.reset("PATCH", "/webhooks/*", times=1)
    await callback(ProgressMetrics(10, "Sampling", RUNNING))
    await callback(ProgressMetrics(100, "Completed", ProgressStatus.COMPLETED))
    assert len(stage.discord.requests_to("PATCH", "/webhooks/*")) == 2
