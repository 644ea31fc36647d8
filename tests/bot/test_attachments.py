"""Files that users send: what of them reaches ComfyUI, and that nothing of them stays."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import pytest
from PIL import Image

from bot.attachments import upload
from bot.errors import UserError
from core.validators import media
from playground.discord import Interaction, Upload
from playground.discord.model import Attachment
from tests.bot.conftest import Stage, done, failed, graph_of, inputs
from tests.bot.graphs import edit

pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize(
        "settings",
        [{"graphs": {"flux_kontext_edit": edit()}, "security": {"max_image_mb": 1, "max_megapixels": 0.5}}],
        indirect=True,
    ),
]


async def send(stage: Stage, data: bytes, name: str = "cat.png") -> Interaction:
    return await stage.ada.slash(stage.channel, "editflux", image=Upload(name, data), prompt="blue")


async def refusal(stage: Stage, data: bytes, name: str = "cat.png") -> str:
    """The sentence about a file; nothing of it went to ComfyUI, and nothing stayed."""
    message = await (await send(stage, data, name)).until(failed)
    assert stage.comfyui.count("POST", "/upload") == 0
    assert leftovers(stage) == []
    return message.text


def leftovers(stage: Stage) -> list[str]:
    return [path.name for path in stage.outputs.iterdir()] if stage.outputs.exists() else []


def sent(stage: Stage) -> Path:
    return stage.comfyui.input_dir / inputs(graph_of(stage), "LoadImage")["image"]


def photo() -> bytes:
    about = Image.Exif()
    about[0x0112], about[0x010F] = 6, "private"
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(out, "JPEG", exif=about)
    return out.getvalue()


async def test_a_picture_arrives_upright_and_without_anything_private(stage: Stage) -> None:
    await (await send(stage, photo(), "IMG 0001.PNG")).until(done)
    with Image.open(sent(stage)) as image:
        assert (image.format, image.size) == ("JPEG", (40, 60))
    assert b"private" not in sent(stage).read_bytes()
    assert sent(stage).suffix == ".jpg"
    assert not any(name.endswith(".part") for name in leftovers(stage))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"MZ an executable", "not a picture, whatever its name says"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "incomplete or damaged"),
        (photo()[:400], "incomplete or damaged"),
    ],
)
async def test_what_only_is_called_a_picture_is_refused(stage: Stage, data: bytes, sentence: str) -> None:
    assert sentence in await refusal(stage, data)


@pytest.mark.parametrize(("size", "sentence"), [((1, 1), "at least 16"), ((20_000, 16), "16384"), ((800, 700), "0.5")])
async def test_a_picture_of_a_size_that_will_not_do_is_refused(stage: Stage, size, sentence: str) -> None:
    out = io.BytesIO()
    Image.new("L", size).save(out, "PNG")
    assert sentence in await refusal(stage, out.getvalue())


async def test_a_file_that_is_larger_than_was_said_is_not_read_to_its_end(stage: Stage, monkeypatch) -> None:
    monkeypatch.setattr(Attachment, "size", 1_000)
    assert "larger than 1 MB" in await refusal(stage, b"\x89PNG\r\n\x1a\n" + bytes(2_000_000))


async def test_a_host_that_hangs_is_given_up_and_holds_up_nobody(stage: Stage, png: bytes, until) -> None:
    held = stage.discord.faults.hold("GET", "/attachments/*", times=3)
    slow = [await send(stage, png) for _ in range(3)]
    await until(lambda: held.hits == 3)
    await (await send(stage, png)).until(done)
    held.release()
    for one in slow:
        await one.until(done)


async def test_a_host_that_takes_too_long_is_a_sentence(stage: Stage, png: bytes, monkeypatch) -> None:
    monkeypatch.setattr("bot.attachments._PATIENCE", 0.01)
    held = stage.discord.faults.hold("GET", "/attachments/*")
    assert "takes too long to hand over the file; send it again" in await refusal(stage, png)
    held.release()


async def test_a_host_that_breaks_off_is_a_sentence(stage: Stage, png: bytes) -> None:
    stage.discord.faults.reset("GET", "/attachments/*", times=None)
    assert "could not be fetched from Discord; send it again" in await refusal(stage, png)


@pytest.mark.parametrize("code", [28, 30])
async def test_a_disk_that_takes_nothing_is_a_sentence(stage: Stage, png: bytes, monkeypatch, code: int) -> None:
    def refuse(path: Path, data: bytes) -> int:
        raise OSError(code, "no", str(path))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    text = await refusal(stage, png)
    assert "could not be stored; ask the bot's owner to look at its disk" in text
    assert str(stage.outputs) not in text


async def test_never_more_than_two_are_looked_at_at_once(stage: Stage, png: bytes, monkeypatch) -> None:
    lock, counts, most = threading.Lock(), [0], [0]
    both, look = threading.Barrier(2), media.inspect_file

    def counted(*args, **options) -> str:
        with lock:
            counts[0] += 1
            most[0] = max(most[0], counts[0])
        both.wait(5)
        try:
            return look(*args, **options)
        finally:
            with lock:
                counts[0] -= 1

    monkeypatch.setattr(media, "inspect_file", counted)
    for one in [await send(stage, png) for _ in range(6)]:
        await one.until(done)
    assert most == [2]


async def test_a_kept_picture_stays_while_it_is_sent(stage: Stage, png: bytes, monkeypatch) -> None:
    stage.outputs.mkdir(exist_ok=True)
    kept = stage.outputs / "old_1.png"
    kept.write_bytes(png)
    retention = stage.bot.engine.retention
    monkeypatch.setattr("core.retention.excess", lambda *args, **options: [kept])
    send_on = stage.bot.engine.generator.upload

    async def slowly(file: Path, **options: str) -> str:
        assert await retention.sweep() == 0
        return await send_on(file, **options)

    monkeypatch.setattr(stage.bot.engine.generator, "upload", slowly)
    assert (stage.comfyui.input_dir / await upload(stage.bot, kept)).read_bytes() == png
    assert await retention.sweep() == 1
    with pytest.raises(UserError, match="no longer kept"):
        await upload(stage.bot, kept)
