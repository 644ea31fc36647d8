"""What a workflow gives, as it arrives: videos, sounds, previews, and a part of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.parcels import MAX_FILES, MAX_REQUEST, Delivery, prepare
from core.comfyui.downloads import ResultFile
from core.comfyui.outputs import MediaKind, Output
from core.generators.base import GenerationResult
from playground.discord import Upload
from tests.bot.conftest import Stage, failed
from tests.bot.graphs import animate, edit, previewed, sound, twice


def with_graph(graph: object) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("settings", [{"graphs": {"mine": graph}}], indirect=True)


@pytest.mark.integration
@with_graph(animate())
async def test_a_video_is_posted_as_a_file_to_play(stage: Stage, png: bytes) -> None:
    message = await stage.picture(workflow="mine", image=Upload("start.png", png))
    assert [a.filename.rpartition(".")[2] for a in message.attachments] == ["mp4"]
    assert not message.embedded


@pytest.mark.integration
@with_graph(sound())
async def test_a_sound_comes_beside_the_picture(stage: Stage) -> None:
    message = await stage.picture(workflow="mine")
    assert [a.filename.rpartition(".")[2] for a in message.attachments] == ["png", "flac"]
    assert not message.embedded


@pytest.mark.integration
@with_graph(previewed())
async def test_previews_are_the_result_where_nothing_else_is(stage: Stage) -> None:
    assert len((await stage.picture(workflow="mine")).attachments) == 1


@pytest.mark.integration
@with_graph(twice())
async def test_a_part_of_the_result_comes_with_what_went_wrong(stage: Stage) -> None:
    stage.comfyui.faults.fail_node("11", message="disk **full**")
    message = await stage.picture(workflow="mine")
    assert len(message.attachments) == 1
    assert "Incomplete" in message.text
    assert "full" in message.text
    assert "**full**" not in message.text


@pytest.mark.integration
@with_graph(edit())
async def test_a_picture_that_the_workflow_wants_and_lacks_is_a_sentence(stage: Stage) -> None:
    message = await (await stage.generate(prompt="a fox", workflow="mine")).until(failed)
    assert "Traceback" not in message.text


# Without servers: sizes that would take long to send


def result(tmp_path: Path, *sizes: int, kind: MediaKind = MediaKind.VIDEO, texts: tuple[str, ...] = ()):
    files = []
    for number, size in enumerate(sizes):
        path = tmp_path / f"{number}.MP4"
        with path.open("wb") as file:
            file.truncate(size)
        files.append(ResultFile(path, kind, size, Output("1", kind, path.name)))
    return GenerationResult("0123456789abcdef", tuple(files), texts, 1.0)


def grouped(delivery: Delivery) -> list[list[int]]:
    return [[parcel.size for parcel in request] for request in delivery.requests]


async def test_a_request_holds_what_discord_takes(tmp_path: Path) -> None:
    mib = 1024 * 1024
    delivery = await prepare(result(tmp_path, 9 * mib, 9 * mib, 9 * mib, 1, 9 * mib), 10 * mib)
    assert grouped(delivery) == [[9 * mib, 9 * mib], [9 * mib, 1, 9 * mib]]
    assert all(sum(sizes) <= MAX_REQUEST for sizes in grouped(delivery))
    assert delivery.remark is None
    assert len(grouped(await prepare(result(tmp_path, *[1] * 11), mib))[0]) == MAX_FILES


async def test_one_large_file_goes_by_itself_where_it_may(tmp_path: Path) -> None:
    mib = 1024 * 1024
    assert grouped(await prepare(result(tmp_path, 1, 40 * mib, 1), 50 * mib)) == [[1], [40 * mib], [1]]


async def test_a_video_that_is_too_large_is_left_out_and_said(tmp_path: Path) -> None:
    delivery = await prepare(result(tmp_path, 5, 50), 10)
    assert grouped(delivery) == [[5]]
    assert delivery.remark is not None
    assert "too large" in delivery.remark


async def test_what_is_no_picture_inside_is_left_out_too(tmp_path: Path) -> None:
    delivery = await prepare(result(tmp_path, 50, kind=MediaKind.IMAGE), 10)
    assert grouped(delivery) == []


async def test_nothing_is_named_after_what_the_server_called_it(tmp_path: Path) -> None:
    delivery = await prepare(result(tmp_path, 1, 1), 10)
    assert [p.filename for request in delivery.requests for p in request] == [
        "discomfy_01234567_1.mp4",
        "discomfy_01234567_2.mp4",
    ]


async def test_blank_texts_are_nothing(tmp_path: Path) -> None:
    assert (await prepare(result(tmp_path, texts=("", " \n", "word")), 10)).texts == ("word",)
