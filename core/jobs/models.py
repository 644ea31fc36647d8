"""A generation as a thing of its own: who asked for what, where it stands, what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.comfyui.results import ExecutionResult
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


_ENDS = frozenset({JobState.FAILED, JobState.CANCELLED, JobState.LOST})
#: A posted job that went with its server is stored again, to be posted anew.
_NEXT = {
    JobState.STORED: _ENDS | {JobState.POSTED},
    JobState.POSTED: _ENDS | {JobState.STORED, JobState.FINISHED},
}


class Delivery(StrEnum):
    """Whether whoever asked for a job has been told how it ended.

    ``KEPT``: it could not be told, for the reason in ``Job.delivery_note``; the result waits in the history.
    """

    OWED = "owed"
    DONE = "done"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a job was asked for, in Discord's ids, and by which right its message may be written to.

    Attributes:
        message_id: the message that shows the job.
        application_id, token: of the interaction; it is good for 15 minutes, and for nothing but its own answers.
        expires_at: when the token ends.
        filesize_limit: bytes that one file may have in an answer to the interaction.
        private: nobody but the owner may know of the job.
        fleeting: the message is the token's alone: one that only its reader sees, or where the bot itself is not.
        locale: Discord's name of the language in which whoever asked reads; None where it is not known.
    """

    channel_id: int
    guild_id: int | None = None
    message_id: int | None = None
    application_id: int | None = None
    token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None
    filesize_limit: int | None = None
    private: bool = False
    fleeting: bool = False
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A form on somebody's screen, for a bot that is started anew.

    Attributes:
        owner: the Discord id of whoever it obeys.
        content: what it takes to show it as it is, as JSON; nothing here reads it.
        expires: when it closes.
    """

    token: str
    owner: int
    content: Mapping[str, Any]
    expires: datetime


@dataclass(frozen=True, slots=True)
class Ask:
    """An answer that somebody waits for on Discord and that is no job's yet, for a bot that is started anew.

    Attributes:
        token, application_id: of the interaction, by which it is answered.
        expires: when the token ends.
        locale: as `Origin` has it.
    """

    token: str = field(repr=False)
    application_id: int
    expires: datetime
    locale: str


@dataclass(slots=True, weakref_slot=True)
class Job:
    """One generation.

    ``id`` is drawn by us and is ComfyUI's ``prompt_id`` too: a job can be found on the server again.

    Attributes:
        owner: the Discord id of whoever asked; 0 for a program.
        display: what screens show of the request; nothing here reads it.
        parent: the job whose result this one goes on from.
        server: address of the ComfyUI that it was posted to last.
        attempts: how often it was posted.
        accepted_at: when the server was known to have it; None while it is not posted, or on its way.
        running_seconds, work: how long the server worked on it, and at how many units (`core.progress.weights`).
        execution: what the server made of it, from the moment when that is known: files that are still to be fetched
            from there, and can be after the server was restarted.
        error: the sentence that says why there is no result.
        retried_as: the job that was made of this one by asking for it again.
        delivery_note: why it could not be told.
        messages: ids of the messages that hold the result, beyond ``origin.message_id``.
    """

    id: str
    owner: int
    request: GenerationRequest
    origin: Origin | None = None
    parent: str | None = None
    display: Mapping[str, Any] = field(default_factory=dict)
    state: JobState = JobState.STORED
    server: str = ""
    attempts: int = 0
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    posted_at: datetime | None = None
    accepted_at: datetime | None = None
    finished_at: datetime | None = None
    running_seconds: float | None = None
    work: float | None = None
    execution: ExecutionResult | None = None
    result: GenerationResult | None = None
    error: str | None = None
    cancel_requested: bool = False
    retried_as: str | None = None
    delivery: Delivery = Delivery.OWED
    delivery_note: str | None = None
    delivered_at: datetime | None = None
    messages: tuple[int, ...] = ()

    def advance(self, state: JobState) -> None:
        """Go on to ``state``, and note when.

        Raises:
            ValueError: no way leads there from here.
        """
        if state not in _NEXT.get(self.state, frozenset()):
            raise ValueError(f"a {self.state} job cannot become {state}")
        self.state = state
        now = datetime.now(UTC)
        if state is JobState.STORED:
            self.posted_at = self.accepted_at = None
        elif state is JobState.POSTED:
            self.posted_at, self.accepted_at = now, None
            self.attempts += 1
        else:
            self.finished_at = now

    @property
    def owed(self) -> bool:
        """It is over, and somebody on Discord still waits to hear of it."""
        return self.state.final and self.origin is not None and self.delivery is Delivery.OWED
