"""Jobs, their graphs, open forms, and the name under which they are posted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    exact = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "jobs",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("id", exact, nullable=False, unique=True),
        sa.Column("owner", sa.BigInteger, nullable=False),
        sa.Column("parent", sa.String),
        sa.Column("channel_id", sa.BigInteger),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("application_id", sa.BigInteger),
        sa.Column("token", sa.String),
        sa.Column("expires_at", moment),
        sa.Column("filesize_limit", sa.BigInteger),
        sa.Column("private", sa.Boolean),
        sa.Column("fleeting", sa.Boolean),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("display", sa.Text, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("server", sa.String, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("posted_at", moment),
        sa.Column("accepted_at", moment),
        sa.Column("finished_at", moment),
        sa.Column("running_seconds", sa.Double),
        sa.Column("work", sa.Double),
        sa.Column("execution", sa.Text),
        sa.Column("result", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("cancel_requested", sa.Boolean, nullable=False),
        sa.Column("retried_as", sa.String),
        sa.Column("delivery", sa.String, nullable=False),
        sa.Column("delivery_note", sa.Text),
        sa.Column("delivered_at", moment),
        sa.Column("messages", sa.Text, nullable=False),
    )
    op.create_index("jobs_by_state", "jobs", ["state", "number"])
    op.create_index("jobs_by_delivery", "jobs", ["delivery", "state", "number"])
    op.create_index("jobs_by_owner", "jobs", ["owner", "number"])
    op.create_index("jobs_by_guild", "jobs", ["guild_id", "number"])
    op.create_index("jobs_by_parent", "jobs", ["parent", "number"])
    op.create_table(
        "graphs",
        sa.Column("job", exact, sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("graph", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "forms",
        sa.Column("token", exact, primary_key=True),
        sa.Column("owner", sa.BigInteger, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("expires", moment, nullable=False),
    )
    op.create_table(
        "client",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("client_id", sa.String, nullable=False),
    )


def downgrade() -> None:
    for table in ("client", "forms", "graphs", "jobs"):
        op.drop_table(table)
