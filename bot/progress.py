"""A progress message: only the latest state counts, and showing it never holds up the job."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Self

import discord

from bot.errors import NOT_TAKEN, UNCHANGEABLE, passes
from bot.previews import NAME, Previews, attached
from bot.target import JobMessage
from bot.ui import embeds
from core.progress.tracker import ProgressMetrics, ProgressStatus
from utils.language import phrase, speaking
from utils.logging import get_logger

log = get_logger(__name__)

#: Discord takes 50 requests a second from a bot; progress leaves most of them to everything else.
EDITS_PER_SECOND = 15.0
#: Seconds between two edits of a bot's own messages in one channel, where Discord takes some 5 in 5 s: the rest is
#: for results. Edits through an interaction's token have such a limit each.
CHANNEL_GAP = 1.5
#: Seconds after which a state is looked at again although no event came: the place in the queue, the estimate.
_REFRESH = {ProgressStatus.WAITING: 1.0, ProgressStatus.RUNNING: 5.0}
#: The same for a message that is nearly an hour old: the few edits that Discord still takes are for the result.
_OLD_GAP = 1200.0
#: Seconds between two edits, at most, while Discord takes none: 10,000 refusals in ten minutes ban an address.
_LONGEST_GAP = 60.0
#: Seconds that the result waits for a progress edit that is on its way. Where Discord's limit on edits holds that one
#: back, the result would have to wait as well, and discord.py 2.7 never frees a token that it is cancelled over then:
#: so it is some more than those limits last.
_LAST_EDIT = 8.0
_FAILED = phrase("That did not work; try again.")
_FINAL = (ProgressStatus.COMPLETED, ProgressStatus.FAILED)


class ProgressBudget:
    """Spreads the edits of all progress messages, so that many jobs edit more slowly instead of being refused.

    Args:
        interval: least seconds between two edits of one message.
        clock: seconds, monotonic.
    """

    def __init__(self, interval: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.interval = interval
        self._clock = clock
        self._free_at: dict[int | None, float] = {}

    def turn(self, lane: int | None) -> float:
        """Seconds until the caller may edit; that moment is taken then.

        Args:
            lane: as `JobMessage.lane` has it.
        """
        now = self._clock()
        self._free_at = {lane: at for lane, at in self._free_at.items() if at > now}
        at = self._free_at.get(lane, now)
        self._free_at[lane] = at + (1 / EDITS_PER_SECOND if lane is None else CHANNEL_GAP)
        return at - now


class ProgressMessage:
    """Shows metrics in a message for as long as its block runs.

    Args:
        render: makes the embed of a state; it is sent only when it differs from the one before.
        read: the state of this moment.
        view: what stands below it.
        previews: the pictures that go with it; without them there are none.
    """

    def __init__(
        self,
        message: JobMessage,
        render: Callable[[ProgressMetrics], discord.Embed],
        read: Callable[[], ProgressMetrics],
        budget: ProgressBudget,
        view: discord.ui.View | None = None,
        previews: Previews | None = None,
    ) -> None:
        self._message = message
        self._view = view
        self._previews = previews
        self._render = render
        self._read = read
        self._budget = budget
        self._changed = asyncio.Event()
        self._editing = False
        self._leaving = False
        self._failures = 0
        self._task: asyncio.Task[None] | None = None

    def update(self, metrics: ProgressMetrics) -> None:
        """Something changed; a callback for `ProgressTracker.add_callback`. Returns at once."""
        self._changed.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._show(), name="progress-message")
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        if self._task is None:
            return
        self._leaving = True
        if self._editing:
            # An edit that is cut off on the wire could still arrive after the result, and cover it.
            await asyncio.wait({self._task}, timeout=_LAST_EDIT)
        self._task.cancel()
        (end,) = await asyncio.gather(self._task, return_exceptions=True)
        self._previews = None
        if isinstance(end, Exception):
            log.error("progress broke off", exc_info=end)

    async def _show(self) -> None:
        shown: discord.Embed | None = None
        # How it ended is not progress: whoever waits for the end says that, and needs no edit before theirs.
        while (metrics := self._read()).status not in _FINAL and self._message.reachable:
            if self._render(metrics) != shown:
                await asyncio.sleep(self._budget.turn(self._message.lane))
                metrics = self._read()  # what is true when its turn has come
                if metrics.status in _FINAL:
                    return
                shown = self._render(metrics)
                picture = await self._previews.latest() if self._previews is not None else None
                await self._send(shown.copy(), picture)
                if self._leaving:
                    return
            await asyncio.sleep(self._gap)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_REFRESH[metrics.status]):
                    await self._changed.wait()
            self._changed.clear()

    @property
    def _gap(self) -> float:
        """Seconds until the next edit, at least."""
        if self._message.old:
            return _OLD_GAP
        interval = self._budget.interval
        return max(interval, min(interval * 2.0 ** min(self._failures, 10), _LONGEST_GAP))

    async def _send(self, embed: discord.Embed, picture: bytes | None) -> None:
        self._editing = True
        if picture is not None:
            embed.set_thumbnail(url=f"attachment://{NAME}")
        try:
            await self._message.edit(embed=embed, view=self._view, content=None, files=lambda: attached(picture))
            self._failures = 0
        except NOT_TAKEN as exc:
            self._failures += 1
            if picture is not None and not passes(exc):
                self._previews = None  # it may be the picture that is not taken
                return
            # The result has its own way to the user. Where there is nothing to edit, nothing more is tried.
            log.info("progress not shown", detail=repr(exc))
            closed = isinstance(exc, discord.NotFound | discord.Forbidden) and not passes(exc)
            self._leaving |= closed or (isinstance(exc, discord.HTTPException) and exc.code in UNCHANGEABLE)
        finally:
            self._editing = False


class ProgressCallback:
    """Shows metrics in a message, as `ComfyUIBot._create_unified_progress_callback` describes.

    A call returns at once, with something that can be awaited for the edit that it caused.
    """

    def __init__(
        self,
        message: JobMessage,
        title: str,
        prompt: str,
        settings: Mapping[str, object] | str,
        budget: ProgressBudget,
    ) -> None:
        listed = {phrase("Settings"): settings} if isinstance(settings, str) else settings
        shown = {name: str(value) for name, value in listed.items() if value not in (None, "")}
        self._summary = embeds.Summary(title, prompt, shown)
        self._message = message
        self._budget = budget
        self._shown: discord.Embed | None = None
        self._shown_at = -budget.interval
        self._in_order = asyncio.Lock()
        self._edits: set[asyncio.Task[None]] = set()

    def __call__(self, metrics: ProgressMetrics) -> Awaitable[None]:
        if metrics.status in _FINAL or self._may_edit():
            embed = self._render(metrics)
            if embed != self._shown:
                self._shown, self._shown_at = embed, time.monotonic()
                edit = asyncio.create_task(self._edit(embed), name="progress-callback")
                self._edits.add(edit)
                edit.add_done_callback(self._edits.discard)
                return edit
        nothing = asyncio.get_running_loop().create_future()
        nothing.set_result(None)
        return nothing

    def _may_edit(self) -> bool:
        return not self._edits and time.monotonic() - self._shown_at >= self._budget.interval

    def _render(self, metrics: ProgressMetrics) -> discord.Embed:
        with speaking(self._message.origin.locale):
            if metrics.status is ProgressStatus.FAILED:
                return embeds.failure(self._summary, metrics.error_message or _FAILED)
            return embeds.progress(self._summary, metrics, now=time.time())

    async def _edit(self, embed: discord.Embed) -> None:
        async with self._in_order:
            try:
                await self._message.edit(embed=embed)
            except NOT_TAKEN as exc:
                log.info("progress not shown", detail=repr(exc))
