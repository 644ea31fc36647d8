"""Pictures of the work in progress in the progress message."""

from __future__ import annotations

import gc
import weakref
from io import BytesIO

import discord
import pytest
from PIL import Image

from bot import previews
from bot.previews import Previews
from bot.progress import ProgressBudget, ProgressMessage
from core.progress.metrics import ProgressMetrics, ProgressStatus
from playground.comfyui import Gate
from playground.discord import Interaction, Message
from tests.bot.conftest import Stage, failed
from tests.bot.test_progress import Board

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def drawn(request: pytest.FixtureRequest) -> None:
    if "stage" in request.fixturenames:
        stage: Stage = request.getfixturevalue("stage")
        stage.comfyui.settings.previews = True


def shows_one(message: Message) -> bool:
    embed = message.embed or {}
    return [f.filename for f in message.attachments] == ["preview.webp"] and "thumbnail" in embed


def is_result(message: Message) -> bool:
    return any(file.filename.startswith("discomfy_") for file in message.attachments)


def frame(size: tuple[int, int] = (1024, 512), kind: str = "JPEG") -> bytes:
    out = BytesIO()
    Image.new("RGB", size, (10, 90, 200)).save(out, kind)
    return out.getvalue()


async def running(stage: Stage) -> tuple[Interaction, Gate]:
    gate = stage.comfyui.pause("progress", skip=2)
    reply = await stage.generate(prompt="a fox", workflow="flux_lora", steps=4)
    await gate.reached()
    return reply, gate


async def test_the_picture_stands_beside_the_progress_and_the_result_takes_its_place(stage: Stage) -> None:
    reply, gate = await running(stage)
    message = await reply.until(shows_one)
    assert "step" in message.text
    gate.release()
    message = await reply.until(is_result)
    assert len(message.attachments) == 1
    assert "thumbnail" not in (message.embed or {})


async def test_a_failure_has_no_picture(stage: Stage) -> None:
    stage.comfyui.faults.fail_node("VAEDecode")
    reply, gate = await running(stage)
    await reply.until(shows_one)
    gate.release()
    message = await reply.until(failed)
    assert message.attachments == ()


async def test_a_frame_without_measure_is_passed_over(stage: Stage) -> None:
    stage.comfyui.faults.preview_bytes = 5 * 1024 * 1024
    reply, gate = await running(stage)
    message = await reply.until(lambda m: "step 2 of 4" in m.text)
    assert message.attachments == ()
    gate.release()
    await reply.until(lambda m: is_result(m) or failed(m))


@pytest.mark.parametrize("settings", [{"progress": {"previews": False}}], indirect=True)
async def test_none_is_shown_where_the_configuration_wants_none(stage: Stage) -> None:
    reply, gate = await running(stage)
    message = await reply.until(lambda m: "step 2 of 4" in m.text)
    assert message.attachments == ()
    gate.release()
    await reply.until(is_result)


async def test_the_picture_comes_back_after_a_restart(stage: Stage) -> None:
    reply, gate = await running(stage)
    await reply.until(shows_one)
    await stage.stop()
    await stage.start()
    message = await reply.until(lambda m: not m.attachments)  # the old one says nothing of now
    assert "thumbnail" not in (message.embed or {})
    gate.release()
    await reply.until(is_result)


async def test_a_picture_that_discord_does_not_take_costs_no_progress(stage: Stage) -> None:
    stage.discord.faults.status(413, "PATCH", "/webhooks/*", files=True)
    reply, gate = await running(stage)
    assert (await reply.until(lambda m: "step 2 of 4" in m.text)).attachments == ()
    gate.release()
    await reply.until(is_result)


async def test_newer_servers_are_asked_for_them(stage: Stage) -> None:
    stage.comfyui.settings.previews, stage.comfyui.settings.newer = False, True
    reply, gate = await running(stage)
    await reply.until(shows_one)
    gate.release()
    await reply.until(is_result)


class Frames:
    """What a server sends, and what is made of it."""

    def __init__(self) -> None:
        self.now: bytes | None = None
        self.previews = Previews(lambda: self.now)


async def test_pictures_are_small_and_the_latest() -> None:
    frames = Frames()
    assert await frames.previews.latest() is None
    frames.now = frame()
    first = await frames.previews.latest()
    assert first is not None
    with Image.open(BytesIO(first)) as image:
        assert (image.format, image.size) == ("WEBP", (512, 256))
    frames.now = frame((64, 64), "PNG")
    second = await frames.previews.latest()
    assert second is not None
    with Image.open(BytesIO(second)) as image:
        assert image.size == (64, 64)


async def test_the_same_frame_is_made_small_once(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = Frames()
    frames.now = frame()
    made = await frames.previews.latest()
    monkeypatch.setattr(previews, "_shrunk", None)
    assert await frames.previews.latest() is made


async def test_nothing_is_kept_when_the_job_is_over() -> None:
    board, shown = Board(), Previews(frame)
    seen = weakref.ref(shown)
    message = ProgressMessage(
        board,  # type: ignore[arg-type] - what is used of it
        lambda metrics: discord.Embed(),
        lambda: ProgressMetrics(0, "step 0", ProgressStatus.RUNNING),
        ProgressBudget(0.0),
        previews=shown,
    )
    del shown
    async with message:
        await board.until(lambda: board.tried == 1)
    gc.collect()
    assert seen() is None


@pytest.mark.parametrize("broken", [b"", b"garbage", frame()[:300], frame() + bytes(5 * 1024 * 1024)])
async def test_the_one_before_stays_where_a_frame_is_damaged_or_too_large(broken: bytes) -> None:
    frames = Frames()
    frames.now = frame()
    made = await frames.previews.latest()
    frames.now = broken
    assert await frames.previews.latest() is made


async def test_nothing_is_left_of_it_when_the_job_begins_anew() -> None:
    frames = Frames()
    frames.now = frame()
    assert await frames.previews.latest() is not None
    frames.now = None
    assert await frames.previews.latest() is None
