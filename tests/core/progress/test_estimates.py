"""Elapsed and remaining time: measured, and from earlier runs of the same workflow."""

from __future__ import annotations

import pytest

from core.comfyui.events import Executing, ExecutionCached, ExecutionStart, Progress
from core.progress.history import RunTimes
from core.progress.tracker import ProgressTracker

P = "32697cbb-4bb4-41e7-9a73-a97980e998e9"


def remaining(tracker: ProgressTracker) -> float | None:
    return tracker.get_metrics().remaining


def test_elapsed_counts_from_the_beginning_to_the_end(clock):
    tracker = ProgressTracker(clock=clock)
    assert tracker.running_seconds is None
    clock.now += 5
    tracker.handle(ExecutionStart(P))
    clock.now += 2
    assert (tracker.get_metrics().elapsed, tracker.running_seconds) == (7, 2)
    tracker.mark_completed()
    clock.now += 100
    assert (tracker.get_metrics().elapsed, tracker.running_seconds) == (7, 2)


def test_nobody_knows_before_something_is_measured(two_stage, clock):
    tracker = ProgressTracker(two_stage(), clock=clock)
    assert remaining(tracker) is None
    tracker.handle(ExecutionStart(P))
    tracker.handle(Executing(P, "1"))
    clock.now += 3
    tracker.handle(Executing(P, "2"))  # one of 26 units is too little to tell a pace
    assert remaining(tracker) is None


def test_the_pace_tells_the_rest(two_stage, clock):
    tracker = ProgressTracker(two_stage(), clock=clock)
    tracker.handle(ExecutionStart(P))
    tracker.handle(ExecutionCached(P, ()))
    clock.now += 13
    for node in ("1", "2", "3"):
        tracker.handle(Executing(P, node))
    tracker.handle(Progress(P, "3", 10, 10))  # 13 of 26 units
    assert remaining(tracker) == pytest.approx(13)
    clock.now += 2
    assert remaining(tracker) == pytest.approx(15)


def test_cached_work_is_neither_done_nor_to_come(two_stage, clock):
    tracker = ProgressTracker(two_stage(), clock=clock)
    tracker.handle(ExecutionStart(P))
    tracker.handle(ExecutionCached(P, ("1", "2", "3")))
    clock.now += 4
    tracker.handle(Progress(P, "4", 5, 10))  # 5.5 of 13 units
    assert remaining(tracker) == pytest.approx(4 * 7.5 / 5.5)
    assert tracker.work_done == pytest.approx(5.5)


def test_earlier_runs_tell_before_it_begins(two_stage, clock):
    tracker = ProgressTracker(two_stage(), clock=clock, expected=lambda work: 2 * work)
    assert remaining(tracker) == 52


def test_earlier_runs_do_not_tell_how_long_others_take(two_stage, clock):
    tracker = ProgressTracker(two_stage(), clock=clock, expected=lambda work: 2 * work, queue_position=lambda: 1)
    assert remaining(tracker) is None


def test_the_more_is_measured_the_less_earlier_runs_count(two_stage, clock):
    tracker = ProgressTracker(two_stage(), clock=clock, expected=lambda work: 2 * work)
    tracker.handle(ExecutionStart(P))
    clock.now += 2
    assert remaining(tracker) == 50
    for node in ("1", "2", "3"):
        tracker.handle(Executing(P, node))
    clock.now += 11
    tracker.handle(Progress(P, "3", 10, 10))
    # Half is done in 13 s, so 13 s are left; earlier runs say 52 - 13.
    assert remaining(tracker) == pytest.approx(0.5 * 13 + 0.5 * 39)


def test_a_run_that_takes_longer_than_earlier_ones_has_no_time_less_than_none(two_stage, clock):
    tracker = ProgressTracker(two_stage(), clock=clock, expected=lambda work: 1.0)
    tracker.handle(ExecutionStart(P))
    clock.now += 60
    assert remaining(tracker) == 0


def test_after_the_end_nothing_remains(two_stage, clock):
    for end in (ProgressTracker.mark_completed, lambda tracker: tracker.mark_failed("no")):
        tracker = ProgressTracker(two_stage(), clock=clock, expected=lambda work: 2 * work)
        end(tracker)
        assert remaining(tracker) is None


def test_without_a_graph_there_is_nothing_to_estimate(clock):
    tracker = ProgressTracker(clock=clock, expected=lambda work: 2 * work)
    assert remaining(tracker) is None


def test_the_median_of_earlier_runs_is_what_a_unit_takes():
    times = RunTimes()
    assert times.estimate("flux", 10) is None
    for seconds in (10, 12, 90):  # the last had to load its model
        times.record("flux", seconds, 10)
    assert times.estimate("flux", 20) == 24
    assert times.estimate("sdxl", 20) is None


def test_the_last_twelve_runs_count():
    times = RunTimes()
    for _ in range(12):
        times.record("flux", 100, 10)
    for _ in range(7):
        times.record("flux", 10, 10)
    assert times.estimate("flux", 10) == 10


@pytest.mark.parametrize(("seconds", "work"), [(0, 10), (-1, 10), (5, 0)])
def test_a_run_that_did_nothing_tells_nothing(seconds: float, work: float):
    times = RunTimes()
    times.record("flux", seconds, work)
    assert times.estimate("flux", 10) is None
