"""Which database it is, how it is connected to, and what is said when that does not work."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from config.errors import ConfigError
from core.jobs.sql.migrate import NewerDatabase
from utils.logging import get_logger

if TYPE_CHECKING:
    from config.models import StorageConfig

log = get_logger(__name__)

FILE = "jobs.db"
_ALONE = "alone"
_BUSY_SECONDS = 5.0
#: In seconds, for a server to let us in, and for one statement.
_PATIENCE = {"timeout": 10.0, "command_timeout": 30.0}
_SQLITE = "sqlite:///"
_OPTIONS = frozenset({"host", "port", "ssl", "sslmode"})
_UNKNOWN_OPTION = ("has an option that is not known", "take out what follows the question mark")
#: SQLITE_CORRUPT and SQLITE_NOTADB
_DAMAGED = {11, 26}
#: A job whose save was answered is on the disk, whatever happens to the machine then; readers disturb nobody.
_PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")


@dataclass(frozen=True, slots=True)
class Database:
    """The database of a configuration.

    Attributes:
        setting: the one that names it, as ``storage.url``.
    """

    url: URL
    setting: str

    @classmethod
    def of(cls, storage: StorageConfig) -> Database:
        """The database that the settings name.

        Raises:
            ConfigError: they name none that can be used.
        """
        if storage.url is None:
            return cls(URL.create("sqlite+aiosqlite", database=str(Path(storage.data) / FILE)), "storage.data")
        if storage.url.lower().startswith(_SQLITE):
            return cls(URL.create("sqlite+aiosqlite", database=_path(storage.url)), "storage.url")
        try:
            url = make_url(storage.url)
        except (ArgumentError, ValueError):
            raise _error("storage.url", "is no address of a database", "look it up in the configuration") from None
        if not _OPTIONS.issuperset(url.query):
            raise _error("storage.url", *_UNKNOWN_OPTION)
        if find_spec("asyncpg") is None:
            raise _error("storage.url", "needs a driver that is missing", 'run pip install "discomfy[postgresql]"')
        query = {{"sslmode": "ssl"}.get(name, name): value for name, value in url.query.items()}
        return cls(url.set(drivername="postgresql+asyncpg", query=query), "storage.url")

    @property
    def file(self) -> Path | None:
        """The database's file; None for a server's."""
        return Path(self.url.database or "") if self.url.get_backend_name() == "sqlite" else None

    def make_file(self) -> None:
        """Make the file where there is none, for nobody else to read: it holds tokens and what people asked for.

        Raises:
            OSError: it cannot be made or written.
        """
        if self.file is None:
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600))
        with contextlib.suppress(PermissionError):  # another's file, which we may write
            self.file.chmod(0o600)  # SQLite makes the files beside it alike

    def engine(self, *, migrating: bool = False) -> AsyncEngine:
        """One connection that is kept, and transactions that hold all that is done in them, changes of tables too.

        ``migrating``: without foreign keys, since SQLite changes a table by removing it.
        """
        options: dict[str, Any] = {
            "pool_size": 1,
            "max_overflow": 0,
            "pool_reset_on_return": None,
            "hide_parameters": True,
        }
        if self.file is None:
            return create_async_engine(self.url, pool_pre_ping=True, connect_args=_PATIENCE, **options)
        logging.getLogger("aiosqlite").setLevel(logging.WARNING)  # it repeats every value, prompts among them
        # Python's sqlite3 begins transactions by rules of its own, and never one around a change of tables.
        own = {"isolation_level": None, "timeout": _BUSY_SECONDS}
        engine = create_async_engine(self.url, connect_args=own, **options)
        pragmas = _PRAGMAS[:-1] if migrating else _PRAGMAS

        @event.listens_for(engine.sync_engine, "connect")
        def _set_up(connection: Any, _record: object) -> None:
            with contextlib.ExitStack() as undo:
                undo.callback(connection.close)  # the pool forgets a connection that is refused here
                cursor = connection.cursor()
                for pragma in pragmas:
                    cursor.execute(f"PRAGMA {pragma}")
                cursor.close()
                undo.pop_all()

        @event.listens_for(engine.sync_engine, "begin")
        def _begin(connection: Connection) -> None:
            if not connection.get_execution_options().get(_ALONE):
                connection.exec_driver_sql("BEGIN IMMEDIATE")

        return engine

    @contextlib.contextmanager
    def opening(self) -> Iterator[None]:
        """What goes wrong while the database is opened becomes a `ConfigError`, its cause a line in the log."""
        try:
            yield
        except NewerDatabase:
            remedy = "install that version again, or name another database"
            raise _error(self.setting, "names the database of a newer version", remedy) from None
        except failures() as exc:
            log.error("database of jobs does not open", detail=cause(exc))  # noqa: TRY400
            raise self._sentence(exc) from None  # the cause may repeat the address, and with it the password

    def _sentence(self, exc: Exception) -> ConfigError:
        if self.file is None:
            remedy = "look whether the server runs, and whether name and password are right"
            return _error(self.setting, "names a database that does not open", remedy)
        if getattr(getattr(exc, "orig", None), "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
            problem = f"leads to a damaged file {FILE}" if self.setting == "storage.data" else "names a damaged file"
            return _error(self.setting, problem, "put a copy in its place, or move it away to begin anew")
        return _error(
            self.setting,
            "names a place where no database can be written",
            "make room there, allow the bot to write, or name another one",
        )


def for_one_statement(engine: AsyncEngine) -> AsyncEngine:
    """The same engine without a word before and after a statement that is alone: databases make a whole of one."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{_ALONE: True})
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def _path(url: str) -> str:
    """The path as it is written: nothing in it is percent-encoded."""
    path = url[len(_SQLITE) :]
    if "?" in path:
        raise _error("storage.url", *_UNKNOWN_OPTION)
    if path in ("", ":memory:"):
        raise _error("storage.url", "names no file", "put a path after sqlite:///")
    return path


def failures() -> tuple[type[Exception], ...]:
    """What a database that does not work raises. asyncpg's own errors come through while it connects."""
    if find_spec("asyncpg") is None:
        return SQLAlchemyError, OSError
    from asyncpg import InterfaceError, PostgresError

    return SQLAlchemyError, OSError, InterfaceError, PostgresError


def cause(exc: Exception) -> str:
    """What the operator needs to know of a failure, without a value: PostgreSQL repeats whole rows in its details."""
    if isinstance(exc, DBAPIError) and exc.orig is not None:
        code = getattr(exc.orig, "sqlite_errorname", None) or getattr(exc.orig, "sqlstate", None)
        said = "" if type(exc.orig).__name__ == "DataError" else str(exc.orig).partition("\n")[0]
        return " ".join(part for part in (type(exc.orig).__name__, code, said) if part)
    if isinstance(exc, SQLAlchemyError):
        return " ".join(str(exc).partition("\n")[0].split())
    return f"{type(exc).__name__}: {exc}".partition("\n")[0]


def _error(setting: str, problem: str, remedy: str) -> ConfigError:
    return ConfigError(setting.upper().replace(".", "__"), setting, problem, remedy)
