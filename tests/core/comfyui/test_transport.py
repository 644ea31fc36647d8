"""What the client makes of a server that is away, in trouble, or no ComfyUI at all."""

from __future__ import annotations

import asyncio
import contextlib
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from io import BytesIO
from typing import Any

import pytest
from aiohttp import web

from core.comfyui.client import ComfyUIClient
from core.exceptions import ComfyUIError

P = "32697cbb-4bb4-41e7-9a73-a97980e998e9"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Handler], Awaitable[str]]]:
    """Start a server that answers everything with one handler; its URL."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(handler: Handler) -> str:
            app = web.Application()
            app.router.add_route("*", "/{path:.*}", handler)
            runner = web.AppRunner(app)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            return f"http://127.0.0.1:{runner.addresses[0][1]}"

        yield start


def answer(body: bytes, status: int = 200) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        return web.Response(body=body, status=status, content_type="application/json")

    return handle


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (rb'{"names": ["caf\udce9.safetensors", "\ud83e\udd8a"]}', {"names": ["caf?.safetensors", "\U0001f98a"]}),
        (b'{"max": Infinity, "default": NaN}', {"max": None, "default": None}),
    ],
)
async def test_what_only_python_writes_as_json_is_read(serve, body: bytes, read: Any):
    async with ComfyUIClient(await serve(answer(body))) as client:
        assert await client.get_features() == read


@pytest.mark.parametrize("suffix", ["", "/", "/api", "/api/"])
async def test_the_base_url_may_have_a_prefix_and_a_slash(comfyui, suffix: str):
    async with ComfyUIClient(comfyui.url + suffix) as client:
        assert await client.test_connection() is True
    assert comfyui.requests[0].path == "/system_stats"


async def test_the_key_is_sent_as_a_bearer_token(serve):
    async def show(request: web.Request) -> web.Response:
        return web.json_response({"sent": request.headers.get("Authorization")})

    url = await serve(show)
    async with ComfyUIClient(url, api_key="k-1") as with_key, ComfyUIClient(url) as without:
        assert await with_key.get_features() == {"sent": "Bearer k-1"}
        assert await without.get_features() == {"sent": None}


async def test_it_opens_once_and_closes_for_good(comfyui):
    client = ComfyUIClient(comfyui.url, 30)
    assert (client.base_url, client.timeout) == (comfyui.url, 30)
    with pytest.raises(ComfyUIError, match="not open"):
        await client.get_queue()
    await client.initialize()
    await client.get_queue()
    await client.initialize()
    await client.get_queue()
    await client.close()
    await client.close()
    with pytest.raises(ComfyUIError, match="not open") as caught:
        await client.queue_prompt({})
    assert caught.value.maybe_accepted is False
    assert await client.test_connection() is False


async def test_it_can_be_opened_again(comfyui):
    client = ComfyUIClient(comfyui.url)
    for _ in range(2):
        async with client:
            assert await client.test_connection() is True


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://[::1]:1", "nonsense"])
async def test_a_server_that_is_not_there(url: str):
    async with ComfyUIClient(url) as client:
        assert await client.test_connection() is False
        with pytest.raises(ComfyUIError, match="cannot be reached; try again") as caught:
            await client.queue_prompt({})
    assert (caught.value.status_code, caught.value.maybe_accepted) == (None, False)


async def test_a_server_in_trouble_answers_no_json(comfyui):
    comfyui.faults.fail_next_prompt(500)
    async with ComfyUIClient(comfyui.url) as client:
        with pytest.raises(ComfyUIError, match=r"refused the request \(status 500\)") as caught:
            await client.queue_prompt({})
    assert (caught.value.status_code, caught.value.maybe_accepted) == (500, True)
    assert "Server got itself in trouble" in (caught.value.detail or "")


@pytest.mark.parametrize("status", [403, 413])
async def test_what_is_refused_for_good_was_not_accepted(comfyui, status: int):
    comfyui.faults.refuse("/prompt", status)
    async with ComfyUIClient(comfyui.url) as client:
        with pytest.raises(ComfyUIError) as caught:
            await client.queue_prompt({})
    assert (caught.value.status_code, caught.value.maybe_accepted) == (status, False)


async def test_a_connection_that_is_reset_may_have_brought_the_prompt(comfyui, picture):
    comfyui.faults.reset_next_prompt(accept=True)
    async with ComfyUIClient(comfyui.url) as client:
        with pytest.raises(ComfyUIError, match="answer was lost") as caught:
            await client.queue_prompt(picture())
    assert (caught.value.status_code, caught.value.maybe_accepted) == (None, True)
    assert len(comfyui.accepted) == 1


async def test_an_answer_that_takes_too_long(comfyui, picture):
    gate = comfyui.pause_request("POST", "/prompt")
    client = ComfyUIClient(comfyui.url)
    client.timeout = 0.05
    async with client:
        with pytest.raises(ComfyUIError, match="answer was lost") as caught:
            await client.queue_prompt(picture())
    gate.release()
    assert caught.value.maybe_accepted is True


async def test_closing_ends_what_is_under_way(comfyui):
    gate = comfyui.pause_request("GET", "/queue")
    client = ComfyUIClient(comfyui.url)
    await client.initialize()
    asking = asyncio.create_task(client.get_queue())
    await gate.reached()
    await client.close()
    with pytest.raises(ComfyUIError):
        await asking
    gate.release()


@pytest.mark.parametrize("body", [b"", b"not json", b'{"half":', b"[]", b"3", b'{"number": 1}', b"<html></html>"])
async def test_an_answer_to_a_prompt_that_makes_no_sense(serve, body: bytes):
    async with ComfyUIClient(await serve(answer(body))) as client:
        with pytest.raises(ComfyUIError, match="answer was lost") as caught:
            await client.queue_prompt({})
    assert caught.value.maybe_accepted is True


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"null"])
async def test_an_answer_that_is_no_object(serve, body: bytes):
    async with ComfyUIClient(await serve(answer(body))) as client:
        for call in (client.get_queue, client.get_system_stats, client.get_queue_remaining):
            with pytest.raises(ComfyUIError, match="answer was lost"):
                await call()
        with pytest.raises(ComfyUIError, match="answer was lost"):
            await client.upload_image(b"x", "x.png")
        assert await client.test_connection() is False


async def test_an_object_of_another_shape(serve):
    async with ComfyUIClient(await serve(answer(b'{"exec_info": []}'))) as client:
        assert await client.test_connection() is False
        assert await client.get_models("loras") == []
        assert await client.get_embeddings() == []
        with pytest.raises(ComfyUIError, match="answer was lost"):
            await client.get_queue_remaining()
        with pytest.raises(ComfyUIError, match="answer was lost"):
            await client.upload_image(b"x", "x.png")


async def test_a_400_that_is_not_about_a_graph(serve):
    async with ComfyUIClient(await serve(answer(b"[1]", 400))) as client:
        with pytest.raises(ComfyUIError, match="status 400") as caught:
            await client.queue_prompt({})
    assert type(caught.value).__name__ == "RefusedError"


class Pieces(BytesIO):
    """Remembers the sizes of what was written."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []
        self.began = asyncio.Event()

    def write(self, data: Any) -> int:
        self.sizes.append(len(data))
        self.began.set()
        return super().write(data)


async def test_a_large_file_comes_in_pieces_while_it_is_being_sent(serve):
    target, size = Pieces(), 5 * 2**20

    async def send(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(size)})
        await response.prepare(request)
        await response.write(bytes(size // 2))
        await asyncio.wait_for(target.began.wait(), 30)  # the rest is sent when some of it has been written
        await response.write(bytes(size - size // 2))
        return response

    async with ComfyUIClient(await serve(send)) as client:
        assert await client.stream_output(target, "wan.mp4", "video") == size
    assert target.getvalue() == bytes(size)
    assert max(target.sizes) <= 256 * 1024


async def test_a_file_that_is_cut_off_is_an_error(comfyui):
    (comfyui.output_dir / "fox.png").write_bytes(bytes(100_000))
    async with ComfyUIClient(comfyui.url) as client:
        for call in (client.download_output, lambda name: client.stream_output(BytesIO(), name)):
            comfyui.faults.truncate_view()
            with pytest.raises(ComfyUIError, match="answer was lost") as caught:
                await call("fox.png")
            assert caught.value.maybe_accepted is True


async def test_a_large_upload_is_sent_without_a_warning(comfyui):
    async with ComfyUIClient(comfyui.url) as client:
        with warnings.catch_warnings(action="error"):
            await client.upload_image(bytes(3 * 2**20), "large.png")
    assert (comfyui.input_dir / "large.png").stat().st_size == 3 * 2**20
