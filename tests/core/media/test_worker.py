from __future__ import annotations

import asyncio
import threading

import pytest

from core.media.worker import in_worker


async def test_it_returns_and_raises_what_the_work_does():
    assert await in_worker(lambda _: 7) == 7

    def fail(_: threading.Event) -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await in_worker(fail)


async def test_no_more_than_two_at_a_time_and_the_loop_goes_on():
    begun: list[int] = []
    gate, two = threading.Event(), threading.Barrier(3)

    def work(number: int) -> int:
        begun.append(number)
        if number < 2:
            two.wait(60)
        gate.wait(60)
        return number

    tasks = [asyncio.create_task(in_worker(lambda _, n=n: work(n))) for n in range(5)]
    await asyncio.to_thread(two.wait, 60)
    assert sorted(begun) == [0, 1]
    gate.set()
    assert await asyncio.gather(*tasks) == [0, 1, 2, 3, 4]


async def test_called_off_it_is_told_and_what_has_not_begun_never_does():
    began, ended = threading.Semaphore(0), threading.Semaphore(0)
    never: list[int] = []

    def work(stop: threading.Event) -> None:
        began.release()
        if stop.wait(60):
            ended.release()

    running = [asyncio.create_task(in_worker(work)) for _ in range(2)]
    for _ in running:
        assert await asyncio.to_thread(began.acquire, timeout=30)
    waiting = asyncio.create_task(in_worker(lambda _: never.append(1)))
    await asyncio.sleep(0)
    for task in (waiting, *running):
        task.cancel()
    results = await asyncio.gather(waiting, *running, return_exceptions=True)
    assert all(isinstance(result, asyncio.CancelledError) for result in results)
    for _ in running:
        assert await asyncio.to_thread(ended.acquire, timeout=30)
    assert await in_worker(lambda _: 1) == 1
    assert never == []


async def test_it_keeps_no_process_from_ending():
    assert await in_worker(lambda _: threading.current_thread().daemon)


def test_it_serves_one_event_loop_after_another():
    async def once() -> int:
        return await in_worker(lambda _: 1)

    assert [asyncio.run(once()), asyncio.run(once())] == [1, 1]
