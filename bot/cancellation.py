"""Ending a job before it is done."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from core.exceptions import DisComfyError
from core.jobs.models import Job, JobState
from utils.language import phrase

if TYPE_CHECKING:
    from bot.client import ComfyUIBot

OTHERS = phrase("That is somebody else's job; to cancel it takes the permission Manage Messages here.")
_OVER = phrase("That job is over already.")
_SAID = {
    JobState.CANCELLED: phrase("Cancelled."),
    JobState.FINISHED: phrase("That job was done before it could be stopped."),
}


async def end_job(bot: ComfyUIBot, job: Job) -> str:
    """Returns when the job is over, with what to say of it.

    Raises:
        ComfyUIError: the server does not stop it just now; it is stopped when it can be.
    """
    handle = bot.engine.jobs.handle(job.id)
    if handle is None or handle.job.execution is not None:
        return _OVER
    await bot.engine.jobs.cancel(job.id)
    with contextlib.suppress(DisComfyError):  # how it ended is the business of whoever waits for its result
        await handle.result()
    return _SAID.get(handle.job.state, _OVER)
