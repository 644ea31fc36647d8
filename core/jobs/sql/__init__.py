"""Jobs that outlive the process: in a file, or on a PostgreSQL server.

Importing this is cheap; SQLAlchemy is loaded when a store is opened.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

from core.jobs.store import JobStore

if TYPE_CHECKING:
    from config.models import BotConfig

__all__ = ["open_store"]


@contextlib.asynccontextmanager
async def open_store(config: BotConfig) -> AsyncIterator[JobStore]:
    """The store of a configuration, its tables those of this version, for as long as the block lasts.

    It keeps the data folder to itself; another process that still does is waited for, ten seconds at most.

    Raises:
        ConfigError: another bot uses the folder; or the database is damaged, of a newer version, or does not open.
    """
    from core.jobs.sql.database import Database
    from core.jobs.sql.lock import held
    from core.jobs.sql.migrate import prepare
    from core.jobs.sql.store import SqlJobStore

    database = Database.of(config.storage)
    async with held(Path(config.storage.data)):
        with database.opening():
            database.make_file()
            client_id = await prepare(database.engine(migrating=True))
        store = SqlJobStore(database.engine(), client_id)
        try:
            yield store
        finally:
            await store.close()
