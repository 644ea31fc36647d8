"""The fault matrix: whatever goes wrong, and wherever it finds a job, the result comes once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.matrix.conftest import NO_PROCESSES, OpenScene, Shared
from tests.matrix.faults import FAULTS, Fault
from tests.matrix.scene import End, Scene
from tests.matrix.stages import RUNNING, STAGES, Stage

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module"), NO_PROCESSES]

Outcomes = dict[tuple[Any, Any], asyncio.Task[None]]

#: Processes spend most of their lives waiting.
_AT_ONCE = 3


def cells(*, killing: bool) -> list[Any]:
    return [
        pytest.param(fault, stage, id=f"{fault.name}-{stage.name}")
        for fault in FAULTS
        if fault.kills == killing
        for stage in STAGES
        if stage not in fault.left_out
    ]


async def play(scene: Scene, fault: Fault, stage: Stage) -> None:
    """One cell: a job comes to a stage, something goes wrong, and everybody gets what they asked for, once."""
    await fault.bring(scene, stage)
    await fault.strike(scene, stage)
    scene.let_requests_go()
    scene.let_work_go()
    # Bob's job runs while Ada's is stored.
    stands = {"ada": stage, "bob": RUNNING}
    ends = {name: fault.ends.get(at, at.end) for name, at in stands.items()} | {"carol": End.MESSAGE}
    runs = {name: fault.runs.get(at, 1) for name, at in stands.items()} | {"carol": 1}
    await scene.told(ends)
    await scene.discord.until_connected()
    await scene.ask("carol")
    await scene.told(ends)
    await scene.judge(ends, runs)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def outcomes(request: pytest.FixtureRequest, opened: OpenScene) -> AsyncIterator[Outcomes]:
    """The cells with a process of their own that were asked for: some at a time, in their order."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def alone(fault: Any, stage: Any) -> None:
        async with places, opened(process=True, **fault.settings) as scene:
            await play(scene, fault, stage)

    items = (item for item in request.session.items if isinstance(item, pytest.Function))
    wanted = [
        item.callspec.params for item in items if item.originalname == test_delivered_once_by_the_next_bot.__name__
    ]
    tasks = {(cell["fault"], cell["stage"]): asyncio.create_task(alone(**cell)) for cell in wanted}
    yield tasks
    for task in tasks.values():
        task.cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)


@pytest.mark.usefixtures("outcomes")  # meanwhile
@pytest.mark.parametrize(("fault", "stage"), cells(killing=False))
async def test_delivered_once(opened: OpenScene, shared: Shared, fault: Fault, stage: Stage) -> None:
    async with opened(process=False, **fault.settings) if fault.settings else shared.scene() as scene:
        await play(scene, fault, stage)


@pytest.mark.parametrize(("fault", "stage"), cells(killing=True))
async def test_delivered_once_by_the_next_bot(outcomes: Outcomes, fault: Fault, stage: Stage) -> None:
    await outcomes[fault, stage]
