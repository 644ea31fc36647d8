from __future__ import annotations

import json
import struct
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest

from playground.comfyui import ComfyUIServer

Graph = dict[str, dict[str, Any]]


@pytest.fixture
async def server() -> AsyncIterator[ComfyUIServer]:
    async with ComfyUIServer(draw=False) as server:
        yield server


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def tell_event(message: dict[str, Any]) -> str:
    """One event as one line, without what differs between two runs."""
    event, data = message["type"], message["data"]
    if event == "status":
        return f"status {data['status']['exec_info']['queue_remaining']}"
    if event == "progress_state":
        nodes = (f"{key}:{node['state']}:{node['value']:g}/{node['max']:g}" for key, node in data["nodes"].items())
        return " ".join(["progress_state", *nodes])
    if event == "progress":
        return f"progress {data['node']}:{data['value']}/{data['max']}"
    if event == "executing":
        return f"executing {data['node']}"
    if event == "execution_cached":
        return " ".join(["execution_cached", *data["nodes"]])
    if event == "executed":
        media = (f"{key}:{len(items)}" for key, items in data["output"].items())
        return " ".join([f"executed {data['node']}", *media])
    if event in ("execution_error", "execution_interrupted"):
        return f"{event} {data['node_id']} {data['node_type']} after {' '.join(sorted(data['executed']))}"
    return event


class Ear:
    """A WebSocket client that keeps what it hears: `frames` as they came (dict or bytes), `story` as lines."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.frames: list[dict[str, Any] | bytes] = []
        self.story: list[str] = []

    async def hear(self) -> dict[str, Any] | bytes:
        message = await self.socket.receive(timeout=30)
        if message.type is aiohttp.WSMsgType.BINARY:
            self.frames.append(message.data)
            self.story.append(f"binary {struct.unpack('>I', message.data[:4])[0]}")
        else:
            assert message.type is aiohttp.WSMsgType.TEXT, message
            self.frames.append(json.loads(message.data))
            self.story.append(tell_event(self.frames[-1]))
        return self.frames[-1]

    async def until(self, line: str) -> list[str]:
        """Hear until a line of the story begins so; returns what was heard since the last call of this kind."""
        begin = len(self.story)
        while not (len(self.story) > begin and self.story[-1].startswith(line)):
            await self.hear()
        return self.story[begin:]

    async def until_end(self) -> list[str]:
        return await self.until("executing None")

    async def hears_nothing(self) -> bool:
        """Whether a ping is answered before anything else comes."""
        await self.socket.ping()
        return (await self.socket.receive(timeout=30)).type is aiohttp.WSMsgType.PONG

    def data(self, event: str) -> dict[str, Any]:
        """The data of the last event of a kind."""
        heard = [frame for frame in self.frames if isinstance(frame, dict) and frame["type"] == event]
        return heard[-1]["data"]


class Client:
    """A bare client of one server."""

    def __init__(self, server: ComfyUIServer, session: aiohttp.ClientSession) -> None:
        self.server = server
        self.session = session

    async def listen(self, client_id: str = "me", *, flags: bool = False) -> Ear:
        url = f"{self.server.url}/ws?clientId={client_id}"
        ear = Ear(await self.session.ws_connect(url, max_msg_size=0, autoping=False))
        if flags:
            await ear.socket.send_json({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
        assert await ear.until("status")
        if flags:
            await ear.until("feature_flags")
        return ear

    async def send(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        """Status and body: parsed when it is JSON, else text."""
        async with self.session.request(method, self.server.url + path, **options) as answer:
            body = await answer.read()
            if answer.content_type == "application/json":
                return answer.status, json.loads(body)
            return answer.status, body.decode() if answer.content_type.startswith("text/") or not body else body

    async def get(self, path: str, **options: Any) -> Any:
        return (await self.send("GET", path, **options))[1]

    async def submit(self, graph: Graph, client_id: str | None = "me", **more: Any) -> str:
        body = {"prompt": graph, **({} if client_id is None else {"client_id": client_id}), **more}
        status, answer = await self.send("POST", "/prompt", json=body)
        assert status == 200, answer
        return answer["prompt_id"]

    async def run(self, graph: Graph, **more: Any) -> dict[str, Any]:
        """Run a graph without listening; its history entry."""
        prompt_id = await self.submit(graph, **more)
        await self.server.wait_for(lambda: prompt_id in self.server.history)
        return self.server.history[prompt_id]


@pytest.fixture
async def client(server: ComfyUIServer, http: aiohttp.ClientSession) -> Client:
    return Client(server, http)


@pytest.fixture
def client_of(http: aiohttp.ClientSession) -> Callable[[ComfyUIServer], Client]:
    """A client for a server that the test made itself."""
    return lambda server: Client(server, http)


@pytest.fixture
def tell() -> Callable[[dict[str, Any]], str]:
    return tell_event


@pytest.fixture
def txt2img() -> Callable[..., Graph]:
    """A text-to-image graph; keywords set inputs of the sampler, `batch` and `prefix` those of their nodes."""

    def build(*, batch: int = 1, prefix: str = "pic", text: str = "a cat", **sampler: Any) -> Graph:
        inputs = {
            "seed": 1,
            "steps": 2,
            "cfg": 7.0,
            "sampler_name": "euler",
            "scheduler": "normal",
            "denoise": 1.0,
            "model": ["1", 0],
            "positive": ["2", 0],
            "negative": ["3", 0],
            "latent_image": ["4", 0],
        }
        nodes = {
            "1": ("CheckpointLoaderSimple", {"ckpt_name": "sd_xl_base_1.0.safetensors"}),
            "2": ("CLIPTextEncode", {"text": text, "clip": ["1", 1]}),
            "3": ("CLIPTextEncode", {"text": "blurry", "clip": ["1", 1]}),
            "4": ("EmptyLatentImage", {"width": 64, "height": 96, "batch_size": batch}),
            "5": ("KSampler", inputs | sampler),
            "6": ("VAEDecode", {"samples": ["5", 0], "vae": ["1", 2]}),
            "7": ("SaveImage", {"filename_prefix": prefix, "images": ["6", 0]}),
        }
        return {
            key: {"class_type": name, "inputs": given, "_meta": {"title": name}} for key, (name, given) in nodes.items()
        }

    return build


@pytest.fixture
def small() -> Callable[..., Graph]:
    """Two nodes: an empty image that is saved; keywords are inputs of the first."""

    def build(*, prefix: str = "small", output: str = "SaveImage", **image: Any) -> Graph:
        inputs = {"width": 8, "height": 8, "batch_size": 1, "color": 0} | image
        return {
            "1": {"class_type": "EmptyImage", "inputs": inputs},
            "2": {"class_type": output, "inputs": {"filename_prefix": prefix, "images": ["1", 0]}},
        }

    return build
