from __future__ import annotations

import asyncio
import signal
import sys


async def test_the_server_runs_by_itself_until_it_is_interrupted(http, tmp_path):
    command = ("-m", "playground.comfyui", "--port", "0", "--root", str(tmp_path))
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
        assert "demo" in line
        async with http.get(line.split()[-1] + "/queue") as answer:
            assert await answer.json() == {"queue_running": [], "queue_pending": []}
    finally:
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 20) == 0
