from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator

import pytest

from core.comfyui.catalog import Catalog
from core.comfyui.client import ComfyUIClient
from core.exceptions import ComfyUIError
from playground.comfyui import ComfyUIServer


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def catalog(comfyui: ComfyUIServer, clock: Clock) -> AsyncIterator[Catalog]:
    comfyui.set_models("loras", ["a.safetensors", "sub dir/b.safetensors"])
    async with ComfyUIClient(comfyui.url) as client:
        yield Catalog(client, lifetime=60, clock=clock)


async def test_what_a_server_has(catalog, comfyui):
    assert await catalog.loras() == ["a.safetensors", "sub dir/b.safetensors"]
    assert "sd_xl_base_1.0.safetensors" in await catalog.models("checkpoints")
    assert "KSampler" in await catalog.node_definitions()
    assert [request.path for request in comfyui.requests] == ["/models/loras", "/models/checkpoints", "/object_info"]


async def test_many_ask_and_the_server_is_asked_once(catalog, comfyui):
    answers = await asyncio.gather(*(catalog.loras() for _ in range(20)))
    assert answers == [["a.safetensors", "sub dir/b.safetensors"]] * 20
    assert comfyui.count("GET", "/models/loras") == 1


async def test_a_list_is_kept_for_its_lifetime(catalog, comfyui, clock):
    await catalog.loras()
    comfyui.set_models("loras", ["new.safetensors"])
    clock.now += 59
    assert await catalog.loras() == ["a.safetensors", "sub dir/b.safetensors"]
    clock.now += 1
    assert await catalog.loras() == ["new.safetensors"]
    assert comfyui.count("GET", "/models/loras") == 2


async def test_an_old_list_outlives_its_server(catalog, comfyui, clock):
    await catalog.loras()
    await comfyui.kill()
    clock.now += 3600
    assert await catalog.loras() == ["a.safetensors", "sub dir/b.safetensors"]
    with pytest.raises(ComfyUIError, match="cannot be reached"):
        await catalog.node_definitions()
    await comfyui.revive()
    comfyui.set_models("loras", ["new.safetensors"])
    assert await catalog.loras() == ["new.safetensors"]


async def test_an_old_list_is_not_held_up_by_a_slow_server(catalog, comfyui, clock, monkeypatch):
    monkeypatch.setattr("core.comfyui.catalog._PATIENCE", 0.01)
    await catalog.loras()
    clock.now += 60
    comfyui.set_models("loras", ["new.safetensors"])
    gate = comfyui.pause_request("GET", "/models/loras")
    assert await catalog.loras() == ["a.safetensors", "sub dir/b.safetensors"]
    gate.release()
    await asyncio.gather(*catalog._reads.values())
    assert await catalog.loras() == ["new.safetensors"]
    assert comfyui.count("GET", "/models/loras") == 2


async def test_nothing_older_than_asked_for_will_do(catalog, comfyui, clock):
    await catalog.node_definitions()
    clock.now += 5
    await catalog.node_definitions(max_age=6)
    assert comfyui.count("GET", "/object_info") == 1
    await catalog.node_definitions(max_age=5)
    assert comfyui.count("GET", "/object_info") == 2
    await catalog.node_definitions()
    assert comfyui.count("GET", "/object_info") == 2


async def test_who_asks_for_young_ones_waits_and_hears_that_there_are_none(catalog, comfyui, clock, monkeypatch):
    monkeypatch.setattr("core.comfyui.catalog._PATIENCE", 0.01)
    old = await catalog.node_definitions()
    comfyui.set_models("checkpoints", ["new.safetensors"])
    gate = comfyui.pause_request("GET", "/object_info")
    asking = asyncio.create_task(catalog.node_definitions(max_age=0.0))
    await gate.reached()
    gate.release()
    assert "new.safetensors" in str(await asking)
    await comfyui.kill()
    with pytest.raises(ComfyUIError, match="cannot be reached"):
        await catalog.node_definitions(max_age=0.0)
    assert old != await catalog.node_definitions()


async def test_those_who_ask_at_once_for_young_ones_share_one_request(catalog, comfyui):
    answers = await asyncio.gather(*(catalog.node_definitions(max_age=0.0) for _ in range(5)))
    assert all(answer is answers[0] for answer in answers)
    assert comfyui.count("GET", "/object_info") == 1


async def test_a_failure_is_not_kept(catalog, comfyui):
    comfyui.faults.refuse("/models", 500, times=1)
    with pytest.raises(ComfyUIError, match="status 500"):
        await catalog.loras()
    assert await catalog.loras() == ["a.safetensors", "sub dir/b.safetensors"]


async def test_who_gives_up_asking_takes_nobody_along(catalog, comfyui):
    gate = comfyui.pause_request("GET", "/models/loras")
    first, second = asyncio.create_task(catalog.loras()), asyncio.create_task(catalog.loras())
    await gate.reached()
    first.cancel()
    gate.release()
    assert await second == ["a.safetensors", "sub dir/b.safetensors"]
    assert comfyui.count("GET", "/models/loras") == 1


async def test_asking_ends_in_silence_when_everybody_gave_up(catalog, comfyui, until, caplog):
    gate = comfyui.pause_request("GET", "/models/loras")
    asking = asyncio.create_task(catalog.loras())
    await gate.reached()
    asking.cancel()
    await comfyui.kill()
    gate.release()
    await until(lambda: not catalog._reads)
    del asking
    gc.collect()
    assert "never retrieved" not in caplog.text


async def test_a_lora_is_asked_for_its_words_once_whatever_it_says(catalog, comfyui, clock):
    comfyui.set_metadata("loras", "sub dir/b.safetensors", {"modelspec.trigger_phrase": "sks, dog"})
    comfyui.set_metadata("loras", "a.safetensors", None)
    for _ in range(2):
        answers = await asyncio.gather(*(catalog.lora_words("sub dir/b.safetensors") for _ in range(5)))
        assert answers == [("sks", "dog")] * 5
        assert await catalog.lora_words("a.safetensors") == ()
        clock.now += 3600
    assert comfyui.count("GET", "/view_metadata") == 2
    clock.now += 24 * 3600
    await catalog.lora_words("sub dir/b.safetensors")
    assert comfyui.count("GET", "/view_metadata") == 3


async def test_words_that_could_not_be_asked_for_are_asked_for_again(catalog, comfyui):
    await comfyui.kill()
    with pytest.raises(ComfyUIError):
        await catalog.lora_words("a.safetensors")
    await comfyui.revive()
    comfyui.set_metadata("loras", "a.safetensors", {"modelspec.trigger_phrase": "sks"})
    assert await catalog.lora_words("a.safetensors") == ("sks",)
