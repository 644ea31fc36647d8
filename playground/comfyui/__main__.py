"""``python -m playground.comfyui``: the server by itself, until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from pathlib import Path

from .server import ComfyUIServer


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m playground.comfyui", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=8188, help="0 takes a free one (%(default)s)")
    parser.add_argument("--step-seconds", type=float, default=0.2, help="seconds per sampler step (%(default)s)")
    parser.add_argument("--no-previews", action="store_true", help="send no preview frames")
    parser.add_argument("--newer", action="store_true", help="behave like a newer ComfyUI (/api/jobs …)")
    parser.add_argument("--root", type=Path, help="where output, input and temp live (a temporary directory)")
    options = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(options))


async def _serve(options: argparse.Namespace) -> None:
    server = ComfyUIServer(
        host=options.host,
        port=options.port,
        step_seconds=options.step_seconds,
        previews=not options.no_previews,
        newer=options.newer,
        root=options.root,
    )
    async with server:
        print(f"A ComfyUI-compatible demo server (it draws, it does not generate) listens on {server.url}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    main()
