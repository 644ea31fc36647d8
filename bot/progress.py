"""A progress message: only the latest state counts, and showing it never holds up the job."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Self

import discord

from bot.target import JobMessage
from bot.ui import embeds
from core.progress.tracker import ProgressMetrics, ProgressStatus
from utils.logging import get_logger

log = get_logger(__name__)

#: Discord takes 50 requests a second from a bot; progress leaves most of them to everything else.
EDITS_PER_SECOND = 15.0
#: Seconds after which the queue place and the estimate are looked at again although no event came.
_REFRESH = 5.0
#: Seconds that the result waits for a progress edit that is on its way.
_LAST_EDIT = 1.0


class ProgressBudget:
    """Spreads the edits of all progress messages, so that many jobs edit more slowly instead of being refused.

    Args:
        interval: least seconds between two edits of one message.
    """

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._messages = 0

    def join(self) -> None:
        self._messages += 1

    def leave(self) -> None:
        self._messages -= 1

    @property
    def interval(self) -> float:
        """Seconds that a message waits between two edits now."""
        return max(self._interval, self._messages / EDITS_PER_SECOND)


class ProgressMessage:
    """Shows metrics in a message for as long as its block runs.

    Args:
        edit: puts an embed into the message.
        render: makes the embed of a state; it is sent only when it differs from the one before.
        read: the state of this moment.
    """

    def __init__(
        self,
        edit: Callable[[discord.Embed], Awaitable[object]],
        render: Callable[[ProgressMetrics], discord.Embed],
        read: Callable[[], ProgressMetrics],
        budget: ProgressBudget,
    ) -> None:
        self._edit = edit
        self._render = render
        self._read = read
        self._budget = budget
        self._changed = asyncio.Event()
        self._shown: discord.Embed | None = None
        self._editing = False
        self._leaving = False
        self._task: asyncio.Task[None] | None = None

    def update(self, metrics: ProgressMetrics) -> None:
        """Something changed; a callback for `ProgressTracker.add_callback`. Returns at once."""
        self._changed.set()

    async def __aenter__(self) -> Self:
        self._budget.join()
        self._task = asyncio.create_task(self._show(), name="progress-message")
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._budget.leave()
        self._leaving = True
        if self._task is None:
            return
        if self._editing:
            # An edit that is cut off on the wire could still arrive after the result, and cover it.
            await asyncio.wait({self._task}, timeout=_LAST_EDIT)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _show(self) -> None:
        while True:
            embed = self._render(self._read())
            if embed != self._shown:
                self._shown = embed
                await self._send(embed)
                if self._leaving:
                    return
            await asyncio.sleep(self._budget.interval)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_REFRESH):
                    await self._changed.wait()
            self._changed.clear()

    async def _send(self, embed: discord.Embed) -> None:
        self._editing = True
        try:
            await self._edit(embed)
        except discord.HTTPException as exc:
            # The result has its own way to the user; a progress edit that fails is not worth a job.
            log.info("progress not shown", detail=repr(exc))
        finally:
            self._editing = False


def progress_callback(
    interaction: discord.Interaction[Any],
    title: str,
    prompt: str,
    settings: Mapping[str, object] | str,
    budget: ProgressBudget,
) -> Callable[[ProgressMetrics], Awaitable[None]]:
    """An async callback that shows metrics in the answer to an interaction; see `ComfyUIBot`."""
    listed = {"Settings": settings} if isinstance(settings, str) else settings
    summary = embeds.Summary(title, prompt, {name: str(value) for name, value in listed.items() if value != ""})
    message = JobMessage(interaction)
    shown: discord.Embed | None = None
    shown_at = -budget.interval

    async def show(metrics: ProgressMetrics) -> None:
        nonlocal shown, shown_at
        final = metrics.status in (ProgressStatus.COMPLETED, ProgressStatus.FAILED)
        if not final and time.monotonic() - shown_at < budget.interval:
            return
        if metrics.status is ProgressStatus.FAILED:
            embed = embeds.failure(summary, metrics.error_message or "That did not work; try again.")
        else:
            embed = embeds.progress(summary, metrics, now=time.time())
        if embed == shown:
            return
        shown, shown_at = embed, time.monotonic()
        try:
            await message.edit(embed=embed)
        except discord.HTTPException as exc:
            log.info("progress not shown", detail=repr(exc))

    return show
