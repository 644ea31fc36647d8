"""The ComfyUI-compatible server in a process of its own, so that its work is nobody else's.

``python -m benchmarks.server STEP_SECONDS`` prints its URL, then, for every line on stdin, what it was asked since
the line before: ``{"requests": n, "sockets": n}``.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Served:
    """What a server was asked."""

    requests: int
    sockets: int


@contextlib.contextmanager
def comfyui(step_seconds: float = 0.0) -> Iterator[tuple[str, Callable[[], Served]]]:
    """A server's URL, and a function that tells what it was asked since the last call."""
    command = [sys.executable, "-m", "benchmarks.server", str(step_seconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        stdin, stdout = process.stdin, process.stdout
        url = stdout.readline().strip()

        def served() -> Served:
            stdin.write("\n")
            stdin.flush()
            return Served(**json.loads(stdout.readline()))

        try:
            yield url, served
        finally:
            process.terminate()


async def _serve(step_seconds: float) -> None:
    from playground.comfyui import ComfyUIServer

    async with ComfyUIServer(step_seconds=step_seconds, draw=False) as server:
        print(server.url, flush=True)
        sockets = 0
        while await asyncio.to_thread(sys.stdin.readline):
            requests = [request for request in server.requests if request.path != "/ws"]
            print(json.dumps({"requests": len(requests), "sockets": server.sockets_opened - sockets}), flush=True)
            server.requests.clear()
            sockets = server.sockets_opened


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(float(sys.argv[1])))
