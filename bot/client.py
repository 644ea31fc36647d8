"""The bot: owns its resources, opens them once, and unwinds them in the order in which they were opened."""

from __future__ import annotations

import asyncio
import shutil
import time
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import discord

from bot.asks import Asks
from bot.connection import PatientClient, ended
from bot.errors import NOT_TAKEN, Tree, passes, speak_to
from bot.progress import ProgressBudget, ProgressCallback
from bot.sources import Sources
from config.errors import ConfigError
from utils.logging import get_logger
from utils.rate_limit import RateLimitConfig, RateLimiter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bot.desk import Desk
    from bot.ui.base import BaseView
    from config.models import BotConfig
    from core.engine import Engine
    from core.progress.tracker import ProgressMetrics

log = get_logger(__name__)

#: Seconds between two attempts to tell Discord of the commands.
_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 600.0


class ComfyUIBot(PatientClient):
    """A Discord client whose commands generate on ComfyUI.

    Args:
        config: all of it; the token is not needed before `start`.
        options: passed to `discord.Client`.

    Attributes:
        engine: what generates; there from `setup_hook` on, like the desk.
        desk: where jobs are seen through.
        open_forms: the views that discord.py holds for somebody, by their tokens.
        asks: the answers that are owed, and no job's yet.
        sources: the messages that menus were opened on lately.
        under_way: the clicks of users that are making jobs, as `bot.clicks` calls them.
    """

    engine: Engine
    desk: Desk

    def __init__(self, config: BotConfig, **options: Any) -> None:
        # The default intents hold nothing privileged: commands, buttons and forms need no message content.
        super().__init__(
            api_url=config.discord.api_url,
            intents=discord.Intents.default(),
            allowed_mentions=discord.AllowedMentions.none(),
            **options,
        )
        self.config = config
        self.tree = Tree.of(self)
        self.open_forms: WeakValueDictionary[str, BaseView] = WeakValueDictionary()
        self.under_way: set[tuple[int, str]] = set()
        self.sources = Sources()
        self.asks = Asks(self)
        self.started_at = time.time()
        self.progress_budget = ProgressBudget(config.generation.progress_interval)
        security = config.security
        self.rate_limiter = RateLimiter(
            RateLimitConfig(security.per_user, security.global_limit, security.window_seconds)
        )
        self._told: list[dict[str, Any]] = []

    async def setup_hook(self) -> None:
        """Open the engine, take up what an earlier process left, and tell Discord of the commands."""
        from bot.commands import register
        from bot.desk import Desk
        from bot.kept_forms import restore_forms
        from bot.menus.picking import PicturePick
        from bot.parcels import folder_of_made
        from bot.translator import PhraseTranslator
        from bot.ui.base import StaleControl
        from bot.ui.buttons import CancelButton, RetryButton
        from bot.ui.result import RESULT_BUTTONS, PictureSelect
        from core.engine import open_engine
        from core.jobs.sql import open_store
        from core.media.setting import check_metadata_setting

        check_metadata_setting(self.config)
        store = await self._resources.enter_async_context(open_store(self.config))
        await asyncio.to_thread(shutil.rmtree, folder_of_made(self.config), ignore_errors=True)
        self.engine = await self._resources.enter_async_context(open_engine(self.config, store=store))
        await self._resources.enter_async_context(self.asks)
        self.desk = await self._resources.enter_async_context(Desk(self))
        if not await self.engine.library.refresh():
            log.warning("comfyui is away; jobs are refused until it is back", url=self.config.comfyui.url)
        await self.desk.recover()
        await self.asks.recover()
        await self.sources.recall(store)
        entries = self.engine.library.entries()
        for entry in entries:
            if entry.problem is not None:
                log.warning("workflow not usable", workflow=entry.name, problem=entry.problem)
        self.add_dynamic_items(*RESULT_BUTTONS, PictureSelect, CancelButton, RetryButton, PicturePick, StaleControl)
        await self.tree.set_translator(PhraseTranslator())
        register(self)
        try:
            await self._tell_commands()
        except NOT_TAKEN as exc:
            if not passes(exc):
                raise
            log.warning("commands not told to discord; trying again", detail=repr(exc))
            telling = asyncio.create_task(self._follow_workflows(), name="workflows-told")
            self._resources.push_async_callback(ended, telling)
        watch = self.engine.library.watching(self._follow_workflows, since=entries)
        await self._resources.enter_async_context(watch)
        self._resources.callback(self._stop_forms)
        await restore_forms(self)

    def _stop_forms(self) -> None:
        for form in list(self.open_forms.values()):
            form.stop()

    async def _follow_workflows(self) -> None:
        """Make the commands anew after a change of the workflows, and tell Discord when they differ.

        What Discord does not take is told again until it does, with the workflows of that moment.
        """
        from bot.commands import register

        pause = _FIRST_PAUSE
        while True:
            self.tree.clear_commands(guild=None)
            register(self)
            if await self._payload() == self._told:
                return
            try:
                await self._tell_commands()
            except (*NOT_TAKEN, ConfigError) as exc:
                log.warning("commands not told to discord; trying again", seconds=pause, detail=repr(exc))
            else:
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _payload(self) -> list[dict[str, Any]]:
        """The commands as Discord is told of them, in every language."""
        translator = self.tree.translator
        assert translator is not None
        return [await command.get_translated_payload(self.tree, translator) for command in self.tree.get_commands()]

    async def _tell_commands(self) -> None:
        guild = discord.Object(self.config.discord.guild_id) if self.config.discord.guild_id else None
        if guild is not None:
            self.tree.clear_commands(guild=guild)
            self.tree.copy_global_to(guild=guild)
        payload = await self._payload()
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

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        from bot.menus.modals import MENU_MODALS
        from bot.ui.base import answer_stray
        from bot.ui.forms import answer_modal
        from bot.ui.modals import MODALS

        speak_to(interaction)
        if not await answer_modal(interaction, (*MODALS, *MENU_MODALS)):
            await answer_stray(interaction)

    async def on_ready(self) -> None:
        log.info("ready", user=str(self.user), guilds=len(self.guilds))

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
