"""What a process of the bot's does: it is forked from one that has the libraries in memory, and runs ``main.py``."""

from __future__ import annotations

import gc
import os
import runpy
import sys
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: What takes most of a start. None of the project's own: that is new in every process.
LIBRARIES = [
    "aiosqlite",
    "alembic.command",
    "discord",
    "limits",
    "pydantic_settings",
    "rapidfuzz",
    "rich.console",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "sqlalchemy.ext.asyncio",
    "stamina",
    "structlog",
    "typer",
]

_context = get_context("forkserver")
_context.set_forkserver_preload(LIBRARIES)


def born(home: Path, environment: dict[str, str], error_file: Path) -> ForkServerProcess:
    """A process that runs ``main.py`` in ``home`` with this environment and no other; what it says goes to a file."""
    process = _context.Process(target=_live, args=(home, environment, error_file), daemon=True)
    process.start()
    return process


def _live(home: Path, environment: dict[str, str], error_file: Path) -> None:
    gc.freeze()  # what was imported is shared, as long as nobody touches it
    os.chdir(home)
    os.environ.clear()
    os.environ.update(environment)
    said = os.open(error_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(said, sys.stdout.fileno())
    os.dup2(said, sys.stderr.fileno())
    os.close(said)
    sys.argv = [str(ROOT / "main.py")]
    sys.path.insert(0, str(ROOT))
    runpy.run_path(sys.argv[0], run_name="__main__")
