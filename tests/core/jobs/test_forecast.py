"""Places and times as waiting users read them: the bot's queue and the server's are one line to them."""

from __future__ import annotations

import pytest

from core.comfyui.client import ComfyUIClient

pytestmark = pytest.mark.usefixtures("swift")


@pytest.fixture
async def house(build_house):
    return await build_house(comfyui={"concurrency": 2})


async def test_places_count_both_queues_and_the_turns_of_users(house, comfyui, until):
    gate = comfyui.pause("progress")
    jobs = house.engine.jobs
    batch = [await jobs.submit(house.request(seed=seed), owner=1) for seed in range(5)]
    other = await jobs.submit(house.request(seed=9), owner=2)
    await gate.reached()
    await comfyui.wait_for(lambda: len(comfyui.pending) == 1)
    await until(lambda: batch[1].tracker.get_metrics().queue_position == 1)
    places = [handle.tracker.get_metrics().queue_position for handle in (*batch, other)]
    assert places == [None, 1, 2, 4, 5, 3]
    assert [handle.job.id for handle in jobs.handles()] == [handle.job.id for handle in (*batch[:3], other, *batch[3:])]
    assert (jobs.forecast.on_server, jobs.forecast.waiting) == (2, 4)
    gate.release()
    for handle in (*batch, other):
        await handle.result()
    ran = [*batch[:3], other, *batch[3:]]
    assert comfyui.accepted == [handle.job.id for handle in ran]


async def test_prompts_of_other_programs_count_and_make_times_unknown(house, comfyui, picture, until):
    jobs = house.engine.jobs
    await (await jobs.submit(house.request(seed=1))).result()
    gate = comfyui.pause("progress")
    async with ComfyUIClient(comfyui.url) as stranger:
        for seed in (71, 72, 73):
            await stranger.queue_prompt(picture(seed=seed))
    await gate.reached()
    handles = [await jobs.submit(house.request(seed=seed)) for seed in (2, 3, 4)]
    await comfyui.wait_for(lambda: len(comfyui.pending) == 4)
    await until(lambda: jobs.forecast.on_server == 5)
    assert [jobs.forecast.ahead(handle.job.id) for handle in handles] == [3, 4, 5]
    assert [handle.tracker.get_metrics().remaining for handle in handles] == [None] * 3
    gate.release()
    for handle in handles:
        await handle.result()


async def test_times_add_up(house, comfyui, until):
    jobs = house.engine.jobs
    first = await jobs.submit(house.request(seed=1))
    await first.result()
    took = first.tracker.running_seconds
    gate = comfyui.pause("execution_start")
    handles = [await jobs.submit(house.request(seed=seed)) for seed in (2, 3, 4, 5)]
    await gate.reached()
    await comfyui.wait_for(lambda: len(comfyui.pending) == 1)
    await until(lambda: handles[1].tracker.get_metrics().queue_position == 1)
    remaining = [handle.tracker.get_metrics().remaining for handle in handles]
    assert remaining == pytest.approx([took, 2 * took, 3 * took, 4 * took], rel=0.05)
    gate.release()
    for handle in handles:
        await handle.result()


async def test_a_job_that_is_over_has_no_place(house):
    handle = await house.engine.jobs.submit(house.request())
    await handle.result()
    forecast = house.engine.jobs.forecast
    assert (forecast.ahead(handle.job.id), forecast.wait(handle.job.id)) == (None, None)
