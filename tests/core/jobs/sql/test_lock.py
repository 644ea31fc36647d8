"""One bot a data folder."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.errors import ConfigError
from core.jobs.sql import lock
from core.jobs.sql.lock import held

HOLDER = """
import asyncio, sys
from pathlib import Path
from core.jobs.sql.lock import held
async def main():
    async with held(Path(sys.argv[1])):
        print("held", flush=True)
        await asyncio.to_thread(sys.stdin.read)
asyncio.run(main())
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the folder until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        cwd=Path(__file__).parents[4],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()
    if process.stdin is not None:
        process.stdin.close()


async def test_a_second_bot_is_told_so(tmp_path: Path, holder, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lock, "_PATIENCE", 0.0)
    with pytest.raises(ConfigError) as caught:
        async with held(tmp_path):
            pytest.fail("held by two")
    assert str(caught.value) == (
        "STORAGE__DATA: storage.data: names a folder that another running bot uses; "
        "stop that one, or name another folder"
    )


async def test_in_one_process_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lock, "_PATIENCE", 0.0)
    async with held(tmp_path):
        with pytest.raises(ConfigError):
            async with held(tmp_path):
                pytest.fail("held by two")


@pytest.mark.parametrize("leaves", ["in good order", "by kill -9"])
async def test_it_is_waited_for(tmp_path: Path, holder, leaves: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lock, "_LOOK_EVERY", 0.01)
    ends = {"in good order": holder.stdin.close, "by kill -9": holder.kill}
    end, looks = ends[leaves], 0

    async def look(seconds: float, pause=asyncio.sleep) -> None:
        nonlocal looks
        looks += 1
        if looks == 1:
            end()
        await pause(seconds)

    monkeypatch.setattr("core.jobs.sql.lock.asyncio.sleep", look)
    async with held(tmp_path):
        assert looks


async def test_a_folder_that_was_left_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lock, "_PATIENCE", 0.0)
    for _ in range(2):
        async with held(tmp_path / "new" / "data"):
            pass
