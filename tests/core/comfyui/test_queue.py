"""Places in the queue: counted from what the server says, and read when that is not enough."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from core.comfyui.client import ComfyUIClient
from core.comfyui.queue_meter import QueueMeter, QueueTicket
from core.comfyui.queue_reader import QueueReader
from core.exceptions import ComfyUIError


def meter(*counts: int) -> QueueMeter:
    queue = QueueMeter()
    for count in counts:
        queue.update(count)
    return queue


def accepted(queue: QueueMeter, number: float, *counts: int) -> QueueTicket:
    """A prompt that was posted; the server said ``counts`` before it answered."""
    ticket = queue.ticket()
    for count in counts:
        queue.update(count)
    ticket.accept(number)
    return ticket


def test_a_place_is_unknown_until_it_was_accepted_or_read():
    queue = meter(3)
    ticket = queue.ticket()
    assert ticket.ahead is None
    ticket.correct(2)
    assert ticket.ahead == 2


def test_nothing_is_known_before_the_server_said_how_long_its_queue_is():
    queue = meter()
    ticket = accepted(queue, 0)
    queue.update(3)
    assert ticket.ahead is None


@pytest.mark.parametrize("counted_before_the_answer", [True, False])
def test_the_count_may_contain_the_prompt_itself(counted_before_the_answer: bool):
    queue = meter(3)
    ticket = accepted(queue, 7, 4) if counted_before_the_answer else accepted(queue, 7)
    queue.update(4)
    assert ticket.ahead == 3
    queue.update(6)  # strangers behind it
    assert ticket.ahead == 3


def test_prompts_that_leave_move_it_forward_and_those_that_come_do_not():
    queue = meter(2)
    ticket = accepted(queue, 5)
    places = []
    for count in (3, 2, 3, 2, 1):
        queue.update(count)
        places.append(ticket.ahead)
    assert places == [2, 1, 1, 0, 0]


def test_prompts_of_ours_that_are_posted_at_once_keep_their_order():
    queue = meter(1)
    tickets = [queue.ticket() for _ in range(4)]
    for number, ticket in enumerate(tickets):
        ticket.accept(number)  # every answer overtakes its status
        queue.update(number + 2)
    assert [ticket.ahead for ticket in tickets] == [1, 2, 3, 4]


def test_prompts_of_ours_that_were_all_counted_first_keep_their_order():
    queue = meter(0)
    tickets = [queue.ticket() for _ in range(4)]
    for count in (1, 2, 3, 4):
        queue.update(count)
    for number, ticket in enumerate(tickets):
        ticket.accept(10 + number)
    assert [ticket.ahead for ticket in tickets] == [0, 1, 2, 3]
    queue.update(3)
    assert [ticket.ahead for ticket in tickets[1:]] == [0, 1, 2]


def test_a_reading_of_the_queue_corrects_it():
    queue = meter(9)
    ticket = accepted(queue, 9)
    ticket.correct(2)
    assert ticket.ahead == 2
    queue.update(8)
    assert ticket.ahead == 1


def test_after_the_socket_broke_nothing_is_known_and_numbers_begin_anew():
    queue = meter(9)
    old = accepted(queue, 900)
    queue.forget()
    assert old.ahead is None
    queue.update(1)
    new = accepted(queue, 0)
    queue.update(2)
    assert new.ahead == 1
    assert (queue.left, queue.remaining) == (0, 2)


class Server(ComfyUIClient):
    """Answers when it is told to; ``asked`` counts the requests."""

    def __init__(self) -> None:
        super().__init__("http://comfyui")
        self.asked = 0
        self.answers: asyncio.Queue[Any] = asyncio.Queue()

    async def get_queue(self) -> dict[str, Any]:
        self.asked += 1
        answer = await self.answers.get()
        if isinstance(answer, Exception):
            raise answer
        return answer


def queue_of(running: list[str], *pending: tuple[float, str]) -> dict[str, Any]:
    return {
        "queue_running": [[0, prompt_id, {}, {}, []] for prompt_id in running],
        "queue_pending": [[number, prompt_id, {}, {}, []] for number, prompt_id in pending],
    }


async def test_prompts_are_in_the_order_in_which_they_will_run():
    server = Server()
    server.answers.put_nowait(queue_of(["a"], (12, "d"), (-3, "b"), (7, "c")))
    assert await QueueReader(server).prompt_ids() == ["a", "b", "c", "d"]


async def test_many_ask_and_the_server_is_asked_twice_at_most():
    server = Server()
    reader = QueueReader(server)
    early = asyncio.create_task(reader.prompt_ids())
    await asyncio.sleep(0)
    late = [asyncio.create_task(reader.prompt_ids()) for _ in range(50)]
    await asyncio.sleep(0)
    server.answers.put_nowait(queue_of(["old"]))
    server.answers.put_nowait(queue_of(["new"]))
    assert await early == ["old"]
    assert await asyncio.gather(*late) == [["new"]] * 50
    assert server.asked == 2
    server.answers.put_nowait(queue_of([]))
    assert await reader.prompt_ids() == []


async def test_a_failure_is_shared_and_not_kept():
    server = Server()
    reader = QueueReader(server)
    asking = [asyncio.create_task(reader.prompt_ids()) for _ in range(3)]
    await asyncio.sleep(0)
    for answer in (ComfyUIError("away"), ComfyUIError("away"), queue_of(["a"])):
        server.answers.put_nowait(answer)
    outcomes = await asyncio.gather(*asking, return_exceptions=True)
    assert [str(outcome) for outcome in outcomes] == ["away"] * 3
    assert await reader.prompt_ids() == ["a"]


async def test_who_gives_up_asking_takes_nobody_along():
    server = Server()
    reader = QueueReader(server)
    first, second = (asyncio.create_task(reader.prompt_ids()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    server.answers.put_nowait(queue_of(["a"]))
    assert await second == ["a"]


@pytest.mark.parametrize("answer", [{}, {"queue_pending": 3}, {"queue_pending": [[]], "queue_running": []}])
async def test_a_queue_that_makes_no_sense(answer: dict[str, Any]):
    server = Server()
    server.answers.put_nowait(answer)
    with pytest.raises(ComfyUIError, match="cannot be read"):
        await QueueReader(server).prompt_ids()


def test_two_that_are_accepted_before_the_server_counts_them_have_different_places():
    meter = QueueMeter()
    meter.update(0)
    first, second = meter.ticket(), meter.ticket()
    first.accept(0)
    second.accept(1)
    assert (first.ahead, second.ahead) == (0, 1)
    meter.update(1)
    assert (first.ahead, second.ahead) == (0, 1)
    meter.update(2)
    assert (first.ahead, second.ahead) == (0, 1)
    meter.update(1)
    assert second.ahead == 0
