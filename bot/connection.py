"""The connection to Discord: begun however long that takes, and left within seconds."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import discord

from bot.endpoint import use_api
from bot.errors import NOT_TAKEN, passes
from core.exceptions import DisComfyError
from utils.logging import get_logger

log = get_logger(__name__)

#: Seconds between two attempts to reach Discord at all.
_SHORTEST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
#: Seconds for what is open when the client goes, uploads among it, and for Discord to hear that it goes.
_TO_GIVE_BACK, _TO_SAY_GOODBYE = 4.0, 0.3
#: Seconds for those to be told whose command or click comes to nothing by that.
_TO_ANSWER = 1.0
#: How discord.py calls the tasks of commands and clicks.
_HANDLERS = ("CommandTree-invoker", "discord-ui-view-dispatch", "discord-ui-modal-dispatch", "discord-ui-dynamic-item")


class PatientClient(discord.Client):
    """A client that outlasts a Discord that is away, and that nothing can keep when it goes.

    What is entered into ``_resources`` is given back by `close`.

    Args:
        api_url: the address of another Discord-compatible API.
        options: passed to `discord.Client`.
    """

    def __init__(self, *, api_url: str | None, **options: Any) -> None:
        super().__init__(**options)
        self._api_url = api_url
        self._resources = contextlib.AsyncExitStack()
        self._listening: asyncio.Task[None] | None = None
        self._leaving: asyncio.Task[None] | None = None

    @property
    def closing(self) -> bool:
        """Whether it is about to go, and takes nothing new."""
        return self._leaving is not None

    async def login(self, token: str) -> None:
        """Log in, however long it takes until Discord can be reached.

        Raises:
            discord.LoginFailure: Discord does not know the token.
            ConfigError, DisComfyError: the bot cannot work as it is set up.
        """
        pause = _SHORTEST_PAUSE
        while not self.closing:
            try:
                if self._api_url:
                    await use_api(self._api_url)
                await super().login(token)
            except (*NOT_TAKEN, DisComfyError) as exc:
                if not passes(exc.__cause__ if isinstance(exc, DisComfyError) else exc):
                    raise
                log.warning("discord cannot be reached; trying again", seconds=pause, detail=repr(exc))
            else:
                return
            await self.http.close()  # discord.py opens a session for each attempt
            self.http.connector = discord.utils.MISSING
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def connect(self, *, reconnect: bool = True) -> None:
        """Stay connected until `close`. Being cancelled closes it too; who asks for something meanwhile is told so."""
        self._listening = asyncio.create_task(self._listen(reconnect=reconnect), name="discord-connection")
        try:
            await asyncio.wait({self._listening})
        except asyncio.CancelledError:
            await self.close()
            raise
        if not self._listening.cancelled():
            self._listening.result()

    async def _listen(self, *, reconnect: bool) -> None:
        """When its very first connection fails, discord.py 2.7 looks for a session to resume where there was none yet,
        and ends in an AttributeError. It is begun anew then, at least once a minute.
        """
        pause = _SHORTEST_PAUSE
        while not self.is_closed():
            try:
                await super().connect(reconnect=reconnect)
            except AttributeError:
                if self.ws is not None:
                    raise
            else:
                return
            log.warning("discord cannot be reached; trying again", seconds=pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def close(self) -> None:
        """Leave Discord and give everything back, within five seconds whatever hangs.

        ComfyUI is told nothing: what runs there goes on, and the next start takes it up.
        """
        if self._leaving is None:
            self._leaving = asyncio.create_task(self._leave(), name="discord-leaving")
        await asyncio.shield(self._leaving)

    async def _leave(self) -> None:
        try:
            async with asyncio.timeout(_TO_GIVE_BACK):
                await self._resources.aclose()
                await _answered()
        except TimeoutError:
            log.warning("left before everything was given back")
        finally:
            if self._listening is not None:
                await ended(self._listening)
            if self.ws is not None and self.ws.open:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_TO_SAY_GOODBYE):
                        await self.ws.close(code=1000)
            await super().close()


async def _answered() -> None:
    """Wait for the commands and clicks that are being worked on, as long as that is short."""
    handlers = {task for task in asyncio.all_tasks() if task.get_name().startswith(_HANDLERS)}
    if handlers:
        await asyncio.wait(handlers, timeout=_TO_ANSWER)


async def ended(task: asyncio.Task[Any]) -> None:
    """Cancel a task, and wait until it is over."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
