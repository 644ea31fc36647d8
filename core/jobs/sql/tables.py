"""The tables, and how values lie in them."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

#: What a database that is up to date calls the last step that was made in it.
REVISION = "0002"


class UtcTime(TypeDecorator[datetime]):
    """An aware time. It comes back in UTC, from a database without time zones as well."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value if value is None else value.astimezone(UTC)
        return value.replace(tzinfo=UTC)


class Json(TypeDecorator[Any]):
    """A value of plain types in ASCII, where it may hold what no database takes: half a surrogate pair, a NUL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class Words(TypeDecorator[str]):
    """A text that others wrote, such as a node's error. What no database takes of it becomes a question mark."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else value.replace("\0", "?").encode(errors="replace").decode()


class Packed(TypeDecorator[Any]):
    """A graph, compressed: some thousand bytes instead of ten times as many."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else zlib.compress(orjson.dumps(value), level=3)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(zlib.decompress(value))


#: Compared byte by byte wherever it lies, so that the beginning of an id is looked up in the index.
_Id = String().with_variant(String(collation="C"), "postgresql")
_Snowflake = BigInteger

metadata = MetaData()

jobs = Table(
    "jobs",
    metadata,
    # In the order in which they were made, whatever the clock says. SQLite counts in an INTEGER only.
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("id", _Id, nullable=False, unique=True),
    Column("owner", _Snowflake, nullable=False),
    Column("parent", String),
    Column("channel_id", _Snowflake),
    Column("guild_id", _Snowflake),
    Column("message_id", _Snowflake),
    Column("application_id", _Snowflake),
    Column("token", String),
    Column("expires_at", UtcTime),
    Column("filesize_limit", BigInteger),
    Column("private", Boolean),
    Column("fleeting", Boolean),
    Column("locale", String),
    Column("request", Json, nullable=False),
    Column("display", Json, nullable=False),
    Column("state", String, nullable=False),
    Column("server", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("posted_at", UtcTime),
    Column("accepted_at", UtcTime),
    Column("finished_at", UtcTime),
    Column("running_seconds", Double),
    Column("work", Double),
    Column("execution", Json),
    Column("result", Json),
    Column("error", Words),
    Column("error_phrase", Json),
    Column("cancel_requested", Boolean, nullable=False),
    Column("retried_as", String),
    Column("delivery", String, nullable=False),
    Column("delivery_note", Words),
    Column("delivery_note_phrase", Json),
    Column("delivered_at", UtcTime),
    Column("messages", Json, nullable=False),
    Index("jobs_by_state", "state", "number"),
    Index("jobs_by_delivery", "delivery", "state", "number"),
    Index("jobs_by_owner", "owner", "number"),
    Index("jobs_by_guild", "guild_id", "number"),
    Index("jobs_by_parent", "parent", "number"),
)

#: Apart from the jobs: lists do not read them, and a save does not write them again.
graphs = Table(
    "graphs",
    metadata,
    Column("job", _Id, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("graph", Packed, nullable=False),
)

#: What is open on screens; a row goes when its form is used.
forms = Table(
    "forms",
    metadata,
    Column("token", _Id, primary_key=True),
    Column("owner", _Snowflake, nullable=False),
    Column("content", Json, nullable=False),
    Column("expires", UtcTime, nullable=False),
)

#: What the bot has acknowledged and neither answered nor made a job of; a row goes as soon as it has.
asks = Table(
    "asks",
    metadata,
    Column("token", _Id, primary_key=True),
    Column("application_id", _Snowflake, nullable=False),
    Column("expires", UtcTime, nullable=False),
    Column("locale", String, nullable=False),
)

#: One row: what the bot is called by ComfyUI's socket, ever since this database was made.
client = Table(
    "client",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("client_id", String, nullable=False),
)
