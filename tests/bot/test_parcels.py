"""What of a result is posted: under the limit, and without its notes where it is set so."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import av
import discord
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bot import parcels
from bot.parcels import Delivery, prepare
from core.comfyui.downloads import ResultFile
from core.comfyui.outputs import MediaKind, Output, media_kind
from core.generators.base import GenerationResult
from core.media import posting
from tests.bot.conftest import Logged, Stage
from tests.core.media.clips import animation, noise, noisy, sound

MEGABYTE = 2**20
GRAPH = json.dumps({"1": {"class_type": "KSampler"}})


def of(*paths: Path, kind: MediaKind | None = None) -> GenerationResult:
    files = tuple(
        ResultFile(path, kind or media_kind(path.name), 7, Output("1", kind or media_kind(path.name), path.name))
        for path in paths
    )
    return GenerationResult("0123456789abcdef", files, (), 1.0)


def picture(path: Path, size: tuple[int, int] = (120, 80)) -> Path:
    notes = PngInfo()
    notes.add_text("prompt", GRAPH)
    noise(size).save(path, pnginfo=notes)
    return path


@asynccontextmanager
async def prepared(result: GenerationResult, limit: int, **options: Any) -> AsyncIterator[Delivery]:
    delivery = await prepare(result, limit, **options)
    with delivery.made:
        yield delivery


def contents(delivery: Delivery) -> list[bytes]:
    opened = [parcel.open() for request in delivery.requests for parcel in request]
    read = [file.fp.read() for file in opened]
    for file in opened:
        file.close()
    return read


def names(delivery: Delivery) -> list[str]:
    return [parcel.filename for request in delivery.requests for parcel in request]


def sizes(delivery: Delivery) -> list[int]:
    return [parcel.size for request in delivery.requests for parcel in request]


async def test_what_fits_is_posted_as_it_is(tmp_path: Path) -> None:
    paths = [picture(tmp_path / "a.png"), noisy(tmp_path / "b.mp4", tags={"prompt": GRAPH})]
    async with prepared(of(*paths), MEGABYTE) as delivery:
        assert contents(delivery) == [path.read_bytes() for path in paths]
        assert sizes(delivery) == [path.stat().st_size for path in paths]
    assert delivery.remark is None


async def test_each_kind_becomes_one_that_fits_in_the_order_of_the_result(tmp_path: Path) -> None:
    limit = 40_000
    paths = [
        picture(tmp_path / "a.png", (300, 200)),
        noisy(tmp_path / "b.webm", frames=10, size=(320, 240), codec="libvpx-vp9", sound=False),
        noisy(tmp_path / "c.mp4", frames=10, sound=True),
        animation(tmp_path / "d.gif", [100] * 4),
        sound(tmp_path / "e.flac", "flac", 4.0),
        sound(tmp_path / "f.wav", "pcm_s16le", 2.0),
    ]
    originals = [path.read_bytes() for path in paths]
    async with prepared(of(*paths), limit) as delivery:
        assert all(len(data) <= limit for data in contents(delivery))
        assert sizes(delivery) == [len(data) for data in contents(delivery)]
        assert [name.rpartition("_")[2] for name in names(delivery)] == [
            "1.webp",
            "2.mp4",
            "3.mp4",
            "4.mp4",
            "5.m4a",
            "6.m4a",
        ]
    assert delivery.remark is not None
    assert "original is kept" in delivery.remark
    assert [path.read_bytes() for path in paths] == originals


@pytest.mark.parametrize(("limit", "word"), [(25_000, "Compressed"), (1_500, "smaller")])
async def test_it_is_said_what_was_done_to_a_picture(tmp_path: Path, limit: int, word: str) -> None:
    async with prepared(of(picture(tmp_path / "a.png")), limit) as delivery:
        assert word in (delivery.remark or "")
        assert len(names(delivery)) == 1


async def test_a_picture_that_moves_is_told_by_its_frames_and_not_by_its_name(tmp_path: Path) -> None:
    moving, still = animation(tmp_path / "a.webp", [100] * 4), tmp_path / "b.gif"
    noise((300, 200)).save(still)
    first = of(moving, kind=MediaKind.IMAGE)
    second = of(still)
    assert second.files[0].kind is MediaKind.ANIMATION
    async with prepared(first, 40_000) as delivery:
        assert names(delivery) == ["discomfy_01234567_1.mp4"]
    async with prepared(second, 40_000) as delivery:
        assert names(delivery) == ["discomfy_01234567_1.webp"]


async def test_one_picture_is_shown_large_in_its_new_form(tmp_path: Path) -> None:
    async with prepared(of(picture(tmp_path / "a.png")), 25_000) as delivery:
        assert delivery.picture == "discomfy_01234567_1.webp"


# Left out


async def test_a_file_that_is_gone_keeps_none_of_the_others_back(tmp_path: Path, logged: Logged) -> None:
    delivery = await prepare(of(tmp_path / "gone.png", picture(tmp_path / "a.png")), MEGABYTE)
    assert names(delivery) == ["discomfy_01234567_2.png"]
    assert delivery.remark == "1 file is no longer on the bot's disk: generate it again."
    (line,) = logged("file not posted")
    assert (line["job"], line["file"]) == ("0123456789abcdef", "gone.png")


@pytest.mark.parametrize("name", ["a.png", "a.gif", "a.mp4", "a.flac", "a.exr", "a.latent"])
async def test_garbage_of_any_kind_is_left_out(tmp_path: Path, name: str, logged: Logged) -> None:
    (tmp_path / name).write_bytes(bytes(500))
    delivery = await prepare(of(tmp_path / name), 100)
    assert delivery.requests == ()
    assert delivery.remark == "1 file is too large for Discord, and kept by the bot's owner."
    assert len(logged("file not posted")) == 1


async def test_without_pyav_videos_that_are_too_large_are_left_out_and_the_log_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    monkeypatch.setattr(posting, "can_encode_video", lambda: False)
    paths = [
        noisy(tmp_path / "a.mp4"),
        animation(tmp_path / "b.gif", [100] * 3),
        sound(tmp_path / "c.wav", "pcm_s16le"),
        picture(tmp_path / "d.png", (300, 200)),
    ]
    delivery = await prepare(of(*paths), 20_000)
    assert names(delivery) == ["discomfy_01234567_4.webp"]
    assert "3 files are too large" in (delivery.remark or "")
    assert all('pip install "discomfy[video]"' in line["detail"] for line in logged("file not posted"))


# Without notes


async def stripped(paths: Sequence[Path], limit: int = MEGABYTE, **options: Any) -> tuple[Delivery, list[bytes]]:
    async with prepared(of(*paths, **options), limit, metadata="strip") as delivery:
        read = contents(delivery)
    assert not any(b"class_type" in data for data in read)
    return delivery, read


async def test_nothing_of_the_graph_is_posted_where_it_is_set_so(tmp_path: Path) -> None:
    tags = {"prompt": GRAPH, "workflow": GRAPH}
    paths = [
        picture(tmp_path / "a.png"),
        noisy(tmp_path / "b.mp4", sound=True, tags=tags),
        noisy(tmp_path / "c.webm", codec="libvpx-vp9", tags=tags),
        sound(tmp_path / "d.flac", "flac", tags=tags),
        sound(tmp_path / "e.mp3", "libmp3lame", tags=tags),
        sound(tmp_path / "f.opus", "libopus", tags=tags),
    ]
    assert all(b"class_type" in path.read_bytes() for path in paths)
    delivery, read = await stripped(paths)
    assert [name[-4:] for name in names(delivery)] == [".png", ".mp4", "webm", "flac", ".mp3", "opus"]
    assert sizes(delivery) == [len(data) for data in read]
    assert delivery.remark is None
    assert all(b"class_type" in path.read_bytes() for path in paths)


async def test_nor_of_what_is_made_smaller(tmp_path: Path) -> None:
    tags = {"prompt": GRAPH, "workflow": GRAPH}
    paths = [
        picture(tmp_path / "a.png", (300, 200)),
        noisy(tmp_path / "b.mp4", frames=10, sound=True, tags=tags),
        sound(tmp_path / "d.flac", "flac", 2.0, tags=tags),
    ]
    _, read = await stripped(paths, 30_000)
    assert len(read) == 3


@pytest.mark.parametrize("kind", ["TIFF", "AVIF"])
async def test_pictures_of_other_kinds_are_encoded_anew(tmp_path: Path, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0110] = f"prompt:{GRAPH}"
    noise((60, 40)).save(tmp_path / f"a.{kind.lower()}", exif=exif)
    delivery, (data,) = await stripped([tmp_path / f"a.{kind.lower()}"])
    assert Image.open(io.BytesIO(data)).size == (60, 40)
    assert delivery.remark is None


async def test_a_picture_under_a_wrong_name_is_no_way_around(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0110] = f"prompt:{GRAPH}"
    noise((60, 40)).save(tmp_path / "a.png", "JPEG", exif=exif)
    await stripped([tmp_path / "a.png"])


async def test_what_holds_a_graph_and_cannot_be_freed_of_it_is_left_out(tmp_path: Path, logged: Logged) -> None:
    (tmp_path / "a.latent").write_bytes(bytes(99) + GRAPH.encode())
    (tmp_path / "b.glb").write_bytes(bytes(99))
    (tmp_path / "c.exr").write_bytes(b"v/1\x01" + GRAPH.encode())
    (tmp_path / "d.txt").write_text("a fox")
    delivery, _ = await stripped([tmp_path / name for name in ("a.latent", "b.glb", "c.exr", "d.txt")])
    assert names(delivery) == ["discomfy_01234567_2.glb", "discomfy_01234567_4.txt"]
    assert delivery.remark == "2 files are kept by the bot's owner, because the workflow in them cannot be taken out."
    assert len(logged("file not posted")) == 2


async def test_a_video_that_cannot_be_copied_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(GRAPH.encode())
    delivery, read = await stripped([tmp_path / "a.mp4"])
    assert read == []
    assert "cannot be taken out" in (delivery.remark or "")


async def test_without_pyav_no_video_is_posted_with_its_tags(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    monkeypatch.setattr(posting, "can_encode_video", lambda: False)
    paths = [noisy(tmp_path / "a.mp4", tags={"prompt": GRAPH}), picture(tmp_path / "b.png")]
    delivery, read = await stripped(paths)
    assert names(delivery) == ["discomfy_01234567_2.png"]
    assert len(read) == 1
    (line,) = logged("file not posted")
    assert 'pip install "discomfy[video]"' in line["detail"]


# What is left behind


def folders(path: Path) -> list[list[str]]:
    """What is in each folder there."""
    return [[file.name for file in folder.iterdir()] for folder in path.iterdir() if folder.is_dir()]


async def test_files_that_were_made_go_when_it_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    source = noisy(tmp_path / "a.mp4", frames=10)
    async with prepared(of(source), 40_000) as delivery:
        assert folders(tmp_path) == [["a.mp4.mp4"]]
        with av.open(io.BytesIO(contents(delivery)[0])) as container:
            assert container.streams.video[0].frames == 10
    assert folders(tmp_path) == []


async def test_they_are_made_in_the_folder_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    made = tmp_path / "data" / "made"
    async with prepared(of(noisy(tmp_path / "a.mp4")), 40_000, within=made):
        assert folders(made) == [["a.mp4.mp4"]]
    assert folders(made) == []


async def test_a_folder_is_made_only_where_one_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    async with prepared(of(picture(tmp_path / "a.png")), MEGABYTE):
        assert folders(tmp_path) == []


@pytest.mark.parametrize(("limit", "metadata"), [(25_000, "keep"), (MEGABYTE, "strip")])
async def test_where_nothing_can_be_written_it_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int, metadata: str, logged: Logged
) -> None:
    paths = [picture(tmp_path / "a.png"), noisy(tmp_path / "b.mp4")]
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    delivery = await prepare(of(*paths), limit, metadata=metadata)  # type: ignore[arg-type] - one of the two
    assert delivery.requests == ()
    assert "2 files are" in (delivery.remark or "")
    assert "longer" not in (delivery.remark or "")
    assert all("FileNotFoundError" in line["detail"] for line in logged("file not posted"))


async def test_called_off_it_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    source = noisy(tmp_path / "a.mp4", frames=10)
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def watched(work: Any) -> Any:
        loop.call_soon(begun.set)
        return await in_worker(work)

    in_worker = parcels.in_worker
    monkeypatch.setattr(parcels, "in_worker", watched)
    task = asyncio.create_task(prepare(of(source), 40_000))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await in_worker(lambda _: None)
    await in_worker(lambda _: None)
    assert all(files == [] for files in folders(tmp_path))


# Through the whole bot


def drawn(size: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    notes = PngInfo()
    notes.add_text("prompt", GRAPH)
    noise(size).save(out, "PNG", pnginfo=notes)
    return out.getvalue()


@pytest.mark.integration
@pytest.mark.parametrize("settings", [{"generation": {"posted_metadata": "strip"}}], indirect=True)
async def test_the_bot_posts_no_graph_where_it_is_set_so_and_keeps_it_itself(stage: Stage) -> None:
    stage.comfyui.settings.sample = drawn((60, 40))
    message = await stage.picture()
    (original,) = await asyncio.to_thread(lambda: [path.read_bytes() for path in stage.outputs.iterdir()])
    assert b"class_type" not in message.attachments[0].data
    assert b"class_type" in original
    assert Image.open(io.BytesIO(message.attachments[0].data)).tobytes() == Image.open(io.BytesIO(original)).tobytes()


@pytest.mark.integration
@pytest.mark.parametrize("settings", [{"server": {"attachment_size_limit": 30_000}}], indirect=True)
async def test_the_bot_says_that_a_picture_is_compressed_and_leaves_nothing_behind(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, until: Callable[..., Awaitable[None]]
) -> None:
    monkeypatch.setattr(discord.utils, "DEFAULT_FILE_SIZE_LIMIT_BYTES", 30_000)
    made = parcels.folder_of_made(stage.bot.config)
    assert not made.exists()
    stage.comfyui.settings.sample = drawn((160, 120))
    message = await stage.picture()
    assert message.attachments[0].filename.endswith("_1.webp")
    assert 20_000 < message.attachments[0].size <= 30_000
    assert "Compressed to fit" in message.text
    await until(lambda: folders(made) == [])


@pytest.mark.integration
async def test_what_a_bot_had_made_that_was_killed_goes_at_the_next_start(stage: Stage) -> None:
    made = parcels.folder_of_made(stage.bot.config)
    await stage.stop()
    left = made / "discomfy-left" / "a.mp4"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half a video")
    await stage.start()
    assert not left.exists()
