"""Lists for screens: they must never keep somebody waiting, nor fail because a server is away."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from bot.restriction import Place, offered
from core.exceptions import ComfyUIError
from core.jobs.store import StoreError
from utils.logging import get_logger

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from core.comfyui.workflows.manager import Workflow
    from core.jobs.models import Job

log = get_logger(__name__)

#: Discord drops choices that come after 3 s.
_PATIENCE = 2.0
_PAST = 100


def worded(bot: ComfyUIBot, at: Place | None = None) -> list[Workflow]:
    """The workflows that make something of words: what /generate offers. The others are for buttons and edits.

    Args:
        at: as `bot.restriction.offered` takes it.
    """
    return [w for w in offered(bot, at) if "prompt" in w.supported and w.type != "upscale"]


def preferred(bot: ComfyUIBot, workflows: Iterable[Workflow], *wanted: str) -> Workflow | None:
    """The first of the wanted names that is among the workflows, else the configured one, else any; None of none."""
    able = {workflow.name: workflow for workflow in workflows}
    named = (*wanted, bot.config.generation.default_workflow)
    return next((able[name] for name in named if name in able), next(iter(able.values()), None))


async def known_loras(bot: ComfyUIBot, workflow: Workflow | None = None) -> list[str]:
    """The LoRA files on the server that have a name, those for ``workflow`` where it is given.

    Empty when the server does not list them within two seconds.
    """
    try:
        async with asyncio.timeout(_PATIENCE):
            names = await bot.engine.catalog.loras()
    except (ComfyUIError, TimeoutError) as exc:
        log.info("loras unknown", detail=repr(exc))
        return []
    named = [name for name in dict.fromkeys(names) if name.strip()]
    return named if workflow is None else fitting(named, workflow)


async def words_of_loras(bot: ComfyUIBot, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """LoRA → the words that it answers to, of those where the server tells some within two seconds."""
    found = dict[str, tuple[str, ...]]()

    async def read(name: str) -> None:
        found[name] = await bot.engine.catalog.lora_words(name)

    try:
        async with asyncio.timeout(_PATIENCE):
            await asyncio.gather(*map(read, names))
    except (ComfyUIError, TimeoutError) as exc:
        log.info("words of loras unknown", detail=repr(exc))
    return {name: words for name, words in found.items() if words}


async def past_jobs(bot: ComfyUIBot, user_id: int) -> list[Job]:
    """Somebody's last jobs, the newest first; none when the store does not list them within two seconds."""
    try:
        async with asyncio.timeout(_PATIENCE):
            return await bot.engine.jobs.store.find(owner=user_id, limit=_PAST)
    except (StoreError, TimeoutError) as exc:
        log.info("jobs unknown", detail=getattr(exc, "detail", None) or repr(exc))
        return []


async def queue_length(bot: ComfyUIBot) -> int | None:
    """How many prompts, anybody's, run or wait on the server; None when it does not say within two seconds."""
    try:
        async with asyncio.timeout(_PATIENCE):
            return await bot.engine.client.get_queue_remaining()
    except (ComfyUIError, TimeoutError) as exc:
        log.info("queue unknown", detail=repr(exc))
        return None


def fitting(loras: Sequence[str], workflow: Workflow) -> list[str]:
    """Those of the LoRA files that a workflow may have."""
    return [name for name in loras if workflow.takes_lora(name)]
