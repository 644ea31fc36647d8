"""The bot: owns its resources, opens them once, and unwinds them in the order in which they were opened."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import discord

from bot.endpoint import use_api
from bot.errors import NOT_TAKEN, Tree, passes
from bot.progress import ProgressBudget, ProgressCallback
from config.errors import ConfigError
from core.exceptions import DisComfyError
from utils.logging import get_logger
from utils.rate_limit import RateLimitConfig, RateLimiter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bot.desk import Desk
    from bot.ui.base import BaseModal, BaseView
    from config.models import BotConfig
    from core.engine import Engine
    from core.progress.tracker import ProgressMetrics

log = get_logger(__name__)

#: Seconds between two attempts to tell Discord of the commands.
_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 600.0
#: Seconds between two attempts to reach Discord at all.
_SHORTEST_PAUSE, _LONGEST_WAIT = 1.0, 60.0
#: Seconds for what is open when the bot goes, uploads among it, and for Discord to hear that it goes.
_TO_GIVE_BACK, _TO_SAY_GOODBYE = 4.0, 0.3


class ComfyUIBot(discord.Client):
    """A Discord client whose commands generate on ComfyUI.

    Args:
        config: all of it; the token is not needed before `start`.
        options: passed to `discord.Client`.

    Attributes:
        engine: what generates; there from `setup_hook` on, like the desk.
        desk: where jobs are seen through.
        open_forms: the views and modals that discord.py holds for somebody, by their tokens.
        under_way: user and custom id of the buttons whose jobs are not over, where a click makes a job at once.
    """

    engine: Engine
    desk: Desk

    def __init__(self, config: BotConfig, **options: Any) -> None:
        # The default intents hold nothing privileged: commands, buttons and forms need no message content.
        super().__init__(intents=discord.Intents.default(), allowed_mentions=discord.AllowedMentions.none(), **options)
        self.config = config
        self.tree = Tree(self)
        self.open_forms: WeakValueDictionary[str, BaseView | BaseModal] = WeakValueDictionary()
        self.under_way: set[tuple[int, str]] = set()
        self.started_at = time.time()
        self.progress_budget = ProgressBudget(config.generation.progress_interval)
        security = config.security
        self.rate_limiter = RateLimiter(
            RateLimitConfig(security.per_user, security.global_limit, security.window_seconds)
        )
        self._told: list[dict[str, Any]] = []
        self._listening: asyncio.Task[None] | None = None
        self._leaving: asyncio.Task[None] | None = None
        self._resources = contextlib.AsyncExitStack()

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
                if self.config.discord.api_url:
                    await use_api(self.config.discord.api_url)
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
            pause = min(2 * pause, _LONGEST_WAIT)

    async def setup_hook(self) -> None:
        """Open the engine, take up what an earlier process left, and tell Discord of the commands."""
        from bot.commands import register
        from bot.desk import Desk
        from bot.ui.base import StaleControl
        from bot.ui.buttons import ACTION_BUTTONS, RetryButton
        from core.engine import open_engine
        from core.jobs.sql import open_store
        from core.media.setting import check_metadata_setting

        check_metadata_setting(self.config)
        store = await self._resources.enter_async_context(open_store(self.config))
        self.engine = await self._resources.enter_async_context(open_engine(self.config, store=store))
        self.desk = await self._resources.enter_async_context(Desk(self))
        if not await self.engine.library.refresh():
            log.warning("comfyui is away; jobs are refused until it is back", url=self.config.comfyui.url)
        await self.desk.recover()
        entries = self.engine.library.entries()
        for entry in entries:
            if entry.problem is not None:
                log.warning("workflow not usable", workflow=entry.name, problem=entry.problem)
        self.add_dynamic_items(*ACTION_BUTTONS, RetryButton, StaleControl)
        register(self)
        try:
            await self._tell_commands()
        except NOT_TAKEN as exc:
            if not passes(exc):
                raise
            log.warning("commands not told to discord; trying again", detail=repr(exc))
            telling = asyncio.create_task(self._follow_workflows(), name="workflows-told")
            self._resources.push_async_callback(_ended, telling)
        watch = self.engine.library.watching(self._follow_workflows, since=entries)
        await self._resources.enter_async_context(watch)

    async def _follow_workflows(self) -> None:
        """Make the commands anew after a change of the workflows, and tell Discord when they differ.

        What Discord does not take is told again until it does, with the workflows of that moment.
        """
        from bot.commands import register

        pause = _FIRST_PAUSE
        while True:
            self.tree.clear_commands(guild=None)
            register(self)
            if self._payload() == self._told:
                return
            try:
                await self._tell_commands()
            except (*NOT_TAKEN, ConfigError) as exc:
                log.warning("commands not told to discord; trying again", seconds=pause, detail=repr(exc))
            else:
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _payload(self) -> list[dict[str, Any]]:
        """The commands as Discord is told of them."""
        return [command.to_dict(self.tree) for command in self.tree.get_commands()]

    async def _tell_commands(self) -> None:
        guild = discord.Object(self.config.discord.guild_id) if self.config.discord.guild_id else None
        if guild is not None:
            self.tree.clear_commands(guild=guild)
            self.tree.copy_global_to(guild=guild)
        payload = self._payload()
        try:
            await self.tree.sync(guild=guild)
        except discord.Forbidden as exc:
            if guild is None:
                raise
            raise ConfigError(
                "DISCORD_GUILD_ID",
                "discord.guild_id",
                "is a guild that is closed to the bot",
                "invite it there with the scope applications.commands, or leave the setting out",
            ) from exc
        self._told = payload

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
            pause = min(2 * pause, _LONGEST_WAIT)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        from bot.ui.base import answer_stray

        await answer_stray(interaction)

    async def on_ready(self) -> None:
        log.info("ready", user=str(self.user), guilds=len(self.guilds))

    async def close(self) -> None:
        """Leave Discord and give everything back, within five seconds whatever hangs.

        ComfyUI is told nothing: what runs there goes on, and the next start takes it up.
        """
        if self._leaving is None:
            self._leaving = asyncio.create_task(self._leave(), name="discord-leaving")
        await asyncio.shield(self._leaving)

    async def _leave(self) -> None:
        for form in list(self.open_forms.values()):
            form.stop()
        try:
            async with asyncio.timeout(_TO_GIVE_BACK):
                await self._resources.aclose()
        except TimeoutError:
            log.warning("left before everything was given back")
        finally:
            if self._listening is not None:
                await _ended(self._listening)
            if self.ws is not None and self.ws.open:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_TO_SAY_GOODBYE):
                        await self.ws.close(code=1000)
            await super().close()

    def _check_rate_limit(self, user_id: int) -> bool:
        """Whether the user may submit a job now; counts it when they may."""
        return self.rate_limiter.check_rate_limit(user_id)

    async def _create_unified_progress_callback(
        self, interaction: discord.Interaction[Any], title: str, prompt: str, settings: Mapping[str, object] | str
    ) -> Callable[[ProgressMetrics], Awaitable[None]]:
        """A callback that shows metrics in the answer to ``interaction``, which must be acknowledged.

        It may be given to `ProgressTracker.add_callback` or called and awaited. It edits no more often than the
        configured interval and only when something changed. Metrics that come in between are passed over, but for a
        final state. An edit that fails is logged.

        Args:
            title: heads the embed.
            prompt: shown below it.
            settings: name → value, or one line about all of them.
        """
        from bot.target import JobMessage

        return ProgressCallback(JobMessage.of(interaction), title, prompt, settings, self.progress_budget)


async def _ended(task: asyncio.Task[Any]) -> None:
    """Cancel a task, and wait until it is over."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
