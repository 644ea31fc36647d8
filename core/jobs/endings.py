"""What becomes of a job whose run raised."""

from __future__ import annotations

from core.exceptions import DisComfyError, FailureReason, GenerationError
from core.jobs.models import Job, JobState
from utils.language import phrase
from utils.logging import get_logger

log = get_logger(__name__)

_STATE_OF = {
    FailureReason.INTERRUPTED: JobState.CANCELLED,
    FailureReason.LOST: JobState.LOST,
    FailureReason.OFFLINE: JobState.LOST,
}


def error_of(job: Job, exc: Exception) -> DisComfyError:
    """What is told of it; the log is told all."""
    if isinstance(exc, DisComfyError):
        write = log.info if job.cancel_requested else log.warning
        write("job failed", job=job.id, error=exc.message, detail=exc.detail)
        return exc
    log.exception("job broken", job=job.id)
    return GenerationError(phrase("Something went wrong in the bot; its owner finds the cause in the log."))


def state_of(error: DisComfyError) -> JobState:
    """The state that a job ends in."""
    reason = error.reason if isinstance(error, GenerationError) else FailureReason.ERROR
    return _STATE_OF.get(reason, JobState.FAILED)
