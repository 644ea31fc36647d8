"""Trying again what was lost: one click, two, or one from before a restart make one job."""

from __future__ import annotations

import pytest

from core.jobs.models import Delivery, JobState
from tests.matrix.conftest import NO_PROCESSES, OpenScene
from tests.matrix.scene import PATIENCE, RETRY, End, Scene
from tests.matrix.stages import RUNNING

pytestmark = [pytest.mark.integration, NO_PROCESSES]


async def lose(scene: Scene) -> None:
    """Ada's job is lost, and she has been told."""
    await RUNNING.reach(scene)
    await scene.asked["ada"].until(lambda message: "step" in message.text, PATIENCE)
    await scene.comfyui.kill()
    scene.let_work_go()
    await scene.comfyui.revive()
    await scene.told({"ada": End.LOST})


@pytest.mark.parametrize("restarted", [False, True], ids=["at-once", "after-a-restart"])
async def test_two_clicks_make_one_job(opened: OpenScene, restarted: bool) -> None:
    async with opened(process=restarted, comfyui={"retries": 0}) as scene:
        await lose(scene)
        if restarted:
            await scene.bot.stop()
            await scene.bot.start()
        message, ada = scene.asked["ada"].message, scene.user("ada")
        assert message is not None
        clicks = [await ada.click(message, RETRY) for _ in range(2)]
        await scene.told({"ada": End.MESSAGE})
        for click in clicks:
            await click.answered(PATIENCE)
        again, lost = await scene.jobs()
        assert (lost.state, lost.retried_as) == (JobState.LOST, again.id)
        assert (again.state, again.request, again.delivery) == (JobState.FINISHED, lost.request, Delivery.DONE)
        assert scene.comfyui.accepted == [lost.id, again.id]
        assert list(scene.holders().values()) == [[message.id]]
        scene.judge_manners()


@pytest.mark.parametrize("status", [429, 500])
async def test_what_came_of_trying_again_is_not_covered_by_why_it_was_tried_again(
    opened: OpenScene, status: int
) -> None:
    """429 without a header is raised at once; with a 500, discord.py itself tells once more why."""
    async with opened(process=False, comfyui={"retries": 0}) as scene:
        telling = scene.discord.faults.hold("PATCH", after_effect=True, text=f'"label":"{RETRY}"')
        await lose(scene)
        await telling.reached(PATIENCE)
        message, ada = scene.asked["ada"].message, scene.user("ada")
        assert message is not None
        await ada.click(message, RETRY)
        await scene.comfyui.wait_for(lambda: len(scene.comfyui.history) == 1 and len(scene.comfyui.accepted) == 2)
        telling.fail(status)
        await scene.jobs()
        await scene.told({"ada": End.MESSAGE})
