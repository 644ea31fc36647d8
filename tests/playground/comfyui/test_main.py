from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from signal import Signals
from typing import Any

import pytest

PATIENCE = 60
PIPES: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), asyncio.subprocess.PIPE)


@contextlib.asynccontextmanager
async def running(*options: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """The server as a child process, and its address."""
    command = ("-m", "playground.comfyui", "--port", "0", *options)
    process = await asyncio.create_subprocess_exec(sys.executable, *command, **PIPES)
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), PATIENCE)).decode()
        assert "demo" in line
        yield process, line.split()[-1]
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def end_of(process: asyncio.subprocess.Process) -> tuple[int, str]:
    """Status and stderr of a process that is about to end."""
    assert process.stderr is not None
    errors = await asyncio.wait_for(process.stderr.read(), PATIENCE)
    return await asyncio.wait_for(process.wait(), PATIENCE), errors.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="signals are another thing there")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
async def test_it_serves_until_a_signal_ends_it_cleanly(http, tmp_path, name):
    async with running("--root", str(tmp_path / "kept")) as (process, url):
        async with http.get(url + "/queue") as answer:
            assert await answer.json() == {"queue_running": [], "queue_pending": []}
        process.send_signal(Signals[name])
        assert await end_of(process) == (0, "")
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["input", "output", "temp"]


async def test_it_ends_when_its_stdin_does(http):
    async with running("--while-stdin") as (process, url):
        async with http.get(url + "/queue") as answer:
            assert answer.status == 200
        process.stdin.close()
        assert await end_of(process) == (0, "")


async def test_switches_are_flipped_from_stdin_whether_or_not_somebody_reads_the_answers():
    async with running("--control") as (process, _):
        process.stdin.write(b'{"step_seconds": 1.5}\n\n{"what": 1}\n')
        answers = [json.loads(await asyncio.wait_for(process.stdout.readline(), PATIENCE)) for _ in range(2)]
        assert answers[0] == {"step_seconds": 1.5, "previews": True, "online": True, "failing": False}
        assert answers[1].keys() == {"error"}
        process._transport.get_pipe_transport(1).close()
        process.stdin.write(b"{}\n{}\n")
        process.stdin.close()
        assert await end_of(process) == (0, "")


async def test_a_taken_port_is_one_sentence():
    async with running("--while-stdin") as (_, url):
        port = url.rsplit(":")[-1]
        command = ("-m", "playground.comfyui", "--port", port)
        second = await asyncio.create_subprocess_exec(sys.executable, *command, **PIPES)
        sentence = f"The demo server cannot start: port {port} is taken, choose another one with --port.\n"
        assert await end_of(second) == (1, sentence)
        await second.communicate()
