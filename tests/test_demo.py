"""``python main.py demo``, as somebody types it: a process, its children, and a browser's socket."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

ROOT = Path(__file__).parents[1]
#: A generous bound for a machine that does much else.
STARTS_WITHIN = 90.0
LEAVES_WITHIN = 30.0
MAIN = (str(ROOT / "main.py"),)
#: One that gives its children forever to leave.
PATIENT = (
    "-c",
    "import runpy, sys; sys.path.insert(0, (root := sys.argv.pop(1))); from playground.demo import service; "
    "service.PATIENCE = 1e6; runpy.run_path(f'{root}/main.py', run_name='__main__')",
    str(ROOT),
)
#: Somebody's own settings, none of which may reach the demo; a database and a log that would be noticed.
HOSTILE = {
    "discord": {"token": "own-token", "guild_id": 1, "api_url": "http://127.0.0.1:9/api/v10"},
    "comfyui": {"url": "http://127.0.0.1:9", "api_key": "own-key"},
    "storage": {"outputs": "own-outputs", "data": "own-data", "url": "postgresql://me:pw@127.0.0.1:9/own"},
    "logging": {"file": "own.log", "level": "CRITICAL"},
    "security": {"per_user": 1},
    "workflows": {"mine": {"file": "mine.json", "name": "My own"}},
}


@dataclass
class Window:
    """The page's socket, as a browser has it."""

    socket: aiohttp.ClientWebSocketResponse
    pushed: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0

    async def ask(self, verb: str, **details: Any) -> Any:
        self.asked += 1
        await self.socket.send_json({"id": self.asked, "do": verb, **details})
        while True:
            frame = await self.socket.receive_json()
            if frame.get("re") == self.asked:
                assert frame["ok"], frame
                return frame["result"]
            self.pushed.append(frame)

    async def until(self, wanted: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """The first push that fits, past ones included."""
        while not (found := next((frame for frame in self.pushed if wanted(frame)), None)):
            self.pushed.append(await self.socket.receive_json())
        return found

    async def with_bot(self) -> dict[str, Any]:
        """Enter, and wait for the bot."""
        view = await self.ask("enter", user=None)
        if not view["bot"]["online"]:
            await self.until(lambda frame: frame.get("push") == "bot" and frame["online"])
        return await self.ask("enter", user=None)


class Running:
    """The process, and the first line that it printed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.first = ""

    @property
    def address(self) -> str:
        return next(word.rstrip("/") for word in self.first.split() if word.startswith("http://"))

    @property
    def children(self) -> list[int]:
        tasks = Path("/proc", str(self.process.pid), "task")
        return [int(pid) for task in tasks.iterdir() for pid in (task / "children").read_text().split()]

    async def line(self) -> str:
        assert self.process.stdout is not None
        async with asyncio.timeout(STARTS_WITHIN):
            return (await self.process.stdout.readline()).decode()

    async def end(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Exit status, and all that was still printed."""
        with suppress(ProcessLookupError):
            self.process.send_signal(number)
        return await self.ended()

    async def ended(self) -> tuple[int, str]:
        """The same, once it has ended by itself."""
        async with asyncio.timeout(LEAVES_WITHIN):
            out, _ = await self.process.communicate()
        return self.process.returncode or 0, out.decode()

    @asynccontextmanager
    async def window(self) -> AsyncIterator[Window]:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{self.address}/page/socket", max_msg_size=0) as socket,
        ):
            yield Window(socket)


Start = Callable[..., Awaitable[Running]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Types the command in an empty folder."""
    started: list[Running] = []

    async def run(*arguments: str, program: tuple[str, ...] = MAIN, **environment: str) -> Running:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "SYSTEMROOT") if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *program, "demo", "--no-browser", "--port", "0", *arguments),
            cwd=tmp_path,
            env={**kept, **environment},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        running = Running(process)
        started.append(running)
        running.first = await running.line()
        return running

    yield run
    for running in started:
        with suppress(ProcessLookupError):
            running.process.kill()
        await running.process.wait()


async def gone(pids: list[int]) -> None:
    """Return when none of them runs any more."""
    while any(_runs(pid) for pid in pids):  # noqa: ASYNC110 - nobody tells of strangers' ends
        await asyncio.sleep(0.05)


def _runs(pid: int) -> bool:
    return _state(pid) not in ("", "Z")


def _state(pid: int) -> str:
    """Its letter in /proc; empty when there is none."""
    try:
        return Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def folders(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_dir()}


def _bot_of(pids: list[int]) -> int:
    return next(pid for pid in pids if b"main.py" in Path("/proc", str(pid), "cmdline").read_bytes())


needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are looked up in /proc")


@needs_proc
async def test_one_command_ends_at_a_picture_and_ctrl_c_leaves_nothing(start: Start, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(HOSTILE), "utf-8")
    (tmp_path / ".env").write_text("DISCORD_TOKEN=own-token\nCOMFYUI__TIMEOUT=soon\n", "utf-8")
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "mine.json").write_bytes((ROOT / "workflows" / "sdxl.json").read_bytes())
    before = files(tmp_path)

    demo = await start(COMFYUI_API_KEY="own-key", LOGGING__LEVEL="nonsense")
    async with demo.window() as window, asyncio.timeout(STARTS_WITHIN):
        view = await window.with_bot()
        general = view["channels"][0]["id"]
        offered = await window.ask(
            "complete", channel=general, command="generate", options={"prompt": "a fox"}, focused="workflow", value=""
        )
        assert {"name": "My own", "value": "mine"} in [{"name": c["name"], "value": c["value"]} for c in offered]
        options = {"prompt": "a red fox", "workflow": "mine", "steps": 2, "width": 256, "height": 256}
        await window.ask("slash", channel=general, command="generate", options=options)
        done = await window.until(lambda frame: frame.get("push") == "message" and frame["message"]["attachments"])
        (picture,) = done["message"]["attachments"]
        async with aiohttp.ClientSession() as session, session.get(f"{demo.address}{picture['url']}") as answer:
            assert (await answer.read()).startswith(b"\x89PNG")
    children = demo.children
    began = time.monotonic()
    assert await demo.end() == (0, "")
    assert time.monotonic() - began < LEAVES_WITHIN
    await gone(children)
    assert len(children) == 3
    assert files(tmp_path) == before
    assert (folders(tmp_path), folders(tmp_path / "data")) == ({"workflows", "data"}, {"demo"})
    assert "own-token" not in (tmp_path / "data" / "demo" / "bot" / "bot.log").read_text("utf-8")


@needs_proc
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
async def test_however_it_is_ended_no_child_outlives_it(start: Start, number: signal.Signals) -> None:
    demo = await start()
    children = demo.children
    status, said = await demo.end(number)
    async with asyncio.timeout(LEAVES_WITHIN):
        await gone(children)
    assert children
    assert said == ""
    assert status == (-signal.SIGKILL if number is signal.SIGKILL else 0)


@needs_proc
async def test_a_second_ctrl_c_waits_for_nobody(start: Start) -> None:
    demo = await start(program=PATIENT)
    children = demo.children
    bot = _bot_of(children)
    os.kill(bot, signal.SIGSTOP)
    while _state(bot) != "T":  # noqa: ASYNC110 - nobody tells of it
        await asyncio.sleep(0.01)
    demo.process.send_signal(signal.SIGINT)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await demo.process.wait()
    async with asyncio.timeout(LEAVES_WITHIN):
        assert await demo.end() == (0, "")
        await gone(children)


@needs_proc
async def test_a_terminal_that_is_gone_is_no_fault(start: Start) -> None:
    demo = await start()
    assert demo.process.stdout is not None
    demo.process._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined]
    async with demo.window() as window, asyncio.timeout(STARTS_WITHIN):
        await window.with_bot()
        await window.ask("fault", name="bot_kill", value=None)
        await window.until(lambda frame: frame.get("push") == "bot" and not frame["online"])
        window.pushed.clear()
        await window.until(lambda frame: frame.get("push") == "bot" and frame["online"])
    demo.process.send_signal(signal.SIGTERM)
    assert await demo.process.wait() == 0


@needs_proc
async def test_a_bot_that_dies_is_said_and_comes_back(start: Start) -> None:
    demo = await start()
    async with demo.window() as window, asyncio.timeout(STARTS_WITHIN):
        await window.with_bot()
        await window.ask("fault", name="bot_kill", value=None)
        said = await demo.line()
        await window.until(lambda frame: frame.get("push") == "bot" and not frame["online"])
        window.pushed.clear()
        await window.until(lambda frame: frame.get("push") == "bot" and frame["online"])
    assert said == "The bot was ended by SIGKILL; it is started again in 1 s.\n"
    assert (await demo.end())[0] == 0


async def test_workflow_settings_with_a_mistake_are_left_out_and_said(start: Start, tmp_path: Path) -> None:
    wrong = {"workflows": {"mine": {"file": "mine.json", "limits": {"steps": {"min": 9, "max": 1}}}}}
    (tmp_path / "config.json").write_text(json.dumps(wrong), "utf-8")
    demo = await start()
    async with demo.window() as window, asyncio.timeout(STARTS_WITHIN):
        said = await demo.line()
        await window.with_bot()
    assert said.startswith("The bot does without your own workflow settings, since they have a mistake (config.json:")
    assert "workflows.mine.limits.steps" in said
    assert (await demo.end())[0] == 0


async def test_a_configuration_that_cannot_be_read_is_said_and_left_out(start: Start, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{", "utf-8")
    demo = await start()
    assert demo.first.startswith("The bot does without your own workflow settings (config.json: line 1, column 2")
    assert "http://" in await demo.line()
    assert (await demo.end())[0] == 0


async def test_a_second_demo_of_the_same_folder_is_one_sentence(start: Start) -> None:
    await start()
    second = await start()
    assert second.first == "Another demo runs in this folder: use that one, or end it first.\n"
    assert await second.ended() == (1, "")


@pytest.mark.parametrize(
    ("arguments", "said", "status"),
    [
        (("--comfyui", "nonsense"), "--comfyui must begin with http:// or https://", 2),
        (("--host", "192.0.2.1"), "Nothing can listen on 192.0.2.1", 1),
        (("--out", "made"), "--out is for what a script makes", 2),
    ],
)
async def test_what_cannot_be_is_one_sentence(start: Start, arguments: tuple[str, ...], said: str, status: int) -> None:
    demo = await start(*arguments)
    assert demo.first.startswith(said)
    assert await demo.ended() == (status, "")


async def test_a_real_comfyui_is_used_and_has_no_switches(start: Start) -> None:
    from playground.comfyui import ComfyUIServer

    async with ComfyUIServer(draw=False) as server:
        demo = await start("--comfyui", server.url)
        async with demo.window() as window, asyncio.timeout(STARTS_WITHIN):
            view = await window.with_bot()
        assert server.count("GET", "/object_info") > 0
    assert view["comfyui"] == {"label": f"ComfyUI at {server.url}", "demo": False}
    assert {switch["name"] for switch in view["faults"]} >= {"bot_kill", "gateway_drop"}
    assert not any(switch["name"].startswith("comfyui") for switch in view["faults"])
    assert (await demo.end())[0] == 0


async def test_a_script_that_was_not_played_to_its_end_has_not_held(start: Start, tmp_path: Path) -> None:
    steps = [{"as": "ada", "wait": {"text": "nothing"}}]
    (tmp_path / "script.json").write_text(json.dumps({"title": "x", "steps": steps}), "utf-8")
    demo = await start("--script", "script.json")
    assert await demo.end(signal.SIGTERM) == (1, "The script was ended before its last step.\n")
