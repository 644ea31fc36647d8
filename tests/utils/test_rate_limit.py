from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from utils.rate_limit import RateLimitConfig, RateLimiter

NOON = datetime(2025, 1, 2, 12, tzinfo=UTC)
ANN, BOB, EVE = 1, 2, 3


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def limiter(per_user: int = 2, global_limit: int = 100) -> RateLimiter:
    return RateLimiter(RateLimitConfig(per_user=per_user, global_limit=global_limit, window_seconds=60))


def test_defaults() -> None:
    assert RateLimitConfig() == RateLimitConfig(per_user=10, global_limit=100, window_seconds=60)


@pytest.mark.parametrize("field", ["per_user", "global_limit", "window_seconds"])
def test_a_limit_of_nothing_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        RateLimitConfig(**{field: 0})


def test_a_user_gets_as_many_as_the_limit_says(clock: time_machine.Traveller) -> None:
    limits = limiter(per_user=2)
    assert [limits.check_rate_limit(ANN) for _ in range(3)] == [True, True, False]
    assert limits.check_rate_limit(BOB)


def test_the_window_moves(clock: time_machine.Traveller) -> None:
    limits = limiter(per_user=2)
    limits.check_rate_limit(ANN)
    clock.shift(40)
    limits.check_rate_limit(ANN)
    clock.shift(19)
    assert not limits.check_rate_limit(ANN)
    clock.shift(2)
    assert limits.check_rate_limit(ANN)
    assert not limits.check_rate_limit(ANN)


def test_remaining_does_not_count(clock: time_machine.Traveller) -> None:
    limits = limiter(per_user=2)
    assert [limits.get_user_remaining(ANN) for _ in range(5)] == [2] * 5
    limits.check_rate_limit(ANN)
    assert limits.get_user_remaining(ANN) == 1
    assert limits.get_user_remaining(BOB) == 2
    limits.check_rate_limit(ANN)
    limits.check_rate_limit(ANN)
    assert limits.get_user_remaining(ANN) == 0


def test_what_the_users_limit_refuses_takes_nothing_from_the_others(clock: time_machine.Traveller) -> None:
    limits = limiter(per_user=1, global_limit=2)
    assert limits.check_rate_limit(ANN)
    assert not any(limits.check_rate_limit(ANN) for _ in range(10))
    assert limits.check_rate_limit(BOB)


def test_what_the_global_limit_refuses_takes_nothing_from_the_user(clock: time_machine.Traveller) -> None:
    limits = limiter(per_user=2, global_limit=1)
    assert limits.check_rate_limit(ANN)
    clock.shift(30)
    assert not any(limits.check_rate_limit(BOB) for _ in range(10))
    assert limits.get_user_remaining(BOB) == 2


def test_seconds_to_wait_for_the_users_limit(clock: time_machine.Traveller) -> None:
    limits = limiter(per_user=2)
    assert limits.retry_after(ANN) == 0
    limits.check_rate_limit(ANN)
    clock.shift(20)
    assert limits.retry_after(ANN) == 0
    limits.check_rate_limit(ANN)
    clock.shift(5)
    assert limits.retry_after(ANN) == pytest.approx(35, abs=0.01)
    assert limits.retry_after(BOB) == 0


def test_seconds_to_wait_are_the_longer_ones(clock: time_machine.Traveller) -> None:
    limits = limiter(per_user=1, global_limit=2)
    limits.check_rate_limit(ANN)
    clock.shift(10)
    limits.check_rate_limit(BOB)
    assert limits.retry_after(EVE) == pytest.approx(50, abs=0.01)
    assert limits.retry_after(ANN) == pytest.approx(50, abs=0.01)
    assert limits.retry_after(BOB) == pytest.approx(60, abs=0.01)


def test_a_reset_gives_the_user_all_back_and_the_others_nothing(clock: time_machine.Traveller) -> None:
    limits = limiter(per_user=1, global_limit=2)
    limits.check_rate_limit(ANN)
    limits.reset_user(ANN)
    assert limits.get_user_remaining(ANN) == 1
    assert limits.check_rate_limit(ANN)
    assert limits.retry_after(BOB) > 0


def test_a_reset_of_somebody_unknown_is_nothing() -> None:
    limiter().reset_user(EVE)


@pytest.mark.parametrize("first", [ANN, BOB])
def test_at_the_very_end_of_a_window_a_refusal_takes_nothing(clock: time_machine.Traveller, first: int) -> None:
    limits = limiter(per_user=1, global_limit=1)
    assert limits.check_rate_limit(first)
    clock.shift(60)
    before = [limits.retry_after(user) for user in (ANN, BOB)]
    if not limits.check_rate_limit(ANN):
        assert [limits.retry_after(user) for user in (ANN, BOB)] == before


STEPS = st.lists(st.tuples(st.integers(0, 40), st.sampled_from([ANN, BOB, EVE])), max_size=40)


@given(STEPS, st.integers(1, 3), st.integers(1, 5))
def test_it_counts_like_a_list_of_times(steps: list[tuple[int, int]], per_user: int, global_limit: int) -> None:
    limits = limiter(per_user, global_limit)
    allowed: list[tuple[float, int]] = []
    now = 0.0
    with time_machine.travel(NOON, tick=False) as clock:
        for pause, user in steps:
            # Never a whole minute apart: which side its very end belongs to is tested above.
            clock.shift(pause + 0.001)
            now += pause + 0.001
            recent = [(at, who) for at, who in allowed if at > now - 60]
            own = [at for at, who in recent if who == user]
            is_free = len(own) < per_user and len(recent) < global_limit
            assert limits.get_user_remaining(user) == per_user - len(own)
            wait = limits.retry_after(user)
            assert (wait == 0) == is_free
            assert limits.check_rate_limit(user) == is_free
            if is_free:
                allowed.append((now, user))


@given(STEPS)
def test_whoever_waits_as_long_as_told_is_allowed(steps: list[tuple[int, int]]) -> None:
    limits = limiter(per_user=1, global_limit=2)
    with time_machine.travel(NOON, tick=False) as clock:
        for pause, user in steps:
            clock.shift(pause)
            clock.shift(limits.retry_after(user))
            assert limits.check_rate_limit(user)
