"""A store that opens, and sentences for one that does not."""

from __future__ import annotations

import gc
import importlib.util
import sqlite3
import stat
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from config.errors import ConfigError
from config.models import BotConfig
from core.jobs.models import Job
from core.jobs.sql import open_store
from core.jobs.sql.database import Database

StoredAt = Callable[..., BotConfig]
unix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no modes")


def logged(caplog: pytest.LogCaptureFixture) -> str:
    return " ".join(f"{record.getMessage()} {getattr(record, 'fields', '')}" for record in caplog.records)


def threads() -> set[str]:
    """Those of the loop's own executor stay until the loop ends."""
    return {thread.name for thread in threading.enumerate() if not thread.name.startswith("asyncio_")}


def open_files() -> list[str]:
    links = Path("/proc/self/fd")
    return [str(link.readlink()) for link in links.iterdir() if link.is_symlink()] if links.exists() else []


async def refusal(config: BotConfig) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        async with open_store(config):
            pytest.fail("opened")
    assert caught.value.source == caught.value.key.upper().replace(".", "__")
    return caught.value


async def test_jobs_and_name_are_the_same_after_a_restart(opened, new_job: Callable[..., Job]):
    store = await opened()
    client_id = store.client_id
    job = new_job()
    await store.add(job, {"1": {}})
    again = await opened()
    assert again is not store
    assert (again.client_id, len(client_id), int(client_id, 16) > 0) == (client_id, 32, True)
    assert (await again.get(job.id), await again.graph(job.id)) == (job, {"1": {}})


async def test_one_bot_a_data_folder(database: BotConfig, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("core.jobs.sql.lock._PATIENCE", 0.0)
    async with open_store(database) as store:
        error = await refusal(database)
        assert (error.key, error.problem) == ("storage.data", "names a folder that another running bot uses")
        assert await store.count() == 0


async def test_two_databases_have_two_names(stored_at: StoredAt, tmp_path: Path):
    names = set()
    for folder in ("one", "two"):
        async with open_store(stored_at(data=str(tmp_path / folder))) as store:
            names.add(store.client_id)
    assert len(names) == 2


@unix_only
async def test_nobody_else_reads_the_file(stored_at: StoredAt, tmp_path: Path, new_job: Callable[..., Job]):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "jobs.db").touch(mode=0o644)
    async with open_store(stored_at()) as store:
        await store.add(new_job(), {})
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.glob("jobs.db*")}
    assert modes == {"jobs.db": 0o600, "jobs.db-wal": 0o600, "jobs.db-shm": 0o600}
    assert sorted(path.name for path in folder.glob("jobs.db*")) == ["jobs.db"]


async def test_the_file_may_be_elsewhere(stored_at: StoredAt, tmp_path: Path, new_job: Callable[..., Job]):
    path = tmp_path / "a b%20c" / "other.db"
    async with open_store(stored_at(url=f"sqlite:///{path}")) as store:
        await store.add(new_job(), {})
    assert path.exists()
    assert not (tmp_path / "data" / "jobs.db").exists()


async def test_how_the_file_is_written(stored_at: StoredAt):
    engine = Database.of(stored_at().storage).engine()
    async with open_store(stored_at()), engine.begin() as connection:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        values = [await connection.scalar(text(f"PRAGMA {name}")) for name in names]
    await engine.dispose()
    assert values == ["wal", 2, 1, 5000]


@pytest.mark.parametrize("damage", ["text", "head", "tables"])
async def test_a_damaged_file_is_named_by_its_setting_and_stays(
    stored_at: StoredAt, tmp_path: Path, new_job: Callable[..., Job], damage: str, caplog
):
    async with open_store(stored_at()) as store:
        await store.add(new_job(), {})
    path = tmp_path / "data" / "jobs.db"
    data = path.read_bytes()
    path.write_bytes(
        {"text": b"not a database" * 500, "head": b"\0" * 64 + data[64:], "tables": data[:100] + b"\xff" * 5000}[damage]
    )
    before = path.read_bytes()
    error = await refusal(stored_at())
    assert str(error) == (
        "STORAGE__DATA: storage.data: leads to a damaged file jobs.db; "
        "put a copy in its place, or move it away to begin anew"
    )
    assert path.read_bytes() == before
    assert "database of jobs does not open" in logged(caplog)
    error = await refusal(stored_at(url=f"sqlite:///{path}"))
    assert (error.key, error.problem) == ("storage.url", "names a damaged file")


@pytest.mark.parametrize("place", ["folder", "file/jobs.db"])
async def test_a_place_where_there_can_be_no_file(stored_at: StoredAt, tmp_path: Path, place: str):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    path = tmp_path / place
    error = await refusal(stored_at(url=f"sqlite:///{path}"))
    assert (error.key, error.problem) == ("storage.url", "names a place where no database can be written")
    assert stat.S_IMODE((tmp_path / "folder").stat().st_mode) & 0o100


async def test_a_data_folder_that_cannot_be_made(stored_at: StoredAt, tmp_path: Path):
    (tmp_path / "file").touch()
    error = await refusal(stored_at(data=str(tmp_path / "file" / "data")))
    assert (error.key, error.problem) == ("storage.data", "names a folder that cannot be written")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:///?mode=memory", "has an option that is not known"),
        ("sqlite:///jobs.db?mode=ro", "has an option that is not known"),
        ("postgresql://bot:pass-word@db/jobs?connect_timeout=3", "has an option that is not known"),
        ("postgresql://bot:pass-word@127.0.0.1:1/jobs", "names a database that does not open"),
        ("postgresql://bot:pass-word@127.0.0.1:1/jobs?sslmode=nonsense", "names a database that does not open"),
    ],
)
async def test_addresses_that_lead_nowhere(stored_at: StoredAt, url: str, problem: str, caplog):
    if url.startswith("postgresql"):
        pytest.importorskip("asyncpg")
    error = await refusal(stored_at(url=url))
    assert (error.key, error.problem) == ("storage.url", problem)
    assert "pass-word" not in f"{error}{logged(caplog)}"


def test_how_postgresql_itself_writes_addresses(stored_at: StoredAt):
    pytest.importorskip("asyncpg")
    url = Database.of(stored_at(url="postgresql://a:b@db:5433/jobs?sslmode=require").storage).url
    assert (url.drivername, url.query, url.port) == ("postgresql+asyncpg", {"ssl": "require"}, 5433)


async def test_without_the_driver(stored_at: StoredAt, monkeypatch: pytest.MonkeyPatch):
    find = importlib.util.find_spec
    monkeypatch.setattr("core.jobs.sql.database.find_spec", lambda name: None if name == "asyncpg" else find(name))
    error = await refusal(stored_at(url="postgresql://bot@db/jobs"))
    assert str(error) == (
        'STORAGE__URL: storage.url: needs a driver that is missing; run pip install "discomfy[postgresql]"'
    )


async def test_a_server_that_does_not_know_the_database_or_the_name(stored_at: StoredAt, postgres, caplog):
    for url in (postgres.url("absent"), postgres.url("postgres").replace("discomfy@", "stranger:pass-word@")):
        error = await refusal(stored_at(url=url))
        assert (error.key, error.problem) == ("storage.url", "names a database that does not open")
        assert "pass-word" not in f"{error}{logged(caplog)}"
    assert 'database "absent" does not exist' in logged(caplog)


async def test_nothing_is_left_when_it_is_closed(database: BotConfig, new_job: Callable[..., Job], tmp_path: Path):
    before = threads()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        async with open_store(database) as store:
            await store.add(new_job(), {})
        del store
        gc.collect()
    assert threads() <= before
    assert not any(path.startswith(str(tmp_path)) for path in open_files())


async def test_nothing_is_left_when_it_does_not_open(stored_at: StoredAt, tmp_path: Path):
    before = threads()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "jobs.db").write_bytes(b"not a database" * 500)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        await refusal(stored_at())
        gc.collect()
    assert threads() <= before
    (tmp_path / "data" / "jobs.db").unlink()
    async with open_store(stored_at()) as store:  # the folder is free again at once
        assert await store.count() == 0
    sqlite3.connect(tmp_path / "data" / "jobs.db").close()
