"""The bot as a process: from the start until it is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import discord

from bot.client import ComfyUIBot
from config.errors import ConfigError

if TYPE_CHECKING:
    from config.models import BotConfig

#: Seconds after which the process ends whatever hangs: a call that never returns holds up everything.
_LAST = 4.5


async def run(config: BotConfig, token: str) -> None:
    """Run the bot until it is stopped.

    Raises:
        ConfigError: Discord does not know the token.
        DisComfyError: the bot cannot work as it is set up.
    """
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # there is no voice here to warn about
    with _ended_by_sigterm():
        async with ComfyUIBot(config) as bot:
            try:
                await bot.login(token)
                # What is there by now stays. To look through all of it again and again took a tenth of a second each.
                gc.collect()
                gc.freeze()
                await bot.connect()
            except discord.LoginFailure as exc:
                remedy = "copy it anew from discord.com/developers"
                raise ConfigError("DISCORD_TOKEN", "discord.token", "is not known to Discord", remedy) from exc


@contextlib.contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """SIGTERM ends the block in good order, as Ctrl-C does, and the process. Windows has no such signal to wait for."""
    task = asyncio.current_task()

    def end() -> None:
        last = threading.Timer(_LAST, os._exit, (0,))
        last.daemon = True
        last.start()
        assert task is not None
        task.cancel("SIGTERM")

    if sys.platform != "win32":
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end)
    try:
        yield
    except asyncio.CancelledError as exc:
        if exc.args != ("SIGTERM",):
            raise
        # All is given back. Python would spend another second or two on taking itself apart, on a busy machine.
        logging.shutdown()
        os._exit(0)
