"""Tables from nothing, from an earlier version, and from a later one."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from config.errors import ConfigError
from config.models import BotConfig
from core.jobs.models import Job, Origin
from core.jobs.sql import migrate, open_store
from core.jobs.sql.database import Database
from core.jobs.sql.tables import REVISION, metadata
from utils.language import phrase

STEP = """
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{before}"

def upgrade():
    with op.batch_alter_table("jobs") as jobs:
        jobs.add_column(sa.Column("mood", sa.String))
        jobs.alter_column("owner", new_column_name="asker")
    {further}
"""


@pytest.fixture
def add_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes a version of the program that has one step more than this one."""

    def add(further: str = "pass") -> None:
        steps = tmp_path / "100% later steps"
        shutil.copytree(migrate.STEPS, steps)
        (steps / "versions" / "next.py").write_text(STEP.format(before=REVISION, further=further))
        monkeypatch.setattr(migrate, "STEPS", steps)

    return add


async def in_database(config: BotConfig, work: Callable[[Any], Any]) -> Any:
    engine = Database.of(config.storage).engine(migrating=True)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def differences(connection: Any) -> list[Any]:
    options = {"compare_type": True, "compare_server_default": True}
    return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)


async def test_the_steps_lead_to_the_tables_that_the_program_knows(database: BotConfig):
    async with open_store(database):
        pass
    assert await in_database(database, differences) == []


async def test_a_difference_would_be_seen(database: BotConfig):
    async with open_store(database):
        pass
    await in_database(database, lambda connection: connection.execute(text("DROP INDEX jobs_by_owner")))
    assert len(await in_database(database, differences)) == 1


def test_the_last_step_is_the_one_that_is_looked_for():
    config = Config()
    config.set_main_option("script_location", str(migrate.STEPS))
    assert ScriptDirectory.from_config(config).get_heads() == [REVISION]


async def test_every_step_can_be_taken_back(database: BotConfig):
    from alembic import command

    def back(connection: Any) -> None:
        config = Config()
        config.set_main_option("script_location", str(migrate.STEPS))
        config.attributes["connection"] = connection
        command.downgrade(config, "base")

    async with open_store(database):
        pass
    await in_database(database, back)
    assert {kind for kind, *_ in await in_database(database, differences)} == {"add_table", "add_index"}


async def test_what_an_earlier_version_kept_is_still_there(
    database: BotConfig, new_job: Callable[..., Job], add_step: Callable[..., None]
):
    job, graph = new_job(), {"1": {"class_type": "SaveImage", "inputs": {}}}
    async with open_store(database) as store:
        await store.add(job, graph)
        client_id = store.client_id
    add_step()
    await in_database(database, lambda connection: migrate.migrate(connection, "next"))

    def read(connection: Any) -> list[Any]:
        jobs = connection.execute(text("SELECT id, asker, mood FROM jobs")).all()
        return [
            *jobs,
            connection.scalar(text("SELECT count(*) FROM graphs")),
            connection.scalar(text("SELECT client_id FROM client")),
        ]

    assert await in_database(database, read) == [(job.id, job.owner, None), 1, client_id]


FIRST = {
    "id": "job-1",
    "owner": 7,
    "channel_id": 5,
    "private": False,
    "fleeting": False,
    "request": '{"workflow":"fox","parameters":{"prompt":"a red fox","seed":3}}',
    "display": '{"title":"A picture","rows":[["Steps","20"]]}',
    "state": "failed",
    "server": "http://127.0.0.1:8188",
    "attempts": 1,
    "created_at": "2026-11-01 12:00:00+00",
    "execution": '{"prompt_id":"job-1","outputs":[],"problem":"A node failed."}',
    "error": "Out of memory.",
    "cancel_requested": False,
    "delivery": "kept",
    "delivery_note": "Nobody is there.",
    "messages": "[8]",
}


async def test_the_jobs_of_the_first_version_are_read(database: BotConfig):
    def fill(connection: Any) -> None:
        migrate.migrate(connection, "0001")
        values = ", ".join("false" if value is False else f"'{value}'" for value in FIRST.values())
        connection.exec_driver_sql(f"INSERT INTO jobs ({', '.join(FIRST)}) VALUES ({values})")
        connection.execute(text("INSERT INTO client (id, client_id) VALUES (1, 'the-same')"))

    await asyncio.to_thread(Path(database.storage.data).mkdir)
    await in_database(database, fill)
    async with open_store(database) as store:
        assert store.client_id == "the-same"
        (job,) = await store.find()
        assert (job.error, job.delivery_note, job.display["rows"]) == (
            "Out of memory.",
            "Nobody is there.",
            [["Steps", "20"]],
        )
        assert job.execution is not None
        assert str(job.execution.problem) == "A node failed."
        assert job.origin == Origin(5)
        job.error = phrase("It is {n}.", n=2)
        await store.save(job)
        kept = await store.get(job.id)
        assert kept is not None
        assert (kept.error, kept.messages) == ("It is 2.", (8,))
    assert await in_database(database, differences) == []


async def test_a_step_that_fails_leaves_all_as_it_was(
    database: BotConfig, new_job: Callable[..., Job], add_step: Callable[..., None]
):
    job = new_job()
    async with open_store(database) as store:
        await store.add(job, {})
    with pytest.MonkeyPatch.context() as patch:
        add_step(further="raise RuntimeError('the power went')")
        patch.setattr(migrate.migrate, "__defaults__", ("next",))
        with pytest.raises(RuntimeError):
            async with open_store(database):
                pytest.fail("opened")
    assert await in_database(database, differences) == []
    async with open_store(database) as store:
        assert await store.get(job.id) == job


async def test_the_database_of_a_later_version_is_refused_and_left_alone(database: BotConfig, caplog):
    async with open_store(database) as store:
        client_id = store.client_id
    later = "UPDATE alembic_version SET version_num = '9999'"
    await in_database(database, lambda connection: connection.execute(text(later)))
    setting = "storage.url" if database.storage.url else "storage.data"
    with pytest.raises(ConfigError) as caught:
        async with open_store(database):
            pytest.fail("opened")
    assert (caught.value.key, caught.value.problem) == (setting, "names the database of a newer version")
    back = text("UPDATE alembic_version SET version_num = :known")
    await in_database(database, lambda connection: connection.execute(back, {"known": REVISION}))
    async with open_store(database) as store:
        assert store.client_id == client_id


async def test_one_line_in_the_log_tells_of_it(stored_at: Callable[..., BotConfig], caplog):
    caplog.set_level("DEBUG")
    for _ in range(2):
        async with open_store(stored_at()):
            pass
    told = [record.getMessage() for record in caplog.records if record.levelname not in ("DEBUG",)]
    assert told == ["database of jobs made ready"]


def test_a_database_that_is_up_to_date_opens_without_alembic(tmp_path: Path):
    code = (
        "import asyncio, sys\n"
        "from config.models import BotConfig\n"
        "from core.jobs.sql import open_store\n"
        f"config = BotConfig.model_validate({{'storage': {{'data': {str(tmp_path)!r}}}}})\n"
        "async def main():\n"
        "    async with open_store(config): pass\n"
        "asyncio.run(main())\n"
        "print('alembic' in sys.modules)"
    )
    root = Path(__file__).parents[4]
    said = [
        subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=root, capture_output=True, text=True)
        for _ in range(2)
    ]
    assert [(done.stdout, done.stderr) for done in said] == [("True\n", ""), ("False\n", "")]
    with sqlite3.connect(tmp_path / "jobs.db") as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(REVISION,)]
    connection.close()
