"""Answers that are owed and no job's yet: what the bot dies over is told by the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import discord

from bot.errors import NOT_TAKEN, passes
from bot.target import JobMessage
from bot.ui import embeds
from core.jobs.models import Ask, Origin
from core.jobs.store import StoreError
from utils.language import phrase, speaking
from utils.logging import get_logger

if TYPE_CHECKING:
    from bot.client import ComfyUIBot

log = get_logger(__name__)

#: Seconds between two attempts to tell, at most.
_LONGEST_PAUSE = 10.0
_RESTARTED = phrase("The bot was restarted before it had your request; type the command again.")


class Asks:
    """Keeps in the store what somebody waits for, from its acknowledgement until it is a job or answered.

    Nothing waits for that, and nothing fails by it. Leaving its block forgets nothing: an ask that is still worked on
    is the next start's to look at.
    """

    def __init__(self, bot: ComfyUIBot) -> None:
        self._bot = bot
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def keep(self, interaction: discord.Interaction[Any]) -> None:
        """Keep what the task of this moment answers, until it is over; that a job begins with it ends it earlier."""
        handler = asyncio.current_task()
        assert handler is not None
        ask = Ask(interaction.token, interaction.application_id, interaction.expires_at, str(interaction.locale))
        self._start(self._keep(ask, handler), interaction.id)

    async def recover(self) -> None:
        """Begin to tell those whose asks an earlier process left. To be called before anybody can ask anew."""
        try:
            left = await self._bot.engine.jobs.store.asks()
        except StoreError as exc:
            log.warning("asks of before not told", detail=exc.detail)
            return
        for number, ask in enumerate(left):
            self._start(self._tell(ask), number)

    async def _keep(self, ask: Ask, handler: asyncio.Task[Any]) -> None:
        try:
            await self._bot.engine.jobs.store.keep_ask(ask)
        except StoreError as exc:
            log.warning("ask not kept", detail=exc.detail)
            return
        await asyncio.wait({handler})
        if not handler.cancelled():  # else nobody was told anything
            await self._drop(ask)

    async def _tell(self, ask: Ask) -> None:
        """Say that nothing comes of it where an answer is still waited for, as long as that can be said."""
        import stamina  # costs a tenth of the bot's start, and is needed after a bad end only

        origin = Origin(
            0,
            application_id=ask.application_id,
            token=ask.token,
            expires_at=ask.expires,
            fleeting=True,
            locale=ask.locale,
        )
        message = JobMessage(self._bot, origin)
        left = (ask.expires - datetime.now(UTC)).total_seconds()
        try:
            async for attempt in stamina.retry_context(
                on=passes, attempts=None, timeout=left, wait_initial=0.5, wait_max=_LONGEST_PAUSE
            ):
                with attempt:
                    if message.has_token and await message.thinks():
                        with speaking(ask.locale):
                            await message.edit(embed=embeds.error(_RESTARTED))
                        log.info("told that the bot was restarted", message=message.origin.message_id)
        except NOT_TAKEN as exc:
            log.info("not told that the bot was restarted", detail=repr(exc))
        await self._drop(ask)

    async def _drop(self, ask: Ask) -> None:
        try:
            await self._bot.engine.jobs.store.drop_ask(ask.token)
        except StoreError as exc:
            log.warning("ask not forgotten", detail=exc.detail)

    def _start(self, work: Coroutine[Any, Any, None], number: int) -> None:
        task = asyncio.create_task(work, name=f"ask-{number}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
