"""The bot as a process."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest

from bot.run import run
from config.models import BotConfig


@pytest.fixture
def thawed() -> Iterator[None]:
    """Nothing stays kept from the collector."""
    yield
    gc.unfreeze()


async def test_what_is_there_before_it_connects_is_not_collected_again_and_again(
    monkeypatch: pytest.MonkeyPatch, thawed: None
) -> None:
    seen: list[Any] = []

    class Bot:
        def __init__(self, config: BotConfig) -> None:
            pass

        async def __aenter__(self) -> Bot:
            return self

        async def __aexit__(self, *exc: object) -> None:
            seen.append("closed")

        async def login(self, token: str) -> None:
            seen.append((token, gc.get_freeze_count()))

        async def connect(self) -> None:
            seen.append(gc.get_freeze_count() > 10_000)

    monkeypatch.setattr("bot.run.ComfyUIBot", Bot)
    await run(BotConfig(), "token")
    assert seen == [("token", 0), True, "closed"]
