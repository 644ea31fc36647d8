"""A job that is not over yet, for whoever shows it."""

from __future__ import annotations

import asyncio

from core.generators.base import GenerationResult
from core.jobs.models import Job
from core.progress.tracker import ProgressTracker


class JobHandle:
    """A job on its way: what is known of it, its progress, and its end."""

    def __init__(self, job: Job, tracker: ProgressTracker, task: asyncio.Task[GenerationResult]) -> None:
        self.job = job
        self.tracker = tracker
        self._task = task

    async def result(self) -> GenerationResult:
        """Wait for the end; raises what `JobRunner.run` raises. Giving up the wait does not end the job."""
        return await asyncio.shield(self._task)
