"""Lists for screens: they must never keep somebody waiting, nor fail because a server is away."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from core.exceptions import ComfyUIError
from utils.logging import get_logger

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from core.comfyui.workflows.manager import Workflow

log = get_logger(__name__)


def worded(bot: ComfyUIBot) -> list[Workflow]:
    """The workflows that make something of words: what /generate offers. The others are for buttons and edits."""
    return [workflow for workflow in bot.engine.workflows.available() if "prompt" in workflow.supported]


#: Discord drops choices that come after 3 s.
_PATIENCE = 2.0


async def known_loras(bot: ComfyUIBot) -> list[str]:
    """The LoRA files on the server that have a name; empty when it does not list them within two seconds."""
    try:
        async with asyncio.timeout(_PATIENCE):
            names = await bot.engine.catalog.loras()
    except (ComfyUIError, TimeoutError) as exc:
        log.info("loras unknown", detail=repr(exc))
        return []
    return [name for name in dict.fromkeys(names) if name.strip()]
