"""What is remembered of messages, by a bot and by the next one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot import sources as module
from bot.shown import Shown, Source
from bot.sources import Sources
from core.jobs.models import Form
from core.jobs.store import MemoryJobStore, StoreError
from tests.bot.conftest import Logged

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FILE = Shown("a.png", "https://cdn.discordapp.com/a.png", "images")


def source(number: int) -> Source:
    return Source(1, number, 2, (FILE,))


class Clock:
    """A time that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


async def test_what_is_kept_is_remembered_by_the_next_bot() -> None:
    store, first, second = MemoryJobStore(), Sources(), Sources()
    for number in (1, 2):
        first.note(source(number))
    await first.keep(store, source(1), owner=7)
    await second.recall(store)
    assert second.get(1) == source(1)
    assert second.get(2) is None
    assert [form.owner for form in await store.forms()] == [7]


async def test_addresses_that_are_no_longer_good_are_forgotten() -> None:
    store, clock = MemoryJobStore(), Clock()
    first, second = Sources(clock), Sources(clock)
    first.note(source(1))
    await first.keep(store, source(1), owner=7)
    clock.now += timedelta(hours=12)
    assert first.get(1) is None
    await second.recall(store)
    assert second.get(1) is None
    assert await store.forms() == []


async def test_only_the_youngest_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 2)
    store, remembered = MemoryJobStore(), Sources()
    for number in (1, 2, 3):
        remembered.note(source(number))
        await remembered.keep(store, source(number), owner=7)
    assert [remembered.get(number) is None for number in (1, 2, 3)] == [True, False, False]
    assert {form.token for form in await store.forms()} == {"menu:2", "menu:3"}


async def test_other_forms_are_left_alone_and_those_of_another_version_dropped() -> None:
    store, remembered = MemoryJobStore(), Sources()
    later = datetime.now(UTC) + timedelta(hours=1)
    await store.keep_form(Form("0" * 32, 7, {"draft": {}}, later))
    await store.keep_form(Form("menu:1", 7, {"message": 1}, later))
    await remembered.recall(store)
    assert [form.token for form in await store.forms()] == ["0" * 32]


async def test_a_store_that_does_not_work_keeps_nobody_from_anything(
    monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    async def fail(form: Form) -> None:
        raise StoreError("It does not work.", detail="disk gone")

    store, remembered = MemoryJobStore(), Sources()
    monkeypatch.setattr(store, "keep_form", fail)
    remembered.note(source(1))
    await remembered.keep(store, source(1), owner=7)
    assert remembered.get(1) == source(1)
    assert logged("message of a menu not kept") == [{"message": 1, "detail": "disk gone"}]
