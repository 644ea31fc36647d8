"""Two clients that do the same jobs: the bare one, as little as can be written on aiohttp, and this project's.

``python -m benchmarks.clients bare|ours URL JOBS STEPS`` runs the jobs at once and prints what it cost as JSON.
"""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

from benchmarks.graphs import sampler_graph


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run took: seconds on the clock, and of CPU; from a prompt's end to its bytes (median); peak MiB."""

    seconds: float
    cpu: float
    after: float
    peak_mib: float


async def bare(url: str, jobs: int, steps: int, seeds: int) -> float:
    """One socket, and for each job one POST, one history, one view into a file; seconds from an end to its bytes."""
    import aiohttp
    import orjson

    client_id, ends, after = uuid4().hex, {}, []
    ended_at: dict[str, float] = {}

    async def listen(socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            event = orjson.loads(message.data)
            data = event["data"]
            if event["type"] == "executing" and data["node"] is None:
                ended_at[data["prompt_id"]] = time.monotonic()
                ends[data["prompt_id"]].set()

    async def job(session: aiohttp.ClientSession, number: int, folder: Path) -> None:
        prompt_id = str(uuid4())
        end = ends[prompt_id] = asyncio.Event()
        body = {"prompt": sampler_graph(steps, seeds + number), "client_id": client_id, "prompt_id": prompt_id}
        async with session.post(f"{url}/prompt", data=orjson.dumps(body)) as response:
            await response.read()
        await end.wait()
        async with session.get(f"{url}/history/{prompt_id}") as response:
            entry = orjson.loads(await response.read())[prompt_id]
        for output in entry["outputs"].values():
            for image in output["images"]:
                async with session.get(f"{url}/view", params=image) as response:
                    (folder / f"{prompt_id}.png").write_bytes(await response.read())
        after.append(time.monotonic() - ended_at[prompt_id])

    with tempfile.TemporaryDirectory() as folder:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{url}/ws", params={"clientId": client_id}, max_msg_size=0) as socket,
        ):
            listener = asyncio.create_task(listen(socket))
            await asyncio.gather(*(job(session, number, Path(folder)) for number in range(jobs)))
            listener.cancel()
    return statistics.median(after)


async def ours(url: str, jobs: int, steps: int, seeds: int) -> float:
    """The same through the project's executor, with a progress tracker on every job."""
    from core.comfyui.client import ComfyUIClient
    from core.comfyui.downloads import download_results
    from core.comfyui.events import Event, Executing
    from core.comfyui.execution import Executor
    from core.comfyui.websocket import EventSocket
    from core.progress.tracker import ProgressTracker

    after: list[float] = []

    async def job(client: ComfyUIClient, executor: Executor, number: int, folder: Path) -> None:
        graph = sampler_graph(steps, seeds + number)
        tracker = ProgressTracker(graph)
        ended_at = 0.0

        def hear(event: Event) -> None:
            nonlocal ended_at
            if isinstance(event, Executing) and event.node is None:
                ended_at = time.monotonic()
            tracker.handle(event)

        result = await executor.run(graph, listener=hear)
        await download_results(client, result.outputs, folder, result.prompt_id)
        after.append(time.monotonic() - ended_at)

    with tempfile.TemporaryDirectory() as folder:
        async with ComfyUIClient(url) as client, EventSocket(client) as socket:
            executor = Executor(client, socket)
            await asyncio.gather(*(job(client, executor, number, Path(folder)) for number in range(jobs)))
    return statistics.median(after)


def main() -> None:
    name, url, jobs, steps = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    run = {"bare": bare, "ours": ours}[name]
    asyncio.run(run(url, 1, 1, time.time_ns() % 10**12))  # imports and connections are not what is measured
    began, cpu = time.monotonic(), time.process_time()
    after = asyncio.run(run(url, jobs, steps, time.time_ns() % 10**12))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(asdict(Cost(time.monotonic() - began, time.process_time() - cpu, after, peak))))


if __name__ == "__main__":
    main()
