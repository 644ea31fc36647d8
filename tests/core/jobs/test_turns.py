from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from core.jobs.turns import Turns


def of(*jobs: tuple[str, int]) -> Turns:
    turns = Turns()
    for job_id, owner in jobs:
        turns.add(job_id, owner)
    return turns


def drained(turns: Turns) -> list[str]:
    return [job_id for _ in range(len(turns)) if (job_id := turns.pop()) is not None]


def test_one_user_is_served_in_the_order_of_arrival():
    assert drained(of(("a", 1), ("b", 1), ("c", 1))) == ["a", "b", "c"]


def test_users_take_turns():
    assert drained(of(("a1", 1), ("a2", 1), ("a3", 1), ("b1", 2), ("c1", 3), ("b2", 2))) == [
        *("a1", "b1", "c1"),
        *("a2", "b2"),
        "a3",
    ]


def test_a_user_who_comes_later_waits_for_one_job_of_a_batch_only():
    turns = of(*((f"a{number}", 1) for number in range(50)))
    assert turns.pop() == "a0"
    turns.add("b0", 2)
    assert turns.place("b0") == 1
    assert [turns.pop(), turns.pop()] == ["a1", "b0"]


def test_what_was_lost_comes_first_in_the_order_of_its_first_turn():
    turns = of(("new", 1))
    turns.add_again("later", 7)
    turns.add_again("earlier", 3)
    assert turns.first_again == "earlier"
    assert turns.order() == ["earlier", "later", "new"]
    assert drained(turns) == ["earlier", "later", "new"]
    assert turns.first_again is None


def test_a_job_can_leave_from_anywhere():
    turns = of(("a1", 1), ("b1", 2), ("a2", 1))
    turns.add_again("lost", 0)
    assert [turns.remove(job_id) for job_id in ("lost", "b1", "absent", "b1")] == [True, True, False, False]
    assert (turns.place("b1"), turns.place("a2")) == (None, 1)
    assert drained(turns) == ["a1", "a2"]
    assert turns.pop() is None


@given(st.lists(st.tuples(st.sampled_from(["add", "again", "pop", "remove"]), st.integers(0, 4), st.integers(0, 30))))
def test_the_place_that_is_told_is_the_place_that_is_had(steps: list[tuple[str, int, int]]):
    turns, waiting = Turns(), set[str]()
    for number, (step, owner, which) in enumerate(steps):
        if step == "add":
            turns.add(f"{number}", owner)
            waiting.add(f"{number}")
        elif step == "again":
            turns.add_again(f"{number}", which)
            waiting.add(f"{number}")
        elif step == "remove":
            job_id = f"{which}"
            assert turns.remove(job_id) is (job_id in waiting)
            waiting.discard(job_id)
        else:
            popped = turns.pop()
            assert (popped is None) is (not waiting)
            waiting.discard(popped or "")
        assert len(turns) == len(waiting)
    told = {job_id: turns.place(job_id) for job_id in waiting}
    order = turns.order()
    assert order == drained(turns)
    assert told == {job_id: place for place, job_id in enumerate(order)}


@given(st.lists(st.integers(0, 5), min_size=1, max_size=60))
def test_nobody_gets_a_second_turn_while_somebody_waits_for_a_first(owners: list[int]):
    turns = of(*((f"{number}", owner) for number, owner in enumerate(owners)))
    left, had = Counter(owners), Counter[int]()
    for job_id in drained(turns):
        owner = owners[int(job_id)]
        had[owner] += 1
        left[owner] -= 1
        assert all(had[other] >= had[owner] - 1 for other, waiting in left.items() if waiting)
