"""Processes that are kept running."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from playground.demo import service as module
from playground.demo.child import Child
from playground.demo.keeping import kept
from playground.demo.service import Service

WITHIN = 30.0
FOREVER = "import sys; print('up', flush=True); sys.stdin.read()"


class Programs:
    """What is launched, one Python program after the other, and what was said of it; the last one goes on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.codes: list[str] = [FOREVER]
        self.launched: list[Child] = []
        self.said: asyncio.Queue[str] = asyncio.Queue()
        self.again = asyncio.Event()

    async def launch(self) -> Child:
        code = self.codes[min(len(self.launched), len(self.codes) - 1)]
        self.launched.append(await Child.start((sys.executable, "-c", code), self.folder, {}))
        self.again.set()
        self.again = asyncio.Event()
        return self.launched[-1]

    async def number(self, count: int) -> Child:
        async with asyncio.timeout(WITHIN):
            while len(self.launched) < count:
                await self.again.wait()
        return self.launched[count - 1]

    async def word(self) -> str:
        async with asyncio.timeout(WITHIN):
            return await self.said.get()


Make = Callable[..., Service]


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    return Programs(tmp_path)


@pytest.fixture
async def make(programs: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Make]:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(module, "LONGEST_PAUSE", 0.02)
    async with AsyncExitStack() as stack:
        keeper = await stack.enter_async_context(kept(tmp_path))

        def service(**options: object) -> Service:
            made = Service("The bot", programs.launch, keeper, programs.said.put_nowait, **options)  # type: ignore[arg-type]
            stack.push_async_callback(made.stop)
            return made

        yield service


async def test_what_ends_by_itself_is_said_and_started_again_later_each_time(programs: Programs, make: Make) -> None:
    programs.codes = ["print('no token'); raise SystemExit(3)", "raise SystemExit(4)", "raise SystemExit(5)", FOREVER]
    await make().start()
    said = [await programs.word() for _ in range(3)]
    assert said == [
        'The bot ended by itself with status 3 ("no token"); it is started again in 0.01 s.',
        "The bot ended by itself with status 4; it is started again in 0.02 s.",
        "The bot ended by itself with status 5; it is started again in 0.02 s.",
    ]
    await programs.number(4)


async def test_what_was_killed_is_said_so(programs: Programs, make: Make) -> None:
    service = make()
    await service.start()
    await service.kill()
    assert await programs.word() == "The bot was ended by SIGKILL; it is started again in 0.01 s."
    await programs.number(2)


async def test_a_restart_that_was_asked_for_is_not_worth_a_word(programs: Programs, make: Make) -> None:
    service = make()
    await service.start()
    await service.restart()
    await programs.number(2)
    assert programs.said.empty()


async def test_what_could_be_mended_is_started_at_once(programs: Programs, make: Make) -> None:
    programs.codes = ["print('mistake'); raise SystemExit(2)", FOREVER]
    asked: list[tuple[int, str]] = []
    await make(mend=lambda status, line: not asked.append((status, line))).start()
    await programs.number(2)
    assert asked == [(2, "mistake")]
    assert programs.said.empty()


async def test_stopped_it_is_gone_and_stays_so(programs: Programs, make: Make) -> None:
    service = make()
    await service.start()
    await service.stop()
    assert service.child is None
    assert await programs.launched[0].wait() < 0
    await service.stop()
    assert len(programs.launched) == 1


async def test_one_that_does_not_leave_is_made_to(
    programs: Programs, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    programs.codes = ["import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"]
    service = make()
    await service.start()
    await programs.launched[0].hear(lambda line: line == "up", 30)
    await service.stop()
    assert await programs.launched[0].wait() == -9


async def test_what_cannot_be_started_at_all_is_raised(make: Make, tmp_path: Path) -> None:
    service = make()
    service._launch = lambda: Child.start((str(tmp_path / "nothing"),), tmp_path, {})
    with pytest.raises(FileNotFoundError):
        await service.start()


async def test_what_cannot_be_started_again_is_tried_until_it_can(programs: Programs, make: Make) -> None:
    service = make()
    await service.start()
    service._launch = lambda: Child.start((str(programs.folder / "nothing"),), programs.folder, {})
    await service.kill()
    said = [await programs.word() for _ in range(2)]
    assert said[1] == (
        'The bot ended by itself with status 1 ("No such file or directory"); it is started again in 0.02 s.'
    )
    service._launch = programs.launch
    await programs.number(2)


async def test_nobody_waits_for_a_line_that_cannot_come(tmp_path: Path) -> None:
    child = await Child.start((sys.executable, "-c", "print('last')"), tmp_path, {})
    with pytest.raises(EOFError):
        await child.hear(lambda line: line == "other", 30)
    await child.wait()
    with pytest.raises(EOFError):
        await child.hear(lambda line: line == "other", 30)
    assert child.last_line == "last"
    await child.kill()


async def test_a_line_that_was_said_before_anybody_listened_is_heard(tmp_path: Path) -> None:
    child = await Child.start((sys.executable, "-c", "print('first'); print('last')"), tmp_path, {})
    await child.wait()
    assert await child.hear(lambda line: line == "first", 30) == "first"
    await child.kill()
