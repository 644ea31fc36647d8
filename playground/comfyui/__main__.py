"""``python -m playground.comfyui``: the demo server by itself, until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from ..speech import say
from .control import Control
from .server import ComfyUIServer

_STEP_SECONDS = 0.25
_LAST_PORT = 65535
_STDIN = 0
_CHUNK = 65536
_ENDED = b""
_CONTROL = """
--control: one JSON object a line on stdin, each answered by one line on stdout with all switches (or {"error": "..."}):
  {"step_seconds": 1.5}   seconds a sampling step of one megapixel, from the next step on
  {"previews": false}     no preview frames
  {"online": false}       gone at once: connections are reset, queue and history lost, files stay; true: back
  {"failing": true}       every sampler runs out of memory in its fourth step
  {}                      tells the switches
  {"id": 7, …}            is answered with the same id
"""


def main() -> int:
    options = _parser().parse_args()
    try:
        return asyncio.run(_serve(options))
    except KeyboardInterrupt:  # where the loop takes no signal handlers
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m playground.comfyui",
        description="A ComfyUI-compatible demo server: it draws pictures, it does not generate. The last word of its"
        " first line is its address.",
        epilog=_CONTROL,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=_port, default=8188, help="0 takes a free one (%(default)s)")
    parser.add_argument(
        "--step-seconds", type=float, default=_STEP_SECONDS, help="seconds a sampling step of a megapixel (%(default)s)"
    )
    parser.add_argument("--no-previews", action="store_true", help="send no preview frames")
    parser.add_argument("--newer", action="store_true", help="behave like a newer ComfyUI (/api/jobs …)")
    parser.add_argument("--root", type=Path, help="where output, input and temp live (a temporary directory)")
    parser.add_argument("--while-stdin", action="store_true", help="end when stdin does, as when a parent dies")
    parser.add_argument("--control", action="store_true", help="take switches from stdin; implies --while-stdin")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"a number from 0 to {_LAST_PORT}")
    return int(text)


async def _serve(options: argparse.Namespace) -> int:
    server = ComfyUIServer(
        host=options.host,
        port=options.port,
        step_seconds=options.step_seconds,
        previews=not options.no_previews,
        paced=True,
        newer=options.newer,
        root=options.root,
    )
    lines: asyncio.Queue[bytes] = asyncio.Queue()
    _on_signals(lambda: lines.put_nowait(_ENDED))
    try:
        await server.start()
    except OSError as exc:
        taken = exc.errno == errno.EADDRINUSE
        why = f"port {options.port} is taken, choose another one with --port" if taken else exc.strerror
        print(f"The demo server cannot start: {why}.", file=sys.stderr)
        return 1
    try:
        say(f"A ComfyUI-compatible demo server (it draws, it does not generate) listens on {server.url}")
        if options.control or options.while_stdin:
            _follow_stdin(lines.put_nowait)
        control = Control(server)
        while line := await lines.get():
            if options.control and line.strip():
                say(await control.answer(line))
    finally:
        await server.stop()
    return 0


def _on_signals(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        with contextlib.suppress(NotImplementedError, AttributeError):
            loop.add_signal_handler(getattr(signal, name), stop)


def _follow_stdin(heard: Callable[[bytes], None]) -> None:
    """Hand on every line of stdin, and b"" at its end. In a thread: not every kind of stdin can be waited for.

    The thread reads the descriptor itself: one that holds Python's buffer would be in the way when the program ends.
    """
    loop = asyncio.get_running_loop()

    def read() -> None:
        rest = b""
        with contextlib.suppress(OSError, RuntimeError):  # no stdin; the loop is closed
            while chunk := os.read(_STDIN, _CHUNK):
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    loop.call_soon_threadsafe(heard, line + b"\n")
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(heard, _ENDED)

    threading.Thread(target=read, name="playground-stdin", daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
