"""The process that ends others when their parent is gone."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from playground.demo.keeper import end, told
from playground.demo.keeping import PROGRAM, kept

SLEEPER = (sys.executable, "-c", "import time; time.sleep(60)")


@pytest.fixture
async def sleeper() -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(*SLEEPER)


async def test_what_it_keeps_ends_with_the_pipe(sleeper: asyncio.subprocess.Process) -> None:
    other = await asyncio.create_subprocess_exec(*SLEEPER)
    keeper = await asyncio.create_subprocess_exec(*(sys.executable, "-I", "-S", str(PROGRAM)), stdin=subprocess.PIPE)
    async with asyncio.timeout(30):
        await keeper.communicate(f"+{sleeper.pid}\n+{other.pid}\n-{other.pid}\n".encode())
        assert await sleeper.wait() == -15
    assert other.returncode is None
    other.kill()
    await other.wait()


async def test_a_demo_that_ends_in_good_order_leaves_it_nothing_to_do(
    sleeper: asyncio.subprocess.Process, tmp_path: Path
) -> None:
    async with asyncio.timeout(30), kept(tmp_path) as keeper:
        with keeper.keeping(sleeper.pid):
            pass
    assert sleeper.returncode is None
    sleeper.kill()
    await sleeper.wait()


async def test_who_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playground.demo.keeper.PATIENCE", 0.1)
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", deaf, stdout=subprocess.PIPE)
    assert process.stdout is not None
    await process.stdout.readline()
    await asyncio.to_thread(end, [process.pid])
    assert await process.wait() == -9


async def test_nobody_is_there_under_the_number_of_one_who_has_gone(sleeper: asyncio.subprocess.Process) -> None:
    sleeper.kill()
    await sleeper.wait()
    assert not told(sleeper.pid, 0)
