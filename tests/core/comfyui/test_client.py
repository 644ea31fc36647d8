"""Every request of `ComfyUIClient`, once, against the scripted server."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from core.comfyui.client import ComfyUIClient
from core.exceptions import ComfyUIError, PromptRejectedError
from playground.comfyui import ComfyUIServer

P = "32697cbb-4bb4-41e7-9a73-a97980e998e9"
Call = Callable[[ComfyUIClient], Awaitable[Any]]


@pytest.fixture
async def client(comfyui: ComfyUIServer) -> AsyncIterator[ComfyUIClient]:
    async with ComfyUIClient(comfyui.url, client_id="me") as client:
        yield client


CONTROLS: list[tuple[Call, str, str, Any]] = [
    (lambda c: c.delete_pending(P, "b"), "POST", "/queue", {"delete": [P, "b"]}),
    (lambda c: c.clear_queue(), "POST", "/queue", {"clear": True}),
    (lambda c: c.interrupt(P), "POST", "/interrupt", {"prompt_id": P}),
    (lambda c: c.delete_history(P), "POST", "/history", {"delete": [P]}),
    (lambda c: c.clear_history(), "POST", "/history", {"clear": True}),
]


@pytest.mark.parametrize(("call", "method", "path", "body"), CONTROLS)
async def test_a_control_request(client, comfyui, call: Call, method: str, path: str, body: Any):
    assert await call(client) is None
    (request,) = comfyui.requests
    assert (request.method, request.path, request.json, request.status) == (method, path, body, 200)


async def test_memory_is_given_back_as_asked(rest):
    rest.post("http://comfyui:8188/free", status=200)
    async with ComfyUIClient("http://comfyui:8188") as client:
        await client.free(unload_models=False)
    ((request,),) = rest.requests.values()
    assert json.loads(request.kwargs["data"]) == {"unload_models": False, "free_memory": True}


READS: list[tuple[Call, str, dict[str, str], Callable[[Any], bool]]] = [
    (lambda c: c.get_queue(), "/queue", {}, lambda a: a == {"queue_running": [], "queue_pending": []}),
    (lambda c: c.get_queue_remaining(), "/prompt", {}, lambda a: a == 0),
    (lambda c: c.get_history(P), f"/history/{P}", {}, lambda a: a == {}),
    (lambda c: c.list_history(), "/history", {}, lambda a: a == {}),
    (lambda c: c.list_history(5, 0), "/history", {"max_items": "5", "offset": "0"}, lambda a: a == {}),
    (lambda c: c.get_system_stats(), "/system_stats", {}, lambda a: "comfyui_version" in a["system"]),
    (lambda c: c.get_features(), "/features", {}, lambda a: a["max_upload_size"] == 104857600),
    (lambda c: c.get_object_info("KSampler"), "/object_info/KSampler", {}, lambda a: list(a) == ["KSampler"]),
    (lambda c: c.get_object_info(), "/object_info", {}, lambda a: "SaveImage" in a),
    (lambda c: c.get_models(), "/models", {}, lambda a: "loras" in a),
    (lambda c: c.get_models("loras"), "/models/loras", {}, lambda a: a == ["sub dir/fox.safetensors"]),
    (lambda c: c.get_embeddings(), "/embeddings", {}, lambda a: a == []),
    (
        lambda c: c.get_metadata("loras", "sub dir/fox.safetensors"),
        "/view_metadata/loras",
        {"filename": "sub dir/fox.safetensors"},
        lambda a: a == {"modelspec.title": "fox"},
    ),
    (lambda c: c.test_connection(), "/system_stats", {}, lambda a: a is True),
]


@pytest.mark.parametrize("comfyui", [{"loras": ["sub dir/fox.safetensors"]}], indirect=True)
@pytest.mark.parametrize(("call", "path", "query", "fits"), READS)
async def test_a_read(client, comfyui, call: Call, path: str, query: dict[str, str], fits: Callable[[Any], bool]):
    comfyui.set_models("embeddings", [])
    assert fits(await call(client))
    (request,) = comfyui.requests
    assert (request.method, request.path, request.query) == ("GET", path, query)


async def test_a_prompt_is_posted_under_our_client_id_with_an_id_of_its_own(client, comfyui, picture):
    prompt_id = await client.queue_prompt(picture())
    body = comfyui.requests[0].json
    assert body == {"prompt": picture(), "client_id": "me", "prompt_id": prompt_id}
    assert str(uuid.UUID(prompt_id)) == prompt_id
    assert comfyui.accepted == [prompt_id]


async def test_everything_that_a_prompt_may_carry(client, comfyui, picture):
    receipt = await client.submit(picture(), prompt_id=P, front=True, number=-5, extra_data={"preview_method": "auto"})
    assert (receipt.prompt_id, receipt.number, receipt.node_errors) == (P, -5, {})
    body = comfyui.requests[0].json
    assert (body["front"], body["number"], body["extra_data"]) == (True, -5, {"preview_method": "auto"})


async def test_a_refused_graph_names_node_and_field(client, picture):
    graph = picture()
    graph["3"]["inputs"]["steps"] = 0
    with pytest.raises(PromptRejectedError, match='steps of the node "Paint" is 0, which is too small') as caught:
        await client.queue_prompt(graph)
    assert (caught.value.status_code, caught.value.node, caught.value.field) == (400, "Paint", "steps")


async def test_outputs_that_are_refused_come_with_the_receipt(client, picture):
    graph = picture()
    graph["9"] = {"class_type": "SaveImage", "inputs": {"images": ["3", 0]}}
    assert list((await client.submit(graph)).node_errors) == ["9"]


async def test_the_history_of_a_finished_prompt(client, comfyui, picture):
    prompt_id = await client.queue_prompt(picture())
    await comfyui.wait_for(lambda: prompt_id in comfyui.history)
    assert list(await client.get_history(prompt_id)) == [prompt_id]
    assert list(await client.list_history(1)) == [prompt_id]


@pytest.mark.parametrize("comfyui", [{"newer": True}], indirect=True)
async def test_the_jobs_of_newer_servers(client, comfyui, picture):
    gate = comfyui.pause("progress")
    prompt_id = await client.queue_prompt(picture())
    await gate.reached()
    assert (await client.get_job(prompt_id))["status"] == "in_progress"
    assert await client.cancel_job(prompt_id) is True
    gate.release()
    await comfyui.wait_for(lambda: prompt_id in comfyui.history)
    assert await client.cancel_job(prompt_id) is False
    assert [job["status"] for job in (await client.list_jobs())["jobs"]] == ["cancelled"]


async def test_older_servers_have_no_jobs(client):
    for call, status in ((client.list_jobs(), 404), (client.get_job(P), 404), (client.cancel_job(P), 405)):
        with pytest.raises(ComfyUIError) as caught:
            await call
        assert caught.value.status_code == status


async def test_ids_and_names_are_quoted_in_paths(client, comfyui):
    await client.get_history("a/../b?c")
    assert comfyui.requests[0].path == "/history/a/../b?c"
    assert comfyui.requests[0].prompt_id == "a/../b?c"


async def test_a_finished_file_is_downloaded(client, comfyui):
    folder = comfyui.output_dir / "sub"
    folder.mkdir()
    (folder / "fox 1.png").write_bytes(b"bytes")
    assert await client.download_output("fox 1.png", "sub") == b"bytes"
    assert comfyui.requests[0].query == {"filename": "fox 1.png", "subfolder": "sub", "type": "output"}


async def test_a_file_that_is_gone_is_a_404(client):
    with pytest.raises(ComfyUIError, match="does not have that any more") as caught:
        await client.download_output("gone.png", output_type="temp")
    assert caught.value.status_code == 404


async def test_an_upload_returns_the_name_that_the_server_gave(client, comfyui, tmp_path: Path):
    assert await client.upload_image(b"one", "in.png") == "in.png"
    assert await client.upload_image(b"two", "in.png") == "in (1).png"
    assert await client.upload_image(b"three", "in.png", overwrite=True) == "in.png"
    assert await client.upload_image(b"four", "in.png", subfolder="disc/ord") == "disc/ord/in.png"
    assert await client.upload_image(b"red", "red fox.png", subfolder="names") == "names/red fox.png"
    (tmp_path / "picture").write_bytes(b"five")
    assert await client.upload_image(tmp_path / "picture", "five.png") == "five.png"
    kept = {
        file.relative_to(comfyui.input_dir).as_posix(): file.read_bytes() for file in comfyui.input_dir.rglob("*.png")
    }
    assert kept == {
        "in.png": b"three",
        "in (1).png": b"two",
        "disc/ord/in.png": b"four",
        "five.png": b"five",
        "names/red fox.png": b"red",
    }


async def test_a_mask_is_put_on_its_picture(client, comfyui):
    from io import BytesIO

    from PIL import Image

    def png(mode: str, color: Any) -> bytes:
        buffer = BytesIO()
        Image.new(mode, (4, 4), color).save(buffer, "PNG")
        return buffer.getvalue()

    name = await client.upload_image(png("RGB", "red"), "fox.png")
    original = {"filename": name, "subfolder": "", "type": "input"}
    masked = await client.upload_image(png("RGBA", (0, 0, 0, 40)), "mask.png", mask_of=original)
    with Image.open(comfyui.input_dir / masked) as image:
        assert image.convert("RGBA").getpixel((0, 0)) == (255, 0, 0, 40)
