"""Results on disk: their names, that they are whole, and what happens when they are not to be had."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import stamina

from core.comfyui.client import ComfyUIClient
from core.comfyui.downloads import download_results, rerun_outputs
from core.comfyui.outputs import MediaKind, Output
from core.exceptions import ComfyUIError, FailureReason, GenerationError
from playground.comfyui import ComfyUIServer


@pytest.fixture(autouse=True)
def without_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
async def client(comfyui: ComfyUIServer) -> AsyncIterator[ComfyUIClient]:
    async with ComfyUIClient(comfyui.url) as client:
        yield client


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def keep(server: ComfyUIServer, name: str, content: bytes = b"content", subfolder: str = "") -> Output:
    folder = server.output_dir / subfolder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    return Output("7", MediaKind.IMAGE, name, subfolder)


async def test_files_are_numbered_in_their_order(client, comfyui, tmp_path: Path):
    outputs = [keep(comfyui, "b.png", b"1"), keep(comfyui, "a.MP4", b"22", "video"), keep(comfyui, "c.latent", b"333")]
    files = await download_results(client, outputs, tmp_path / "new" / "folder", "job")
    assert [file.path.name for file in files] == ["job_1.png", "job_2.mp4", "job_3.latent"]
    assert [file.path.read_bytes() for file in files] == [b"1", b"22", b"333"]
    assert [(file.size, file.output) for file in files] == [(1, outputs[0]), (2, outputs[1]), (3, outputs[2])]
    assert files_in(tmp_path / "new" / "folder") == ["job_1.png", "job_2.mp4", "job_3.latent"]
    assert comfyui.count("GET", "/view") == 3


async def test_texts_are_no_files_but_text_files_are(client, comfyui, tmp_path: Path):
    outputs = [Output("1", MediaKind.TEXT, text="hello"), Output("2", MediaKind.TEXT, keep(comfyui, "s.txt").filename)]
    (file,) = await download_results(client, outputs, tmp_path, "job")
    assert (file.path.name, file.kind) == ("job_1.txt", MediaKind.TEXT)


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("../../x.png", "job_1.png"),
        ("a/b.png", "job_1.png"),
        ("..", "job_1.bin"),
        ("noextension", "job_1.bin"),
        ("a.", "job_1.bin"),
        (".png", "job_1.bin"),
        ("a.png/..", "job_1.bin"),
        ("a.p/ng", "job_1.bin"),
        ("a.reallyabsurdlylong", "job_1.bin"),
        ("a.p ng", "job_1.bin"),
        ("a.png\x00.exe", "job_1.exe"),
        ("a.ПНГ", "job_1.bin"),
        ("a.PNG", "job_1.png"),
    ],
)
async def test_what_the_server_calls_a_file_decides_its_extension_only(client, rest, tmp_path: Path, name, stored):
    rest.get(re.compile(r".*/view\?.*"), body=b"content", content_type="image/png")
    folder = tmp_path / "results"
    (file,) = await download_results(client, [Output("7", MediaKind.IMAGE, name)], folder, "job")
    assert file.path == folder / stored
    assert files_in(tmp_path) == [f"results/{stored}"]


@pytest.mark.parametrize("times", [1, 2])
async def test_a_file_that_is_cut_off_is_asked_for_again(client, comfyui, tmp_path: Path, times: int):
    output = keep(comfyui, "fox.png", bytes(1_000_000))
    comfyui.faults.truncate_view(times)
    (file,) = await download_results(client, [output], tmp_path, "job")
    assert (file.size, file.path.read_bytes()) == (1_000_000, bytes(1_000_000))
    assert comfyui.count("GET", "/view") == times + 1


async def test_a_file_that_is_always_cut_off_leaves_nothing_behind(client, comfyui, tmp_path: Path):
    comfyui.faults.truncate_view(3)
    with pytest.raises(ComfyUIError, match="answer was lost"):
        await download_results(client, [keep(comfyui, "fox.png", bytes(100_000))], tmp_path, "job")
    assert files_in(tmp_path) == []
    assert comfyui.count("GET", "/view") == 3


async def test_a_server_in_trouble_is_asked_again(client, comfyui, tmp_path: Path):
    comfyui.faults.refuse("/view", 502, times=2)
    assert await download_results(client, [keep(comfyui, "fox.png")], tmp_path, "job")


async def test_a_file_that_is_gone_is_asked_for_once(client, comfyui, tmp_path: Path):
    with pytest.raises(ComfyUIError) as caught:
        await download_results(client, [Output("7", MediaKind.IMAGE, "gone.png")], tmp_path, "job")
    assert caught.value.status_code == 404
    assert (files_in(tmp_path), comfyui.count("GET", "/view")) == ([], 1)


async def test_a_file_appears_under_its_name_when_it_is_whole(client, comfyui, tmp_path: Path, monkeypatch):
    seen: list[list[str]] = []

    async def watch(target, *args, **options) -> int:
        target.write(b"half")
        seen.append(files_in(tmp_path))
        return 4

    monkeypatch.setattr(client, "stream_output", watch)
    (tmp_path / "job_1.png").write_bytes(b"old")
    (file,) = await download_results(client, [Output("7", MediaKind.IMAGE, "a.png")], tmp_path, "job")
    assert seen == [[".job_1.png.part", "job_1.png"]]
    assert file.path.read_bytes() == b"half"


class Disk:
    """Lets the bytes of files through, or refuses them with an error of the system's."""

    def __init__(self, client: ComfyUIClient, code: int, times: int) -> None:
        self.left = times
        self.stream, self._code = client.stream_output, code

    async def take(self, target, *args, **options) -> int:
        size = await self.stream(target, *args, **options)
        if self.left:
            self.left -= 1
            raise OSError(self._code, os.strerror(self._code), target.name)
        return size


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (errno.ENOSPC, "disk is full; its owner has to make room"),
        (errno.EDQUOT, "disk is full"),
        (errno.EROFS, "could not be stored"),
        (errno.EACCES, "could not be stored"),
        (errno.EIO, "could not be stored"),
    ],
)
async def test_what_the_disk_does_not_take_is_told_without_a_path(
    client, comfyui, tmp_path: Path, monkeypatch, code: int, sentence: str
):
    monkeypatch.setattr(client, "stream_output", Disk(client, code, times=9).take)
    with pytest.raises(GenerationError, match=sentence) as caught:
        await download_results(client, [keep(comfyui, "fox.png")], tmp_path, "job")
    assert caught.value.reason is FailureReason.ERROR
    assert str(tmp_path) not in str(caught.value)
    assert os.strerror(code) in (caught.value.detail or "")
    assert files_in(tmp_path) == []


async def test_a_disk_that_takes_a_part_of_a_result_is_given_it_back(client, comfyui, tmp_path: Path, monkeypatch):
    outputs = [keep(comfyui, "fox.png"), keep(comfyui, "owl.png")]
    full = Disk(client, errno.ENOSPC, times=2)

    async def take(target, filename, *args, **options) -> int:
        return await (full.take if filename == "owl.png" else full.stream)(target, filename, *args, **options)

    monkeypatch.setattr(client, "stream_output", take)
    with pytest.raises(GenerationError, match="disk is full"):
        await download_results(client, outputs, tmp_path, "job")
    assert files_in(tmp_path) == []


@pytest.mark.parametrize(("times", "stored"), [(1, ["job_1.png"]), (2, [])])
async def test_room_is_made_once_on_a_full_disk(client, comfyui, tmp_path: Path, monkeypatch, times: int, stored):
    made: list[list[str]] = []

    async def make_room() -> None:
        made.append(files_in(tmp_path))

    monkeypatch.setattr(client, "stream_output", Disk(client, errno.ENOSPC, times).take)
    with contextlib.nullcontext() if stored else pytest.raises(GenerationError, match="disk is full"):
        await download_results(client, [keep(comfyui, "fox.png")], tmp_path, "job", make_room=make_room)
    assert (files_in(tmp_path), made) == (stored, [[]])


async def test_a_disk_that_cannot_be_written_is_not_swept(client, comfyui, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(client, "stream_output", Disk(client, errno.EROFS, 1).take)
    with pytest.raises(GenerationError, match="could not be stored"):
        await download_results(client, [keep(comfyui, "fox.png")], tmp_path, "job", make_room=pytest.fail)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are Unix's")
def test_a_file_that_the_system_cuts_short_leaves_nothing(tmp_path: Path):
    """A real limit on files, in a process of its own: a write in the middle of a download fails."""
    script = """
import asyncio, resource, sys
from pathlib import Path
from core.comfyui.client import ComfyUIClient
from core.comfyui.downloads import download_results
from core.comfyui.outputs import MediaKind, Output
from core.exceptions import GenerationError
from playground.comfyui import ComfyUIServer

async def main(folder):
    async with ComfyUIServer(draw=False) as server, ComfyUIClient(server.url) as client:
        for name, size in (("large.png", 2_000_000), ("small.png", 1_000)):
            (server.output_dir / name).write_bytes(b"\\x89" * size)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
        large, small = (Output("7", MediaKind.IMAGE, f"{name}.png") for name in ("large", "small"))
        try:
            await download_results(client, [large], folder, "large")
        except GenerationError as exc:
            print(exc)
        await download_results(client, [small], folder, "small")

asyncio.run(main(Path(sys.argv[1])))
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout == "The result could not be stored; ask the bot's owner to look at its disk.\n"
    assert files_in(tmp_path) == ["small_1.png"]


# What is no file, or too large a one


@pytest.mark.parametrize("length", [True, False])
async def test_a_file_without_end_is_let_go(client, rest, tmp_path: Path, monkeypatch, length: bool):
    monkeypatch.setattr("core.comfyui.downloads._LARGEST", 10_000)
    headers = {"Content-Length": "10001"} if length else {}
    rest.get(re.compile(r".*/view\?.*"), body=b"\x89" * 10_001, headers=headers)
    with pytest.raises(GenerationError, match="too large to be stored"):
        await download_results(client, [Output("7", MediaKind.IMAGE, "a.png")], tmp_path, "job")
    assert files_in(tmp_path) == []


async def test_a_file_of_just_the_largest_size_is_taken(client, rest, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("core.comfyui.downloads._LARGEST", 10_000)
    rest.get(re.compile(r".*/view\?.*"), body=b"\x89" * 10_000)
    (file,) = await download_results(client, [Output("7", MediaKind.IMAGE, "a.png")], tmp_path, "job")
    assert file.size == 10_000


async def test_a_file_that_would_take_all_that_is_free_counts_as_a_full_disk(
    client, comfyui, tmp_path: Path, monkeypatch
):
    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=100_000))
    small, large = keep(comfyui, "small.png", b"\x89" * 90_000), keep(comfyui, "large.png", b"\x89" * 90_001)
    assert await download_results(client, [small], tmp_path, "small")
    with pytest.raises(GenerationError, match="disk is full"):
        await download_results(client, [large], tmp_path, "large")
    assert files_in(tmp_path) == ["small_1.png"]


@pytest.mark.parametrize("body", [b"<!DOCTYPE html><title>Sign in</title>", b'\n {"error": 1}', b"[]", b""])
async def test_a_page_in_place_of_a_picture_is_no_result(client, rest, tmp_path: Path, body: bytes):
    rest.get(re.compile(r".*/view\?.*"), body=body, content_type="text/html")
    with pytest.raises(GenerationError, match="sent something else"):
        await download_results(client, [Output("7", MediaKind.IMAGE, "a.png")], tmp_path, "job")
    assert files_in(tmp_path) == []


@pytest.mark.parametrize(("kind", "name"), [(MediaKind.TEXT, "a.txt"), (MediaKind.FILE, "a.svg")])
async def test_files_that_may_be_texts_are_taken_as_they_are(client, rest, tmp_path: Path, kind, name):
    rest.get(re.compile(r".*/view\?.*"), body=b"<svg/>", content_type="text/html")
    assert await download_results(client, [Output("7", kind, name)], tmp_path, "job")


async def test_a_folder_that_cannot_be_made(client, comfyui, tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(GenerationError, match="could not be stored"):
        await download_results(client, [keep(comfyui, "fox.png")], tmp_path / "file" / "folder", "job")


def test_a_rerun_changes_the_named_nodes_alone_and_not_the_graph(picture):
    graph = picture()
    before = json.dumps(graph)
    again = rerun_outputs(graph, ["5", "5.0.0.1"], "mark")
    assert json.dumps(graph) == before
    assert {node for node in graph if graph[node] != again[node]} == {"5"}
    assert again["5"]["inputs"].items() > graph["5"]["inputs"].items()
    assert list(again) == list(graph)
    assert rerun_outputs(graph, ["5"], "other") != again
