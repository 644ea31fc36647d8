"""The floors: who may import whom, and what an import may cost."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = ("bot", "core", "config", "utils", "playground")
#: package → the packages of ours that it may know
MAY_IMPORT = {
    "bot": {"bot", "core", "config", "utils"},
    "core": {"core", "config", "utils"},
    "config": {"config", "utils"},
    "utils": {"utils", "config"},
    "playground": {"playground"},
}
#: utils takes `LoggingConfig` as a type; nothing of it is needed to run.
TYPES_ONLY = {("utils", "config"), ("core", "discord")}
MAX_LINES = 300
#: Imported where they are used, so that the bot is there at once.
HEAVY = {
    "PIL",
    "aiosqlite",
    "alembic",
    "asyncpg",
    "av",
    "babel",
    "discord.ext.commands",
    "filelock",
    "limits",
    "pydantic",
    "rapidfuzz",
    "rich",
    "sqlalchemy",
    "stamina",
    "structlog",
    "typer",
}


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Top-level name of every import, and whether it is for the type checker only."""
    tree = ast.parse(path.read_text("utf-8"))
    for_types = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name.partition(".")[0], id(node) in for_types) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0], id(node) in for_types


@pytest.mark.parametrize("package", FLOORS)
def test_imports_point_down(package: str) -> None:
    files = modules(package)
    assert files
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files
        for name, for_types in imports(path)
        if name in FLOORS and (name not in MAY_IMPORT[package] or ((package, name) in TYPES_ONLY and not for_types))
    ]
    assert wrong == []


def test_core_is_free_of_discord_but_for_one_type() -> None:
    found = {
        str(path.relative_to(ROOT)): for_types
        for path in modules("core")
        for name, for_types in imports(path)
        if name == "discord"
    }
    assert found == {"core/validators/image.py": True}


def test_the_playground_speaks_wire_protocols_only() -> None:
    names = {name for path in modules("playground") for name, _ in imports(path)}
    assert "discord" not in names


@pytest.mark.parametrize("package", [*FLOORS, "benchmarks"])
def test_a_file_is_one_idea(package: str) -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in modules(package)
        if (lines := len(path.read_text("utf-8").splitlines())) > MAX_LINES
    }
    assert long == {}


def test_no_node_ids_in_code() -> None:
    """Node ids are opaque: nothing makes numbers of them."""
    wrong = [str(path.relative_to(ROOT)) for path in modules("core") if "int(node_id" in path.read_text("utf-8")]
    assert wrong == []


@pytest.mark.parametrize("module", ["bot.client", "core.engine", "core.jobs.sql"])
def test_importing_it_brings_in_no_heavy_library(module: str) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert module in loaded
    assert loaded & HEAVY == set()


def test_core_runs_without_discord() -> None:
    code = "import sys, core.engine, core.validators.image; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "discord" not in done.stdout.split()
