"""Places on a server: how many, for whom, and in which order after it was lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from core.exceptions import FailureReason, GenerationError
from core.jobs.line import Line


class Hall:
    """Jobs that wait, hold a place until they are let go, or try for another one."""

    def __init__(self, places: int) -> None:
        self.breaks = 0
        self.line = Line(places, lambda: self.breaks)
        self.let_in: list[str] = []
        self._ends: dict[str, asyncio.Queue[str]] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def enter(self, job_id: str, owner: int = 1) -> None:
        self._ends[job_id] = asyncio.Queue()
        self.tasks[job_id] = asyncio.create_task(self._stay(job_id, owner))
        await quiet()

    async def leave(self, job_id: str) -> None:
        self._ends[job_id].put_nowait("end")
        await quiet()

    async def lose(self, job_id: str) -> None:
        self._ends[job_id].put_nowait("lost")
        await quiet()

    async def _stay(self, job_id: str, owner: int) -> None:
        async with self.line.place(job_id, owner):
            self.let_in.append(job_id)
            while await self._ends[job_id].get() == "lost":
                await self.line.again(job_id)
                self.let_in.append(job_id)


async def quiet() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
async def hall(request: pytest.FixtureRequest) -> AsyncIterator[Hall]:
    made = Hall(getattr(request, "param", 2))
    yield made
    for task in made.tasks.values():
        task.cancel()
    await asyncio.gather(*made.tasks.values(), return_exceptions=True)
    assert (made.line.held, made.line.order) == ((), [])


async def test_only_so_many_have_a_place(hall: Hall):
    for job_id in "abcd":
        await hall.enter(job_id)
    assert hall.let_in == ["a", "b"]
    assert (hall.line.held, hall.line.order) == (("a", "b"), ["c", "d"])
    assert [hall.line.ahead(job_id) for job_id in "abcd"] == [None, None, 0, 1]
    await hall.leave("b")
    assert hall.let_in == ["a", "b", "c"]
    assert hall.line.held == ("a", "c")


@pytest.mark.parametrize("hall", [1], indirect=True)
async def test_a_batch_of_one_user_lets_others_in(hall: Hall):
    for job_id in ("a1", "a2", "a3"):
        await hall.enter(job_id, 1)
    await hall.enter("b1", 2)
    for job_id in ("a1", "a2", "b1"):
        await hall.leave(job_id)
    assert hall.let_in == ["a1", "a2", "b1", "a3"]


async def test_one_that_is_taken_out_is_cancelled_and_costs_nobody_a_place(hall: Hall):
    for job_id in "abc":
        await hall.enter(job_id)
    assert hall.line.leave("c")
    with pytest.raises(GenerationError) as caught:
        await hall.tasks["c"]
    assert caught.value.reason is FailureReason.INTERRUPTED
    assert [hall.line.leave(job_id) for job_id in ("a", "c", "absent")] == [False] * 3
    await hall.enter("d")
    await hall.leave("a")
    assert hall.let_in == ["a", "b", "d"]


async def test_a_task_that_ends_while_it_waits_gives_up_its_turn(hall: Hall):
    for job_id in "abcd":
        await hall.enter(job_id)
    hall.tasks["c"].cancel()
    await quiet()
    await hall.leave("a")
    assert hall.let_in == ["a", "b", "d"]


async def test_what_was_lost_is_before_what_never_had_a_place_and_in_order(hall: Hall):
    for job_id in "abcd":
        await hall.enter(job_id)
    hall.breaks += 1
    await hall.lose("b")  # found out first, but "a" was posted before it, and may be lost as well
    assert hall.let_in == ["a", "b"]
    await hall.lose("a")
    assert hall.let_in == ["a", "b", "a", "b"]
    assert hall.line.order == ["c", "d"]


async def test_one_that_got_its_second_place_holds_up_nobody(hall: Hall):
    for job_id in "ab":
        await hall.enter(job_id)
    hall.breaks += 1
    await hall.lose("a")
    await hall.lose("b")
    assert hall.let_in == ["a", "b", "a", "b"]


async def test_one_that_came_through_lets_the_lost_in_when_it_is_over(hall: Hall):
    for job_id in "abc":
        await hall.enter(job_id)
    hall.breaks += 1
    await hall.lose("b")
    await hall.leave("a")
    assert hall.let_in == ["a", "b", "b", "c"]


async def test_jobs_that_are_on_the_server_already_take_places_first(hall: Hall):
    for job_id in ("x", "y", "z"):
        hall.line.hold(job_id)
    await hall.enter("new")
    for job_id in ("x", "y", "z"):
        await hall.enter(job_id)
    assert hall.let_in == ["x", "y", "z"]
    await hall.leave("x")
    assert hall.let_in == ["x", "y", "z"]
    await hall.leave("y")
    assert hall.let_in == ["x", "y", "z", "new"]


async def test_one_that_had_a_place_in_an_earlier_life_comes_first(hall: Hall):
    await hall.enter("a")
    await hall.enter("b")
    hall.line.remember("lost")
    await hall.enter("c")
    await hall.enter("lost")
    assert hall.line.order == ["lost", "c"]
