"""Results on disk: their names, that they are whole, and what happens when they are not to be had."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

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

    async def watch(target, *args) -> int:
        target.write(b"half")
        seen.append(files_in(tmp_path))
        return 4

    monkeypatch.setattr(client, "stream_output", watch)
    (tmp_path / "job_1.png").write_bytes(b"old")
    (file,) = await download_results(client, [Output("7", MediaKind.IMAGE, "a.png")], tmp_path, "job")
    assert seen == [[".job_1.png.part", "job_1.png"]]
    assert file.path.read_bytes() == b"half"


async def test_a_disk_that_is_full_is_told_without_a_path(client, comfyui, tmp_path: Path, monkeypatch):
    async def full(target, *args) -> int:
        raise OSError(28, "No space left on device", str(tmp_path))

    monkeypatch.setattr(client, "stream_output", full)
    with pytest.raises(GenerationError, match="could not be stored") as caught:
        await download_results(client, [keep(comfyui, "fox.png")], tmp_path, "job")
    assert caught.value.reason is FailureReason.ERROR
    assert str(tmp_path) not in str(caught.value)
    assert "No space left" in (caught.value.detail or "")
    assert files_in(tmp_path) == []


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
