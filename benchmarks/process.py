"""The bot as it is run: ``main.py`` as a process of its own, in a folder of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import sample
from typing import Any

import orjson

from config.models import BotConfig
from playground.discord import DiscordServer

ROOT = Path(__file__).parents[1]
_STARTS_WITHIN = 60.0
_GONE_WITHIN = 20.0
#: What the log must not hold, beside errors.
_BROKEN = ("Traceback", "ResourceWarning", "was destroyed but it is pending", "was never retrieved")
#: How the last line of an error begins when it was Discord that did not take something.
_OF_DISCORD = ("discord.errors.", "aiohttp.", "Connection")


def furnish(
    home: Path, url: str, workflows: Mapping[str, Mapping[str, Any]], **changes: Mapping[str, Any]
) -> BotConfig:
    """Put workflows and a ``config.json`` into a folder; ``changes`` by section, ``url`` is ComfyUI's.

    Returns:
        The configuration that a bot reads there, less the token and Discord's address.
    """
    folder = home / "workflows"
    folder.mkdir(parents=True)
    for name, graph in workflows.items():
        (folder / f"{name}.json").write_bytes(orjson.dumps(graph))
    sections: dict[str, dict[str, Any]] = {
        "comfyui": {"url": url, "timeout": 30, "silence_timeout": 5},
        "generation": {"default_workflow": next(iter(workflows)), "progress_interval": 1.25},
        "storage": {
            "outputs": str(home / "outputs"),
            "workflows": str(folder),
            "data": str(home / "data"),
            "max_files": 0,
        },
        "logging": {"file": None, "format": "json"},
        "security": {"per_user": 1_000_000, "global_limit": 1_000_000},
    }
    for section, values in changes.items():
        sections[section].update(values)
    (home / "config.json").write_bytes(orjson.dumps(sections))
    return BotConfig.model_validate(sections)


def lasting_port() -> int:
    """A free one below those that outgoing connections get.

    A server that comes back to such a port finds it free, and nobody who knocks there meanwhile is connected to
    itself.
    """
    for port in sample(range(20_000, 32_000), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no port is free")


@dataclass(frozen=True, slots=True)
class Vitals:
    """What a process holds: KiB of memory, and open things by kind (socket, file, anon_inode …)."""

    rss: int
    open: Counter[str]
    threads: int

    @classmethod
    def of(cls, pid: int) -> Vitals | None:
        """None when the process is gone, or where there is no /proc."""
        proc = Path("/proc", str(pid))
        try:
            pages = int((proc / "statm").read_text().split()[1])
            kinds = Counter(_kind(str(name.readlink())) for name in (proc / "fd").iterdir())
            return cls(pages * os.sysconf("SC_PAGE_SIZE") // 1024, kinds, len(list((proc / "task").iterdir())))
        except OSError:
            return None


def _kind(link: str) -> str:
    return "file" if link.startswith("/") else link.partition(":")[0]


class BotProcess:
    """``main.py`` in a furnished folder; it can be ended and started any number of times.

    Attributes:
        starts: how often it was started.
    """

    def __init__(self, discord: DiscordServer, home: Path) -> None:
        self.starts = 0
        self._discord = discord
        self._home = home
        self._log = home / "said.log"
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    @property
    def ended(self) -> bool:
        """Whether it has ended although nobody asked it to."""
        return self._process is not None and self._process.returncode is not None

    async def start(self) -> None:
        """Return when it is connected to Discord.

        Raises:
            TimeoutError, RuntimeError: it is not, or has ended.
        """
        before = self._discord.identifies
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
        environment |= {
            "DISCORD_TOKEN": self._discord.token,
            "DISCORD_API_URL": self._discord.api_url,
            "PYTHONWARNINGS": "default::ResourceWarning",
        }
        with self._log.open("ab") as said:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, str(ROOT / "main.py")), cwd=self._home, env=environment, stdout=said, stderr=said
            )
        self.starts += 1
        over = asyncio.create_task(self._process.wait())
        ready = asyncio.create_task(
            self._discord.until(lambda: self._discord.identifies > before and self._discord.connected, _STARTS_WITHIN)
        )
        try:
            await asyncio.wait({over, ready}, return_when=asyncio.FIRST_COMPLETED)
            if not ready.done():
                raise RuntimeError(f"the bot did not start; its log is {self._log}")
            ready.result()
        finally:
            over.cancel()
            ready.cancel()

    async def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
            self._process = None

    async def stop(self) -> tuple[float, int]:
        """SIGTERM; how many seconds it took to leave, and its exit status."""
        process, self._process = self._process, None
        if process is None:
            return 0.0, 0
        began = time.monotonic()
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(_GONE_WITHIN):
                status = await process.wait()
        except TimeoutError:
            process.kill()
            status = await process.wait()
        return time.monotonic() - began, status

    def vitals(self) -> Vitals | None:
        return None if self._process is None else Vitals.of(self._process.pid)

    def broken(self) -> list[str]:
        """Lines of the log that tell of a fault of its own."""
        lines = self._log.read_text("utf-8", errors="replace").splitlines() if self._log.exists() else []
        return [line for line in lines if _is_broken(line)]


def _is_broken(line: str) -> bool:
    try:
        entry = orjson.loads(line)
    except orjson.JSONDecodeError:
        return any(mark in line for mark in _BROKEN)
    if entry["level"] not in ("error", "critical") or entry["logger"].startswith("discord."):
        return False  # discord.py calls it an error that Discord cannot be reached
    return not entry.get("exception", "").rpartition("\n")[2].startswith(_OF_DISCORD)
