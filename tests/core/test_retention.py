"""What is kept of the results, and that nothing goes which is needed."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Collection
from pathlib import Path

import pytest

from core.engine import open_engine
from core.exceptions import GenerationError
from core.jobs.models import Job, JobState, Origin
from core.jobs.store import MemoryJobStore, StoreError
from core.retention import Retention
from utils.retention import Limits

OLD = "0e984725-c51c-4bf4-9960-e1c80e27aba{}"


def aged(folder: Path, count: int, name: str = "{}.png") -> None:
    """Files, each younger than the one before."""
    folder.mkdir(exist_ok=True)
    for number in range(count):
        path = folder / name.format(number)
        path.write_bytes(b"x")
        os.utime(path, (number, number))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def retention(folder: Path, *needed: str, **limits: float) -> Retention:
    async def ask() -> Collection[str]:
        return needed

    return Retention(folder, Limits(**limits), ask)


async def test_what_is_beyond_the_limits_goes(tmp_path):
    aged(tmp_path, 5)
    assert await retention(tmp_path, files=2).sweep() == 3
    assert names(tmp_path) == ["3.png", "4.png"]


async def test_the_files_of_jobs_that_need_them_stay(tmp_path):
    aged(tmp_path, 4, OLD + "_1.png")
    aged(tmp_path, 2, OLD + "_12.png")
    assert await retention(tmp_path, OLD.format(0), OLD.format(2), files=1).sweep() == 2
    assert names(tmp_path) == [OLD.format(n) for n in ("0_1.png", "0_12.png", "2_1.png", "3_1.png")]


async def test_a_file_that_is_read_stays_for_as_long_as_it_is(tmp_path):
    aged(tmp_path, 2)
    kept = retention(tmp_path, files=1)
    with kept.hold(tmp_path / "0.png"), kept.hold(tmp_path / "0.png"):
        assert await kept.sweep() == 0
    with kept.hold(Path("0.png")):
        assert await kept.sweep() == 0
    assert await kept.sweep() == 1


async def test_files_that_were_read_are_forgotten(tmp_path):
    kept = retention(tmp_path)
    with kept.hold(tmp_path / "0.png"):
        assert list(kept._held) == ["0.png"]
    assert not list(kept._held)


async def test_a_file_that_is_taken_up_while_others_are_removed_stays(tmp_path, monkeypatch):
    aged(tmp_path, 3)
    kept, reached, go_on = retention(tmp_path, files=0, days=1), threading.Event(), threading.Event()
    unlink = Path.unlink

    def slowly(path: Path, missing_ok: bool = False) -> None:
        monkeypatch.setattr(Path, "unlink", unlink)
        unlink(path)
        kept._removing.release()
        reached.set()
        go_on.wait(5)
        kept._removing.acquire()

    monkeypatch.setattr(Path, "unlink", slowly)
    sweep = asyncio.create_task(kept.sweep())
    await asyncio.to_thread(reached.wait, 5)
    with kept.hold(tmp_path / "0.png"):
        go_on.set()
        assert await sweep == 2
    assert names(tmp_path) == ["0.png"]


async def test_halves_of_files_go_when_nobody_writes_them_any_more(tmp_path):
    aged(tmp_path, 2, ".{}.png.part")
    os.utime(tmp_path / ".1.png.part")
    assert await retention(tmp_path).sweep() == 1
    assert names(tmp_path) == [".1.png.part"]


async def test_one_file_that_cannot_be_removed_keeps_no_other(tmp_path, monkeypatch, caplog):
    aged(tmp_path, 3)
    unlink = Path.unlink

    def refuse(path: Path) -> None:
        if path.name == "1.png":
            raise PermissionError(13, "no", str(path))
        unlink(path)

    monkeypatch.setattr(Path, "unlink", refuse)
    assert await retention(tmp_path, days=1).sweep() == 2
    assert names(tmp_path) == ["1.png"]
    assert caplog.messages == ["old result stays"]


async def test_nothing_goes_while_nobody_can_tell_what_is_needed(tmp_path, caplog):
    async def ask() -> Collection[str]:
        raise StoreError("The jobs cannot be read.")

    aged(tmp_path, 3)
    assert await Retention(tmp_path, Limits(files=1), ask).sweep() == 0
    assert (len(names(tmp_path)), caplog.messages) == (3, ["old results stay"])


# In the engine


async def test_a_store_says_what_is_needed(comfyui, config_of, house, tmp_path):
    store = MemoryJobStore()
    config = config_of(comfyui.url, storage={"max_files": 1, "outputs": str(tmp_path / "kept")})
    states = (JobState.STORED, JobState.FINISHED, JobState.FINISHED)
    for number, (state, origin) in enumerate(zip(states, (None, Origin(1), None), strict=True)):
        await store.add(Job(OLD.format(number), 1, house.request(), origin, state=state), {})
    aged(tmp_path / "kept", 4, OLD + "_1.png")
    async with open_engine(config, store=store) as engine:
        await engine.retention.sweep()
    assert names(tmp_path / "kept") == [OLD.format(f"{number}_1.png") for number in (0, 1, 3)]


async def test_the_settings_are_the_limits(comfyui, config_of):
    storage = {"max_files": 7, "max_days": 1.5, "max_gigabytes": 0.25}
    async with open_engine(config_of(comfyui.url, storage=storage)) as engine:
        assert engine.retention._limits == Limits(7, 1.5, 250_000_000)


async def test_it_sweeps_at_once_and_again_and_again(comfyui, config_of, until, monkeypatch):
    monkeypatch.setattr("core.retention._SWEEP_EVERY", 0.0)
    config = config_of(comfyui.url, storage={"max_files": 1})
    folder = Path(config.storage.outputs)
    async with open_engine(config):
        for count in (3, 5):
            aged(folder, count)
            await until(lambda count=count: names(folder) == [f"{count - 1}.png"])


async def test_a_folder_that_cannot_be_swept_is_logged_and_tried_again(
    comfyui, config_of, until, monkeypatch, caplog, tmp_path
):
    monkeypatch.setattr("core.retention._SWEEP_EVERY", 0.0)
    (tmp_path / "results").write_bytes(b"")
    async with open_engine(config_of(comfyui.url)):
        await until(lambda: caplog.text.count("old results stay") > 1)


async def test_a_full_disk_is_swept_before_a_job_is_given_up(build_house, monkeypatch):
    house = await build_house(storage={"max_files": 1})
    await house.engine.retention.sweep()
    stream = house.engine.client.stream_output

    async def full_while_it_is_there(*args, **options) -> int:
        if (house.outputs / "0.png").exists():
            raise OSError(28, "No space left on device")
        return await stream(*args, **options)

    monkeypatch.setattr(house.engine.client, "stream_output", full_while_it_is_there)
    aged(house.outputs, 2)
    handle = await house.engine.jobs.submit(house.request())
    assert (await handle.result()).files
    assert not (house.outputs / "0.png").exists()


async def test_a_full_disk_fails_its_own_job_alone(house, monkeypatch):
    stream = house.engine.client.stream_output

    async def full_for_one(target, *args, **options) -> int:
        if first.job.id in target.name:
            raise OSError(28, "No space left on device", target.name)
        return await stream(target, *args, **options)

    monkeypatch.setattr(house.engine.client, "stream_output", full_for_one)
    first, second = [await house.engine.jobs.submit(house.request(seed=seed)) for seed in (1, 2)]
    with pytest.raises(GenerationError, match="disk is full; its owner has to make room"):
        await first.result()
    (file,) = (await second.result()).files
    assert list(house.outputs.iterdir()) == [file.path]
