from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.comfyui.events import (
    Event,
    Executed,
    Executing,
    ExecutionCached,
    ExecutionFailed,
    ExecutionInterrupted,
    ExecutionStart,
    ExecutionSuccess,
    Link,
    NodeText,
    Preview,
    Progress,
    ProgressState,
)
from core.progress.tracker import ProgressMetrics, ProgressStatus, ProgressTracker

P = "32697cbb-4bb4-41e7-9a73-a97980e998e9"


def play(tracker: ProgressTracker, *events: Event) -> list[float]:
    """The percentage after each event."""
    percentages = []
    for event in events:
        tracker.handle(event)
        percentages.append(tracker.get_metrics().percentage)
    return percentages


def run_of(graph, steps: int, cached: tuple[str, ...] = ()) -> list[Event]:
    events: list[Event] = [ExecutionStart(P), ExecutionCached(P, cached)]
    for node, description in graph.items():
        if node not in cached:
            events.append(Executing(P, node))
            if description["class_type"] == "KSampler":
                events += [Progress(P, node, step, steps) for step in range(1, steps + 1)]
    return [*events, Executed(P, "6", {"images": []}), ExecutionSuccess(P), Executing(P, None)]


def test_it_starts_with_nothing():
    assert ProgressTracker(clock=lambda: 5.0).get_metrics() == ProgressMetrics()


def test_a_run_goes_from_nothing_to_nearly_done_and_then_to_its_end(two_stage):
    tracker = ProgressTracker(two_stage())
    percentages = play(tracker, *run_of(two_stage(), 10))
    assert (percentages[0], percentages[-1]) == (0.0, 99.0)
    assert percentages == sorted(percentages)
    tracker.mark_completed()
    assert tracker.get_metrics().percentage == 100.0


def test_the_second_sampler_goes_on_where_the_first_ended(two_stage):
    tracker = ProgressTracker(two_stage())
    play(tracker, ExecutionStart(P), Executing(P, "1"), Executing(P, "2"), Executing(P, "3"))
    (half, full, second, end) = play(
        tracker, Progress(P, "3", 5, 10), Progress(P, "3", 10, 10), Progress(P, "4", 1, 10), Progress(P, "4", 10, 10)
    )
    assert half == pytest.approx(100 * (2 + 5.5) / 26)
    assert full == pytest.approx(100 * (2 + 11) / 26)
    assert second == pytest.approx(100 * (2 + 11 + 1.1) / 26)
    assert end == pytest.approx(100 * (2 + 22) / 26)


def test_it_says_which_node_is_at_which_step(two_stage):
    tracker = ProgressTracker(two_stage())
    play(tracker, ExecutionStart(P))
    assert tracker.get_metrics().phase == "Starting"
    play(tracker, Executing(P, "2"))
    metrics = tracker.get_metrics()
    assert (metrics.phase, metrics.node_title, metrics.step) == ("CLIPTextEncode", "CLIPTextEncode", None)
    play(tracker, Progress(P, "3", 4, 10))
    metrics = tracker.get_metrics()
    assert (metrics.phase, metrics.step, metrics.total_steps) == ("Sampler after 1", 4, 10)
    play(tracker, Executing(P, "5"))
    assert (tracker.get_metrics().step, tracker.get_metrics().total_steps) == (None, None)
    play(tracker, Executing(P, None))
    assert (tracker.get_metrics().phase, tracker.get_metrics().node_title) == ("Finishing", None)


def test_steps_without_a_node_belong_to_the_one_at_work(two_stage):
    tracker = ProgressTracker(two_stage())
    play(tracker, Executing(P, "3"), Progress(P, None, 5, 10))
    assert tracker.get_metrics().percentage == pytest.approx(100 * 5.5 / 26)


@pytest.mark.parametrize("event", [Progress(P, None, 1, 2), Progress(P, "3", 1, 0), Progress(P, "3", -1, 10)])
def test_steps_that_make_no_sense_are_none(two_stage, event: Event):
    assert play(ProgressTracker(two_stage()), event) == [0.0]


def test_cached_nodes_are_done(two_stage):
    tracker = ProgressTracker(two_stage())
    assert play(tracker, ExecutionStart(P), ExecutionCached(P, ("1", "2", "3"))) == [0.0, pytest.approx(100 * 13 / 26)]
    assert tracker.work_done == 0


def test_a_fully_cached_run_is_nearly_done_at_once(two_stage):
    graph = two_stage()
    tracker = ProgressTracker(graph)
    assert play(tracker, *run_of(graph, 10, tuple(graph)))[1] == 99.0


def test_nodes_that_began_unheard_are_caught_up_with(two_stage):
    nodes = {node: {"state": "finished"} for node in ("1", "2", "3")} | {"4": {"state": "running"}, "5": {}}
    assert play(ProgressTracker(two_stage()), ProgressState(P, nodes)) == [pytest.approx(100 * 13 / 26)]


def test_without_a_graph_there_is_progress_without_titles():
    tracker = ProgressTracker()
    percentages = play(
        tracker, ExecutionStart(P), Executing(P, "1"), Executing(P, "2"), Progress(P, "2", 5, 10), Executing(P, None)
    )
    assert percentages == sorted(percentages)
    assert percentages[-1] == 99.0
    tracker = ProgressTracker()
    play(tracker, Executing(P, "1"))
    assert (tracker.get_metrics().phase, tracker.get_metrics().node_title) == ("Working", None)


def test_a_node_that_the_graph_does_not_show_takes_nothing_back(two_stage):
    tracker = ProgressTracker(two_stage())
    percentages = play(tracker, Executing(P, "1"), Executing(P, "2"), Executed(P, "2.0.0.7", {}), Executing(P, "3"))
    assert percentages == sorted(percentages)


def test_the_place_in_the_queue_is_asked_for_while_it_waits():
    places = [3, 2]
    tracker = ProgressTracker(queue_position=lambda: places.pop(0))
    assert [tracker.get_metrics().queue_position for _ in range(2)] == [3, 2]
    tracker.handle(ExecutionStart(P))
    assert tracker.get_metrics().queue_position is None


def test_it_knows_whether_the_server_can_be_heard():
    tracker = ProgressTracker()
    tracker.handle(Link(up=False))
    assert tracker.get_metrics().online is False
    tracker.handle(Link(up=True))
    assert tracker.get_metrics().online is True
    assert tracker.get_metrics().status is ProgressStatus.WAITING


def test_the_last_picture_of_the_work_is_there_until_it_is_over():
    tracker = ProgressTracker()
    assert tracker.preview is None
    for data in (b"first", b"second"):
        tracker.handle(Preview(P, None, "image/jpeg", data))
    assert tracker.preview == b"second"
    tracker.start_over()
    assert tracker.preview is None
    tracker.handle(Preview(P, None, "image/jpeg", b"third"))
    tracker.mark_completed()
    tracker.handle(Preview(P, None, "image/jpeg", b"late"))
    assert tracker.preview is None


def test_a_program_can_say_itself_how_far_it_is():
    tracker = ProgressTracker()
    tracker.update_percentage(50.0)
    tracker.update_phase("Sampling")
    assert (tracker.get_metrics().percentage, tracker.get_metrics().phase) == (50.0, "Sampling")
    for wrong, percentage in ((20.0, 50.0), (-5.0, 50.0), (float("nan"), 50.0), (250.0, 100.0)):
        tracker.update_percentage(wrong)
        assert tracker.get_metrics().percentage == percentage


def test_completed(two_stage):
    tracker = ProgressTracker(two_stage())
    play(tracker, ExecutionStart(P), Progress(P, "3", 1, 10))
    tracker.mark_completed()
    metrics = tracker.get_metrics()
    assert (metrics.status, metrics.phase, metrics.percentage) == (ProgressStatus.COMPLETED, "Completed", 100.0)
    assert (metrics.node_title, metrics.step, metrics.error_message, metrics.queue_position) == (None,) * 4


def test_failed(two_stage):
    tracker = ProgressTracker(two_stage())
    (percentage,) = play(tracker, Progress(P, "3", 5, 10))
    tracker.mark_failed("Generation failed")
    metrics = tracker.get_metrics()
    assert (metrics.status, metrics.phase, metrics.percentage) == (ProgressStatus.FAILED, "Failed", percentage)
    assert metrics.error_message == "Generation failed"


def test_after_the_end_events_change_nothing(two_stage):
    tracker = ProgressTracker(two_stage())
    tracker.mark_failed("Generation failed")
    metrics = tracker.get_metrics()
    play(tracker, Executing(P, "3"), Link(up=False), Progress(P, "3", 5, 10))
    assert tracker.get_metrics() == metrics


def test_callbacks_hear_of_every_change(two_stage):
    tracker = ProgressTracker(two_stage())
    heard: list[ProgressMetrics] = []
    also: list[float] = []
    tracker.add_callback(heard.append)
    tracker.add_callback(lambda metrics: also.append(metrics.percentage))
    events = run_of(two_stage(), 10)
    play(tracker, *events)
    assert len(heard) == len(events) - 1  # execution_success says nothing new
    tracker.update_percentage(99.5)
    tracker.update_phase("Saving")
    tracker.mark_completed()
    tracker.mark_failed("late")
    assert [(metrics.percentage, metrics.phase) for metrics in heard[-4:]] == [
        (99.5, "Finishing"),
        (99.5, "Saving"),
        (100.0, "Completed"),
        (100.0, "Failed"),
    ]
    assert also == [metrics.percentage for metrics in heard]


def test_a_callback_that_raises_is_logged_and_left_out(caplog):
    tracker = ProgressTracker()
    heard: list[ProgressMetrics] = []

    def broken(metrics: ProgressMetrics) -> None:
        raise RuntimeError("broken")

    tracker.add_callback(broken)
    tracker.add_callback(heard.append)
    tracker.update_percentage(10)
    tracker.update_percentage(20)
    assert [metrics.percentage for metrics in heard] == [10, 20]
    assert [record.message for record in caplog.records] == ["progress callback failed"]


@pytest.mark.parametrize(
    "event",
    [
        Preview(P, "3", "image/jpeg", b""),
        NodeText("3", "text"),
        ExecutionSuccess(P),
        ExecutionInterrupted(P, "3"),
        ExecutionFailed(P, "3", "KSampler", "ValueError", "bad"),
    ],
)
def test_events_that_say_nothing_of_progress_change_nothing(two_stage, event: Event):
    tracker = ProgressTracker(two_stage())
    heard: list[ProgressMetrics] = []
    tracker.add_callback(heard.append)
    tracker.handle(event)
    assert heard == []


NODES = st.sampled_from(["1", "2", "3", "4", "5", "6", "99", "4.0.0.1"])
NUMBERS = st.floats(-5, 30, allow_nan=False)
EVENTS = st.one_of(
    st.builds(ExecutionStart, st.just(P)),
    st.builds(ExecutionCached, st.just(P), st.lists(NODES, max_size=4).map(tuple)),
    st.builds(Executing, st.just(P), st.none() | NODES),
    st.builds(Progress, st.just(P), st.none() | NODES, NUMBERS, NUMBERS),
    st.builds(
        ProgressState,
        st.just(P),
        st.dictionaries(NODES, st.sampled_from([{"state": "finished"}, {"state": "running"}])),
    ),
    st.builds(Executed, st.just(P), NODES, st.just({})),
    st.builds(Link, up=st.booleans()),
)


@given(st.lists(EVENTS, max_size=60), st.booleans())
def test_it_never_goes_back_whatever_the_server_says(events: list[Event], with_graph: bool):
    graph = {str(n): {"class_type": "KSampler", "inputs": {"positive": 1, "steps": 5 * n}} for n in range(1, 7)}
    tracker = ProgressTracker(graph if with_graph else None)
    percentages = [0.0, *play(tracker, *events)]
    assert percentages == sorted(percentages)
    assert percentages[-1] <= 99.0
    assert 0 <= tracker.work_done <= 6 + 105 + 2
