"""A generation as a thing of its own: who asked for what, where it stands, what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.generators.base import GenerationRequest, GenerationResult


class JobState(StrEnum):
    """Where a job stands. Every state but the last four leads on, and those lead nowhere."""

    STORED = "stored"
    POSTED = "posted"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"

    @property
    def final(self) -> bool:
        return self not in (JobState.STORED, JobState.POSTED)


_NEXT = {
    JobState.STORED: frozenset({JobState.POSTED, JobState.FAILED, JobState.CANCELLED}),
    JobState.POSTED: frozenset({JobState.FINISHED, JobState.FAILED, JobState.CANCELLED, JobState.LOST}),
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a job was asked for, in Discord's ids; ``message_id`` is the message that shows it."""

    channel_id: int
    guild_id: int | None = None
    message_id: int | None = None


@dataclass(slots=True)
class Job:
    """One generation.

    ``id`` is drawn by us and is ComfyUI's ``prompt_id`` too: a job can be found on the server again.
    """

    id: str
    owner: int
    request: GenerationRequest
    origin: Origin | None = None
    parent: str | None = None
    state: JobState = JobState.STORED
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    finished_at: datetime | None = None
    result: GenerationResult | None = None
    error: str | None = None
    cancel_requested: bool = False

    def advance(self, state: JobState) -> None:
        """Go on to ``state``.

        Raises:
            ValueError: no way leads there from here.
        """
        if state not in _NEXT.get(self.state, frozenset()):
            raise ValueError(f"a {self.state} job cannot become {state}")
        self.state = state
        if state.final:
            self.finished_at = datetime.now(UTC)
