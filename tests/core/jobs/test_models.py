from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.comfyui.workflows.parameters import WorkflowParameters
from core.generators.base import GenerationRequest
from core.jobs.models import Job, JobState, Origin

S, P = JobState.STORED, JobState.POSTED
ALLOWED = {
    (S, P),
    (S, JobState.FAILED),
    (S, JobState.CANCELLED),
    (S, JobState.LOST),
    (P, S),
    (P, JobState.FINISHED),
    (P, JobState.FAILED),
    (P, JobState.CANCELLED),
    (P, JobState.LOST),
}


def job(state: JobState = S) -> Job:
    return Job("id", 7, GenerationRequest("fox", WorkflowParameters()), state=state)


@pytest.mark.parametrize("before", JobState)
@pytest.mark.parametrize("after", JobState)
def test_a_job_goes_on_and_never_back(before: JobState, after: JobState):
    made = job(before)
    if (before, after) in ALLOWED:
        made.advance(after)
        assert made.state is after
    else:
        with pytest.raises(ValueError, match=f"a {before} job cannot become {after}"):
            made.advance(after)
        assert made.state is before


def test_the_states_that_lead_nowhere_are_final():
    assert {state for state in JobState if not state.final} == {S, P}


def test_its_end_has_a_time():
    made = job()
    assert made.created_at.tzinfo is UTC
    made.advance(P)
    assert made.finished_at is None
    made.advance(JobState.FINISHED)
    assert made.finished_at is not None
    assert made.created_at <= made.finished_at <= datetime.now(UTC)


def test_where_it_was_asked_for():
    assert Origin(1) == Origin(1, None, None)
    assert job().origin is None
