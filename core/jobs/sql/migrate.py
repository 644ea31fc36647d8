"""A database brought to the tables of this version."""

from __future__ import annotations

import logging
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection, insert, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from core.jobs.sql.tables import REVISION, client
from utils.logging import get_logger

log = get_logger(__name__)

STEPS = Path(__file__).parent / "migrations"
_VERSION = "alembic_version"


class NewerDatabase(Exception):
    """A later version of this program has changed the database."""


async def prepare(engine: AsyncEngine) -> str:
    """Bring the tables to this version; the name under which the database's jobs are posted. The engine is closed.

    Raises:
        NewerDatabase, SQLAlchemyError: as `migrate` raises them; OSError and asyncpg's own where it does not connect.
    """
    try:
        async with engine.begin() as connection:
            await connection.run_sync(migrate)
            client_id = await connection.scalar(select(client.c.client_id))
            if client_id is None:
                client_id = uuid4().hex
                await connection.execute(insert(client).values(id=1, client_id=client_id))
            return client_id
    finally:
        await engine.dispose()


def migrate(connection: Connection, revision: str = REVISION) -> None:
    """Make the steps that are missing, all or none: the connection is in a transaction, which is the caller's to end.

    Raises:
        NewerDatabase: it holds a step that this version does not know; nothing was changed.
        SQLAlchemyError: as the database raises it.
    """
    before = _revision_of(connection)
    if before == revision:
        return  # alembic takes as long to import as the rest takes to open
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it says several lines about what one says below
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(STEPS).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if before is not None and before not in known:
        raise NewerDatabase
    command.upgrade(config, revision)
    log.info("database of jobs made ready", before=before, now=revision)


def _revision_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION):
        return None
    return connection.execute(text(f"SELECT version_num FROM {_VERSION}")).scalar()
