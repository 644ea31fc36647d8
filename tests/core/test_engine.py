"""Everything that generates, put together from the configuration."""

from __future__ import annotations

import asyncio

from core.engine import open_engine


def leftovers() -> list[str]:
    names = (task.get_name() for task in asyncio.all_tasks())
    return [name for name in names if name.startswith(("comfyui-", "job-", "outputs-", "catalog-"))]


async def test_its_parts_work_together(house, comfyui):
    handle = await house.engine.jobs.submit(house.request())
    (file,) = (await handle.result()).files
    assert file.path.parent == house.outputs
    assert await house.engine.catalog.loras()
    assert [workflow.name for workflow in house.engine.workflows.available()] == ["fox"]


async def test_it_opens_when_the_server_is_away_and_works_when_it_is_back(comfyui, config_of):
    await comfyui.kill()
    async with open_engine(config_of(comfyui.url)) as engine:
        assert await engine.client.test_connection() is False
        await comfyui.revive()
        assert (await engine.generator.generate("a fox"))[0]


async def test_closing_it_leaves_nothing(comfyui, config_of):
    async with open_engine(config_of(comfyui.url)) as engine:
        await engine.generator.generate("a fox")
        assert leftovers() != []
    assert leftovers() == []
    await comfyui.wait_for(lambda: comfyui.open_sockets == 0)


async def test_the_settings_reach_the_parts(comfyui, config_of):
    config = config_of(
        comfyui.url,
        comfyui={"api_key": "k", "timeout": 7, "silence_timeout": 3, "offline_timeout": 4, "job_timeout": 5},
    )
    async with open_engine(config) as engine:
        executor = engine.generator._executor
        assert (engine.client.base_url, engine.client.timeout) == (comfyui.url, 7)
        assert engine.client._headers == {"Authorization": "Bearer k"}
        assert executor._socket._silence_timeout == 3
        assert (executor._outage._timeout, executor._job_timeout) == (4, 5)
