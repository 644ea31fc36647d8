"""Stores to test, on PostgreSQL too where its programs are on the machine."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from config.models import BotConfig
from core.comfyui.workflows.parameters import WorkflowParameters
from core.generators.base import GenerationRequest
from core.jobs.models import Job
from core.jobs.sql import open_store
from core.jobs.store import JobStore


@pytest.fixture
def new_job() -> Callable[..., Job]:
    """Makes jobs with ids of their own; takes other values of `Job`."""
    numbers = count(1)

    def build(**values: Any) -> Job:
        request = GenerationRequest("fox", WorkflowParameters(prompt="a red fox", seed=3))
        return Job(**{"id": f"job-{next(numbers):04}", "owner": 7, "request": request, **values})

    return build


@dataclass
class Postgres:
    """A server of this session's own."""

    port: int
    programs: Path
    log: Path
    numbers: Iterator[int]

    def url(self, name: str) -> str:
        return f"postgresql://discomfy@127.0.0.1:{self.port}/{name}"

    def database(self) -> str:
        """The address of a new, empty database."""
        name = f"jobs{next(self.numbers)}"
        self.run("createdb", name)
        return self.url(name)

    def run(self, program: str, *arguments: str) -> str:
        where = ("-h", "127.0.0.1", "-p", str(self.port), "-U", "discomfy")
        done = subprocess.run(
            [self.programs / program, *where, *arguments], check=True, capture_output=True, text=True, timeout=120
        )
        return done.stdout


def _programs() -> Path | None:
    found = shutil.which("initdb") or shutil.which("postgres")
    folders = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    programs = _programs()
    if programs is None or sys.platform == "win32" or importlib.util.find_spec("asyncpg") is None:
        pytest.skip("needs asyncpg, and the programs of a PostgreSQL server")
    as_root = os.geteuid() == 0
    # A server does not run as root, and nobody else gets into root's folder of pytest.
    folder = Path(tempfile.mkdtemp(prefix="discomfy-postgres-")) if as_root else tmp_path_factory.mktemp("postgres")
    user: dict[str, Any] = {"user": "nobody", "cwd": folder} if as_root else {"cwd": folder}
    if as_root:
        shutil.chown(folder, "nobody")
    data, log = folder / "data", folder / "log"
    try:
        subprocess.run(
            [programs / "initdb", "-D", data, "-A", "trust", "-U", "discomfy", "-E", "UTF8", "--no-sync"],
            check=True,
            capture_output=True,
            timeout=120,
            **user,
        )
        port = _free_port()
        settings = (
            "fsync=off",
            "full_page_writes=off",
            "autovacuum=off",
            "listen_addresses=127.0.0.1",
            f"port={port}",
            "unix_socket_directories=",
        )
        options = [part for setting in settings for part in ("-c", setting)]
        with log.open("wb") as output:
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, *options], stdout=output, stderr=output, **user
            )
        try:
            made = Postgres(port, programs, log, count())
            _wait_for(made, server)
            yield made
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
            server.wait(30)
    finally:
        if as_root:
            shutil.rmtree(folder, ignore_errors=True)


def _wait_for(made: Postgres, server: subprocess.Popen[bytes]) -> None:
    probe = [made.programs / "pg_isready", "-h", "127.0.0.1", "-p", str(made.port), "-t", "1"]
    for _ in range(600):
        assert server.poll() is None, made.log.read_text()
        if subprocess.run(probe, capture_output=True, timeout=60).returncode == 0:
            return
    pytest.fail("PostgreSQL does not get ready")


@pytest.fixture
def stored_at(tmp_path: Path) -> Callable[..., BotConfig]:
    """Settings whose data folder is the test's; takes other values of the section ``storage``."""

    def build(**storage: Any) -> BotConfig:
        return BotConfig.model_validate({"storage": {"data": str(tmp_path / "data"), **storage}})

    return build


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, stored_at: Callable[..., BotConfig]) -> BotConfig:
    """Settings of an empty database of either kind."""
    if request.param == "sqlite":
        return stored_at()
    return stored_at(url=request.getfixturevalue("postgres").database())


@pytest.fixture
async def opened(database: BotConfig) -> AsyncIterator[Callable[[], Awaitable[JobStore]]]:
    """Opens the store of `database`; once more, after it has closed it, when it is called again."""
    async with AsyncExitStack() as stack:

        async def reopen() -> JobStore:
            await stack.aclose()
            return await stack.enter_async_context(open_store(database))

        yield reopen
