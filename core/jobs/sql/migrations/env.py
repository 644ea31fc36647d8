"""Run by alembic: the steps, on the connection that whoever runs them brings along."""

from __future__ import annotations

from alembic import context

from core.jobs.sql.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite's too: its transaction was begun by hand
    render_as_batch=True,  # SQLite changes a column by making the table anew
)
with context.begin_transaction():
    context.run_migrations()
