"""A bot that finds Discord closed when it starts comes in as soon as it opens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from playground.discord import DiscordServer
from tests.matrix.conftest import NO_PROCESSES, OpenScene
from tests.matrix.scene import End

pytestmark = [pytest.mark.integration, NO_PROCESSES]


@pytest.mark.parametrize(
    "closed",
    [
        lambda discord: discord.refuse_gateway(),
        lambda discord: discord.faults.status(503, "GET", "/users/@me"),
        lambda discord: discord.faults.reset("GET", "/users/@me"),
        lambda discord: discord.faults.rate_limit(0.1, "GET", "/users/@me", via=False),
        lambda discord: discord.faults.status(503, "PUT", "/applications/*/commands"),
        lambda discord: discord.faults.reset("GET", "/gateway"),
    ],
    ids=["gateway", "503-login", "reset-login", "429-login", "503-commands", "reset-address"],
)
async def test_the_first_connection_fails(opened: OpenScene, closed: Callable[[DiscordServer], Any]) -> None:
    async with opened(process=True, before=closed) as scene:
        await scene.discord.until(lambda: scene.discord.commands)
        await scene.ask()
        await scene.told({"ada": End.MESSAGE})
        await scene.judge({"ada": End.MESSAGE}, {"ada": 1})
