from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from playground.demo.signals import ended_by_signals


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """They are as they were."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_ends_the_block_in_good_order_and_further_ones_hurry_it(number: signal.Signals) -> None:
    seen: list[str] = []
    with ended_by_signals(lambda: seen.append("again")):
        os.kill(os.getpid(), number)
        try:
            await asyncio.sleep(60)
        finally:
            os.kill(os.getpid(), number)
            await asyncio.sleep(0.01)
            seen.append("given back")
    assert seen == ["again", "given back"]
    await asyncio.sleep(0)  # nothing is left of it


async def test_a_signal_that_was_ignored_stays_so() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with ended_by_signals(lambda: None):
        os.kill(os.getpid(), signal.SIGHUP)
        await asyncio.sleep(0.01)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


async def test_who_cancels_it_for_another_reason_hears_of_it() -> None:
    async def block() -> None:
        with ended_by_signals(lambda: None):
            await asyncio.sleep(60)

    task = asyncio.create_task(block())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
